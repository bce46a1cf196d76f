package redislog

import (
	"context"
	_ "embed"
	"hash/fnv"
	"math/rand/v2"
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
	list    string
	mark    int64
}

// Unattended looks through the lists. What is listed and has no open question any
// more is taken off on the way: whoever ends the last one need not.
func (l *Log) Unattended(ctx context.Context) ([]transcript.Unattended, error) {
	ctx, cancel := context.WithTimeout(ctx, l.options.Timeout)
	defer cancel()
	all, err := l.listed(ctx)
	if err != nil {
		return nil, l.failed("read the open questions", "", err)
	}
	var found []transcript.Unattended
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

func (l *Log) listed(ctx context.Context) ([]listed, error) {
	members := make([]*redis.ZSliceCmd, lists)
	_, err := l.apart.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i := range members {
			members[i] = pipe.ZRangeWithScores(ctx, l.listKey(i), 0, -1)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var all []listed
	for i := range members {
		for _, member := range members[i].Val() {
			name, _ := member.Member.(string)
			if session := chat.SessionID(name); session.Valid() {
				all = append(all, listed{session, l.listKey(i), int64(member.Score)})
			}
		}
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
	if len(closed) == 0 {
		return open, nil
	}
	_, err = l.apart.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, one := range closed {
			pipe.Eval(ctx, unlistSource, []string{one.list}, string(one.session), one.mark)
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
