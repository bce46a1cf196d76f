package client

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"bedside/internal/chat"
	"bedside/internal/config"
	"bedside/internal/wire"
)

// script is what the gateway does on one connection. When it returns, the
// connection is cut.
type script func(p *peer)

// gateway plays one script for each connection, in order, over pipes in memory.
// Once the scripts are used up, it cannot be reached.
type gateway struct {
	t       *testing.T
	mu      sync.Mutex
	scripts []script
	status  int // refuse the handshake with it
	dialled []time.Time
	served  sync.WaitGroup
}

// dial makes a connection that the next script answers.
func (g *gateway) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.dialled = append(g.dialled, time.Now())
	if len(g.scripts) == 0 {
		return nil, errors.New("nobody listens")
	}
	play := g.scripts[0]
	g.scripts = g.scripts[1:]
	if play == nil {
		return nil, errors.New("nobody listens")
	}
	near, far := net.Pipe()
	listener := &oneConn{conn: far, closed: make(chan struct{})}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { _ = listener.Close() }()
		if g.status != 0 {
			w.WriteHeader(g.status)
			return
		}
		upgrader := websocket.Upgrader{Subprotocols: []string{wire.Subprotocol}}
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			g.t.Errorf("upgrade: %v", err)
			return
		}
		defer func() { _ = conn.Close() }()
		play(&peer{g.t, conn, r})
	})}
	g.served.Go(func() {
		_ = server.Serve(listener)
	})
	return near, nil
}

// oneConn is a listener with one connection.
type oneConn struct {
	conn   net.Conn
	once   sync.Once
	mu     sync.Mutex
	given  bool
	closed chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	l.mu.Lock()
	given := l.given
	l.given = true
	l.mu.Unlock()
	if !given {
		return l.conn, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}
func (l *oneConn) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }

// peer is the gateway's end of a connection.
type peer struct {
	t       *testing.T
	conn    *websocket.Conn
	request *http.Request
}

// expect reads the next frame, which must be of the kind.
func (p *peer) expect(kind string) map[string]any {
	p.t.Helper()
	_, data, err := p.conn.ReadMessage()
	if err != nil {
		p.t.Errorf("the client should send %s: %v", kind, err)
		return nil
	}
	var f map[string]any
	if err := json.Unmarshal(data, &f); err != nil || f["type"] != kind {
		p.t.Errorf("the client sent %s, want %s", data, kind)
	}
	return f
}

// question reads a question and returns its id.
func (p *peer) question() string {
	p.t.Helper()
	metadata, _ := p.expect(wire.TypeResponseCreate)["metadata"].(map[string]any)
	id, _ := metadata["client_message_id"].(string)
	return id
}

func (p *peer) send(data []byte) {
	if err := p.conn.WriteMessage(websocket.TextMessage, data); err != nil {
		p.t.Logf("the client is gone: %v", err)
	}
}

func (p *peer) event(cursor chat.Cursor, event chat.Event) {
	data, _ := wire.AppendEvent(nil, event, cursor, wire.View{Extended: true})
	p.send(data)
}

func (p *peer) ready(recovered bool) {
	p.send(wire.EncodeReady(wire.Ready{Session: "ses_1", Token: token, Recovered: recovered, Durable: true}))
}

func (p *peer) close(code int) {
	_ = p.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
	p.wait()
}

// wait reads until the client is gone.
func (p *peer) wait() {
	for {
		if _, _, err := p.conn.ReadMessage(); err != nil {
			return
		}
	}
}

// converse opens a conversation with a gateway that plays the scripts, runs the
// body in virtual time, and sees to it that nothing is left running.
func converse(t *testing.T, scripts []script, body func(c *Client, g *gateway)) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{t: t, scripts: scripts}
		c, err := Open(t.Context(), Options{Server: "http://gateway.example/v1/", Key: config.NewSecret("staff"), Dial: g.dial, Random: func() float64 { return 1 }})
		if err != nil {
			t.Fatal(err)
		}
		body(c, g)
		c.Close()
		g.served.Wait()
	})
}

// next returns the next event, which must be of the type.
func next[E Event](t *testing.T, c *Client) E {
	t.Helper()
	event, ok := <-c.Events()
	e, is := event.(E)
	if !ok || !is {
		t.Fatalf("got %T %+v, want %T", event, event, e)
	}
	return e
}

// quiet fails if anything is told within a minute.
func quiet(t *testing.T, c *Client) {
	t.Helper()
	select {
	case event := <-c.Events():
		t.Fatalf("nothing should be told, but: %T %+v", event, event)
	case <-time.After(time.Minute):
	}
}

var token = chat.NewToken().Reveal()

const answerID = chat.ResponseID("resp_1")

func head(sequence int) chat.Head { return chat.Head{Response: answerID, Sequence: sequence} }

func ended(sequence int, id, text string) chat.Ended {
	return chat.Ended{Head: head(sequence), Answer: chat.Answer{
		ID: answerID, Status: chat.StatusCompleted, Text: text, Outcome: chat.Answered, ClientMessageID: id,
	}}
}
