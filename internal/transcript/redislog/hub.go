package redislog

import (
	"context"
	"slices"
	"sync"
	"time"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// hub connects the followers of this process with the other replicas: one
// subscriber connection for all of them, to each server that tells of some. Its
// goroutines are one that reads each connection, arrange, which sees to it that
// exactly the followed sessions are subscribed to, and publish, which sends what
// was announced.
type hub struct {
	log     *Log
	ctx     context.Context //nolint:containedctx // It is the life of the hub's own goroutines.
	stop    context.CancelFunc
	running sync.WaitGroup
	changed chan struct{} // rooms were opened or left
	later   *time.Timer   // has those of again placed
	out     chan outgoing // announced and not yet published
	mu      sync.Mutex    // guards what follows
	lines   map[string]*line
	silent  map[string]bool // servers that are not heard, as was said
	rooms   map[chat.SessionID]*room
	dirty   map[chat.SessionID]*line // rooms that were opened or left, and where those were heard
	again   map[chat.SessionID]bool  // rooms for which no server was found
	// mirrored counts the entries in all rooms' mirrors.
	mirrored int
}

// room holds the followers of one session.
type room struct {
	on        *line // where it is heard; nil: nowhere yet
	followers []*subscription
	seen      uint64 // number of the last entry from here that they were given, or told to read
	appending int    // appends from here that are on their way
	echo      uint64 // number of the last entry of those that was heard of
	mirror    mirror
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
		lines:   make(map[string]*line),
		silent:  make(map[string]bool),
		rooms:   make(map[chat.SessionID]*room),
		dirty:   make(map[chat.SessionID]*line),
		again:   make(map[chat.SessionID]bool),
	}
	h.ctx, h.stop = context.WithCancel(context.Background())
	h.later = time.AfterFunc(placeAgain, h.retry)
	h.later.Stop()
	h.running.Go(h.arrange)
	h.running.Go(h.publish)
	return h
}

func (h *hub) close() error {
	h.stop()
	h.mu.Lock()
	h.later.Stop()
	for _, l := range h.lines {
		_ = l.pubsub.Close() // wakes its reader
	}
	h.mu.Unlock()
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
		h.change(session, nil)
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
		h.clear(r)
		delete(h.rooms, s.session)
		h.change(s.session, r.on)
	}
}

// change notes that a room was opened, or left that was heard on a line. The
// caller holds the lock.
func (h *hub) change(session chat.SessionID, left *line) {
	if left != nil || h.dirty[session] == nil {
		h.dirty[session] = left
	}
	select {
	case h.changed <- struct{}{}:
	default:
	}
}

// appending notes that an append from here begins. Call the result with what came
// of it: what was stored is given to the followers here, who need not hear of it and
// read it; nil where that is not known.
func (h *hub) appending(session chat.SessionID) (appended func(*stored)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[session]
	if r != nil {
		r.appending++
	}
	return func(what *stored) {
		h.mu.Lock()
		defer h.mu.Unlock()
		if r != nil {
			r.appending--
		}
		now := h.rooms[session]
		if now == nil {
			return
		}
		if what != nil {
			now.give(what)
		}
		if what != nil && (!what.again || now.mirror.last() == what.before) {
			h.extend(now, what.before, what.entries)
		}
		if now.appending == 0 && now.echo > now.seen { // its reply was lost
			now.seen = now.echo
			now.rouse()
		}
	}
}

// stored is what an append from here stored, the first time or before it was repeated.
type stored struct {
	before  chat.Cursor
	entries []transcript.Entry
	again   bool // by a repeat: it may be known here
}

func (r *room) give(what *stored) {
	last := transcript.Number(what.entries[len(what.entries)-1].Cursor)
	if !what.again || last > r.seen {
		r.seen = last
	}
	for _, s := range r.followers {
		s.Hand(what.before, what.entries)
	}
}

func (h *hub) notice(session chat.SessionID, notice transcript.Notice) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.rooms[session]; r != nil {
		h.put(r, notice)
	}
}

// confirmed wakes the followers of a session that is now subscribed to, for the
// first time or again: what was published before was not heard.
func (h *hub) confirmed(session chat.SessionID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.rooms[session]; r != nil {
		r.seen, r.echo = 0, 0
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
		h.put(r, notice) // Even one's own, whose reply may have been lost.
	case isNotice && mine:
		// Given to the followers when it was announced.
	case isNotice:
		h.put(r, notice)
	case mine && transcript.Number(m.Cursor) <= r.seen:
		// The echo of an append whose reply came first.
	case mine && r.appending > 0:
		r.echo = transcript.Number(m.Cursor) // Its reply is on its way.
	default:
		r.rouse()
	}
}

func (r *room) rouse() {
	for _, s := range r.followers {
		s.Rouse()
	}
}

func (h *hub) put(r *room, notice transcript.Notice) {
	if notice.Forgotten {
		h.clear(r)
	}
	for _, s := range r.followers {
		s.Put(notice)
	}
}
