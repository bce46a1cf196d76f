package chaostest

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

// frame is what is looked at of a frame.
type frame struct {
	Type      string `json:"type"`
	Cursor    string `json:"cursor"`
	Response  string `json:"response_id"`
	Sequence  int    `json:"sequence_number"`
	Message   string `json:"client_message_id"`
	Delta     string `json:"delta"`
	Token     string `json:"token"`
	Recovered bool   `json:"recovered"`
	Durable   bool   `json:"durable"`
	RetryMS   int    `json:"retry_ms"`
	Object    struct {
		Status   string            `json:"status"`
		Metadata map[string]string `json:"metadata"`
		Output   []struct {
			Content []struct {
				Text string `json:"text"`
			} `json:"content"`
		} `json:"output"`
	} `json:"response"`
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

func (f *frame) ends() bool {
	return f.Type == "response.completed" || f.Type == "response.incomplete" || f.Type == "response.failed"
}

// text is the whole text of an answer's end.
func (f *frame) text() string {
	var all strings.Builder
	for _, item := range f.Object.Output {
		for _, part := range item.Content {
			all.WriteString(part.Text)
		}
	}
	return all.String()
}

// answer is one answer as a patient sees it, and what of it is stored.
type answer struct {
	message            string // client message id
	applied, stored    int
	shown, storedShown []string
	ended, storedEnded int
	status, final      string
	heard              time.Time // of the last frame, a status included
}

// modelPause is longer than the scripted models pause.
const modelPause = 2 * time.Second

// pause is a time in which nothing came of a running answer.
type pause struct {
	response string
	from, to time.Time
}

// patient keeps the rules of the wire: it keeps what was not accepted and sends
// it again, comes back by itself, and applies each frame once. What breaks a rule
// is a fault.
type patient struct {
	url  string
	from string // the address that a proxy would name; empty: none
	dial func(ctx context.Context, network, address string) (net.Conn, error)

	mu       sync.Mutex
	changed  chan struct{} // closed when something has changed
	conn     *websocket.Conn
	token    string
	cursor   string
	number   int // of the cursor
	pending  map[string]string
	order    []string
	answers  map[string]*answer
	accepted map[string]string // client message id to response
	faults   []string
	refusals []string
	readies  int
	rewinds  int     // times that it was told to clear what it shows
	inMemory int     // sessions that began in one replica's memory
	expired  int     // sessions that were gone
	pauses   []pause // of running answers, where longer than a model's

	stop context.CancelFunc
	done chan struct{}
}

// arrive connects a patient, who stays until the test ends.
func arrive(t testing.TB, url string) *patient {
	t.Helper()
	return arriveFrom(t, url, "")
}

// arriveFrom connects a patient as a proxy does for somebody at the address.
func arriveFrom(t testing.TB, url, from string) *patient {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	p := &patient{
		url: url, from: from, dial: (&net.Dialer{}).DialContext, changed: make(chan struct{}), stop: stop, done: make(chan struct{}),
		pending: make(map[string]string), answers: make(map[string]*answer), accepted: make(map[string]string),
	}
	go p.live(ctx)
	t.Cleanup(p.leave)
	return p
}

func (p *patient) leave() {
	p.stop()
	p.drop()
	<-p.done
}

// drop breaks the connection off, without a word.
func (p *patient) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conn != nil {
		_ = p.conn.NetConn().Close()
	}
}

// elsewhere sends the patient to another address at the next connection.
func (p *patient) elsewhere(url string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.url = url
}

// ask sends a question, now or later, and returns its id.
func (p *patient) ask(text string) string {
	id := uuid.NewString()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pending[id] = text
	p.order = append(p.order, id)
	if p.conn != nil && p.readies > 0 {
		p.send(id)
	}
	return id
}

// send sends a pending question. The lock is held.
func (p *patient) send(id string) {
	p.write(map[string]any{"type": "response.create", "input": p.pending[id], "metadata": map[string]string{"client_message_id": id}})
}

func (p *patient) write(message any) {
	_ = p.conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
	_ = p.conn.WriteJSON(message) // a broken connection is found by reading
}

// live keeps a connection until ctx ends.
func (p *patient) live(ctx context.Context) {
	defer close(p.done)
	for attempt := 0; ctx.Err() == nil; attempt++ {
		p.mu.Lock()
		url := p.url
		p.mu.Unlock()
		conn, err := connect(ctx, url, p.from, p.dial)
		if err == nil {
			attempt = 0
			p.talk(ctx, conn)
		}
		// Full jitter, with a shorter base than browsers have: a run has to end.
		wait := time.Duration(rand.Float64() * float64(min(2*time.Second, 100*time.Millisecond<<min(attempt, 5))))
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// connect opens a raw connection.
func connect(ctx context.Context, url, from string, dial func(context.Context, string, string) (net.Conn, error)) (*websocket.Conn, error) {
	dialer := websocket.Dialer{Subprotocols: []string{"bedside.v1"}, HandshakeTimeout: 20 * time.Second, NetDialContext: dial}
	header := http.Header{"Authorization": {"Bearer " + staffKey}}
	if from != "" {
		header.Set("X-Forwarded-For", from)
	}
	conn, response, err := dialer.DialContext(ctx, "ws"+strings.TrimPrefix(url, "http")+"/v1/responses", header)
	if err != nil {
		return nil, err
	}
	_ = response.Body.Close()
	return conn, nil
}

// talk uses one connection to its end.
func (p *patient) talk(ctx context.Context, conn *websocket.Conn) {
	defer func() { _ = conn.Close() }()
	p.mu.Lock()
	if ctx.Err() != nil {
		p.mu.Unlock()
		return
	}
	p.conn = conn
	p.open()
	p.mu.Unlock()
	for {
		_ = conn.SetReadDeadline(time.Now().Add(40 * time.Second))
		_, data, err := conn.ReadMessage()
		p.mu.Lock()
		if err != nil {
			p.conn = nil
			p.signal()
			p.mu.Unlock()
			return
		}
		var f frame
		if err := json.Unmarshal(data, &f); err != nil {
			p.fault("a frame that is no JSON: %.80s", data)
		} else {
			p.take(&f)
		}
		p.signal()
		p.mu.Unlock()
	}
}

// open begins or goes on with the session. The lock is held.
func (p *patient) open() {
	if p.token == "" {
		p.write(map[string]any{"type": "bedside:session.start"})
		return
	}
	message := map[string]any{"type": "bedside:session.resume", "token": p.token}
	if p.cursor != "" {
		message["cursor"] = p.cursor
	}
	p.write(message)
}

// unfinished is how many answers have begun and not ended. The lock is held.
func (p *patient) unfinished() int {
	count := 0
	for _, a := range p.answers {
		if a.ended == 0 {
			count++
		}
	}
	return count
}

// unstored is how many answers have no end that is stored. The lock is held.
func (p *patient) unstored() int {
	count := 0
	for _, a := range p.answers {
		if a.storedEnded == 0 {
			count++
		}
	}
	return count
}

func (p *patient) signal() {
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *patient) fault(format string, args ...any) {
	p.faults = append(p.faults, fmt.Sprintf(format, args...))
}

// take applies a frame. The lock is held.
func (p *patient) take(f *frame) {
	switch f.Type {
	case "bedside:session.ready":
		p.ready(f)
		return
	case "error":
		p.refused(f)
		return
	case "bedside:draining", "bedside:session.forgotten":
		return
	}
	if f.Response == "" {
		p.fault("a frame %s without a response", f.Type)
		return
	}
	p.apply(f)
}

func (p *patient) ready(f *frame) {
	p.readies++
	if !f.Durable {
		p.inMemory++
	}
	p.token = f.Token
	if f.Recovered {
		for _, a := range p.answers { // what is not stored comes again
			a.applied, a.shown, a.ended = a.stored, slices.Clone(a.storedShown), a.storedEnded
		}
	} else {
		p.rewinds++
		p.cursor, p.number = "", 0
		clear(p.answers)
		clear(p.accepted)
	}
	for _, id := range p.order {
		if _, waits := p.pending[id]; waits {
			p.send(id)
		}
	}
}

func (p *patient) refused(f *frame) {
	p.refusals = append(p.refusals, f.Error.Code)
	switch f.Error.Code {
	case "session_expired", "no_session":
		p.expired++
		p.token, p.cursor, p.number = "", "", 0
		clear(p.answers)
		clear(p.accepted)
		p.open()
	case "store_unavailable", "busy", "rate_limited":
		conn := p.conn
		time.AfterFunc(time.Duration(200+rand.IntN(400))*time.Millisecond, func() { p.again(conn, f.Message) })
	default:
		p.fault("refused: %s %s", f.Error.Code, f.Error.Message)
	}
}

// again sends again what was refused for now, on the same connection.
func (p *patient) again(conn *websocket.Conn, id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch _, waits := p.pending[id]; {
	case p.conn == nil || p.conn != conn:
	case id == "":
		p.open()
	case waits:
		p.send(id)
	}
}

// apply takes a frame of an answer. The lock is held.
func (p *patient) apply(f *frame) {
	a := p.answers[f.Response]
	if a == nil {
		a = &answer{applied: -1, stored: -1}
		p.answers[f.Response] = a
	}
	if f.Cursor != "" {
		n, _, _ := strings.Cut(f.Cursor, "-")
		number, err := strconv.Atoi(n)
		if err != nil || number != p.number+1 {
			p.fault("the cursor %s comes after %s", f.Cursor, p.cursor)
		}
		p.cursor, p.number = f.Cursor, number
		if f.Type != "bedside:feedback.accepted" && f.Sequence <= a.stored {
			p.fault("%s: number %d is stored after %d", f.Type, f.Sequence, a.stored)
		}
		a.stored = f.Sequence
		if f.Delta != "" {
			a.storedShown = append(a.storedShown, f.Delta)
		}
		if f.ends() {
			a.storedEnded++
		}
	}
	if f.Type == "bedside:message.accepted" {
		a.message = f.Message
		if known := p.accepted[f.Message]; known != "" && known != f.Response {
			p.fault("one question, two answers: %s, %s", known, f.Response)
		}
		p.accepted[f.Message] = f.Response
		delete(p.pending, f.Message)
	}
	if f.Sequence <= a.applied {
		return
	}
	a.applied = f.Sequence
	now := time.Now()
	if !a.heard.IsZero() && now.Sub(a.heard) > modelPause {
		p.pauses = append(p.pauses, pause{f.Response, a.heard, now})
	}
	a.heard = now
	if f.Delta != "" {
		if a.ended > 0 {
			p.fault("a sentence after the end")
		}
		a.shown = append(a.shown, f.Delta)
	}
	if f.ends() {
		a.ended++
		a.status, a.final = f.Object.Status, f.text()
		delete(p.pending, f.Object.Metadata["client_message_id"])
		if shown := strings.Join(a.shown, ""); shown != a.final {
			p.fault("shown %q, the answer is %q", shown, a.final)
		}
		if a.ended > 1 {
			p.fault("%d ends of one answer", a.ended)
		}
	}
}

// until waits until is, which is called with the lock held.
func (p *patient) until(t testing.TB, what string, within time.Duration, is func() bool) bool {
	t.Helper()
	timer := time.NewTimer(within)
	defer timer.Stop()
	for {
		p.mu.Lock()
		ok, changed := is(), p.changed
		state := fmt.Sprintf("connected %t, %d pending, %d open, refusals %v", p.conn != nil, len(p.pending), p.unfinished(), tail(p.refusals, 3))
		p.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-changed:
		case <-timer.C:
			t.Errorf("waited %v in vain for %s: %s", within, what, state)
			return false
		}
	}
}

func tail[T any](all []T, count int) []T { return all[max(0, len(all)-count):] }

// hears waits for the end of a question's answer.
func (p *patient) hears(t testing.TB, id string, within time.Duration) bool {
	t.Helper()
	return p.until(t, "an answer", within, func() bool {
		a := p.answers[p.accepted[id]]
		return a != nil && a.ended > 0
	})
}

// isReady waits until there is a session.
func (p *patient) isReady(t testing.TB) {
	t.Helper()
	p.until(t, "a session", patience, func() bool { return p.conn != nil && p.readies > 0 })
}
