package gateway_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"bedside/internal/chat"
	"bedside/internal/gateway"
	"bedside/internal/limit"
	"bedside/internal/turn"
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
func inTime(t *testing.T, talk func(t *testing.T, d *door, dial func(subprotocol string) *peer), limits ...gateway.Limits) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		listener := &pipes{make(chan net.Conn), make(chan struct{})}
		d := &door{t: t, turn: newFakeTurn(t)}
		d.pipe = func() net.Conn {
			ours, theirs := net.Pipe()
			listener.accept <- theirs
			return ours
		}
		options := gateway.Options{Turn: d.turn, Address: listener.Addr(), StaffKeys: []string{staffKey}, Connections: limit.NewHold(50)}
		for _, l := range limits {
			options.Limits = l
		}
		d.gate = gateway.New(options)
		server := &http.Server{Handler: d.gate}
		served := make(chan struct{})
		go func() {
			defer close(served)
			_ = server.Serve(listener)
		}()
		talk(t, d, func(subprotocol string) *peer {
			dialer := websocket.Dialer{NetDialContext: func(context.Context, string, string) (net.Conn, error) {
				return d.pipe(), nil
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

// One that reads and answers nothing is told so before it is cut off.
func TestUnheardConnections(t *testing.T) {
	short := gateway.Limits{ReadTimeout: 3 * time.Second, PingInterval: time.Second}
	for _, tt := range []struct {
		subprotocol string
		limits      gateway.Limits
		after       time.Duration
	}{
		{wire.Subprotocol, gateway.Limits{}, time.Minute},
		{"", gateway.Limits{}, time.Minute},
		{wire.Subprotocol, short, 3 * time.Second},
		{"", short, 3 * time.Second},
	} {
		inTime(t, func(t *testing.T, _ *door, dial func(string) *peer) {
			p := dial(tt.subprotocol)
			start := time.Now()
			if tt.subprotocol != "" {
				p.start()
				_ = p.conn.SetReadDeadline(time.Time{})
			}
			p.conn.SetPingHandler(func(string) error { return nil })
			done, _ := p.listen()
			if err := <-done; !isClose(err, wire.CloseIdle) || time.Since(start) != tt.after {
				t.Errorf("%q: closed after %v, want %v: %v", tt.subprotocol, time.Since(start), tt.after, err)
			}
		}, tt.limits)
	}
}

// While its question is being taken nobody listens to a connection: that is not
// its silence.
func TestTakingAQuestionIsNoSilence(t *testing.T) {
	inTime(t, func(t *testing.T, d *door, dial func(string) *peer) {
		d.turn.ask = func(turn.Question) error { time.Sleep(5 * time.Second); return nil }
		p := dial(wire.Subprotocol)
		p.start()
		p.ask("one", "1")
		p.until(wire.TypeCompleted)
		_ = p.conn.Close()
	}, gateway.Limits{ReadTimeout: 3 * time.Second})
}

// One that answers pings is kept, however short the time to be heard in is.
func TestHeardConnections(t *testing.T) {
	for _, subprotocol := range []string{wire.Subprotocol, ""} {
		inTime(t, func(t *testing.T, d *door, dial func(string) *peer) {
			p := dial(subprotocol)
			if subprotocol != "" {
				p.start()
				_ = p.conn.SetReadDeadline(time.Time{})
			}
			done, pings := p.listen()
			time.Sleep(time.Minute + time.Second/2)
			synctest.Wait()
			if n := d.gate.OpenConnections(); n != 1 || *pings != 60 {
				t.Errorf("%q: %d connections, %d pings in a minute", subprotocol, n, *pings)
			}
			_ = p.conn.Close()
			if err := <-done; err == nil {
				t.Error("the connection went on after it was closed")
			}
		}, gateway.Limits{ReadTimeout: 3 * time.Second, PingInterval: time.Second})
	}
}

// Cancelling an answer that waits for its turn does not wait for ever.
func TestCancelOfAnAnswerThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFakeTurn(t)
		fake.waits = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		gate := gateway.New(gateway.Options{Turn: fake, StaffKeys: []string{staffKey}})
		defer gate.Close()
		receipt, err := fake.Ask(t.Context(), turn.Question{Session: chat.NewToken().Session(), Create: true, Raw: chat.NewRawText("hang")})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/responses/"+string(receipt.Response)+"/cancel", nil)
		request.Header = staffHeader()
		got, start := httptest.NewRecorder(), time.Now()
		gate.ServeHTTP(got, request)
		if took := time.Since(start); took < 10*time.Second || took > 15*time.Second {
			t.Errorf("it took %v", took)
		}
		if body := got.Body.String(); got.Code != 200 || !strings.Contains(body, `"status":"in_progress"`) || !strings.Contains(body, "of hang.") {
			t.Errorf("%d %s", got.Code, body)
		}
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
