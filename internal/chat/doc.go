// Package chat is Bedside's vocabulary: the words that every other package
// shares. It holds ids, the two kinds of text (RawText as it was typed, Text as
// it may be kept), passages of the clinic's material, the events that make up a
// session's log, and the one domain error.
//
// It promises that values are plain data with no I/O behind them, that RawText
// cannot be printed, logged or marshalled by accident, and that Event is a
// sealed set, so that a switch over it can be checked for completeness. It
// stores nothing.
package chat
