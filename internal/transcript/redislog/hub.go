package redislog

import (
	"context"
	"slices"
	"sync"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// hub connects the followers of this process with the other replicas: one
// subscriber connection for all of them. It owns three goroutines: listen takes
// what comes in, arrange sees to it that exactly the followed sessions are
// subscribed to, and publish sends what was announced.
type hub struct {
	log     *Log
	ctx     context.Context //nolint:containedctx // It is the life of the hub's own goroutines.
	stop    context.CancelFunc
	running sync.WaitGroup
	line    line
	changed chan struct{} // rooms were opened or left
	out     chan outgoing // announced and not yet published
	mu      sync.Mutex    // guards what follows
	rooms   map[chat.SessionID]*room
	dirty   map[chat.SessionID]bool // rooms that were opened or left
}

// room holds the followers of one session.
type room struct {
	followers []*subscription
	seen      uint64 // number of the last entry that they were woken for from here
}

type subscription struct {
	*transcript.Inbox
	hub     *hub
	session chat.SessionID
}

func newHub(l *Log) *hub {
	h := &hub{
		log:     l,
		changed: make(chan struct{}, 1),
		out:     make(chan outgoing, outgoingHeld),
		rooms:   make(map[chat.SessionID]*room),
		dirty:   make(map[chat.SessionID]bool),
	}
	h.ctx, h.stop = context.WithCancel(context.Background())
	h.line.open(h.ctx, l.client)
	h.running.Go(h.listen)
	h.running.Go(h.arrange)
	h.running.Go(h.publish)
	return h
}

func (h *hub) close() error {
	h.stop()
	h.line.close()
	h.running.Wait()
	return nil
}

// Subscribe returns a subscription to the session, which need not exist yet. It
// does not wait: once the server has confirmed, the follower is woken, so that
// it looks for what came meanwhile.
func (l *Log) Subscribe(session chat.SessionID) transcript.Subscription {
	s := &subscription{Inbox: transcript.NewInbox(), hub: l.hub, session: session}
	if !session.Valid() {
		return s
	}
	h := l.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[session]
	if r == nil {
		r = &room{}
		h.rooms[session] = r
		h.change(session)
	}
	r.followers = append(r.followers, s)
	return s
}

// Close leaves the room, and closes it after the last.
func (s *subscription) Close() {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[s.session]
	if r == nil {
		return
	}
	if i := slices.Index(r.followers, s); i >= 0 {
		r.followers = slices.Delete(r.followers, i, i+1)
	}
	if len(r.followers) == 0 {
		delete(h.rooms, s.session)
		h.change(s.session)
	}
}

// change notes that a room was opened or left. The caller holds the lock.
func (h *hub) change(session chat.SessionID) {
	h.dirty[session] = true
	select {
	case h.changed <- struct{}{}:
	default:
	}
}

// stored wakes the followers here after an append from here, without waiting
// for the server to tell them.
func (h *hub) stored(session chat.SessionID, last chat.Cursor) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.rooms[session]; r != nil {
		r.seen = transcript.Number(last)
		r.rouse()
	}
}

func (h *hub) notice(session chat.SessionID, notice transcript.Notice) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.rooms[session]; r != nil {
		r.put(notice)
	}
}

// confirmed wakes the followers of a session that is now subscribed to, for the
// first time or again: what was published before was not heard.
func (h *hub) confirmed(session chat.SessionID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.rooms[session]; r != nil {
		r.seen = 0
		r.rouse()
	}
}

// heard takes a message of a replica.
func (h *hub) heard(session chat.SessionID, m message) {
	notice, isNotice := m.told(session)
	if notice.Forgotten {
		_ = h.log.gone(session, nil)
	}
	mine := m.Replica == h.log.replica
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[session]
	switch {
	case r == nil:
	case notice.Forgotten:
		r.put(notice) // Even one's own, whose reply may have been lost.
	case isNotice && mine:
		// Given to the followers when it was announced.
	case isNotice:
		r.put(notice)
	case mine && transcript.Number(m.Cursor) <= r.seen:
		// The echo of an append whose reply came first.
	default:
		r.rouse()
	}
}

func (r *room) rouse() {
	for _, s := range r.followers {
		s.Rouse()
	}
}

func (r *room) put(notice transcript.Notice) {
	for _, s := range r.followers {
		s.Put(notice)
	}
}
