// Package memlog keeps sessions in this process's memory: the log without a
// store, and the place of sessions that begin while the store is away.
//
// It promises what transcript.Log promises, for as long as the process lives,
// and that an append costs a lock and a few allocations. Followers get the very
// events that were appended; nothing is copied or encoded.
//
// It stores, for each session, the entries that are kept, the last sequence
// number and the fence of each answer, the client message ids seen, and for a
// forgotten session the fact, for as long as a session can live. One owned
// goroutine frees what has expired; an expired session is gone to its callers
// at once, whether or not it was freed yet. With Options.Once a session is gone
// with its answer.
package memlog
