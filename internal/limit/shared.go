package limit

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

//go:embed take.lua
var takeSource string

var takeScript = redis.NewScript(takeSource)

const (
	// sharedPatience is how long a question waits for the replicas' common count.
	sharedPatience = 50 * time.Millisecond
	// sharedRest is how long a Redis that did not answer in time is left alone. Of
	// the questions that come after, one is held back to try it again.
	sharedRest = time.Second
)

// Shared keeps the buckets of all replicas in Redis.
type Shared struct {
	client   redis.UniversalClient
	prefix   string
	logger   *slog.Logger
	start    time.Time
	patience time.Duration
	rests    atomic.Int64 // until when it is left alone, in nanoseconds since start; 0: it answers
}

// NewShared returns a Shared whose keys begin with the prefix. The client stays the
// caller's to close.
func NewShared(client redis.UniversalClient, prefix string, logger *slog.Logger) *Shared {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &Shared{client: client, prefix: prefix, logger: logger, start: time.Now(), patience: sharedPatience}
}

// take takes from each bucket or from none. It says how far ahead of now each is
// and how long to wait; known is false where Redis did not say.
func (s *Shared) take(ctx context.Context, demands []demand) (ahead []time.Duration, wait time.Duration, known bool) {
	if s == nil || !s.asks() {
		return nil, 0, false
	}
	keys, args := make([]string, len(demands)), make([]any, 0, 2*len(demands))
	for i, d := range demands {
		keys[i] = s.key(d)
		args = append(args, d.rate.share.Microseconds(), d.rate.burst.Microseconds())
	}
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	reply, err := takeScript.Run(ctx, s.client, keys, args...).Int64Slice()
	if err != nil || len(reply) != len(demands)+1 {
		if s.rests.Swap(int64(time.Since(s.start)+sharedRest)) == 0 {
			s.logger.Warn("questions are counted by each replica for itself", slog.Any("cause", err))
		}
		return nil, 0, false
	}
	if s.rests.Swap(0) != 0 {
		s.logger.Info("questions are counted by all replicas together again")
	}
	ahead = make([]time.Duration, len(demands))
	for i := range ahead {
		ahead[i] = time.Duration(reply[i+1]) * time.Microsecond
	}
	return ahead, time.Duration(reply[0]) * time.Microsecond, true
}

// asks says whether Redis is to be asked: while it rests by nobody, and then by one.
func (s *Shared) asks() bool {
	rests, now := s.rests.Load(), int64(time.Since(s.start))
	return rests == 0 || now >= rests && s.rests.CompareAndSwap(rests, now+int64(sharedRest))
}

// key names a bucket. All are in one slot of a Cluster, since one script takes from
// several, and an address is not to be read from them.
func (s *Shared) key(d demand) string {
	if d.key == "" {
		return s.prefix + "{limit}:" + d.kind
	}
	hash := sha256.Sum256([]byte(d.kind + "\x00" + d.key))
	return s.prefix + "{limit}:" + d.kind + ":" + base64.RawURLEncoding.EncodeToString(hash[:12])
}
