package sparelog

import (
	"context"
	"errors"
	"sync"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// begin appends a batch that begins its session if there is none: in the store,
// or in memory where the store is lost. A session that is known to be in the
// store does not begin again. A short absence is waited out, so that another replica
// can go on with the session; whoever is in danger waits for nothing.
func (l *Log) begin(ctx context.Context, batch transcript.Batch) (receipt transcript.Receipt, err error) {
	session := batch.Session
	if isUrgent(batch) && l.watch.isAway() && l.turns.isTaken(session) {
		return receipt, errAway // a question of the session waits, as nobody in danger does
	}
	done, err := l.turns.take(ctx, session)
	if err != nil {
		return receipt, err
	}
	defer done()
	for {
		receipt, err = l.beginThere(ctx, batch)
		switch {
		case !errors.Is(err, transcript.ErrUnavailable), ctx.Err() != nil, l.begun.has(session):
			return receipt, err
		case isUrgent(batch) && l.watch.isAway(), l.watch.isLost(ctx):
			return l.memory.Append(ctx, batch)
		case ctx.Err() != nil:
			return receipt, err
		case !errors.Is(err, errAway): // it is there, and one failure proves nothing
			return receipt, err
		}
	}
}

// beginThere is begin where the session is, or in the store.
func (l *Log) beginThere(ctx context.Context, batch transcript.Batch) (receipt transcript.Receipt, err error) {
	session := batch.Session
	within, cancel := context.WithTimeout(ctx, l.options.Begin)
	defer cancel()
	tried := false
	err = l.in(within, session, func(log transcript.Log) (err error) {
		tried = log != l.memory
		receipt, err = log.Append(within, batch)
		return err
	})
	switch {
	case tried && err == nil:
		l.begun.add(session)
		l.doubtful.remove(session)
	case tried && errors.Is(err, transcript.ErrUnavailable):
		l.doubtful.add(session)
		l.watch.ask(ctx) // within may have ended before it was known
	}
	return receipt, err
}

func isUrgent(batch transcript.Batch) bool {
	question, _ := batch.Question()
	return question.Urgent
}

// settle forgets in the store what it may hold of sessions that live in memory.
// The watcher calls it, when the store can be written.
func (l *Log) settle(ctx context.Context) {
	for _, session := range l.doubtful.all() {
		if !l.isSpare(ctx, session) {
			continue // its question was not taken here, and may be sent again
		}
		if err := l.store.Forget(ctx, session); err != nil {
			return // the next time
		}
		l.doubtful.remove(session)
	}
}

// turns keeps what begins or forgets a session apart from the like, so that no
// session begins in two places at once.
type turns struct {
	mu   sync.Mutex
	busy map[chat.SessionID]chan struct{} // closed at the turn's end
}

// isTaken says whether something begins or forgets the session now.
func (t *turns) isTaken(session chat.SessionID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, taken := t.busy[session]
	return taken
}

// take waits for the session's turn. Call done at its end.
func (t *turns) take(ctx context.Context, session chat.SessionID) (done func(), err error) {
	for {
		t.mu.Lock()
		busy, taken := t.busy[session]
		if !taken {
			break
		}
		t.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	defer t.mu.Unlock()
	if t.busy == nil {
		t.busy = make(map[chat.SessionID]chan struct{})
	}
	mine := make(chan struct{})
	t.busy[session] = mine
	return func() {
		t.mu.Lock()
		delete(t.busy, session)
		t.mu.Unlock()
		close(mine)
	}, nil
}

// heldNames bounds what is remembered of sessions.
const heldNames = 8192

// names is a set of sessions of which any may be lost when there are too many.
type names struct {
	mu  sync.Mutex
	set map[chat.SessionID]struct{}
}

func (n *names) add(session chat.SessionID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.set == nil {
		n.set = make(map[chat.SessionID]struct{})
	}
	if len(n.set) >= heldNames {
		for other := range n.set { // Any one: maps begin anywhere.
			delete(n.set, other)
			break
		}
	}
	n.set[session] = struct{}{}
}

func (n *names) remove(session chat.SessionID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.set, session)
}

func (n *names) has(session chat.SessionID) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	_, ok := n.set[session]
	return ok
}

func (n *names) all() []chat.SessionID {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := make([]chat.SessionID, 0, len(n.set))
	for session := range n.set {
		all = append(all, session)
	}
	return all
}
