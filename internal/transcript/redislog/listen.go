package redislog

import (
	"errors"
	"net"
	"time"

	"github.com/redis/go-redis/v9"

	"bedside/internal/chat"
)

// placeAgain is how soon a session is placed again for which no server was found.
const placeAgain = 250 * time.Millisecond

func (h *hub) take(l *line, received any) {
	switch r := received.(type) {
	case *redis.Subscription:
		session, ok := h.log.sessionOf(r.Channel)
		switch {
		case !ok:
		case r.Kind == "subscribe", r.Kind == "ssubscribe":
			h.confirmed(session)
		case r.Kind == "sunsubscribe":
			h.moved(session, l)
		}
	case *redis.Message:
		if session, ok := h.log.sessionOf(r.Channel); ok {
			h.heard(session, parse(r.Payload))
		}
	}
}

// moved places a session anew that its server no longer tells of: its slot went
// to another. Where this process itself left it there is nothing to place.
func (h *hub) moved(session chat.SessionID, from *line) {
	h.mu.Lock()
	r := h.rooms[session]
	is := r != nil && r.on == from
	if is {
		r.on = nil
		h.change(session, nil)
	}
	h.mu.Unlock()
	if cluster, ok := h.log.client.(*redis.ClusterClient); ok && is {
		cluster.ReloadState(h.ctx)
	}
}

// arrange subscribes to the sessions that are followed and no longer to those
// that are not.
func (h *hub) arrange() {
	for {
		select {
		case <-h.ctx.Done():
			return
		case <-h.changed:
		}
		changes := h.changes()
		join, leave := make(map[*line][]string), make(map[*line][]string)
		for session, left := range changes {
			channel := h.log.channel(session)
			switch l, followed := h.place(session, channel); {
			case l != nil:
				join[l] = append(join[l], channel)
			case !followed && left != nil:
				leave[left] = append(leave[left], channel)
			}
		}
		for l, channels := range leave {
			l.leave(h.ctx, channels)
		}
		for l, channels := range join {
			l.join(h.ctx, channels)
		}
	}
}

// place finds the line of a session that is followed; nil where there is none yet.
func (h *hub) place(session chat.SessionID, channel string) (l *line, followed bool) {
	h.mu.Lock()
	followed = h.rooms[session] != nil
	h.mu.Unlock()
	if !followed {
		return nil, false
	}
	l, err := h.lineFor(h.ctx, channel)
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[session]
	switch {
	case r == nil: // left meanwhile, and noted as changed
		return nil, true
	case err != nil:
		h.heed(err)
		h.again[session] = true
		h.later.Reset(placeAgain)
		return nil, true
	case h.lines[l.server] != l: // given up meanwhile
		h.change(session, nil)
		return nil, true
	}
	r.on = l
	return l, true
}

// retry has the sessions placed again for which no server was found.
func (h *hub) retry() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for session := range h.again {
		h.change(session, nil)
	}
	clear(h.again)
}

// heed notes that a change of subscriptions did not reach the server. It is
// remembered and needs no repeating.
func (h *hub) heed(err error) {
	if err != nil && h.ctx.Err() == nil {
		h.log.logger.Debug("subscriptions wait for the store", "error", err)
	}
}

// changes takes the sessions whose rooms were opened or left, with the lines on
// which the left ones were heard.
func (h *hub) changes() map[chat.SessionID]*line {
	h.mu.Lock()
	defer h.mu.Unlock()
	changes := h.dirty
	h.dirty = make(map[chat.SessionID]*line)
	return changes
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
