package redislog

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"bedside/internal/redisdb/redistest"
	"bedside/internal/transcript"
	"bedside/internal/transcript/transcripttest"
)

// gate is a way to the server that can be closed, and says how much passes at once.
type gate struct {
	mu     sync.Mutex
	closed chan struct{} // nil: it is open
	passed []int
}

func (g *gate) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (g *gate) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (g *gate) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		g.mu.Lock()
		closed := g.closed
		g.passed = append(g.passed, len(cmds))
		g.mu.Unlock()
		if closed != nil {
			<-closed
		}
		return next(ctx, cmds)
	}
}

func (g *gate) shut() (open func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed, g.passed = make(chan struct{}), nil
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		close(g.closed)
		g.closed = nil
	}
}

// TestCallsThatWaitShareARoundTrip holds up as many round trips as there are at a time:
// what comes meanwhile goes in one, but for whoever did not wait so long, whether or not
// the server knows the script.
func TestCallsThatWaitShareARoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := redistest.Memory(t).Open()
		g := &gate{}
		client.AddHook(g)
		log := newLog(t, client, Options{})
		const many = 9
		batches := make([]transcript.Batch, alone+many)
		for i := range batches {
			session, answer := begin(t, log)
			batches[i] = sentence(session, answer)
		}
		hasty, answer := begin(t, log)
		open := g.shut()
		var appends sync.WaitGroup
		for i, batch := range batches {
			appends.Go(func() {
				if receipt, err := log.Append(t.Context(), batch); err != nil || len(receipt.Cursors) != 1 {
					t.Errorf("append %d: %+v, %v", i, receipt, err)
				}
			})
			synctest.Wait()
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		began := time.Now()
		if _, err := log.Append(ctx, sentence(hasty, answer)); !errors.Is(err, transcript.ErrUnavailable) || time.Since(began) != 100*time.Millisecond {
			t.Errorf("whoever did not wait: %v after %v", err, time.Since(began))
		}
		if err := client.ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		open()
		appends.Wait()
		if len(g.passed) != alone+1 || g.passed[alone] != many {
			t.Errorf("%v commands in round trips, want %d alone and then %d", g.passed, alone, many)
		}
		for _, batch := range batches {
			if n := count(t, log, batch.Session); n != 2 {
				t.Errorf("%d entries, want 2", n)
			}
		}
		if n := count(t, log, hasty); n != 1 {
			t.Errorf("%d entries of whoever did not wait, want the question alone", n)
		}
		synctest.Wait()
		if v := log.convoys.to(t.Context(), ""); v.under != 0 || len(v.waiting) != 0 {
			t.Errorf("%d round trips are left, and %d calls", v.under, len(v.waiting))
		}
		if _, err := log.Append(t.Context(), transcript.Batch{Session: hasty, Events: sentence(hasty, transcripttest.NewAnswer(hasty)).Events}); err != nil {
			t.Error(err)
		}
	})
}
