package redislog

import (
	"context"
	"slices"

	"github.com/redis/go-redis/v9"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

const (
	// mirroredOf bounds how many entries of one session are mirrored: those of some
	// sixty answers.
	mirroredOf = 2048
	// mirroredInAll bounds those of all sessions, which take about 300 bytes each.
	mirroredInAll = 1 << 15
)

// mirror holds the whole log of a session that is followed here, as it was last
// seen, so that the history of a conversation is not read and opened again for each
// of its questions. It is gone with the last follower and when the session is
// forgotten, and it is believed only where the server has the same last entry.
type mirror []transcript.Entry

// mirrored returns what Read does, where the mirror has something of it and the
// server agrees; ok is false where it has to be read.
func (l *Log) mirrored(ctx context.Context, session chat.SessionID, after chat.Cursor, limit int) (entries []transcript.Entry, ok bool, err error) {
	seen := l.hub.mirrorOf(session)
	at := seen.after(after)
	if at < 0 || at == len(seen) {
		return nil, false, nil
	}
	var last *redis.SliceCmd
	key := l.stateKey(session)
	waits, err := l.convoys.do(ctx, key, func(ctx context.Context, pipe redis.Pipeliner) { last = pipe.HMGet(ctx, key, "last") })
	if !waits {
		err = last.Err()
	}
	if err != nil {
		return nil, false, l.failed("read the log", session, err)
	}
	if stored := last.Val(); len(stored) == 0 || stored[0] != string(seen.last()) {
		return nil, false, nil
	}
	entries = seen[at:]
	if limit > 0 && len(entries) > limit {
		entries = entries[:limit]
	}
	return slices.Clip(entries), true, nil
}

// after is the index of the first entry after the cursor; -1: the cursor is none of
// the entries, nor their beginning.
func (m mirror) after(cursor chat.Cursor) int {
	if cursor == "" || cursor == chat.Origin {
		return 0
	}
	for i, entry := range slices.Backward(m) {
		if entry.Cursor == cursor {
			return i + 1
		}
	}
	return -1
}

// last is the cursor of the last entry, Origin where there is none.
func (m mirror) last() chat.Cursor {
	if len(m) == 0 {
		return chat.Origin
	}
	return m[len(m)-1].Cursor
}

func (h *hub) mirrorOf(session chat.SessionID) mirror {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.rooms[session]; r != nil {
		return r.mirror
	}
	return nil
}

// whole notes all that a session's log holds.
func (h *hub) whole(session chat.SessionID, entries []transcript.Entry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.rooms[session]; r != nil {
		h.clear(r)
		h.extend(r, chat.Origin, entries)
	}
}

// extend adds what was stored after an entry. The caller holds the lock.
func (h *hub) extend(r *room, before chat.Cursor, entries []transcript.Entry) {
	if r.mirror.last() != before {
		h.clear(r)
		return
	}
	r.mirror = append(r.mirror, entries...)
	h.mirrored += len(entries)
	trimmed := transcript.Number(r.mirror.last()) > uint64(h.log.options.Kept)
	if len(r.mirror) > mirroredOf || h.mirrored > mirroredInAll || trimmed {
		h.clear(r)
	}
}

// clear forgets what is mirrored in a room. The caller holds the lock.
func (h *hub) clear(r *room) {
	h.mirrored -= len(r.mirror)
	r.mirror = nil
}
