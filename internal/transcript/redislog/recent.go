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
	last    chat.Cursor // of the last append made here
	wrapped string      // the session's key as it is stored; empty: not known, or none
	spoiled bool        // something sealed with that key was altered
}

func (r *recent) get(session chat.SessionID) (remembered, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, ok := r.sessions[session]
	return known, ok
}

// keep remembers the session's wrapped key, which opens here, and says whether
// what it sealed is known to be altered.
func (r *recent) keep(session chat.SessionID, wrapped string) (spoiled bool) {
	if known, ok := r.get(session); ok && known.wrapped == wrapped {
		return known.spoiled
	}
	r.change(session, func(known *remembered) { known.wrapped, known.spoiled = wrapped, false })
	return false
}

// spoil notes that something of the session was altered; false if that was known.
func (r *recent) spoil(session chat.SessionID) (first bool) {
	r.change(session, func(known *remembered) { first, known.spoiled = !known.spoiled, true })
	return first
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
