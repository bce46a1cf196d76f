package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"bedside/internal/wire"
)

// question is what everybody asks. The material answers it from several passages.
const question = "how fast does it work?"

// renewAfter is how many questions a patient asks in one session.
const renewAfter = 10

// patient asks one question after the other. Got is called with what comes of
// the answer's text, as it comes.
type patient interface {
	ask(ctx context.Context, got func(at time.Time, text string)) error
	close()
}

// dial opens a WebSocket that ends with ctx at the latest.
func dial(ctx context.Context, url, subprotocol string) (*websocket.Conn, error) {
	dialer := websocket.Dialer{HandshakeTimeout: 10 * time.Second, ReadBufferSize: 2048, WriteBufferSize: 512}
	address := "ws" + strings.TrimPrefix(url, "http")
	if subprotocol != "" {
		dialer.Subprotocols = []string{subprotocol}
		address += "/v1/responses"
	}
	conn, reply, err := dialer.DialContext(ctx, address, nil)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	_ = reply.Body.Close()
	if until, ok := ctx.Deadline(); ok {
		if err := conn.SetReadDeadline(until); err != nil {
			return nil, errors.Join(fmt.Errorf("connect: %w", err), conn.Close())
		}
	}
	return conn, nil
}

// named finds the answer that a frame is of.
var named = regexp.MustCompile(`"response_id":"[^"]+"`)

// bedsidePatient is a client of the gateway.
type bedsidePatient struct {
	conn  *websocket.Conn
	asked int
	over  []byte // the answer that ended last, as frames name it
}

func dialBedside(ctx context.Context, url string) (patient, error) {
	conn, err := dial(ctx, url, wire.Subprotocol)
	if err != nil {
		return nil, err
	}
	p := &bedsidePatient{conn: conn}
	if err := p.start(); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return p, nil
}

// start begins a session.
func (p *bedsidePatient) start() error {
	if err := p.conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"`+wire.TypeSessionStart+`"}`)); err != nil {
		return fmt.Errorf("begin a session: %w", err)
	}
	said, err := p.read()
	if err != nil {
		return fmt.Errorf("begin a session: %w", err)
	}
	if !bytes.Contains(said, []byte(wire.TypeSessionReady)) {
		return fmt.Errorf("begin a session: %s", said)
	}
	return nil
}

// read reads a frame that is not of the answer that ended last: what was told ahead of a
// late store comes again.
func (p *bedsidePatient) read() ([]byte, error) {
	for {
		_, said, err := p.conn.ReadMessage()
		if err != nil || p.over == nil || !bytes.Contains(said, p.over) {
			return said, err
		}
	}
}

func (p *bedsidePatient) ask(_ context.Context, got func(at time.Time, text string)) error {
	if p.asked++; p.asked%renewAfter == 0 {
		if err := p.start(); err != nil {
			return err
		}
	}
	frame := fmt.Sprintf(`{"type":%q,"input":%q,"metadata":{"client_message_id":%q}}`, wire.TypeResponseCreate, question, uuid.NewString())
	if err := p.conn.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	for {
		said, err := p.read()
		if err != nil {
			return fmt.Errorf("read an answer: %w", err)
		}
		at := time.Now()
		switch head := said[:min(len(said), 64)]; {
		case bytes.Contains(head, []byte(wire.TypeDelta)):
			var delta struct {
				Text string `json:"delta"`
			}
			if err := json.Unmarshal(said, &delta); err != nil {
				return fmt.Errorf("read a sentence: %w", err)
			}
			got(at, delta.Text)
		case bytes.Contains(head, []byte(wire.TypeCompleted)):
			p.over = named.Find(said)
			return nil
		case bytes.Contains(head, []byte(wire.TypeFailed)), bytes.Contains(head, []byte(wire.TypeIncomplete)), bytes.Contains(head, []byte(`"type":"error"`)):
			return fmt.Errorf("the answer failed: %s", said)
		}
	}
}

func (p *bedsidePatient) close() { _ = p.conn.Close() }
