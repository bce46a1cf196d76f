package redislog

import (
	"time"

	"bedside/internal/chat"
	"bedside/internal/recent"
)

// Sessions that were not used here for a while are asked about again, one round trip.
const (
	recentSessions = 8192
	recentIdle     = 2 * time.Minute
)

// recall remembers of the sessions that were last used here what would cost a
// round trip to ask: nothing depends on its being there.
type recall struct {
	*recent.Cache[chat.SessionID, remembered]
}

type remembered struct {
	last    chat.Cursor // of the last append made here
	wrapped string      // the session's key as it is stored; empty: not known, or none
	spoiled bool        // something sealed with that key was altered
}

func newRecall() recall {
	return recall{recent.New[chat.SessionID, remembered](recentSessions, recentIdle)}
}

// keep remembers the session's wrapped key, which opens here, and says whether
// what it sealed is known to be altered.
func (r recall) keep(session chat.SessionID, wrapped string) (spoiled bool) {
	if known, ok := r.Get(session); ok && known.wrapped == wrapped {
		return known.spoiled
	}
	r.Change(session, func(known *remembered) { known.wrapped, known.spoiled = wrapped, false })
	return false
}

// spoil notes that something of the session was altered; false if that was known.
func (r recall) spoil(session chat.SessionID) (first bool) {
	r.Change(session, func(known *remembered) { first, known.spoiled = !known.spoiled, true })
	return first
}
