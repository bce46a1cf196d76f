package redisdb

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
)

// reloading has a Cluster's client look for the slots anew where a server cannot
// be reached: by itself it does so once a minute, and until then goes on
// asking a primary that was lost.
type reloading struct{ client *redis.ClusterClient }

func (r reloading) heed(ctx context.Context, err error) {
	var said redis.Error
	if err != nil && !errors.As(err, &said) && !errors.Is(ctx.Err(), context.Canceled) || redis.HasErrorPrefix(err, "CLUSTERDOWN") {
		r.client.ReloadState(ctx)
	}
}

// DialHook lets a dial through as it is.
func (r reloading) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook looks at how a command went.
func (r reloading) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		r.heed(ctx, err)
		return err
	}
}

// ProcessPipelineHook looks at how several went.
func (r reloading) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		r.heed(ctx, err)
		return err
	}
}
