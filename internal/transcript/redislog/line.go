package redislog

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// quiet is how long a subscriber connection may say nothing before it is
	// asked whether it is alive; after as long again it is given up.
	quiet = 3 * time.Second
	// comeBack bounds the wait between attempts to connect again.
	comeBack = time.Second
	// comeBackSharded is that of a shard whose server may have changed.
	comeBackSharded = 200 * time.Millisecond
	// together bounds how many channels one command names.
	together = 512
)

// line is a subscriber connection, with the goroutine that reads it: the only one,
// or in a Cluster with channels of shards one to each shard's server.
type line struct {
	hub     *hub
	server  string // "": whichever there is
	sharded bool
	pubsub  *redis.PubSub
}

// lineFor returns the line on which the channel is heard, made now if need be.
func (h *hub) lineFor(ctx context.Context, channel string) (*line, error) {
	cluster, sharded := h.log.client.(*redis.ClusterClient)
	sharded = sharded && h.log.sharded()
	server, subscribe := "", h.log.client.Subscribe
	if sharded {
		node, err := cluster.MasterForKey(ctx, channel)
		if err != nil {
			return nil, err
		}
		server, subscribe = node.Options().Addr, node.SSubscribe
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if l := h.lines[server]; l != nil {
		return l, nil
	}
	l := &line{hub: h, server: server, sharded: sharded, pubsub: subscribe(h.ctx)}
	if h.ctx.Err() != nil { // nobody would close it
		_ = l.pubsub.Close()
		return nil, h.ctx.Err()
	}
	h.lines[server] = l
	h.running.Go(l.listen)
	return l, nil
}

// join subscribes. The channels of shards are named one by one, for one command
// may name those of one slot only. Where the connection is away go-redis remembers
// what was asked, and asks it of the next one.
func (l *line) join(ctx context.Context, channels []string) {
	if l.sharded {
		for _, channel := range channels {
			l.hub.heed(l.pubsub.SSubscribe(ctx, channel))
		}
		return
	}
	for ; len(channels) > 0; channels = channels[min(together, len(channels)):] {
		l.hub.heed(l.pubsub.Subscribe(ctx, channels[:min(together, len(channels))]...))
	}
}

func (l *line) leave(ctx context.Context, channels []string) {
	if l.sharded {
		for _, channel := range channels {
			l.hub.heed(l.pubsub.SUnsubscribe(ctx, channel))
		}
		return
	}
	for ; len(channels) > 0; channels = channels[min(together, len(channels)):] {
		l.hub.heed(l.pubsub.Unsubscribe(ctx, channels[:min(together, len(channels))]...))
	}
}

// listen takes what the connection says, until it is given up or the hub ends.
// go-redis connects again by itself and subscribes anew, and the confirmations
// that follow wake everyone. It cannot do that for the channels of shards, which
// are in many slots and may have another server by then.
func (l *line) listen() {
	h, asked := l.hub, false
	failures := 0 // in a row
	for h.ctx.Err() == nil {
		received, err := l.pubsub.ReceiveTimeout(h.ctx, quiet)
		switch {
		case h.ctx.Err() != nil:
			return
		case err == nil:
			asked = false
			failures = 0
			h.heardFrom(l.server)
			h.take(l, received)
		case isTimeout(err) && !asked && l.pubsub.Ping(h.ctx) == nil:
			asked = true
		default:
			// A connection that ended is made again at once; one that cannot be
			// made is worth a word, and a growing wait.
			failures++
			if failures == 2 || l.sharded {
				h.notHeardFrom(l.server, err)
			}
			if l.sharded || asked { // go-redis would wait on where nothing answers
				h.giveUp(l)
				return
			}
			if failures > 1 {
				wait := min(comeBack, 50*time.Millisecond<<min(failures, 10))
				h.pause(wait/2 + rand.N(wait/2))
			}
		}
	}
}

// giveUp closes the line; those that were heard on it are placed anew.
func (h *hub) giveUp(l *line) {
	_ = l.pubsub.Close()
	if cluster, ok := h.log.client.(*redis.ClusterClient); ok {
		cluster.ReloadState(h.ctx)
		h.pause(comeBackSharded/2 + rand.N(comeBackSharded))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.lines, l.server)
	for session, r := range h.rooms {
		if r.on == l {
			r.on = nil
			h.change(session, nil)
		}
	}
}

// heardFrom and notHeardFrom say when a server is lost to hearing and when it is
// heard again, once each.
func (h *hub) heardFrom(server string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.silent[server] {
		delete(h.silent, server)
		h.log.logger.Info("the store is heard again", "server", server)
	}
}

func (h *hub) notHeardFrom(server string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.silent[server] {
		h.silent[server] = true
		h.log.logger.Warn("the store is not heard", "server", server, "error", err)
	}
}
