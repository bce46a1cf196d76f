package redislog

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"bedside/internal/chat"
)

const (
	// quiet is how long the subscriber connection may say nothing before it is
	// asked whether it is alive; after as long again it is given up.
	quiet = 3 * time.Second
	// comeBack bounds the wait between attempts to connect again.
	comeBack = time.Second
	// together bounds how many channels one command names.
	together = 512
)

// line is the subscriber connection, or the one that took its place.
type line struct {
	mu     sync.Mutex
	pubsub *redis.PubSub
	closed bool
}

func (l *line) open(ctx context.Context, client redis.UniversalClient) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.pubsub = client.Subscribe(ctx)
	}
}

func (l *line) get() *redis.PubSub {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pubsub
}

func (l *line) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	_ = l.pubsub.Close()
}

// listen takes what the subscriber connection says, until the hub ends. go-redis
// connects again by itself and subscribes anew; the confirmations that follow
// wake everyone.
func (h *hub) listen() {
	asked := false
	failures := 0 // in a row
	for h.ctx.Err() == nil {
		received, err := h.line.get().ReceiveTimeout(h.ctx, quiet)
		switch {
		case h.ctx.Err() != nil:
			return
		case err == nil:
			asked = false
			if failures > 1 {
				h.log.logger.Info("the store is heard again")
			}
			failures = 0
			h.take(received)
		case isTimeout(err) && !asked && h.line.get().Ping(h.ctx) == nil:
			asked = true
		default:
			// A connection that ended is made again at once; one that cannot be
			// made is worth a word, and a growing wait.
			if failures++; failures == 2 {
				h.log.logger.Warn("the store is not heard", "error", err)
			}
			if asked { // It does not even answer: go-redis would wait on.
				asked = false
				h.replaceLine()
			}
			if failures > 1 {
				wait := min(comeBack, 50*time.Millisecond<<min(failures, 10))
				h.pause(wait/2 + rand.N(wait/2))
			}
		}
	}
}

func (h *hub) take(received any) {
	switch r := received.(type) {
	case *redis.Subscription:
		if session, ok := h.log.sessionOf(r.Channel); ok && r.Kind == "subscribe" {
			h.confirmed(session)
		}
	case *redis.Message:
		if session, ok := h.log.sessionOf(r.Channel); ok {
			h.heard(session, parse(r.Payload))
		}
	}
}

// replaceLine gives up the connection and subscribes to everything on a new one.
func (h *hub) replaceLine() {
	_ = h.line.get().Close()
	h.line.open(h.ctx, h.log.client)
	h.mu.Lock()
	defer h.mu.Unlock()
	for session := range h.rooms {
		h.change(session)
	}
}

// arrange subscribes to the sessions that are followed and no longer to those
// that are not. Where the connection is away go-redis remembers what was asked,
// and asks it of the next one.
func (h *hub) arrange() {
	for {
		select {
		case <-h.ctx.Done():
			return
		case <-h.changed:
		}
		join, leave := h.changes()
		pubsub := h.line.get()
		for ; len(leave) > 0; leave = leave[min(together, len(leave)):] {
			h.heed(pubsub.Unsubscribe(h.ctx, leave[:min(together, len(leave))]...))
		}
		for ; len(join) > 0; join = join[min(together, len(join)):] {
			h.heed(pubsub.Subscribe(h.ctx, join[:min(together, len(join))]...))
		}
	}
}

// heed notes that a change of subscriptions did not reach the server. It is
// remembered and needs no repeating.
func (h *hub) heed(err error) {
	if err != nil && h.ctx.Err() == nil {
		h.log.logger.Debug("subscriptions wait for the store", "error", err)
	}
}

// changes takes the channels to join and to leave.
func (h *hub) changes() (join, leave []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for session := range h.dirty {
		if h.rooms[session] != nil {
			join = append(join, h.log.channel(session))
		} else {
			leave = append(leave, h.log.channel(session))
		}
	}
	clear(h.dirty)
	return join, leave
}

func (h *hub) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-h.ctx.Done():
	case <-timer.C:
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// outgoing is a message on its way to the other replicas.
type outgoing struct {
	session chat.SessionID
	message message
}
