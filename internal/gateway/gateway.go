package gateway

import (
	"crypto/rand"
	"crypto/sha256"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// Gateway is the door. It is an http.Handler.
type Gateway struct {
	Options
	handler  http.Handler
	upgrader websocket.Upgrader
	origins  map[string]bool // nil: the gateway's own address
	keys     [][sha256.Size]byte
	seed     [sha256.Size]byte // stands in for a staff key where there is none

	draining atomic.Bool
	work     sync.WaitGroup
	mu       sync.Mutex
	closed   bool
	sockets  map[*socket]struct{}
	paused   chan struct{} // holds those who were refused a connection
}

// New returns a Gateway. Close it.
func New(options Options) *Gateway {
	options.setDefaults()
	g := &Gateway{Options: options, sockets: make(map[*socket]struct{}), paused: make(chan struct{}, mostPaused)}
	rand.Read(g.seed[:])
	for _, key := range options.StaffKeys {
		if key != "" {
			g.keys = append(g.keys, sha256.Sum256([]byte(key)))
		}
	}
	if len(options.Origins) > 0 {
		g.origins = make(map[string]bool, len(options.Origins))
		for _, origin := range options.Origins {
			if normal, ok := normalOrigin(origin); ok {
				g.origins[normal] = true
			}
		}
	}
	g.upgrader = newUpgrader()
	g.handler = g.routes()
	return g
}

func (g *Gateway) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v1/", g.api())
	mux.Handle("/healthz", readOnly(http.HandlerFunc(g.healthz)))
	mux.Handle("/readyz", readOnly(http.HandlerFunc(g.readyz)))
	mux.Handle("/safety", readOnly(g.Safety))
	mux.Handle("/", readOnly(g.Page))
	return g.logged(secured(mux))
}

func (g *Gateway) api() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, h func(http.ResponseWriter, *http.Request, caller)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { h(w, r, callerOf(r)) })
	}
	handle("GET /v1/responses", g.upgrade)
	handle("POST /v1/responses", g.createResponse)
	handle("GET /v1/responses/{id}", g.retrieve)
	handle("POST /v1/responses/{id}/cancel", g.cancel)
	handle("DELETE /v1/session", g.forget)
	handle("POST /v1/chat/completions", g.createCompletion)
	handle("GET /v1/models", g.models)
	handle("GET /v1/models/{model}", g.models)
	return g.admitted(g.refusing(mux))
}

// ServeHTTP serves one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.handler.ServeHTTP(w, r) }

// NotReady makes readiness fail from now on, so that proxies send new
// connections elsewhere. Everything else goes on.
func (g *Gateway) NotReady() { g.draining.Store(true) }

// Drain asks every connection to come back elsewhere and closes it. No WebSocket
// is accepted after.
func (g *Gateway) Drain() {
	g.NotReady()
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	for i, s := range g.open() {
		s.drain(comeBack(i))
	}
}

// Close drains and waits until the gateway's goroutines have ended, which is
// soon: a client that does not close its side is cut off.
func (g *Gateway) Close() {
	g.Drain()
	cut := time.AfterFunc(lingerTimeout+time.Second, g.cut)
	g.work.Wait()
	cut.Stop()
}

// Hurry drains and cuts off within moments whoever does not close its side.
func (g *Gateway) Hurry() {
	g.Drain()
	time.AfterFunc(hurriedTimeout, g.cut)
}

func (g *Gateway) cut() {
	for _, s := range g.open() {
		s.cut()
	}
}

// open returns the sockets.
func (g *Gateway) open() []*socket {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Collect(maps.Keys(g.sockets))
}

// comeBack gives the clients of a draining gateway different times to come back,
// a thousand a second.
func comeBack(i int) time.Duration {
	return 250*time.Millisecond + time.Duration(i)*time.Millisecond
}

// reserve announces a socket; false once the gateway is closed. What is reserved
// is dismissed.
func (g *Gateway) reserve() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.work.Add(1)
	return true
}

// enlist registers a socket that was reserved and has started since.
func (g *Gateway) enlist(s *socket) {
	g.mu.Lock()
	g.sockets[s] = struct{}{}
	closed := g.closed
	g.mu.Unlock()
	if closed { // meanwhile
		s.drain(comeBack(0))
	}
}

func (g *Gateway) dismiss(s *socket) {
	g.mu.Lock()
	delete(g.sockets, s)
	g.mu.Unlock()
	g.work.Done()
}

// OpenConnections returns how many WebSockets are open.
func (g *Gateway) OpenConnections() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.sockets)
}
