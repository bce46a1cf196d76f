package gateway_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"bedside/internal/gateway"
	"bedside/internal/limit"
	"bedside/internal/wire"
)

// raw is a WebSocket connection below the library: what a stranger may send.
type raw struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
}

func (d *door) raw(t *testing.T, extra string) *raw {
	t.Helper()
	conn, err := net.Dial("tcp", d.host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	fmt.Fprintf(conn, "GET /v1/responses HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: bedside.v1\r\n%s\r\n", d.host, d.base, extra)
	r := &raw{t, conn, bufio.NewReader(conn)}
	response, err := http.ReadResponse(r.r, nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("handshake: %v %v", response, err)
	}
	if extensions := response.Header.Get("Sec-Websocket-Extensions"); extensions != "" {
		t.Errorf("the handshake agreed to %q", extensions)
	}
	return r
}

// frameOf makes a masked frame.
func frameOf(first byte, payload []byte) []byte {
	frame := []byte{first}
	switch n := len(payload); {
	case n < 126:
		frame = append(frame, 0x80|byte(n))
	case n < 1<<16:
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(n))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, 0x80|127), uint64(n))
	}
	return append(append(frame, 0, 0, 0, 0), payload...) // a mask of zeros leaves it as it is
}

// closeCode reads frames to the close frame.
func (r *raw) closeCode() int {
	r.t.Helper()
	for {
		head := make([]byte, 2)
		if _, err := io.ReadFull(r.r, head); err != nil {
			r.t.Fatalf("no close frame: %v", err)
		}
		n := int(head[1] & 0x7f)
		if n == 126 {
			long := make([]byte, 2)
			if _, err := io.ReadFull(r.r, long); err != nil {
				r.t.Fatal(err)
			}
			n = int(binary.BigEndian.Uint16(long))
		}
		payload := make([]byte, n)
		if _, err := io.ReadFull(r.r, payload); err != nil {
			r.t.Fatal(err)
		}
		if head[0]&0xf == websocket.CloseMessage {
			return int(binary.BigEndian.Uint16(payload))
		}
	}
}

func TestFramesThatBreakTheProtocol(t *testing.T) {
	d := open(t, nil)
	start := []byte(`{"type":"bedside:session.start"}`)
	for _, tt := range []struct {
		name  string
		bytes []byte
		want  int
	}{
		{"too large", frameOf(0x81, bytes.Repeat([]byte(" "), 64<<10+1)), wire.CloseTooLarge},
		{"far too large", frameOf(0x81, bytes.Repeat([]byte(" "), 4<<20)), wire.CloseTooLarge},
		{"a length of 2^62", append([]byte{0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0}, 0, 0, 0, 0, 'x'), wire.CloseTooLarge},
		{"a length above 2^63", append([]byte{0x81, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0}, 0, 0, 0, 0, 'x'), wire.CloseTooLarge},
		{"too large in pieces", append(frameOf(0x01, bytes.Repeat([]byte(" "), 40<<10)), frameOf(0x80, bytes.Repeat([]byte(" "), 40<<10))...), wire.CloseTooLarge},
		{"compressed, unasked", frameOf(0xc1, start), websocket.CloseProtocolError},
		{"RSV2", frameOf(0xa1, start), websocket.CloseProtocolError},
		{"RSV3", frameOf(0x91, start), websocket.CloseProtocolError},
		{"unmasked", append([]byte{0x81, byte(len(start))}, start...), websocket.CloseProtocolError},
		{"an opcode that is none", frameOf(0x83, start), websocket.CloseProtocolError},
		{"a ping in pieces", frameOf(0x09, nil), websocket.CloseProtocolError},
		{"a ping that is too long", frameOf(0x89, make([]byte, 126)), websocket.CloseProtocolError},
		{"a continuation of nothing", frameOf(0x80, start), websocket.CloseProtocolError},
		{"invalid UTF-8", frameOf(0x81, []byte("{\"type\":\"\xff\"}")), wire.CloseInvalidUTF8},
		{"UTF-8 cut off", frameOf(0x81, []byte("\xe2\x82")), wire.CloseInvalidUTF8},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := d.raw(t, "Sec-WebSocket-Extensions: permessage-deflate\r\n")
			if _, err := r.conn.Write(tt.bytes); err != nil {
				t.Fatal(err)
			}
			if code := r.closeCode(); code != tt.want {
				t.Errorf("closed with %d, want %d", code, tt.want)
			}
		})
	}
}

func TestAFrameAtTheLimit(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, d.own())
	p.start()
	body := `{"type":"bedside:session.start"` + strings.Repeat(" ", 64<<10)
	p.send(body[:64<<10-1] + "}")
	p.until(wire.TypeSessionReady)
}

func TestMalformedFramesCostNothingElse(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, d.own())
	p.start()
	p.ask("hang", "1")
	p.until(wire.TypeAnnotation)
	for _, tt := range []struct{ frame, param string }{
		{`{"type":`, ""},
		{`{"type":"bedside:nothing"}`, "type"},
		{`[]`, ""},
		{`{"type":"response.create","input":7}`, "input"},
		{`{"type":"response.create","input":"x","metadata":{"client_message_id":7}}`, "metadata.client_message_id"},
		{strings.Repeat("[", 5000) + strings.Repeat("]", 5000), ""},
	} {
		if err := p.conn.WriteMessage(websocket.TextMessage, []byte(tt.frame)); err != nil {
			t.Fatal(err)
		}
		f := p.next()
		e, _ := f["error"].(map[string]any)
		if f.errorCode() != "malformed" || f.number("status") != 400 || e["message"] == "" || frame(e).text("param") != tt.param {
			t.Errorf("%.40s: %v", tt.frame, f)
		}
		p.send(frame{"type": wire.TypeResponseCancel, "response_id": "resp_x"}) // valid: the row is broken
		p.next()
	}
	close(d.turn.release)
	p.until(wire.TypeCompleted)
}

// TestASilentStranger says nothing at all, over a real connection; the time in
// which it must is held in virtual time elsewhere.
func TestASilentStranger(t *testing.T) {
	d := open(t, func(o *gateway.Options) { o.Limits = gateway.Limits{FirstFrame: 50 * time.Millisecond} })
	if code := d.raw(t, "").closeCode(); code != wire.CloseSilent {
		t.Errorf("closed with %d", code)
	}
}

func TestThreeStrikes(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, d.own())
	p.start()
	for range 2 {
		if err := p.conn.WriteMessage(websocket.BinaryMessage, []byte(`{}`)); err != nil {
			t.Fatal(err)
		}
	}
	p.send(`{}`)
	for range 3 {
		if f := p.next(); f.errorCode() != "malformed" {
			t.Errorf("got %v", f)
		}
	}
	if code := p.closed(); code != wire.CloseMalformed {
		t.Errorf("closed with %d", code)
	}
}

func TestAQuestionTooLong(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, d.own())
	p.start()
	p.ask(strings.Repeat("é", 4001), "1")
	if f := p.next(); f.errorCode() != "too_long" || f.number("status") != 413 || f.text("client_message_id") != "1" {
		t.Error(f)
	}
	p.ask(strings.Repeat("é", 4000), "2")
	p.until(wire.TypeCompleted)
	p.ask("help "+strings.Repeat("é", 4001), "3")
	p.until(wire.TypeTriage)
}

func TestAFlood(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, d.own())
	p.start()
	go func() {
		for range 1000 {
			if p.conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"response.cancel","response_id":"x"}`)) != nil {
				return
			}
		}
	}()
	if code := p.closed(); code != wire.CloseRateLimited {
		t.Errorf("closed with %d", code)
	}
}

func TestAFloodOfQuestions(t *testing.T) {
	d := open(t, func(o *gateway.Options) { o.Questions = limit.NewQuestions(limit.Rates{Session: 5}, nil) })
	p := d.dial(wire.Subprotocol, d.own())
	p.start()
	for i := range 20 {
		p.ask("what?", fmt.Sprint(i))
	}
	answered, refused := 0, 0
	for answered+refused < 20 {
		f := p.next()
		switch {
		case f.text("type") == wire.TypeCompleted:
			answered++
		case f.errorCode() == "rate_limited" && f.number("retry_after_ms") > 0:
			refused++
		}
	}
	if answered != 5 {
		t.Errorf("%d of 20 were answered", answered)
	}
	p.ask("help", "help")
	p.until(wire.TypeTriage)
	p.until(wire.TypeCompleted)
	go func() {
		for i := range 100 {
			if p.conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"type":"response.create","input":"what?","metadata":{"client_message_id":"x%d"}}`, i)) != nil {
				return
			}
		}
	}()
	if code := p.closed(); code != wire.CloseRateLimited {
		t.Errorf("closed with %d", code)
	}
}

func TestAFloodOfPings(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, d.own())
	pongs := 0
	p.conn.SetPongHandler(func(string) error { pongs++; return nil })
	p.start()
	for range 2000 {
		if err := p.conn.WriteControl(websocket.PingMessage, []byte("x"), time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	p.start() // still answered
	if pongs == 0 {
		t.Error("no pong at all")
	}
}

// TestSlowReader lets a client stop reading while its session's log is replayed
// to it again and again.
func TestSlowReader(t *testing.T) {
	d := open(t, nil)
	impatient := open(t, func(o *gateway.Options) {
		o.Turn = d.turn
		o.Limits = gateway.Limits{QueueFrames: 32, Stall: 200 * time.Millisecond, FramesPerSecond: 1000}
	})
	p := d.dial(wire.Subprotocol, d.own())
	token := p.start().text("token")
	var all []frame
	for i := range 30 {
		p.ask(strings.Repeat("long ", 700), fmt.Sprint(i))
		all = append(all, durable(p.until(wire.TypeCompleted))...)
	}

	slow := impatient.raw(t, "")
	resume := []byte(`{"type":"bedside:session.resume","token":"` + token + `"}`)
	for range 12 { // the last waits for the one before to have been sent
		if _, err := slow.conn.Write(frameOf(0x81, resume)); err != nil {
			t.Fatal(err)
		}
	}
	p.ask("meanwhile", "x") // others are unharmed
	all = append(all, durable(p.until(wire.TypeCompleted))...)
	time.Sleep(time.Second) // the client sleeps: that is the fault
	if code := slow.closeCode(); code != wire.CloseSlowReader {
		t.Errorf("closed with %d", code)
	}

	back := d.dial(wire.Subprotocol, d.own())
	back.resume(token, all[10].text("cursor"))
	back.until(wire.TypeSessionReady)
	for _, want := range all[11:] {
		f := back.next()
		if f.text("cursor") != want.text("cursor") {
			t.Fatalf("after the resume: %v, want %v", f, want)
		}
	}
}

func TestHandshakes(t *testing.T) {
	d := open(t, nil)
	for name, header := range map[string]string{
		"no key":        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
		"old version":   "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
		"malformed key": "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n",
		"no upgrade":    "",
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", d.host)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			fmt.Fprintf(conn, "GET /v1/responses HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\n%s\r\n", d.host, d.base, header)
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			body, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode < 400 || response.StatusCode >= 500 || !bytes.Contains(body, []byte(`"malformed"`)) {
				t.Errorf("%d %s (%v)", response.StatusCode, body, err)
			}
		})
	}
}

// TestConnectionsAtATime fills the places, of one address and of all.
func TestConnectionsAtATime(t *testing.T) {
	for name, test := range map[string]struct {
		limits func(*gateway.Options, gateway.Holder)
		status int
	}{
		"of an address": {func(o *gateway.Options, h gateway.Holder) { o.Connections = h }, http.StatusTooManyRequests},
		"of all":        {func(o *gateway.Options, h gateway.Holder) { o.AllConnections = h }, http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			hold := two{make(chan struct{}, 2)}
			d := open(t, func(o *gateway.Options) { test.limits(o, hold) })
			a := d.dial(wire.Subprotocol, d.own())
			d.dial(wire.Subprotocol, d.own())
			_, response, err := d.tryDial(wire.Subprotocol, d.own())
			if err == nil || response.StatusCode != test.status || response.Header.Get("Retry-After") == "" {
				t.Fatalf("the third: %v %v", response, err)
			}
			if got := d.do("POST", "/v1/responses", `{"input":"one"}`, d.own()); got.status != test.status {
				t.Errorf("a request: %d", got.status)
			}
			if got := d.do("POST", "/v1/responses", `{"input":"help"}`, d.own()); got.status != 200 {
				t.Errorf("an emergency: %d", got.status)
			}
			_ = a.conn.Close()
			hold.places <- struct{}{} // waits for the place that is given back
			<-hold.places
			_, _, err = d.tryDial(wire.Subprotocol, d.own())
			if err != nil {
				t.Errorf("no place after one was given back: %v", err)
			}
		})
	}
}

// two lets two hold.
type two struct{ places chan struct{} }

func (h two) Hold(string) (func(), bool) {
	select {
	case h.places <- struct{}{}:
		return func() { <-h.places }, true
	default:
		return nil, false
	}
}

func TestShutdown(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, d.own())
	p.start()
	plain := d.dial("", d.own())
	if got := d.do("GET", "/readyz", ""); got.status != 200 {
		t.Errorf("before: %d", got.status)
	}
	d.gate.NotReady()
	if got := d.do("GET", "/readyz", ""); got.status != 503 {
		t.Errorf("not ready: %d", got.status)
	}
	p.ask("one", "1")
	p.until(wire.TypeCompleted) // everything else goes on
	d.gate.Drain()
	f := p.next()
	if f.text("type") != wire.TypeDraining || f.number("retry_ms") <= 0 {
		t.Error(f)
	}
	for _, q := range []*peer{p, plain} {
		if _, err := q.tryNext(); !isClose(err, wire.CloseRestart) {
			t.Errorf("%v", err)
		}
	}
	if _, response, err := d.tryDial(wire.Subprotocol, d.own()); err == nil || response.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a connection after it: %v %v", response, err)
	}
}

func isClose(err error, code int) bool {
	closed, ok := errors.AsType[*websocket.CloseError](err)
	return ok && closed.Code == code
}
