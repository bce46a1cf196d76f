package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gorilla/websocket"

	"bedside/internal/chat"
	"bedside/internal/wire"
)

// errRenew ends a connection so that the next one begins another session.
var errRenew = errors.New("another session is begun")

// run owns the conversation: it talks over one connection after the other until
// there is to be no further one.
func (c *Client) run(ctx context.Context, conn *websocket.Conn) {
	defer close(c.done)
	defer close(c.events)
	defer c.stop()
	state := session{token: c.token, cursor: c.options.Cursor}
	attempt := 0
	for {
		began := time.Now()
		t := talk{Client: c, conn: conn, session: &state}
		err := t.run(ctx)
		switch {
		case ctx.Err() != nil || finished(err):
			return
		case errors.Is(err, errRenew):
			state.forget()
			attempt = 0
		case !comesBack(err):
			c.err = fmt.Errorf("the gateway closed the conversation: %w", err)
			return
		case time.Since(began) >= wire.ReconnectCap:
			attempt = 0
		}
		if conn, err = c.comeBack(ctx, &attempt, t.retry, err); err != nil {
			if ctx.Err() == nil {
				c.err = err
			}
			return
		}
	}
}

// comeBack connects again, as often as it takes. Retry is how long the gateway
// asked to wait first; 0: it did not.
func (c *Client) comeBack(ctx context.Context, attempt *int, retry time.Duration, cause error) (*websocket.Conn, error) {
	for {
		if !errors.Is(cause, errRenew) {
			wait := retry
			if retry == 0 {
				wait = delay(*attempt, c.options.Random)
			}
			*attempt++
			c.emit(ctx, Lost{wait, cause})
			if err := sleep(ctx, wait); err != nil {
				return nil, err
			}
		}
		conn, err := c.connect(ctx)
		if err == nil {
			return conn, nil
		}
		if ctx.Err() != nil || errors.Is(err, ErrNotAllowed) {
			return nil, err
		}
		cause, retry = err, 0
		if said, ok := errors.AsType[*chat.Error](err); ok {
			retry = said.RetryAfter
		}
	}
}

// emit hands an event on, unless ctx ends before it is taken.
func (c *Client) emit(ctx context.Context, event Event) {
	select {
	case c.events <- event:
	case <-ctx.Done():
	}
}

func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// closeQuietly closes a connection whose end is known already.
func closeQuietly(conn *websocket.Conn) {
	_ = conn.Close()
}

// takeOrders returns the frames to send now.
func (c *Client) takeOrders(questionsToo, ordersToo bool) [][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	var frames [][]byte
	if questionsToo {
		for _, q := range c.outbox {
			if !q.sent {
				q.sent = true
				frames = append(frames, q.frame)
			}
		}
	}
	if ordersToo {
		frames = append(frames, c.orders...)
		c.orders = nil
	}
	return frames
}

// unsend marks a question of the outbox as not sent, or all where id is empty.
func (c *Client) unsend(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, q := range c.outbox {
		if id == "" || q.id == id {
			q.sent = false
		}
	}
}

// waiting says whether the question is in the outbox.
func (c *Client) waiting(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.outbox, func(q *question) bool { return q.id == id })
}

// settle takes a question out of the outbox: the gateway has it, or will not.
func (c *Client) settle(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outbox = slices.DeleteFunc(c.outbox, func(q *question) bool { return q.id == id })
}

func (c *Client) takeRenew() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	renew := c.renew
	c.renew = false
	return renew
}

func (c *Client) keepToken(token string) {
	c.mu.Lock()
	c.token = token
	c.mu.Unlock()
}

// acknowledgedBy returns the id of the question that a frame settles: the one it
// accepts, or the one whose answer it ends.
func acknowledgedBy(f frame) string {
	switch f.Type {
	case wire.TypeAccepted:
		return f.ClientMessageID
	case wire.TypeCompleted, wire.TypeIncomplete, wire.TypeFailed:
		var object struct {
			Metadata map[string]string `json:"metadata"`
		}
		if json.Unmarshal(f.Object, &object) == nil {
			return object.Metadata["client_message_id"]
		}
	}
	return ""
}
