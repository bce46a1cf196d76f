// Package sparelog is a log with a spare: sessions are kept in a store, and those
// that begin while the store is away in this process's memory.
//
// It promises what transcript.Log promises of each session, and beside it:
//
//   - A session is in one place from its first question to its end. One that
//     began in memory goes on there when the store is back; one that is in the
//     store waits for it (ErrUnavailable). What is not known to be here may be in
//     the store, and is never taken for a session that does not exist.
//   - A store that is away costs no more than one wait: until it is back every
//     call fails at once, Forget excepted, which is tried each time, and a session's
//     first question, which waits until nothing was heard of the store for a second
//     and a half: one that begins in memory is lost to the other replicas. Whoever is
//     in danger does not wait: the session begins in memory at once, or is refused
//     at once where another question of it waits. Whoever calls sees to it that such
//     a call is not behind the one that waits.
//   - Whether the store is away is never guessed from one call that failed: a
//     probe, which writes, decides, and one that was not answered in time while other
//     calls were says nothing. While it is away it is probed four times a
//     second; otherwise only where a call failed, where nothing was heard of it for
//     a quarter of a second, and where it is asked whether a session would last.
//
// A question whose fate in the store is unknown may begin its session in memory.
// What the store may hold of it is forgotten there once it is back, so that no
// other replica goes on with it.
//
// It stores nothing itself. It remembers, bounded, which sessions lately began in
// the store, so that none of them begins a second time in memory, and of which
// the store may hold a beginning. One owned goroutine probes.
//
// A running answer of a session in the store is its writer's to keep and to hand to
// those who follow it here (transcript.Notice.Ahead) until the store is back.
package sparelog
