package gateway

import (
	"net"
	"sync"
)

// corked is a connection that can hold back what is written, so that frames
// which are ready together leave in one system call.
type corked struct {
	net.Conn
	mu     sync.Mutex
	on     bool
	buffer []byte
}

// Write writes, or holds back while the cork is in.
func (c *corked) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.on {
		c.buffer = append(c.buffer, p...)
		return len(p), nil
	}
	return c.Conn.Write(p)
}

// cork holds back what is written from now on, in the buffer.
func (c *corked) cork(buffer []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.on, c.buffer = true, buffer[:0]
}

// uncork writes what was held back, and returns the buffer.
func (c *corked) uncork() ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	buffer := c.buffer
	c.on, c.buffer = false, nil
	if len(buffer) == 0 {
		return buffer, nil
	}
	_, err := c.Conn.Write(buffer)
	return buffer, err
}

// closeWrite tells the other end that nothing more comes, and still listens.
func (c *corked) closeWrite() {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		half.CloseWrite() //nolint:errcheck // the connection is being closed.
	}
}
