// Package processtest is for tests that start the program, or run what prints.
package processtest

import (
	"bytes"
	"net"
	"sync"
	"testing"
)

// Output is what was printed so far. It may be read while it is written; the zero
// value works, but its More never tells.
type Output struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

// NewOutput returns an empty Output whose More tells.
func NewOutput() *Output { return &Output{more: make(chan struct{}, 1)} }

// Write implements io.Writer; it never fails.
func (o *Output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.text.Write(b)
	select {
	case o.more <- struct{}{}:
	default:
	}
	return n, err
}

// String returns all of it.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// More is sent to when more was printed since it was last received from.
func (o *Output) More() <-chan struct{} { return o.more }

// FreeAddress returns a loopback address that nobody listened on a moment ago.
func FreeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
