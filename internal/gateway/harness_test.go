package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"bedside/internal/chat"
	"bedside/internal/gateway"
	"bedside/internal/transcript"
	"bedside/internal/transcript/memlog"
	"bedside/internal/turn"
	"bedside/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const staffKey = "staff-key"

// fakeTurn answers from a log in memory, as the questions ask it to:
//
//	"hang …"       stops after the first sentence until it is released or cancelled
//	"help …"       is urgent
//	anything else  is answered with two sentences that cite a source
type fakeTurn struct {
	log, transient *memlog.Log
	answers        sync.WaitGroup
	release        chan struct{}

	mu      sync.Mutex
	asked   []turn.Question
	running map[chat.ResponseID]chan struct{} // closed to cancel
	ask     func(turn.Question) error         // refuses; nil: nothing is
	waits   func(context.Context) error       // what a cancellation waits for; nil: nothing
	rewound func() transcript.Log             // what stands for the log; nil: itself
	lasting bool                              // what is said of sessions that begin
}

func newFakeTurn(t testing.TB) *fakeTurn {
	f := &fakeTurn{
		log: memlog.New(memlog.Options{}), transient: memlog.New(memlog.Options{}),
		release: make(chan struct{}), running: make(map[chat.ResponseID]chan struct{}),
	}
	t.Cleanup(func() {
		f.mu.Lock()
		for id, cancel := range f.running {
			close(cancel)
			delete(f.running, id)
		}
		f.mu.Unlock()
		f.answers.Wait()
		_ = f.log.Close()
		_ = f.transient.Close()
	})
	return f
}

// keep replaces the logs, before anything is in them.
func (f *fakeTurn) keep(log, transient memlog.Options) {
	_ = f.log.Close()
	_ = f.transient.Close()
	f.log, f.transient = memlog.New(log), memlog.New(transient)
}

func (f *fakeTurn) questions() []turn.Question {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]turn.Question(nil), f.asked...)
}

func (f *fakeTurn) Ask(ctx context.Context, q turn.Question) (turn.Receipt, error) {
	text := q.Raw.Reveal()
	urgent := strings.HasPrefix(text, "help")
	f.mu.Lock()
	f.asked = append(f.asked, q)
	refuse := f.ask
	f.mu.Unlock()
	if q.Refusal != nil && !urgent {
		return turn.Receipt{}, q.Refusal
	}
	if refuse != nil {
		if err := refuse(q); err != nil {
			return turn.Receipt{}, err
		}
	}
	log, session := f.log, q.Session
	if session == "" || q.Transient || (urgent && q.Refusal != nil) {
		log, session = f.transient, chat.NewToken().Session()
	}
	accepted := chat.Accepted{
		Head:            chat.Head{Response: chat.NewResponseID(session)},
		ClientMessageID: q.ClientMessageID, Text: chat.Text(text), Previous: q.Previous, CreatedAt: time.Now(), Urgent: urgent,
	}
	receipt, err := log.Append(ctx, transcript.Batch{Session: session, Create: q.Create || log == f.transient, Events: []chat.Event{accepted}})
	if errors.Is(err, transcript.ErrNoSession) {
		return turn.Receipt{}, chat.Refuse(chat.SessionExpired, "This conversation has ended.")
	}
	if err != nil {
		return turn.Receipt{}, err
	}
	if receipt.Duplicate != "" {
		return turn.Receipt{Session: session, Response: receipt.Duplicate, After: chat.Origin, Duplicate: true, Text: accepted.Text}, nil
	}
	cancel := make(chan struct{})
	f.mu.Lock()
	f.running[accepted.Response] = cancel
	f.mu.Unlock()
	f.answers.Go(func() { f.answer(log, accepted, cancel) })
	return turn.Receipt{Session: session, Response: accepted.Response, After: receipt.Before, Text: accepted.Text}, nil
}

// answer writes an answer as the turn does: its beginning, each sentence with
// its citation, its end.
func (f *fakeTurn) answer(log *memlog.Log, accepted chat.Accepted, cancel chan struct{}) {
	session, _ := accepted.Response.Session()
	n := accepted.Sequence
	head := func() chat.Head { n++; return chat.Head{Response: accepted.Response, Sequence: n} }
	put := func(events ...chat.Event) bool {
		_, err := log.Append(context.Background(), transcript.Batch{Session: session, Events: events})
		return err == nil
	}
	a := chat.Answer{
		ID: accepted.Response, CreatedAt: accepted.CreatedAt, Previous: accepted.Previous, ClientMessageID: accepted.ClientMessageID,
		Status: chat.StatusInProgress, KnowledgeVersion: "v1",
	}
	if accepted.Urgent {
		put(chat.Triaged{Head: head(), Level: chat.Explicit, Category: chat.CrisisSelf, Card: chat.Card{Lines: []string{"Call 988."}, Links: []chat.Link{{Label: "Call", URL: "tel:988"}}}})
	}
	put(chat.Created{Head: head(), Answer: a}, chat.InProgress{Head: head(), Answer: a}, chat.ItemAdded{Head: head()}, chat.PartAdded{Head: head()})
	log.Announce(session, transcript.Notice{Status: &transcript.Status{Head: head(), Stage: "searching"}})
	for i, sentence := range []string{"First “sentence” — of " + string(accepted.Text) + ". ", "Second."} {
		start := len([]rune(a.Text))
		citation := chat.Citation{
			Passage: "page/heading", Section: "history", Title: "A page", URL: "https://clinic.example/page",
			Quote: "its words", Verdict: chat.Supported, StartIndex: start, EndIndex: start + len([]rune(strings.TrimSpace(sentence))),
		}
		put(chat.Delta{Head: head(), Text: sentence}, chat.Annotated{Head: head(), Index: i, Citation: citation})
		a.Text += sentence
		a.Citations = append(a.Citations, citation)
		if i == 0 && strings.HasPrefix(string(accepted.Text), "hang") {
			select {
			case <-cancel:
				a.Reason = chat.ReasonCancelled
			case <-f.release:
			}
		}
		if a.Reason != "" {
			break
		}
	}
	a.Status, a.Outcome, a.Mode = chat.StatusCompleted, chat.Answered, chat.Extractive
	a.Trace = &chat.Trace{Rule: "none", Withheld: []chat.Withheld{{Sentence: "secret", Reason: "uncited"}}}
	if a.Reason != "" {
		a.Status = chat.StatusIncomplete
	}
	a.EndedAt = time.Now()
	put(
		chat.TextDone{Head: head(), Text: a.Text}, chat.PartDone{Head: head(), Text: a.Text, Citations: a.Citations},
		chat.ItemDone{Head: head(), Status: a.Status, Text: a.Text, Citations: a.Citations},
		chat.Suggested{Head: head(), Questions: []string{"And then?"}}, chat.Ended{Head: head(), Answer: a},
	)
	f.mu.Lock()
	delete(f.running, accepted.Response)
	f.mu.Unlock()
}

func (f *fakeTurn) Cancel(ctx context.Context, response chat.ResponseID) error {
	f.mu.Lock()
	waits := f.waits
	f.mu.Unlock()
	if waits != nil {
		if err := waits(ctx); err != nil {
			return err
		}
	}
	session, _ := response.Session()
	entries, _, err := f.logOf(ctx, session).Read(ctx, session, chat.Origin, 0)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Event.At().Response == response {
			f.mu.Lock()
			defer f.mu.Unlock()
			if cancel := f.running[response]; cancel != nil {
				close(cancel)
				delete(f.running, response)
			}
			return nil
		}
	}
	return transcript.ErrNoSession
}

func (f *fakeTurn) Feedback(ctx context.Context, fb turn.Feedback) error {
	session, _ := fb.Response.Session()
	_, err := f.log.Append(ctx, transcript.Batch{Session: session, Events: []chat.Event{
		chat.FeedbackAccepted{Head: chat.Head{Response: fb.Response, Sequence: 100}, Rating: fb.Rating},
	}})
	return err
}

func (f *fakeTurn) Forget(ctx context.Context, session chat.SessionID) error {
	return f.log.Forget(ctx, session)
}

func (f *fakeTurn) Session(ctx context.Context, session chat.SessionID) (transcript.State, error) {
	return f.log.State(ctx, session)
}

func (f *fakeTurn) Follow(ctx context.Context, session chat.SessionID, after chat.Cursor) (*transcript.Follower, bool, chat.Cursor, error) {
	return transcript.Follow(ctx, f.logOf(ctx, session), session, after)
}

func (f *fakeTurn) logOf(ctx context.Context, session chat.SessionID) transcript.Log {
	if _, err := f.transient.State(ctx, session); err == nil {
		return f.transient
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rewound != nil {
		return f.rewound()
	}
	return f.log
}

func (f *fakeTurn) Durable(context.Context) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lasting
}

// door is a gateway on a loopback port.
type door struct {
	t    testing.TB
	turn *fakeTurn
	gate *gateway.Gateway
	base string // http://127.0.0.1:port
	host string
	pipe func() net.Conn // connects in virtual time
}

// open starts a gateway. By default it has a staff key.
func open(t testing.TB, change func(*gateway.Options)) *door {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{t: t, turn: newFakeTurn(t), host: listener.Addr().String()}
	d.base = "http://" + d.host
	options := gateway.Options{
		Turn: d.turn, Address: listener.Addr(), StaffKeys: []string{staffKey},
		Clinic:     wire.Clinic{Name: "Clinic", Phone: "+1 555 0100", Hours: "9 to 5"},
		Disclosure: func(locale string) string { return "disclosure " + locale },
		Starters:   func(string) []string { return []string{"What is it?"} },
	}
	if change != nil {
		change(&options)
	}
	d.gate = gateway.New(options)
	server := &http.Server{Handler: d.gate, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		d.gate.Close()
		_ = server.Close()
		<-done
		http.DefaultClient.CloseIdleConnections()
	})
	return d
}

// own is the header of a page of the gateway's own.
func (d *door) own() http.Header { return http.Header{"Origin": {d.base}} }

func staffHeader() http.Header { return http.Header{"Authorization": {"Bearer " + staffKey}} }

// reply is an HTTP answer, read.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) json(t testing.TB) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(r.body, &m); err != nil {
		t.Fatalf("%v in %q", err, r.body)
	}
	return m
}

func (r reply) code(t testing.TB) string {
	t.Helper()
	e, _ := r.json(t)["error"].(map[string]any)
	code, _ := e["code"].(string)
	return code
}

func (d *door) do(method, path, body string, headers ...http.Header) reply {
	d.t.Helper()
	request, err := http.NewRequestWithContext(d.t.Context(), method, d.base+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	for _, header := range headers {
		for name, values := range header {
			request.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, read}
}

// peer is a WebSocket client.
type peer struct {
	t      testing.TB
	conn   *websocket.Conn
	header http.Header // of the 101
}

type frame map[string]any

func (f frame) text(name string) string {
	s, _ := f[name].(string)
	return s
}

func (f frame) number(name string) int {
	n, _ := f[name].(float64)
	return int(n)
}

func (f frame) errorCode() string {
	e, _ := f["error"].(map[string]any)
	return frame(e).text("code")
}

func (d *door) dial(subprotocol string, headers ...http.Header) *peer {
	d.t.Helper()
	p, response, err := d.tryDial(subprotocol, headers...)
	if err != nil {
		d.t.Fatalf("dial: %v (%v)", err, response)
	}
	return p
}

func (d *door) tryDial(subprotocol string, headers ...http.Header) (*peer, *http.Response, error) {
	dialer := websocket.Dialer{HandshakeTimeout: 5 * time.Second}
	if subprotocol != "" {
		dialer.Subprotocols = []string{subprotocol}
	}
	all := http.Header{}
	for _, header := range headers {
		for name, values := range header {
			all[name] = values
		}
	}
	conn, response, err := dialer.Dial("ws://"+d.host+"/v1/responses", all)
	if err != nil {
		return nil, response, err
	}
	p := &peer{t: d.t, conn: conn, header: response.Header}
	d.t.Cleanup(func() { _ = conn.Close() })
	return p, response, nil
}

func (p *peer) send(v any) {
	p.t.Helper()
	if s, ok := v.(string); ok {
		v = json.RawMessage(s)
	}
	data, err := json.Marshal(v)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.conn.WriteMessage(websocket.TextMessage, data); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) next() frame {
	p.t.Helper()
	f, err := p.tryNext()
	if err != nil {
		p.t.Fatalf("waiting for a frame: %v", err)
	}
	return f
}

func (p *peer) tryNext() (frame, error) {
	_ = p.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, data, err := p.conn.ReadMessage()
	if err != nil {
		return nil, err
	}
	var f frame
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&f); err != nil {
		p.t.Fatalf("%v in %q", err, data)
	}
	return f, nil
}

// until reads up to the first frame of the type, and returns all of them.
func (p *peer) until(kind string) []frame {
	p.t.Helper()
	var all []frame
	for {
		f := p.next()
		all = append(all, f)
		if f.text("type") == kind {
			return all
		}
		if f.text("type") == wire.TypeError {
			p.t.Fatalf("an error instead of %s: %v", kind, f)
		}
	}
}

func last(frames []frame) frame { return frames[len(frames)-1] }

// closed reads to the end and returns the close code.
func (p *peer) closed() int {
	p.t.Helper()
	for {
		_, err := p.tryNext()
		if err == nil {
			continue
		}
		if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
			return closed.Code
		}
		p.t.Fatalf("the connection broke instead of being closed: %v", err)
	}
}

// start begins a session and returns its ready frame.
func (p *peer) start() frame {
	p.t.Helper()
	p.send(frame{"type": wire.TypeSessionStart, "locale": "en"})
	return last(p.until(wire.TypeSessionReady))
}

func (p *peer) resume(token, cursor string) {
	p.t.Helper()
	f := frame{"type": wire.TypeSessionResume, "token": token}
	if cursor != "" {
		f["cursor"] = cursor
	}
	p.send(f)
}

func (p *peer) ask(text, id string) {
	p.t.Helper()
	p.send(frame{"type": wire.TypeResponseCreate, "input": text, "metadata": frame{"client_message_id": id}})
}

func types(frames []frame) []string {
	list := make([]string, len(frames))
	for i, f := range frames {
		list[i] = f.text("type")
	}
	return list
}

// lockedBuffer can be written and read from several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// eventually waits until is, which nothing signals.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.After(10 * time.Second); !is(); {
		select {
		case <-deadline:
			t.Fatalf("waited in vain for %s", what)
		case <-time.After(time.Millisecond):
		}
	}
}
