package redislog

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// Read returns the entries after the cursor: one command where the cursor is an
// entry, which is asked for along with them.
func (l *Log) Read(ctx context.Context, session chat.SessionID, after chat.Cursor, limit int) ([]transcript.Entry, bool, error) {
	if !session.Valid() {
		return nil, false, transcript.ErrNoSession
	}
	ctx, cancel := context.WithTimeout(ctx, l.options.Timeout)
	defer cancel()
	if entries, ok, err := l.mirrored(ctx, session, after, limit); ok || err != nil {
		return entries, ok, err
	}
	if n, nonce, ok := transcript.ParseCursor(after); ok && n > 0 && nonce > 0 {
		messages, err := l.rangeOf(ctx, l.client, session, string(after), more(limit)).Result()
		if err != nil {
			return nil, false, l.failed("read the log", session, err)
		}
		if len(messages) > 0 && messages[0].ID == string(after) {
			entries, err := l.entries(ctx, session, messages[1:])
			return entries, err == nil, err
		}
	}
	return l.readAll(ctx, session, limit, after == "" || after == chat.Origin)
}

// readAll reads the kept log from its beginning.
func (l *Log) readAll(ctx context.Context, session chat.SessionID, limit int, recovered bool) ([]transcript.Entry, bool, error) {
	var state *redis.SliceCmd
	var log *redis.XMessageSliceCmd
	// The state is read last, so that the log of a session that ends or is
	// forgotten meanwhile is not taken for an empty one. (A transaction would
	// need memory, and be refused by a server that has none left.)
	_, err := l.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		log = l.rangeOf(ctx, pipe, session, "-", limit)
		state = pipe.HMGet(ctx, l.stateKey(session), "created", "forgotten")
		return nil
	})
	if err != nil {
		return nil, false, l.failed("read the log", session, err)
	}
	switch begun, forgotten := state.Val()[0], state.Val()[1]; {
	case forgotten != nil:
		return nil, false, l.gone(session, transcript.ErrForgotten)
	case begun == nil:
		return nil, false, l.gone(session, transcript.ErrNoSession)
	}
	entries, err := l.entries(ctx, session, log.Val())
	if err == nil && (limit <= 0 || len(entries) < limit) {
		l.hub.whole(session, entries)
	}
	return entries, recovered && err == nil, err
}

func (l *Log) rangeOf(ctx context.Context, on redis.Cmdable, session chat.SessionID, from string, limit int) *redis.XMessageSliceCmd {
	if limit > 0 {
		return on.XRangeN(ctx, l.logKey(session), from, "+", int64(limit))
	}
	return on.XRange(ctx, l.logKey(session), from, "+")
}

// more makes room for the entry at the cursor itself.
func more(limit int) int {
	if limit > 0 {
		limit++
	}
	return limit
}

// entries opens what was read. The key that is remembered may be that of an
// earlier session of the same name: then the stored one is asked for.
func (l *Log) entries(ctx context.Context, session chat.SessionID, messages []redis.XMessage) ([]transcript.Entry, error) {
	with, err := l.lockOf(ctx, session, false)
	if err != nil {
		return nil, err
	}
	entries, err := l.openAll(session, with, messages)
	if err == nil {
		return entries, nil
	}
	stored, storedErr := l.storedLock(ctx, session)
	if storedErr != nil {
		return nil, storedErr
	}
	if stored.wrapped != with.wrapped {
		if entries, err = l.openAll(session, stored, messages); err == nil {
			return entries, nil
		}
	}
	return nil, l.altered(session, err)
}

func (l *Log) openAll(session chat.SessionID, with lock, messages []redis.XMessage) ([]transcript.Entry, error) {
	if len(messages) == 0 {
		return nil, nil
	}
	entries := make([]transcript.Entry, len(messages))
	for i, message := range messages {
		answer, _ := message.Values["r"].(string)
		sequence, _ := message.Values["q"].(string)
		stored, _ := message.Values["e"].(string)
		event, err := l.open(session, with, answer, sequence, stored)
		if err != nil {
			return nil, fmt.Errorf("entry %s: %w", message.ID, err)
		}
		entries[i] = transcript.Entry{Cursor: chat.Cursor(message.ID), Event: event}
	}
	return entries, nil
}
