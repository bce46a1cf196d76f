package redislog

import (
	"context"
	"encoding/json"

	"github.com/redis/go-redis/v9"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

const (
	// outgoingHeld bounds what waits to be published; more is dropped.
	outgoingHeld = 1024
	// outgoingTogether bounds what is sent in one round trip.
	outgoingTogether = 64
)

// Announce tells the followers of all replicas something that is not stored.
func (l *Log) Announce(session chat.SessionID, notice transcript.Notice) {
	if !session.Valid() {
		return
	}
	if notice.After == "" {
		known, _ := l.recall.Get(session)
		notice.After = known.last
	}
	l.hub.notice(session, notice)
	m := message{Replica: l.replica, Cursor: notice.After}
	switch {
	case notice.Forgotten:
		m.Kind = kindForgotten
	case notice.Status != nil:
		m.Status = &status{Answer: own(notice.Status.Response), Sequence: notice.Status.Sequence, Stage: notice.Status.Stage}
	default:
		return
	}
	l.hub.publishLater(session, m)
}

func (h *hub) publishLater(session chat.SessionID, m message) {
	select {
	case h.out <- outgoing{session, m}:
	default:
	}
}

// publish sends what was announced, whatever waits in one round trip.
func (h *hub) publish() {
	for {
		select {
		case <-h.ctx.Done():
			return
		case first := <-h.out:
			h.send(first)
		}
	}
}

func (h *hub) send(first outgoing) {
	ctx, cancel := context.WithTimeout(h.ctx, h.log.options.Timeout)
	defer cancel()
	sharded := h.log.sharded()
	_, err := h.log.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for next, taken := first, 1; ; taken++ {
			payload, err := json.Marshal(next.message)
			if err != nil {
				return err
			}
			if channel := h.log.channel(next.session); sharded {
				pipe.SPublish(ctx, channel, payload)
			} else {
				pipe.Publish(ctx, channel, payload)
			}
			if taken == outgoingTogether {
				return nil
			}
			select {
			case next = <-h.out:
			default:
				return nil
			}
		}
	})
	if err != nil && h.ctx.Err() == nil {
		h.log.logger.Debug("what was announced did not reach the store", "error", err)
	}
}

// outgoing is a message on its way to the other replicas.
type outgoing struct {
	session chat.SessionID
	message message
}
