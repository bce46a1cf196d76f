package redislog

import (
	"sync"

	"bedside/internal/chat"
)

// recentSessions bounds what is remembered of sessions between calls.
const recentSessions = 8192

// recent remembers of the sessions that were last used here what would cost a
// round trip to ask: nothing depends on its being there.
type recent struct {
	mu       sync.Mutex
	sessions map[chat.SessionID]remembered
}

type remembered struct {
	last chat.Cursor // of the last append made here
	lock lock
}

func (r *recent) get(session chat.SessionID) (remembered, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, ok := r.sessions[session]
	return known, ok
}

func (r *recent) setLock(session chat.SessionID, lock lock) {
	r.change(session, func(known *remembered) { known.lock = lock })
}

func (r *recent) change(session chat.SessionID, do func(*remembered)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, ok := r.sessions[session]
	if !ok && len(r.sessions) >= recentSessions {
		for other := range r.sessions { // Any one: maps begin anywhere.
			delete(r.sessions, other)
			break
		}
	}
	do(&known)
	r.sessions[session] = known
}

func (r *recent) drop(session chat.SessionID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sessions, session)
}
