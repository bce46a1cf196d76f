package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"bedside/internal/chat"
	"bedside/internal/wire"
)

// eventsAhead is how many events may wait to be read.
const eventsAhead = 64

// Client is one conversation. Its methods may be called from many goroutines and
// do not wait for the gateway.
type Client struct {
	options Options
	door    string
	events  chan Event
	stop    context.CancelFunc
	done    chan struct{}
	wake    chan struct{} // holds at most one wake-up of the loop
	err     error         // of the end; read after done

	mu     sync.Mutex
	outbox []*question // asked and not known to be the gateway's, oldest first
	orders [][]byte    // frames to send once, oldest first
	renew  bool        // begin another session
	token  string      // of the session, as the gateway gave it
}

// question is a question on its way.
type question struct {
	id    string
	frame []byte
	sent  bool // on this connection
}

// Open connects to the gateway and begins, or goes on with, a session. The
// conversation ends with ctx, with Close, or when the gateway says that it is
// over; then the channel of Events is closed.
func Open(ctx context.Context, options Options) (*Client, error) {
	door, err := options.door(true)
	if err != nil {
		return nil, err
	}
	if options.Random == nil {
		options.Random = rand.Float64
	}
	if options.Dial == nil {
		options.Dial = (&net.Dialer{}).DialContext
	}
	c := &Client{
		options: options, door: door, token: options.Token.Reveal(),
		events: make(chan Event, eventsAhead), done: make(chan struct{}), wake: make(chan struct{}, 1),
	}
	conn, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	ctx, c.stop = context.WithCancel(ctx)
	go c.run(ctx, conn)
	return c, nil
}

// Events tells what happens, in order. It is to be read until it is closed.
func (c *Client) Events() <-chan Event { return c.events }

// Close ends the conversation and waits until nothing of it runs. Reading Events
// is not needed for it.
func (c *Client) Close() {
	c.stop()
	<-c.done
}

// Err returns why the conversation ended by itself; nil: it was closed, or the
// gateway said that all was done. It waits for the end.
func (c *Client) Err() error {
	<-c.done
	return c.err
}

// Token returns what opens the session again, once there is one.
func (c *Client) Token() (chat.Token, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return chat.ParseToken(c.token)
}

// Ask sends a question, now or when there is a connection, and returns the id
// under which the gateway will accept it.
func (c *Client) Ask(text string) (clientMessageID string, err error) {
	id := uuid.NewString()
	frame, err := json.Marshal(map[string]any{
		"type": wire.TypeResponseCreate, "input": text, "metadata": map[string]string{"client_message_id": id},
	})
	if err != nil {
		return "", fmt.Errorf("write a question: %w", err)
	}
	c.mu.Lock()
	c.outbox = append(c.outbox, &question{id: id, frame: frame})
	c.mu.Unlock()
	c.nudge()
	return id, nil
}

// Cancel stops an answer.
func (c *Client) Cancel(response chat.ResponseID) error {
	return c.order(map[string]any{"type": wire.TypeResponseCancel, "response_id": response})
}

// Feedback rates an answer "up" or "down".
func (c *Client) Feedback(response chat.ResponseID, rating, comment string) error {
	return c.order(map[string]any{"type": wire.TypeFeedback, "response_id": response, "rating": rating, "comment": comment})
}

// Forget destroys the session. Forgotten says that it was done.
func (c *Client) Forget() error {
	return c.order(map[string]any{"type": wire.TypeSessionForget})
}

// Renew leaves the session and begins another one. Questions that the gateway
// does not have yet are asked there.
func (c *Client) Renew() {
	c.mu.Lock()
	c.renew = true
	c.orders = nil
	c.mu.Unlock()
	c.nudge()
}

func (c *Client) order(frame map[string]any) error {
	data, err := json.Marshal(frame)
	if err != nil {
		return fmt.Errorf("write a frame: %w", err)
	}
	c.mu.Lock()
	c.orders = append(c.orders, data)
	c.mu.Unlock()
	c.nudge()
	return nil
}

func (c *Client) nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// connect makes one connection.
func (c *Client) connect(ctx context.Context) (*websocket.Conn, error) {
	dialer := websocket.Dialer{
		NetDialContext: c.options.Dial, Proxy: http.ProxyFromEnvironment,
		HandshakeTimeout: handshakeTimeout, Subprotocols: []string{wire.Subprotocol},
	}
	conn, reply, err := dialer.DialContext(ctx, c.door, c.options.header())
	if reply != nil {
		defer reply.Body.Close() //nolint:errcheck // It is held in memory.
	}
	if err == nil && conn.Subprotocol() != wire.Subprotocol {
		closeQuietly(conn)
		return nil, fmt.Errorf("%w: it does not speak %s", ErrNotGateway, wire.Subprotocol)
	}
	if errors.Is(err, websocket.ErrBadHandshake) && reply != nil {
		return nil, refusal(reply.StatusCode, readRefusal(reply.Body))
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	conn.SetReadLimit(longestFrame)
	return conn, nil
}
