package redislog

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"bedside/internal/chat"
	"bedside/internal/redisdb"
)

// shardedSince is the first version of Redis with channels that stay in a shard.
const shardedSince = 7

// channels knows which kind of channel the servers have. In a Cluster what is
// published on an ordinary one goes to every server, and on a shard's to that
// shard only.
type channels struct{ kind atomic.Int32 }

const (
	notAsked int32 = iota
	ordinary
	ofShards
)

// sharded says whether sessions are told of on their shards' channels. All
// replicas come to the same answer, for it is the server's.
func (l *Log) sharded() bool {
	cluster, ok := l.client.(*redis.ClusterClient)
	if !ok {
		return false
	}
	kind := l.channels.kind.Load()
	if kind == notAsked {
		ctx, cancel := context.WithTimeout(context.Background(), l.options.Timeout)
		defer cancel()
		info, err := cluster.Info(ctx, "server").Result()
		kind = kindOf(info, err)
		l.channels.kind.Store(kind)
	}
	return kind != ordinary // a server that is away is asked again
}

func kindOf(info string, err error) int32 {
	if redisdb.Refused(err) {
		return ordinary
	}
	_, version, found := strings.Cut(info, "redis_version:")
	major, _, _ := strings.Cut(version, ".")
	switch n, bad := strconv.Atoi(major); {
	case err != nil, !found, bad != nil:
		return notAsked
	case n >= shardedSince:
		return ofShards
	default:
		return ordinary
	}
}

// The ends of channels' names. The scripts tell the kinds apart by them.
const (
	endOrdinary = ":live"
	endOfShard  = ":shard"
)

func (l *Log) channel(session chat.SessionID) string {
	if l.sharded() {
		return l.key(session, endOfShard)
	}
	return l.key(session, endOrdinary)
}

// sessionOf reads the session from the name of a channel.
func (l *Log) sessionOf(channel string) (chat.SessionID, bool) {
	if session, ok := l.sessionWith(channel, endOfShard); ok {
		return session, true
	}
	return l.sessionWith(channel, endOrdinary)
}
