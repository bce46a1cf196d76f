package memlog

import (
	"slices"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// subscription is a follower's place in a room.
type subscription struct {
	*transcript.Inbox
	log     *Log
	session chat.SessionID
}

// Announce tells live followers something that is not stored.
func (l *Log) Announce(session chat.SessionID, notice transcript.Notice) {
	s := l.shard(session)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[session]
	if r == nil || len(r.followers) == 0 {
		return
	}
	if notice.After == "" && r.record != nil {
		notice.After = r.record.lastCursor()
	}
	for _, f := range r.followers {
		f.Put(notice)
	}
}

// Subscribe returns a subscription to the session, which need not exist yet.
func (l *Log) Subscribe(session chat.SessionID) transcript.Subscription {
	f := &subscription{Inbox: transcript.NewInbox(), log: l, session: session}
	s := l.shard(session)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.room(session)
	r.followers = append(r.followers, f)
	r.followed = r.followed || l.options.Once && r.record != nil
	return f
}

// Close takes the subscription out of its room, and the room away if nothing
// else is in it.
func (f *subscription) Close() {
	s := f.log.shard(f.session)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[f.session]
	if r == nil {
		return
	}
	if i := slices.Index(r.followers, f); i >= 0 {
		r.followers = slices.Delete(r.followers, i, i+1)
	}
	s.release(f.session, r)
	if len(r.followers) == 0 && r.record == nil && r.forgotten.IsZero() {
		delete(s.rooms, f.session)
	}
}
