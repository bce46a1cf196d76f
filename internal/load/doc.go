// Package load measures the gateway under load, against a bare relay (WebSocket
// in, go-openai stream, WebSocket out) and against go-openai alone, all on one
// scripted model in the same run: absolute times move with the machine, ratios
// hold.
//
// Gateway and relay are processes of their own, so that their processor time and
// memory are read from the system and not guessed; the model and the clients
// share the caller's process. Clients speak raw frames: what a comfortable client
// costs is not the gateway's.
//
// It promises to end what it started and to end within its context. It stores
// nothing; with a Redis its sessions are gone a minute after the run.
package load
