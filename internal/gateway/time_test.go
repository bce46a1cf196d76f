package gateway_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"bedside/internal/gateway"
	"bedside/internal/wire"
)

// pipes is a listener whose connections are pipes in memory, so that time in a
// synctest bubble can pass while a connection waits.
type pipes struct {
	accept chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.accept:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// inTime runs a conversation in virtual time.
func inTime(t *testing.T, talk func(t *testing.T, d *door, dial func(subprotocol string) *peer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		listener := &pipes{make(chan net.Conn), make(chan struct{})}
		d := &door{t: t, turn: newFakeTurn(t)}
		d.gate = gateway.New(gateway.Options{Turn: d.turn, Address: listener.Addr(), StaffKeys: []string{staffKey}})
		server := &http.Server{Handler: d.gate}
		served := make(chan struct{})
		go func() {
			defer close(served)
			_ = server.Serve(listener)
		}()
		talk(t, d, func(subprotocol string) *peer {
			ours, theirs := net.Pipe()
			dialer := websocket.Dialer{NetDialContext: func(context.Context, string, string) (net.Conn, error) {
				listener.accept <- theirs
				return ours, nil
			}}
			if subprotocol != "" {
				dialer.Subprotocols = []string{subprotocol}
			}
			target := url.URL{Scheme: "ws", Host: "clinic.example", Path: "/v1/responses"}
			conn, response, err := dialer.Dial(target.String(), staffHeader())
			if err != nil {
				t.Fatal(err)
			}
			return &peer{t: t, conn: conn, header: response.Header}
		})
		d.gate.Close()
		_ = server.Close()
		<-served
	})
}

// listen reads until the connection ends, and says how and when.
func (p *peer) listen() (done chan error, pings *int) {
	done, pings = make(chan error, 1), new(int)
	answer := p.conn.PingHandler()
	p.conn.SetPingHandler(func(text string) error { *pings++; return answer(text) })
	go func() {
		for {
			if _, _, err := p.conn.ReadMessage(); err != nil {
				_ = p.conn.Close()
				done <- err
				return
			}
		}
	}()
	return done, pings
}

func TestSilentConnections(t *testing.T) {
	inTime(t, func(t *testing.T, _ *door, dial func(string) *peer) {
		start := time.Now()
		done, _ := dial(wire.Subprotocol).listen()
		if err := <-done; !isClose(err, wire.CloseSilent) || time.Since(start) != 5*time.Second {
			t.Errorf("closed after %v: %v", time.Since(start), err)
		}
	})
	inTime(t, func(t *testing.T, _ *door, dial func(string) *peer) {
		p := dial(wire.Subprotocol)
		done, _ := p.listen()
		time.Sleep(4 * time.Second)
		p.send(`{"type":"nonsense"}`) // is not valid
		start := time.Now()
		if err := <-done; !isClose(err, wire.CloseSilent) || time.Since(start) != time.Second {
			t.Errorf("closed after %v more: %v", time.Since(start), err)
		}
	})
}

func TestIdleConnections(t *testing.T) {
	for _, subprotocol := range []string{wire.Subprotocol, ""} {
		inTime(t, func(t *testing.T, _ *door, dial func(string) *peer) {
			p := dial(subprotocol)
			if subprotocol != "" {
				p.start()
				_ = p.conn.SetReadDeadline(time.Time{})
			}
			start := time.Now()
			done, pings := p.listen()
			err := <-done
			took := time.Since(start)
			if !isClose(err, wire.CloseIdle) || took < 30*time.Minute || took > 31*time.Minute {
				t.Errorf("%q: closed after %v: %v", subprotocol, took, err)
			}
			if *pings < 70 || *pings > 73 {
				t.Errorf("%q: %d pings in half an hour", subprotocol, *pings)
			}
		})
	}
}

// A peer that answers nothing is gone: half-open TCP must not hold a connection.
func TestHalfOpenConnections(t *testing.T) {
	inTime(t, func(t *testing.T, d *door, dial func(string) *peer) {
		p := dial("")
		time.Sleep(50 * time.Second)
		if n := d.gate.OpenConnections(); n != 1 {
			t.Errorf("%d connections before the deadline", n)
		}
		time.Sleep(11 * time.Second) // a minute after it was last heard of
		if n := d.gate.OpenConnections(); n != 0 {
			t.Errorf("%d connections after it", n)
		}
		_ = p.conn.Close()
	})
}

func TestTwoHoursOfConversation(t *testing.T) {
	inTime(t, func(t *testing.T, d *door, dial func(string) *peer) {
		p := dial(wire.Subprotocol)
		p.start()
		for i := range 12 {
			p.ask("one", string(rune('a'+i)))
			p.until(wire.TypeCompleted)
			stop := make(chan struct{})
			rest := make(chan struct{})
			go func() { // pings are answered meanwhile
				defer close(rest)
				for {
					select {
					case <-stop:
						return
					case <-time.After(10 * time.Second):
						_ = p.conn.WriteControl(websocket.PongMessage, nil, time.Now().Add(time.Second))
					}
				}
			}()
			_ = p.conn.SetReadDeadline(time.Now().Add(10 * time.Minute))
			time.Sleep(20 * time.Second) // the pipe has no buffer: the ping waits to be read
			close(stop)
			<-rest
		}
		if n := d.gate.OpenConnections(); n != 1 {
			t.Errorf("%d connections", n)
		}
		_ = p.conn.Close()
	})
}

// A client that vanishes in the handshake of closing is cut off.
func TestCloseDoesNotWaitForEver(t *testing.T) {
	inTime(t, func(t *testing.T, d *door, dial func(string) *peer) {
		p := dial("")
		start := time.Now()
		d.gate.Close()
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("Close took %v", took)
		}
		_ = p.conn.SetReadDeadline(time.Now().Add(time.Second))
		if _, _, err := p.conn.ReadMessage(); err == nil {
			t.Error("the connection is open")
		} else if errors.Is(err, io.EOF) {
			t.Log("cut")
		}
		_ = p.conn.Close()
	})
}
