package redislog

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/redis/go-redis/v9"

	"bedside/internal/redisdb"
	"bedside/internal/transcript"
)

var (
	//go:embed probe.lua
	probeSource string
	probeScript = redis.NewScript(probeSource)
)

// Probe fails with transcript.ErrUnavailable where the server cannot be reached,
// or cannot be written. After one that failed the next dials beside the
// connection pool first: a pool that could not dial often enough tries only once
// a second, and would notice late that the server is back.
func (l *Log) Probe(ctx context.Context) error {
	if l.failing.Load() {
		if err := redisdb.Dial(ctx, l.apart); err != nil {
			return fmt.Errorf("probe the store: %w: %w", transcript.ErrUnavailable, err)
		}
	}
	err := probeScript.Run(ctx, l.apart, []string{l.options.Prefix + "{" + l.replica + "}:probe"}).Err()
	if l.failing.Store(err != nil); err != nil {
		return fmt.Errorf("probe the store: %w: %w", transcript.ErrUnavailable, err)
	}
	return nil
}
