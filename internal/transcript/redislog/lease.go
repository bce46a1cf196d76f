package redislog

import (
	"context"
	_ "embed"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

var (
	//go:embed lease.lua
	leaseSource string
	//go:embed look.lua
	lookSource string
	//go:embed unlist.lua
	unlistSource string
)

const (
	// lists is how many lists the sessions with questions are spread over: each
	// may be in another slot of a Cluster.
	lists = 16
	// lookedAt bounds how many listed sessions are looked at in one round trip.
	lookedAt = 256
	// endedFor is after how long a session whose questions have ended is looked at once
	// more: a failover that takes no longer may have lost such an end, where nobody
	// would find it any more.
	endedFor = time.Minute
)

// Hold takes the session's lease and claims the answer.
func (l *Log) Hold(ctx context.Context, response chat.ResponseID) (transcript.Held, error) {
	return l.claim(ctx, response, l.options.Lease)
}

// Renew renews the sessions' leases in one round trip.
func (l *Log) Renew(ctx context.Context, sessions []chat.SessionID) (lost []chat.SessionID, err error) {
	if len(sessions) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, l.options.Timeout)
	defer cancel()
	replies := make([]*redis.Cmd, len(sessions))
	_, err = l.apart.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i, session := range sessions {
			replies[i] = pipe.Eval(ctx, leaseSource, []string{l.stateKey(session)}, l.replica, l.options.Lease.Milliseconds())
		}
		return nil
	})
	for i, reply := range replies {
		if word, err := reply.Text(); err == nil && word == "LOST" {
			lost = append(lost, sessions[i])
		}
	}
	if err != nil {
		err = l.failed("renew the leases", sessions[0], err)
	}
	return lost, err
}

// Release gives the session's lease up.
func (l *Log) Release(ctx context.Context, session chat.SessionID) error {
	ctx, cancel := context.WithTimeout(ctx, l.options.Timeout)
	defer cancel()
	if err := l.apart.Eval(ctx, leaseSource, []string{l.stateKey(session)}, l.replica, 0).Err(); err != nil {
		return l.failed("release the lease", session, err)
	}
	return nil
}

// listed is a session as it stands in its list.
type listed struct {
	session chat.SessionID
	list    int
	ended   bool  // among those whose questions have ended
	mark    int64 // of these: when they were found so, in milliseconds since 1970
}

// Unattended looks through the lists. What is listed and has no open question any
// more goes to those that have ended on the way: whoever ends the last one need not.
// These are looked at again after endedFor, or as soon as a store can be read again
// that could not.
func (l *Log) Unattended(ctx context.Context) (found []transcript.Unattended, err error) {
	ctx, cancel := context.WithTimeout(ctx, l.options.Timeout)
	defer cancel()
	again := l.unread.Load()
	defer func() { l.unread.Store(err != nil) }()
	all, err := l.listed(ctx, again)
	if err != nil {
		return nil, l.failed("read the open questions", "", err)
	}
	for len(all) > 0 {
		some := all[:min(lookedAt, len(all))]
		all = all[len(some):]
		open, err := l.look(ctx, some)
		if err != nil {
			return found, l.failed("look at open questions", "", err)
		}
		found = append(found, open...)
	}
	return found, nil
}

// listed reads the lists; of the sessions whose questions have ended those that are due,
// or all.
func (l *Log) listed(ctx context.Context, allEnded bool) ([]listed, error) {
	members, ended := make([]*redis.ZSliceCmd, lists), make([]*redis.ZSliceCmd, lists)
	due := strconv.FormatInt(time.Now().Add(-endedFor).UnixMilli(), 10)
	if allEnded {
		due = "+inf"
	}
	_, err := l.apart.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i := range lists {
			members[i] = pipe.ZRangeWithScores(ctx, l.listKey(i), 0, -1)
			ended[i] = pipe.ZRangeArgsWithScores(ctx, redis.ZRangeArgs{Key: l.endedKey(i), Start: "-inf", Stop: due, ByScore: true})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var all []listed
	for i := range lists {
		known := make(map[chat.SessionID]bool, len(members[i].Val()))
		add := func(list *redis.ZSliceCmd, ended bool) {
			for _, member := range list.Val() {
				name, _ := member.Member.(string)
				if session := chat.SessionID(name); session.Valid() && !known[session] {
					known[session] = true
					all = append(all, listed{session, i, ended, int64(member.Score)})
				}
			}
		}
		add(members[i], false)
		add(ended[i], true)
	}
	return all, nil
}

// look returns those of the sessions that have an open question, no lease, and a
// key that opens here.
func (l *Log) look(ctx context.Context, all []listed) (open []transcript.Unattended, err error) {
	seen := make([]*redis.Cmd, len(all))
	_, err = l.apart.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i := range all {
			seen[i] = pipe.Eval(ctx, lookSource, []string{l.stateKey(all[i].session)})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var closed []listed
	for i := range all {
		switch reply, err := seen[i].StringSlice(); {
		case err != nil || len(reply) < 2:
			continue
		case reply[0] == "CLOSED":
			closed = append(closed, all[i])
		case reply[0] == "OPEN" && len(reply) == 3:
			if _, err := l.unwrap(all[i].session, reply[1]); err == nil {
				open = append(open, transcript.Unattended{Session: all[i].session, Lapsed: time.Duration(number(reply[2])) * time.Millisecond})
			}
		}
	}
	now := time.Now()
	closed = slices.DeleteFunc(closed, func(one listed) bool {
		return one.ended && now.Sub(time.UnixMilli(one.mark)) < endedFor
	})
	if len(closed) == 0 {
		return open, nil
	}
	_, err = l.apart.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, one := range closed {
			keys := []string{l.listKey(one.list), l.endedKey(one.list)}
			if one.ended {
				keys = keys[1:]
			}
			pipe.Eval(ctx, unlistSource, keys, string(one.session), one.mark, now.UnixMilli())
		}
		return nil
	})
	return open, err
}

// list marks a session as one that may have an open question. Each mark is
// another, so that one that was looked at is told from one made since.
func (l *Log) list(ctx context.Context, on redis.Cmdable, session chat.SessionID) *redis.IntCmd {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(session))
	return on.ZAdd(ctx, l.listKey(int(sum.Sum32()%lists)), redis.Z{Score: float64(rand.Uint32()), Member: string(session)})
}

func (l *Log) listKey(i int) string {
	return l.options.Prefix + "{open-" + strconv.Itoa(i) + "}:sessions"
}

func (l *Log) endedKey(i int) string {
	return l.options.Prefix + "{open-" + strconv.Itoa(i) + "}:ended"
}
