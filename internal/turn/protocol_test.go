package turn_test

import (
	"context"
	"flag"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"bedside/internal/chat"
	"bedside/internal/transcript"
	"bedside/internal/turn"
)

// TestProtocol lets three replicas answer while whatever can happen does, in any
// order: appends are lost, done twice, done late, or done with their reply lost;
// replicas die and others take their place, sleep and wake, drain; the store is away
// and back. The model of it is small: each question that was accepted is answered
// once, as if nothing had happened, unless it was cancelled or a crisis came between.
func TestProtocol(t *testing.T) {
	few(t)
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t)
		rapid.Check(bubbled{t}, func(rt *rapid.T) {
			p := newProtocol(t, c)
			defer p.end()
			rt.Repeat(map[string]func(*rapid.T){
				"ask": p.ask, "ask more": p.ask, "ask again": p.askAgain, "danger": p.danger, "cancel": p.cancel,
				"wait": p.wait, "wait longer": p.wait, "wait on": p.wait,
				"kill": p.kill, "drain": p.drain, "sleep": p.sleep,
				"store": p.store, "fates": p.fate, "late": p.late,
			})
			p.settle(rt)
		})
	})
}

// bubbled hides from rapid that the test has a deadline, which is not to be asked
// for in virtual time.
type bubbled struct{ *testing.T }

// few bounds how often the test is run, unless -rapid.checks says: each time takes
// minutes of virtual and a third of a second of real time.
func few(t *testing.T) {
	checks := flag.Lookup("rapid.checks")
	if checks.Value.String() != checks.DefValue {
		return
	}
	if err := checks.Value.Set("15"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = checks.Value.Set(checks.DefValue) })
}

type protocol struct {
	t         *testing.T
	cluster   *cluster
	replicas  []*replica
	sessions  []chat.SessionID
	awaySince time.Time // zero: the store is there

	questions []turn.Question
	accepted  map[string]chat.ResponseID // by client message id
	excused   map[chat.SessionID]bool    // answers may be cut short: a crisis, a cancellation

	mu    sync.Mutex
	fates []int // what becomes of the next appends
	sent  []transcript.Batch
}

func newProtocol(t *testing.T, c *cluster) *protocol {
	p := &protocol{
		t: t, cluster: c, accepted: map[string]chat.ResponseID{}, excused: map[chat.SessionID]bool{},
		sessions: []chat.SessionID{chat.NewToken().Session(), chat.NewToken().Session()},
	}
	for range 3 {
		p.start()
	}
	return p
}

func (p *protocol) start() {
	r := p.cluster.start(paced{time.Second}, nil)
	r.wire.odd = p.nextFate
	r.wire.cut.Store(!p.awaySince.IsZero())
	p.replicas = append(p.replicas, r)
}

func (p *protocol) end() {
	for _, r := range p.replicas {
		r.close()
	}
}

func (p *protocol) nextFate(batch transcript.Batch) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, batch)
	if len(p.fates) == 0 {
		return 1
	}
	fate := p.fates[0]
	p.fates = p.fates[1:]
	return fate
}

func (p *protocol) replica(rt *rapid.T) *replica {
	return rapid.SampledFrom(p.replicas).Draw(rt, "replica")
}

// awake is a replica that can be asked.
func (p *protocol) awake(rt *rapid.T) *replica {
	r := p.replica(rt)
	if r.wire.hang.Load() {
		rt.Skip("it sleeps")
	}
	return r
}

func (p *protocol) ask(rt *rapid.T) {
	q := turn.Question{
		Session: rapid.SampledFrom(p.sessions).Draw(rt, "session"), Raw: chat.NewRawText("how fast does it work?"),
		ClientMessageID: strconv.Itoa(len(p.questions)), Create: true,
	}
	p.questions = append(p.questions, q)
	p.put(rt, q)
}

func (p *protocol) askAgain(rt *rapid.T) {
	if len(p.questions) == 0 {
		rt.Skip("nothing was asked")
	}
	p.put(rt, rapid.SampledFrom(p.questions).Draw(rt, "question"))
}

func (p *protocol) put(rt *rapid.T, q turn.Question) {
	ctx, cancel := context.WithTimeout(p.t.Context(), 5*time.Second)
	defer cancel()
	receipt, err := p.awake(rt).Ask(ctx, q)
	if err != nil {
		return // refused; it may have been stored all the same
	}
	if known, ok := p.accepted[q.ClientMessageID]; ok && known != receipt.Response {
		rt.Fatalf("question %s is %s, and was %s", q.ClientMessageID, receipt.Response, known)
	}
	p.accepted[q.ClientMessageID] = receipt.Response
}

func (p *protocol) danger(rt *rapid.T) {
	q := turn.Question{Session: rapid.SampledFrom(p.sessions).Draw(rt, "session"), Raw: chat.NewRawText("i want to die"), Create: true}
	p.excused[q.Session] = true
	began := time.Now()
	if _, err := p.awake(rt).Ask(p.t.Context(), q); err != nil || time.Since(began) > 5*time.Second {
		rt.Fatalf("somebody in danger gets %v after %v", err, time.Since(began))
	}
}

func (p *protocol) cancel(rt *rapid.T) {
	for _, response := range p.accepted { // of one question only: then it is the same in each run
		if len(p.accepted) > 1 {
			rt.Skip("not now")
		}
		session, _ := response.Session()
		p.excused[session] = true
		ctx, cancel := context.WithTimeout(p.t.Context(), 4*time.Second)
		_ = p.awake(rt).Cancel(ctx, response) // its fate is not known where the store is away
		cancel()
	}
}

func (p *protocol) wait(rt *rapid.T) {
	time.Sleep(time.Duration(rapid.IntRange(1, 6000).Draw(rt, "milliseconds")) * time.Millisecond)
	if !p.awaySince.IsZero() && time.Since(p.awaySince) > 30*time.Second {
		p.back()
	}
}

func (p *protocol) kill(rt *rapid.T) {
	i := rapid.IntRange(0, len(p.replicas)-1).Draw(rt, "victim")
	p.replicas[i].die()
	p.replicas = append(p.replicas[:i:i], p.replicas[i+1:]...)
	p.start()
}

func (p *protocol) drain(rt *rapid.T) {
	i := rapid.IntRange(0, len(p.replicas)-1).Draw(rt, "victim")
	ctx, cancel := context.WithTimeout(p.t.Context(), time.Duration(rapid.IntRange(0, 5).Draw(rt, "seconds"))*time.Second)
	defer cancel()
	_ = p.replicas[i].Close(ctx)
	p.replicas[i].close()
	p.replicas = append(p.replicas[:i:i], p.replicas[i+1:]...)
	p.start()
}

// sleep stops a replica in its tracks, as far as the store sees it, or wakes it.
func (p *protocol) sleep(rt *rapid.T) {
	hang := &p.replica(rt).wire.hang
	hang.Store(!hang.Load())
}

func (p *protocol) store(*rapid.T) {
	if !p.awaySince.IsZero() {
		p.back()
		return
	}
	p.awaySince = time.Now()
	for _, r := range p.replicas {
		r.wire.cut.Store(true)
	}
}

func (p *protocol) back() {
	p.awaySince = time.Time{}
	for _, r := range p.replicas {
		r.wire.cut.Store(false)
	}
}

// fate decides what becomes of the next appends: lost, done with the reply lost,
// done, done twice.
func (p *protocol) fate(rt *rapid.T) {
	fates := rapid.SliceOfN(rapid.SampledFrom([]int{0, -1, 1, 2}), 1, 4).Draw(rt, "fates")
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fates = append(p.fates, fates...)
}

// late does an append that was sent before, whatever became of it then.
func (p *protocol) late(rt *rapid.T) {
	p.mu.Lock()
	sent := p.sent
	p.mu.Unlock()
	if len(sent) == 0 || !p.awaySince.IsZero() {
		rt.Skip("not now")
	}
	back := rapid.IntRange(0, 7).Draw(rt, "from the end")
	_, _ = p.replicas[0].wire.Log.Append(p.t.Context(), sent[max(0, len(sent)-1-back)])
}

// settle lets everything heal, and compares with the model.
func (p *protocol) settle(rt *rapid.T) {
	p.back()
	p.mu.Lock()
	p.fates = nil
	p.mu.Unlock()
	for _, r := range p.replicas {
		r.wire.hang.Store(false)
	}
	time.Sleep(3 * time.Minute)
	for _, session := range p.sessions {
		entries, _, err := p.replicas[0].wire.Log.Read(p.t.Context(), session, chat.Origin, 0)
		if err != nil {
			continue // nothing was stored of it; what was accepted is missed below
		}
		events := make([]chat.Event, len(entries))
		for i, entry := range entries {
			events[i] = entry.Event
		}
		checkSession(rt, events)
		ids := map[string]bool{}
		for _, event := range events {
			if question, ok := event.(chat.Accepted); ok {
				if ids[question.ClientMessageID] {
					rt.Errorf("question %s is stored twice", question.ClientMessageID)
				}
				ids[question.ClientMessageID] = true
			}
		}
		for _, end := range ended(events) {
			delete(p.accepted, end.ClientMessageID)
			if !p.excused[session] && (end.Status != chat.StatusCompleted || end.Text != wholeText) {
				rt.Errorf("%s %s %s: %q", end.ID, end.Status, end.Reason, end.Text)
			}
		}
	}
	for id, response := range p.accepted {
		rt.Errorf("question %s was accepted as %s, and has no end", id, response)
	}
	for _, r := range p.replicas {
		if running := r.Running(); running > 0 {
			rt.Errorf("%d answers run on", running)
		}
	}
}
