// Package transcript is the log of each session: what was asked, what was
// answered, in order, and the little state that belongs to it.
//
// An answer never travels back up the call stack. The turn appends events here
// and the gateway follows from a cursor, so that a first connection, a
// reconnect, a second tab and the command line are one code path.
//
// It promises: an append is all or nothing; an event that was stored is read by
// every follower in the same order; a question sent twice is stored once; after
// an answer's terminal event nothing more is stored for it; a writer whose
// fence was raised past is refused. What is stored, and under which keys, is
// said by the implementations: memlog and redislog. Both pass the suite in
// transcripttest.
package transcript

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bedside/internal/chat"
)

// Errors of a Log. After ErrUnavailable it is unknown whether the append
// happened; repeating it is safe.
var (
	ErrNoSession   = errors.New("no such session")                   // never was, expired or forgotten
	ErrFenced      = errors.New("another writer has taken over")     // the fence was raised
	ErrEnded       = errors.New("the answer has its terminal event") // nothing more is stored for it
	ErrUnavailable = errors.New("the store cannot be reached")       // the append may or may not have happened
	ErrLost        = errors.New("the log was lost or rewritten")     // under a follower or a writer; begin anew
	ErrHeld        = errors.New("another replica has the lease")     // and answers the session's questions
	// ErrForgotten is the ErrNoSession of a session that is known to have been forgotten.
	ErrForgotten = fmt.Errorf("%w: it was forgotten", ErrNoSession)
)

// Entry is a stored event. Its cursor is its id.
type Entry struct {
	Cursor chat.Cursor
	Event  chat.Event
}

// Fence is the right to write an answer. A later Claim of the same answer gives
// a higher one, and from then on the lower is refused. Zero is no fence.
type Fence uint64

// Batch is one append: a list of events stored together or not at all.
//
// It is judged in this order, and the first that applies decides:
//
//  1. The session has no record and Create is not set, or it was forgotten: ErrNoSession.
//  2. A fence is lower than the highest given out: ErrFenced, or ErrEnded if that
//     answer has ended.
//  3. The log does not hold what After says it does, as when its server lost what
//     it had not brought to its disk: ErrLost.
//  4. Of each answer in it, the first sequence number is not above the last
//     stored one: it is a repeat. Nothing is stored, and the receipt is that of
//     the first time.
//  5. An answer in it has ended: ErrEnded. (A rating may follow the end.)
//  6. That holds (4) for one answer and not for another: somebody else wrote in
//     that place, ErrFenced.
//  7. The question's client message id was seen: Duplicate. An empty id never was.
//  8. All of it is stored, and the session's life renewed. The oldest entries
//     beyond the log's bound go, but only while no question is open: nothing of a
//     running answer is lost, nor of the question that it answers.
//
// Events are handed on as they are and must not be changed once appended.
type Batch struct {
	Session chat.SessionID
	// Create lets the append begin the session's record if there is none.
	Create bool
	// Fences guards the events of each answer named in it with the fence of its writer.
	Fences map[chat.ResponseID]Fence
	// After holds the last sequence number that the writer of an answer in it knows to
	// be stored of that.
	After map[chat.ResponseID]int
	// HelpBar switches on the session's help bar, for good.
	HelpBar bool
	// Lease takes the session's lease, or renews it, unless another replica has it.
	// It is no condition: only the fence refuses a writer.
	Lease bool
	// Claim claims the answer of the question in it as well, where the lease is taken
	// and the log can: see Receipt.Held.
	Claim  bool
	Events []chat.Event
}

// Receipt is what an append came to.
type Receipt struct {
	// Cursors of the batch's events; of a repeat, those of the first time. One is
	// empty where the log does not hold the event (any more).
	Cursors []chat.Cursor
	// Before is the cursor that stood last before the batch: following from it
	// gives the batch and what comes after. Of a repeat and of a Duplicate it is
	// the one that stood before the first time; Origin where the log does not go
	// back so far any more.
	Before chat.Cursor
	// Duplicate names the answer that the same client message id began earlier;
	// nothing was stored, and there are no Cursors.
	Duplicate chat.ResponseID
	// Open is how many questions of the session have no terminal event now.
	Open int
	// Held is what Hold would have given, where Claim was asked for and the log did so
	// along with storing the question; nil otherwise, and of a repeat.
	Held *Held
}

// State is what a session keeps beside its entries.
type State struct {
	CreatedAt time.Time
	ExpiresAt time.Time // when it is forgotten if nothing more happens
	Last      chat.Cursor
	HelpBar   bool
	Durable   bool // it outlives this process
}

// Notice is something that is told to live followers and not stored.
type Notice struct {
	Status    *Status
	Forgotten bool
	// Ahead holds events that are on their way to a store that does not answer, all
	// that are of their answer: a Follower gives those that it has not given. They are
	// told to this process's followers only, and come again as entries once they are
	// stored: whoever shows them tells them apart by their numbers.
	Ahead []chat.Event
	// Rewound: the log has lost what it held, and what was told ahead of it will not come
	// as it was told. It is told to this process's followers only, who begin anew.
	Rewound bool
	// After is the last entry that stood before the notice. A log fills it in
	// where Announce was called without; empty means that it is not known.
	After chat.Cursor
}

// Status says how far a running answer is. It takes a number in its answer's row.
type Status struct {
	chat.Head
	Stage string // waiting, searching, writing, checking
}

// Log keeps sessions. Its methods may be called from many goroutines.
type Log interface {
	// Append stores a batch.
	Append(ctx context.Context, batch Batch) (Receipt, error)
	// Claim raises the answer's fence and returns it. It fails with ErrEnded
	// when the answer has its terminal event.
	Claim(ctx context.Context, response chat.ResponseID) (Fence, error)
	// Read returns the entries after the cursor, at most limit of them (0: all).
	// An empty cursor is Origin. recovered is false when the cursor is neither
	// Origin nor an entry of the log: then the entries are those of the kept log
	// from its beginning. The caller must not change the slice.
	Read(ctx context.Context, session chat.SessionID, after chat.Cursor, limit int) (entries []Entry, recovered bool, err error)
	// State returns the session's state.
	State(ctx context.Context, session chat.SessionID) (State, error)
	// Announce tells live followers something that is not stored. It does not
	// wait, and what it tells may be lost.
	Announce(session chat.SessionID, notice Notice)
	// Subscribe returns a subscription to the session. Release it with Close.
	Subscribe(session chat.SessionID) Subscription
	// Forget destroys the session: its entries, its state, and whatever could
	// bring it back. Live followers get Notice{Forgotten: true}. It is not an
	// error if there is none. A session once forgotten is not begun again by
	// Create for as long as a session can live.
	Forget(ctx context.Context, session chat.SessionID) error
	// Durable says whether a session that begins now would outlive this process.
	Durable(ctx context.Context) bool
	Leases
}

// Leases let one replica at a time answer a session's questions, in their order,
// and let another go on where it ends. A lease is the session's, lasts for a short
// time unless it is renewed, and ends with the last open question. A log that one
// process has for itself gives every lease and knows of nothing left lying.
type Leases interface {
	// Hold takes the lease of the answer's session, or renews it, and claims the
	// answer in the same step. It fails with ErrHeld where another replica has the
	// lease, and otherwise as Claim does.
	Hold(ctx context.Context, response chat.ResponseID) (Held, error)
	// Renew renews the leases of sessions that have an open question, those too
	// that lapsed and that nobody took, and returns the sessions of which another
	// replica has the lease or that are not there any more.
	Renew(ctx context.Context, sessions []chat.SessionID) (lost []chat.SessionID, err error)
	// Release gives this replica's lease up, so that another goes on at once.
	Release(ctx context.Context, session chat.SessionID) error
	// Unattended returns sessions with an open question and no lease, in no order.
	// It leaves out those that this replica cannot read.
	Unattended(ctx context.Context) ([]Unattended, error)
}

// Unattended is a session with an open question that nobody answers.
type Unattended struct {
	Session chat.SessionID
	// Lapsed is how long ago the lease ended that somebody had; negative: nobody had
	// one, or it was given up.
	Lapsed time.Duration
}

// Held is a lease and the right to write one answer.
type Held struct {
	Fence Fence
	// Last is the last sequence number that is stored of the answer; -1 of none.
	Last int
	// Shared: another replica can go on with the session.
	Shared bool
}

// Subscription wakes a follower.
type Subscription interface {
	// Wake receives when there may be something new to read, or to take from
	// Handed or Notices. It holds at most one wake-up.
	Wake() <-chan struct{}
	// Handed returns the entries after the cursor that this process stored and gave
	// its followers since the last call; whole is false where the log has to be read,
	// for there may be more than that.
	Handed(after chat.Cursor) (entries []Entry, whole bool)
	// Notices returns what was announced since the last call, oldest first, each
	// with the cursor of the last entry that stood before it. Old ones are
	// dropped where the caller does not keep up; Forgotten never is.
	Notices() []Notice
	Close()
}
