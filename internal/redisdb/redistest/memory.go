package redistest

import (
	"net"
	"sync"
	"time"
)

// Dial connects to the server. As on a network, what is written is on its way at once:
// commands may be written together before the first reply is read.
func (m *InMemory) Dial() (net.Conn, error) {
	conn, err := m.Miniredis.Dial()
	if err != nil {
		return nil, err
	}
	c := &unblocked{Conn: conn, more: make(chan struct{}, 1), closed: make(chan struct{})}
	go c.run()
	return c, nil
}

// unblocked is a connection whose writes do not wait for the other end.
type unblocked struct {
	net.Conn
	more    chan struct{}
	closed  chan struct{}
	closing sync.Once
	mu      sync.Mutex
	pending []byte
}

func (c *unblocked) Write(b []byte) (int, error) {
	c.mu.Lock()
	c.pending = append(c.pending, b...)
	c.mu.Unlock()
	select {
	case <-c.closed:
		return 0, net.ErrClosed
	case c.more <- struct{}{}:
	default:
	}
	return len(b), nil
}

func (c *unblocked) run() {
	for {
		select {
		case <-c.closed:
			return
		case <-c.more:
		}
		c.mu.Lock()
		b := c.pending
		c.pending = nil
		c.mu.Unlock()
		if _, err := c.Conn.Write(b); err != nil {
			_ = c.Close()
			return
		}
	}
}

func (c *unblocked) Close() error {
	c.closing.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

func (c *unblocked) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

func (c *unblocked) SetWriteDeadline(time.Time) error { return nil }
