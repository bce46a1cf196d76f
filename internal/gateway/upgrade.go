package gateway

import (
	"crypto/rand"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"bedside/internal/chat"
	"bedside/internal/wire"
)

const (
	// socketBuffer is what a connection keeps for reading, and takes from a pool
	// for writing: most frames are smaller.
	socketBuffer = 1 << 10
	// kernelBuffer bounds what the kernel holds of a reader that is slow.
	kernelBuffer = 64 << 10
)

// newUpgrader returns the upgrader. Compression stays off: the read limit counts
// compressed bytes, and a frame of 8 KB can unfold to 8 MB. Who may connect was
// decided before.
func newUpgrader() websocket.Upgrader {
	return websocket.Upgrader{
		ReadBufferSize: socketBuffer, WriteBufferSize: socketBuffer, WriteBufferPool: &sync.Pool{},
		Subprotocols: []string{wire.Subprotocol},
		CheckOrigin:  func(*http.Request) bool { return true },
		Error: func(w http.ResponseWriter, _ *http.Request, status int, _ error) {
			w.Header().Set("Sec-Websocket-Version", "13")
			body := wire.EncodeErrorBody(&chat.Error{Code: chat.Malformed, Message: "This is not a WebSocket handshake of version 13."})
			writeJSON(w, status, body)
		},
	}
}

// upgrade answers GET /v1/responses: the WebSocket.
func (g *Gateway) upgrade(w http.ResponseWriter, r *http.Request, c caller) {
	if !websocket.IsWebSocketUpgrade(r) {
		w.Header().Set("Upgrade", "websocket")
		w.Header().Set("Connection", "Upgrade")
		writeJSON(w, http.StatusUpgradeRequired, wire.EncodeErrorBody(&chat.Error{
			Code: chat.Malformed, Message: "Ask with POST, or connect with a WebSocket.", Param: "method",
		}))
		return
	}
	c.connection = rand.Text()
	s := &socket{gate: g, caller: c}
	header, bad := s.begin(r)
	if bad != nil {
		g.writeError(w, bad)
		return
	}
	release, refusal := g.hold(c)
	if refusal != nil {
		g.holdUp(r)
		g.writeError(w, refusal)
		return
	}
	if !g.reserve() {
		release()
		g.writeError(w, &chat.Error{Code: chat.Busy, Message: "This chat is about to restart. Please connect again in a moment.", RetryAfter: comeBack(0)})
		return
	}
	conn, err := g.upgrader.Upgrade(w, r, header)
	if err != nil {
		g.dismiss(s)
		release()
		return // the upgrader has answered
	}
	s.open(conn, release)
	g.enlist(s)
	// A fresh goroutine: the handler's holds net/http's buffers, 8 KiB, as long
	// as it runs.
	go s.read()
}

// holdUp keeps whoever is refused a connection from coming again at once.
func (g *Gateway) holdUp(r *http.Request) {
	select {
	case g.paused <- struct{}{}:
	default:
		return // so many at a time that waiting costs more than it saves
	}
	defer func() { <-g.paused }()
	select {
	case <-time.After(refusedPause):
	case <-r.Context().Done():
	}
}

// begin decides what a plain WebSocket's session is: that of the token that came
// with the handshake, or a new one, whose token goes back with the 101. A client
// of the subprotocol says so in a frame.
func (s *socket) begin(r *http.Request) (http.Header, *chat.Error) {
	for _, offered := range websocket.Subprotocols(r) {
		if offered == wire.Subprotocol {
			s.extended = true
			return nil, nil
		}
	}
	if given := r.Header.Get(wire.HeaderSession); given != "" {
		token, err := chat.ParseToken(given)
		if err != nil {
			return nil, malformedToken()
		}
		s.token, s.session = token, token.Session()
		return nil, nil
	}
	s.token = chat.NewToken()
	s.session, s.fresh = s.token.Session(), true
	return http.Header{wire.HeaderSession: {s.token.Reveal()}}, nil
}

// open makes the upgraded connection the socket's.
func (s *socket) open(conn *websocket.Conn, release func()) {
	s.conn, s.release = conn, release
	door := "responses"
	if s.extended {
		door = "bedside"
	}
	s.closed = s.gate.Observer.ConnectionOpened(door)
	switch {
	case s.extended: // says so in a frame
	case s.fresh:
		s.gate.Observer.SessionOpened("started")
	default:
		s.gate.Observer.SessionOpened("resumed")
	}
	if raw, ok := conn.NetConn().(*corked); ok {
		s.raw = raw
	} else {
		s.raw = &corked{Conn: conn.NetConn()}
	}
	if tcp, ok := s.raw.Conn.(*net.TCPConn); ok {
		tcp.SetWriteBuffer(kernelBuffer) //nolint:errcheck // only a bound on the kernel's memory.
	}
	s.start()
}
