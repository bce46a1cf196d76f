package redislog

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// alone is how many round trips there are to a server at a time before calls wait
	// for each other.
	alone = 2
	// convoyed bounds how many calls share one.
	convoyed = 64
	// convoyPatience bounds a round trip that is shared: those who wait for the next
	// one have deadlines of their own.
	convoyPatience = time.Second
)

// convoys let calls that wait at the same moment share a round trip, whichever
// sessions they are of: each wakes a goroutine, a connection and the server otherwise.
// While few are under way each has its own, and nothing waits for a timer. There is
// one convoy for each server, so that one that is lost holds up nobody else's calls.
type convoys struct {
	client  redis.UniversalClient
	running sync.WaitGroup
	mu      sync.Mutex // guards what follows, and every convoy
	servers map[string]*convoy
}

type convoy struct {
	under   int // round trips that are under way
	waiting []*call
}

// call is what somebody waits for.
type call struct {
	queue func(context.Context, redis.Pipeliner)
	done  chan struct{}
	err   error // of the round trip; the commands have their own
}

// to returns the convoy to the key's server; nil where that is not known.
func (c *convoys) to(ctx context.Context, key string) *convoy {
	server := ""
	if cluster, ok := c.client.(*redis.ClusterClient); ok {
		node, err := cluster.MasterForKey(ctx, key)
		if err != nil {
			return nil
		}
		server = node.Options().Addr
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.servers[server]
	if v == nil {
		v = &convoy{}
		c.servers[server] = v
	}
	return v
}

// do has commands sent that are all of the key's server, and returns once they have
// their replies, or errors. Where ctx ends before, waits is true: it is not known
// whether they were done, and they must not be looked at.
func (c *convoys) do(ctx context.Context, key string, queue func(context.Context, redis.Pipeliner)) (waits bool, err error) {
	v := c.to(ctx, key)
	if v == nil {
		return false, c.send(ctx, queue)
	}
	c.mu.Lock()
	if v.under < alone {
		v.under++
		c.mu.Unlock()
		defer c.over(v)
		return false, c.send(ctx, queue)
	}
	own := &call{queue: queue, done: make(chan struct{})}
	v.waiting = append(v.waiting, own)
	c.mu.Unlock()
	select {
	case <-own.done:
		return false, own.err
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		v.waiting = slices.DeleteFunc(v.waiting, func(other *call) bool { return other == own })
		return true, ctx.Err()
	}
}

func (c *convoys) send(ctx context.Context, queues ...func(context.Context, redis.Pipeliner)) error {
	_, err := c.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, queue := range queues {
			queue(ctx, pipe)
		}
		return nil
	})
	return err
}

// over ends a round trip. Where calls wait for it the next one begins.
func (c *convoys) over(v *convoy) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(v.waiting) == 0 {
		v.under--
		return
	}
	c.running.Go(func() { c.convey(v) })
}

// convey sends what waits, until nothing does.
func (c *convoys) convey(v *convoy) {
	for {
		c.mu.Lock()
		together := slices.Clone(v.waiting[:min(len(v.waiting), convoyed)])
		if v.waiting = v.waiting[len(together):]; len(together) == 0 {
			v.waiting = nil
			v.under--
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
		queues := make([]func(context.Context, redis.Pipeliner), len(together))
		for i, one := range together {
			queues[i] = one.queue
		}
		ctx, cancel := context.WithTimeout(context.Background(), convoyPatience)
		err := c.send(ctx, queues...)
		cancel()
		for _, one := range together {
			one.err = err
			close(one.done)
		}
	}
}
