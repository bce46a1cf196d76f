// Package client is the Go client of the wire: a conversation over the
// bedside.v1 subprotocol, and one question over HTTP, or in a conversation that is
// destroyed after it.
//
// A conversation promises that a question is sent until the gateway has it, each
// time under the same id, so that it is asked once; that a connection which
// breaks, or is closed with a code that says so, is made again after a random
// share of a growing time; that the session is resumed from the last cursor
// seen; and that of each answer only what is new is told. Close waits for every
// goroutine. Nothing is stored outside the process.
package client
