package redislog

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"bedside/internal/chat"
	"bedside/internal/redisdb"
)

// surveyStep is how many keys the server is asked to look at in one go.
const surveyStep = 256

var errEnough = errors.New("enough was seen")

// Unreadable looks at some of the stored sessions, about as many as most says,
// and counts those whose keys do not open here: another replica has other data
// keys, or had until lately. The user needs the command scan.
func (l *Log) Unreadable(ctx context.Context, most int) (unreadable int, err error) {
	var seen, foreign atomic.Int64
	err = redisdb.EachPrimary(ctx, l.client, func(ctx context.Context, server *redis.Client) error {
		// The log's own timeout is for a call; this is many.
		for keys := server.Scan(ctx, 0, l.options.Prefix+"{*:state", surveyStep).Iterator(); ; {
			if !keys.Next(ctx) {
				return keys.Err()
			}
			session, ok := l.sessionWith(keys.Val(), ":state")
			if !ok {
				continue
			}
			state, err := l.client.HMGet(ctx, keys.Val(), "created", "key").Result()
			if err != nil {
				return err
			}
			if wrapped, _ := state[1].(string); state[0] != nil && !l.opens(session, wrapped) {
				foreign.Add(1)
			}
			if seen.Add(1) >= int64(most) {
				return errEnough
			}
		}
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return int(foreign.Load()), err
}

// opens says whether the session's key opens here, and leaves nothing of it in
// memory.
func (l *Log) opens(session chat.SessionID, wrapped string) bool {
	if l.options.Sealer == nil || wrapped == "" {
		return l.options.Sealer == nil && wrapped == ""
	}
	_, err := l.options.Sealer.Unwrap(session, []byte(wrapped))
	if _, used := l.recall.Get(session); !used {
		l.options.Sealer.Forget(session)
	}
	return err == nil
}

// sessionWith reads the session from the name of one of its keys or channels.
func (l *Log) sessionWith(key, what string) (chat.SessionID, bool) {
	rest, ok := strings.CutPrefix(key, l.options.Prefix+"{")
	if !ok {
		return "", false
	}
	id, ok := strings.CutSuffix(rest, "}"+what)
	return chat.SessionID(id), ok && chat.SessionID(id).Valid()
}
