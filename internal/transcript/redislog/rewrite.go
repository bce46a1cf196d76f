package redislog

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"bedside/internal/redisdb"
)

// rewriteEvery is how often the append-only file is rewritten at most, for a
// rewrite copies all that is stored.
const rewriteEvery = time.Minute

// rewriteSoon is how often it is asked for at the end, where one is running.
const rewriteSoon = 20 * time.Millisecond

// rewriter has Redis rewrite its append-only file after sessions were
// forgotten: until then the file holds their wrapped keys and sealed entries.
// Its goroutine is the log's.
type rewriter struct {
	log     *Log
	asked   chan struct{}   // holds one: there is something to rewrite
	ctx     context.Context //nolint:containedctx // It is the life of the rewriter's own goroutine.
	stop    context.CancelFunc
	running sync.WaitGroup
	refused sync.Once // it is said
}

func newRewriter(l *Log) *rewriter {
	r := &rewriter{log: l, asked: make(chan struct{}, 1)}
	r.ctx, r.stop = context.WithCancel(context.Background())
	r.running.Go(r.run)
	return r
}

// ask has the file rewritten soon.
func (r *rewriter) ask() {
	select {
	case r.asked <- struct{}{}:
	default:
	}
}

// close ends the goroutine; what is still to be rewritten is asked for now. A
// rewrite that is running began too early and has to end first.
func (r *rewriter) close() {
	r.stop()
	r.running.Wait()
	select {
	case <-r.asked:
	default:
		return
	}
	for deadline := time.Now().Add(r.log.options.Timeout); r.rewrite() == running && time.Now().Before(deadline); {
		time.Sleep(rewriteSoon)
	}
}

func (r *rewriter) run() {
	for {
		select {
		case <-r.asked:
		case <-r.ctx.Done():
			return
		}
		switch r.rewrite() {
		case refused:
			return
		case running, later:
			r.ask()
		case done:
		}
		pause := time.NewTimer(rewriteEvery)
		select {
		case <-pause.C:
		case <-r.ctx.Done():
			pause.Stop()
			return
		}
	}
}

type rewritten int

const (
	done    rewritten = iota
	running           // not yet: a rewrite that began before is under way
	later             // not yet: the store is away
	refused           // it is not allowed here, or not known
)

// rewrite asks every server that holds sessions.
func (r *rewriter) rewrite() rewritten {
	ctx, cancel := context.WithTimeout(context.Background(), r.log.options.Timeout)
	defer cancel()
	err := redisdb.EachPrimary(ctx, r.log.client, func(ctx context.Context, server *redis.Client) error {
		if info, err := server.Info(ctx, "persistence").Result(); err == nil && strings.Contains(info, "aof_enabled:0") {
			return nil // Asked all the same, it would write a file that nobody wants.
		}
		return server.BgRewriteAOF(ctx).Err()
	})
	switch {
	case err == nil:
		return done
	case redisdb.Refused(err), redis.HasErrorPrefix(err, "unknown command"):
		r.refused.Do(func() {
			r.log.logger.Debug("forgotten sessions stay in the append-only file until Redis rewrites it by itself: BGREWRITEAOF is refused", "error", err)
		})
		return refused
	case redis.HasErrorPrefix(err, "Background append only file rewriting already"):
		return running
	default:
		return later
	}
}
