// Package seal encrypts what a session keeps in the store, so that the store,
// its dumps and its backups hold no patient's word.
//
// # Two storeys of keys
//
// A [Keyset] is what the operator holds: a Tink keyset of AES-256-GCM keys, the
// same for all replicas, as JSON in the setting BEDSIDE_DATA_KEYS. It encrypts
// nothing but session keys. Its primary key wraps, all its keys unwrap, so that
// it can be rotated while sessions run.
//
// A [SessionKey] is one session's own AES-256-GCM key: 256 bits of randomness,
// made when the session is first written to. It encrypts that session's
// entries and nothing else. It is stored only wrapped, in the session's record:
// whoever deletes the record makes the entries unreadable, wherever else copies
// of them lie.
//
// # What is promised
//
//   - A wrapped key opens for its own session only: the session's id is bound to
//     it as associated data.
//   - An entry opens only in its place: the session, the place in it (see [Place]:
//     answer and sequence number) and the version of the form are bound to it.
//     What was altered, cut short, swapped or copied elsewhere gives [ErrAltered]
//     and no bytes.
//   - A session whose key this process cannot unwrap gives [ErrUnknownKey].
//   - Keyset and SessionKey hide themselves from fmt, log/slog and encoders, and
//     no error holds key material or what was sealed.
//
// # What is stored where
//
// All in the store of sessions; this package stores nothing itself.
//
//	wrapped key  66 bytes   form (1) | 0x01, id of the wrapping key (5) | nonce (12) | the key, encrypted (32) | tag (16)
//	entry        33 + n     0x01, form (5) | nonce (12) | the entry, encrypted (n) | tag (16)
//
// Unwrapped session keys are in memory, in a [Keyring]: a bounded number of
// them. One is dropped when it is told to be forgotten, and when it was idle for
// too long, at the Keyring's next use.
//
// # What a dump of the store shows
//
// Ids of sessions, of answers and of wrapping keys; how many entries, how long
// each is, when and in which order; and whatever the store keeps beside the
// entries, such as times and the help bar. The length of a fixed reply may
// tell which one it is.
//
// # What it does not do
//
//   - Whoever has both a dump and the keyset can read. Keep them apart, and
//     the keyset out of backups of the store.
//   - Redis's append-only file, its replicas' files and older snapshots hold the
//     wrapped key of a deleted session until they are rewritten or thrown away.
//     Who must be sure triggers a rewrite (BGREWRITEAOF) and lets old snapshots go.
//   - Go cannot wipe memory for certain: a key that was dropped may stand in the
//     process's memory, in a core dump or in swap until it is overwritten.
//   - Who can write to the store cannot forge an entry, but can remove entries,
//     or put back what was sealed earlier for the same place.
//   - A key draws its nonces at random. That is sound for 2^32 uses of a key,
//     which is four thousand million sessions for a wrapping key and entries for a
//     session key; rotating starts a new count.
//
// # Rotation
//
// Sessions live for hours and are not wrapped anew: a new primary key serves
// the sessions that begin after it, and the older keys are needed until the last
// session from before has ended. Replicas that get their settings one after the
// other need the key before any of them wraps with it, or those that come last
// do not know the sessions of those that came first. So there are two steps:
//
//	Keyset.Prepare  adds a key that only unwraps; give the result to all replicas
//	Keyset.Rotate   makes the prepared key the primary one; or, with none
//	                prepared, adds one and makes it primary at once
//	Keyset.Prune    drops the keys older than the primary, once no session from
//	                before the rotation can be alive
//
// A keyset that leaked is not rotated but replaced by a new one: the sessions in
// the store end with it.
package seal

import "errors"

// Errors of opening. Every error of this package that means one of them wraps it.
var (
	// ErrKeyset means that a text is not a keyset that can be used; the rest of
	// the error says what is wrong with it.
	ErrKeyset = errors.New("the data keyset cannot be used")
	// ErrUnknownKey means that this process cannot read the session: its key was
	// wrapped with a key that the keyset does not hold, or was altered.
	ErrUnknownKey = errors.New("the session's key cannot be unwrapped with this keyset")
	// ErrAltered means that what should be opened is not what was sealed for this
	// place.
	ErrAltered = errors.New("what is stored was altered or belongs elsewhere")
)
