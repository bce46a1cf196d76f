package gateway_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"bedside/internal/chat"
	"bedside/internal/gateway"
	"bedside/internal/turn"
	"bedside/internal/wire"
)

// tally counts what is observed.
type tally struct {
	mu    sync.Mutex
	more  *sync.Cond
	count map[string]int
}

func newTally() *tally {
	o := &tally{count: make(map[string]int)}
	o.more = sync.NewCond(&o.mu)
	return o
}

func (o *tally) add(format string, values ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.count[fmt.Sprintf(format, values...)]++
	o.more.Broadcast()
}

// await waits until something was observed.
func (o *tally) await(name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.count[name] == 0 {
		o.more.Wait()
	}
}

func (o *tally) ConnectionOpened(door string) func(int) {
	o.add("open %s", door)
	return func(code int) { o.add("closed %s %d", door, code) }
}
func (o *tally) SessionOpened(how string)     { o.add("session %s", how) }
func (o *tally) Refused(code string)          { o.add("refused %s", code) }
func (o *tally) StoreFailed(operation string) { o.add("store %s", operation) }

func TestWhatIsObserved(t *testing.T) {
	seen := newTally()
	d := open(t, func(o *gateway.Options) { o.Observer = seen })
	p := d.dial(wire.Subprotocol, d.own())
	token := p.start().text("token")
	p.ask("one", "1")
	p.until(wire.TypeCompleted)
	p.resume(token, "")
	p.until(wire.TypeCompleted)
	p.resume(token, "1-1")
	p.until(wire.TypeCompleted)
	p.send(`{"type":"nonsense"}`)
	p.next()
	_ = p.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""), time.Now().Add(time.Second))
	p.closed()

	q := d.dial("", d.own())
	first := d.do("POST", "/v1/responses", `{"input":"one"}`, d.own())
	d.do("POST", "/v1/responses", `{"input":"one"}`, d.own(), http.Header{wire.HeaderSession: {first.header.Get(wire.HeaderSession)}})
	d.do("GET", "/v1/models", "")
	d.turn.mu.Lock()
	d.turn.ask = func(turn.Question) error { return chat.Refuse(chat.StoreUnavailable, "Away.") }
	d.turn.mu.Unlock()
	d.do("POST", "/v1/responses", `{"input":"one"}`, d.own())
	q.send(frame{"type": wire.TypeResponseCreate, "input": "one"})
	q.next()
	seen.await("closed bedside 1000")

	want := map[string]int{
		"open bedside": 1, "closed bedside 1000": 1, "open responses": 1,
		"session started": 3, "session resumed": 1, "session cleared": 1, // by frame, with the handshake, with a request
		"refused malformed": 1, "refused unauthorized": 1, "refused store_unavailable": 2,
		"store ask": 2,
	}
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if diff := cmp.Diff(want, seen.count); diff != "" {
		t.Error(diff)
	}
}
