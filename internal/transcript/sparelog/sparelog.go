package sparelog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// The defaults of Options.
const (
	DefaultPatience = 500 * time.Millisecond
	DefaultEvery    = 250 * time.Millisecond
	DefaultBegin    = time.Second
	DefaultSilence  = 1500 * time.Millisecond
)

// Store keeps the sessions that outlive this process.
type Store interface {
	transcript.Log
	// Probe fails where the store cannot be written now.
	Probe(ctx context.Context) error
}

// Options of a Log. The zero value works.
type Options struct {
	Patience time.Duration // with a probe, and with a store that is away (500 ms)
	Every    time.Duration // between probes of a store that is away (250 ms)
	Begin    time.Duration // that the store has to take a session's first question (1 s)
	Silence  time.Duration // of the store, before a session begins in memory (1.5 s)
	Logger   *slog.Logger  // nil: nothing is said
}

// Log is a transcript.Log on a store, with memory to spare. Close ends its
// goroutine; the two logs stay the caller's to close, after it.
type Log struct {
	store    Store
	memory   transcript.Log
	options  Options
	watch    *watcher
	turns    turns
	begun    names // in the store, as far as is known here
	doubtful names // the store may hold their first question
}

var _ transcript.Log = (*Log)(nil)

// New returns a log on the two. The store need not be there yet.
func New(store Store, memory transcript.Log, options Options) *Log {
	if options.Patience <= 0 {
		options.Patience = DefaultPatience
	}
	if options.Every <= 0 {
		options.Every = DefaultEvery
	}
	if options.Begin <= 0 {
		options.Begin = DefaultBegin
	}
	if options.Silence <= 0 {
		options.Silence = DefaultSilence
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	l := &Log{store: store, memory: memory, options: options}
	l.watch = newWatcher(store.Probe, l.settle, options)
	return l
}

// Close ends the log's goroutine.
func (l *Log) Close() error {
	l.watch.close()
	return nil
}

// Durable asks the store whether it is there for a session that begins now.
func (l *Log) Durable(ctx context.Context) bool { return l.watch.ask(ctx) }

// Append stores a batch where its session is.
func (l *Log) Append(ctx context.Context, batch transcript.Batch) (receipt transcript.Receipt, err error) {
	if batch.Create {
		return l.begin(ctx, batch)
	}
	err = l.in(ctx, batch.Session, func(log transcript.Log) (err error) {
		receipt, err = log.Append(ctx, batch)
		return err
	})
	return receipt, err
}

// Claim raises the answer's fence.
func (l *Log) Claim(ctx context.Context, response chat.ResponseID) (fence transcript.Fence, err error) {
	session, ok := response.Session()
	if !ok {
		return 0, transcript.ErrNoSession
	}
	err = l.in(ctx, session, func(log transcript.Log) (err error) {
		fence, err = log.Claim(ctx, response)
		return err
	})
	return fence, err
}

// Hold takes the session's lease where the session is, and claims the answer.
func (l *Log) Hold(ctx context.Context, response chat.ResponseID) (held transcript.Held, err error) {
	session, ok := response.Session()
	if !ok {
		return held, transcript.ErrNoSession
	}
	err = l.in(ctx, session, func(log transcript.Log) (err error) {
		held, err = log.Hold(ctx, response)
		return err
	})
	return held, err
}

// Renew renews the leases of sessions that are in the store: those in memory have none.
func (l *Log) Renew(ctx context.Context, sessions []chat.SessionID) (lost []chat.SessionID, err error) {
	err = l.inStore(ctx, func() (err error) {
		lost, err = l.store.Renew(ctx, sessions)
		return err
	})
	return lost, err
}

// Release gives the session's lease up.
func (l *Log) Release(ctx context.Context, session chat.SessionID) error {
	return l.in(ctx, session, func(log transcript.Log) error { return log.Release(ctx, session) })
}

// Unattended returns what lies unattended in the store: what is in memory does not.
func (l *Log) Unattended(ctx context.Context) (sessions []transcript.Unattended, err error) {
	err = l.inStore(ctx, func() (err error) {
		sessions, err = l.store.Unattended(ctx)
		return err
	})
	return sessions, err
}

// Read returns the entries after the cursor.
func (l *Log) Read(ctx context.Context, session chat.SessionID, after chat.Cursor, limit int) (entries []transcript.Entry, recovered bool, err error) {
	err = l.in(ctx, session, func(log transcript.Log) (err error) {
		entries, recovered, err = log.Read(ctx, session, after, limit)
		return err
	})
	return entries, recovered, err
}

// State returns the session's state.
func (l *Log) State(ctx context.Context, session chat.SessionID) (state transcript.State, err error) {
	err = l.in(ctx, session, func(log transcript.Log) (err error) {
		state, err = log.State(ctx, session)
		return err
	})
	return state, err
}

// Announce tells live followers something that is not stored.
func (l *Log) Announce(session chat.SessionID, notice transcript.Notice) {
	l.of(session).Announce(session, notice)
}

// Subscribe returns a subscription to the session where it is now, which is the
// store where nothing is known of it.
func (l *Log) Subscribe(session chat.SessionID) transcript.Subscription {
	return l.of(session).Subscribe(session)
}

// Forget destroys the session where it is. A store that is away is tried all the
// same, for it may be one that only takes nothing new.
func (l *Log) Forget(ctx context.Context, session chat.SessionID) error {
	if !session.Valid() {
		return nil
	}
	done, err := l.turns.take(ctx, session)
	if err != nil {
		return err
	}
	defer done()
	if l.isSpare(ctx, session) {
		return l.memory.Forget(ctx, session)
	}
	within, cancel := ctx, context.CancelFunc(func() {})
	if l.watch.isAway() {
		within, cancel = context.WithTimeout(ctx, l.options.Patience)
	}
	defer cancel()
	err = l.store.Forget(within, session)
	if l.heed(ctx, err); err == nil {
		l.begun.add(session) // it must not begin again in memory either
	}
	return err
}

// in calls do with the log that has the session.
func (l *Log) in(ctx context.Context, session chat.SessionID, do func(transcript.Log) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	switch {
	case !session.Valid():
		return transcript.ErrNoSession
	case l.isSpare(ctx, session):
		return do(l.memory)
	}
	err := l.inStore(ctx, func() error { return do(l.store) })
	if errors.Is(err, errAway) {
		return fmt.Errorf("session %s: %w", session, err)
	}
	return err
}

// inStore calls do where the store can be used.
func (l *Log) inStore(ctx context.Context, do func() error) error {
	if !l.watch.usable(ctx) {
		return errAway
	}
	err := do()
	l.heed(ctx, err)
	return err
}

// of returns the log that has the session.
func (l *Log) of(session chat.SessionID) transcript.Log {
	if l.isSpare(context.Background(), session) {
		return l.memory
	}
	return l.store
}

// isSpare says whether the session is in memory, or was and is forgotten.
func (l *Log) isSpare(ctx context.Context, session chat.SessionID) bool {
	_, err := l.memory.State(ctx, session)
	return err == nil || errors.Is(err, transcript.ErrForgotten)
}

// heed learns from how a call of the store went. One that failed is no proof: it
// may have been too much at once, or its own caller's haste.
func (l *Log) heed(ctx context.Context, err error) {
	switch {
	case err == nil:
		l.watch.heard()
	case errors.Is(err, transcript.ErrUnavailable) && !errors.Is(ctx.Err(), context.Canceled):
		l.watch.ask(ctx)
	}
}

// errAway is the ErrUnavailable of a store that was not even asked.
var errAway = fmt.Errorf("%w: it is away", transcript.ErrUnavailable)
