package turn_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"bedside/internal/chat"
	"bedside/internal/draft"
	"bedside/internal/llm"
	"bedside/internal/redisdb/redistest"
	"bedside/internal/retrieve"
	"bedside/internal/transcript"
	"bedside/internal/transcript/memlog"
	"bedside/internal/transcript/redislog"
	"bedside/internal/triage"
	"bedside/internal/turn"
)

// soon is how long a question may lie once its lease is over.
const soon = time.Second

// lease is how long a replica of these tests has a session without renewal.
const lease = 3 * time.Second

// spoken is what the model of these tests says, a sentence every two seconds, and
// what the patient therefore reads, with what qualifies it.
var spoken = []string{
	"Ketamine can ease depression within hours for some people [1]. ",
	"Usual antidepressants may take weeks [1]. ",
	"Army doctors used ketamine in the Vietnam War [1]. ",
	"It was used for surgery in the field [1]. ",
}

const wholeText = "Ketamine can ease depression within hours for some people. Usual antidepressants may take weeks. " +
	"Army doctors used ketamine in the Vietnam War. It was used for surgery in the field. It does not work for everyone. Results differ from person to person."

// paced says its sentences in virtual time.
type paced struct{ every time.Duration }

func (p paced) Stream(ctx context.Context, _ llm.Request, emit func(string) error) (llm.Completion, error) {
	for _, sentence := range spoken {
		select {
		case <-time.After(p.every):
		case <-ctx.Done():
			return llm.Completion{}, ctx.Err()
		}
		if err := emit(sentence); err != nil {
			return llm.Completion{}, err
		}
	}
	return llm.Completion{FinishReason: "stop"}, nil
}

// wire is a replica's way to the store, which can be cut, and can be slow.
type wire struct {
	transcript.Log
	cut  atomic.Bool
	hang atomic.Bool                    // calls wait until it is over
	held atomic.Int64                   // how often the lease and an answer were asked for by themselves
	slow atomic.Int64                   // each look at what is unattended takes so long, in nanoseconds
	odd  func(transcript.Batch) (n int) // how often an append is done, and 0 for lost; negative: done, and its reply lost
}

func (w *wire) way(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, redislog.DefaultTimeout) // as the log bounds its calls
	defer cancel()
	for w.hang.Load() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", transcript.ErrUnavailable, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	if w.cut.Load() {
		return transcript.ErrUnavailable
	}
	return nil
}

func (w *wire) Append(ctx context.Context, b transcript.Batch) (transcript.Receipt, error) {
	if err := w.way(ctx); err != nil {
		return transcript.Receipt{}, err
	}
	times := 1
	if w.odd != nil {
		times = w.odd(b)
	}
	if times == 0 {
		return transcript.Receipt{}, transcript.ErrUnavailable
	}
	receipt, err := w.Log.Append(ctx, b)
	for range times - 1 {
		_, _ = w.Log.Append(ctx, b)
	}
	if times < 0 {
		return transcript.Receipt{}, transcript.ErrUnavailable
	}
	return receipt, err
}

func (w *wire) Durable(ctx context.Context) bool { return w.way(ctx) == nil && w.Log.Durable(ctx) }

func (w *wire) Hold(ctx context.Context, r chat.ResponseID) (transcript.Held, error) {
	w.held.Add(1)
	if err := w.way(ctx); err != nil {
		return transcript.Held{}, err
	}
	return w.Log.Hold(ctx, r)
}

func (w *wire) Claim(ctx context.Context, r chat.ResponseID) (transcript.Fence, error) {
	if err := w.way(ctx); err != nil {
		return 0, err
	}
	return w.Log.Claim(ctx, r)
}

func (w *wire) Renew(ctx context.Context, sessions []chat.SessionID) ([]chat.SessionID, error) {
	if err := w.way(ctx); err != nil {
		return nil, err
	}
	return w.Log.Renew(ctx, sessions)
}

func (w *wire) Release(ctx context.Context, session chat.SessionID) error {
	if err := w.way(ctx); err != nil {
		return err
	}
	return w.Log.Release(ctx, session)
}

func (w *wire) Unattended(ctx context.Context) ([]transcript.Unattended, error) {
	time.Sleep(time.Duration(w.slow.Load()))
	if err := w.way(ctx); err != nil {
		return nil, err
	}
	return w.Log.Unattended(ctx)
}

func (w *wire) Read(ctx context.Context, s chat.SessionID, after chat.Cursor, n int) ([]transcript.Entry, bool, error) {
	if err := w.way(ctx); err != nil {
		return nil, false, err
	}
	return w.Log.Read(ctx, s, after, n)
}

func (w *wire) State(ctx context.Context, s chat.SessionID) (transcript.State, error) {
	if err := w.way(ctx); err != nil {
		return transcript.State{}, err
	}
	return w.Log.State(ctx, s)
}

// cluster is a store and the replicas on it.
type cluster struct {
	t      *testing.T
	server *redistest.InMemory
	open   func() redis.UniversalClient // connects a replica to its store
	rules  *triage.Triage
	index  *retrieve.Index
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	rules, err := triage.New(os.DirFS("../../knowledge"), triage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	one := passages[0]
	one.Text += " " + passages[1].Text
	index, err := retrieve.New([]chat.Passage{one}, retrieve.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := redistest.Memory(t)
	return &cluster{t: t, server: server, open: server.Open, rules: rules, index: index}
}

// replica is one process of the cluster.
type replica struct {
	*turn.Service
	wire  *wire
	close func()
}

// start starts a replica. It is closed when the test ends, if not before.
func (c *cluster) start(model llm.Model, sealer redislog.Sealer) *replica {
	c.t.Helper()
	generative, err := draft.NewGenerative(model, os.DirFS("../../prompts"), draft.GenerativeOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	log := redislog.New(c.open(), redislog.Options{Lease: lease, Sealer: sealer})
	transient := memlog.New(memlog.Options{Once: true})
	w := &wire{Log: log}
	service := turn.New(turn.Options{
		Log: w, Transient: transient, Lease: lease,
		Material: turn.Material{Triage: c.rules, Index: c.index, Generative: generative, Version: "test", Passage: findPassage},
	})
	r := &replica{Service: service, wire: w}
	r.close = sync.OnceFunc(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = service.Close(ctx)
		if err := errors.Join(log.Close(), transient.Close()); err != nil {
			c.t.Error(err)
		}
	})
	c.t.Cleanup(r.close)
	return r
}

// die ends the replica as kill -9 does: nothing of it reaches the store any more.
func (r *replica) die() {
	r.wire.cut.Store(true)
	r.close()
}

func (r *replica) put(t *testing.T, session chat.SessionID, text string) turn.Receipt {
	t.Helper()
	receipt, err := r.Ask(t.Context(), turn.Question{Session: session, Raw: chat.NewRawText(text), Create: true})
	if err != nil {
		t.Fatalf("ask %q: %v", text, err)
	}
	return receipt
}

// read is what the store holds of the session.
func (r *replica) read(t *testing.T, session chat.SessionID) []chat.Event {
	t.Helper()
	entries, _, err := r.wire.Log.Read(t.Context(), session, chat.Origin, 0)
	if err != nil {
		t.Fatal(err)
	}
	events := make([]chat.Event, len(entries))
	for i, entry := range entries {
		events[i] = entry.Event
	}
	return events
}

// ended returns the answers' ends, in order.
func ended(events []chat.Event) (ends []chat.Answer) {
	for _, event := range events {
		if end, ok := event.(chat.Ended); ok {
			ends = append(ends, end.Answer)
		}
	}
	return ends
}

// checkSession holds what is true of every session's log once all is quiet: each
// question has one end, its sentences joined are its text, and none interleave.
//
// A reply to somebody in danger may stand in the middle of an answer that another
// replica began just then: it does not wait for anybody.
func checkSession(t interface{ Errorf(string, ...any) }, events []chat.Event) {
	urgent := map[chat.ResponseID]bool{}
	text, ends, begun := map[chat.ResponseID]string{}, map[chat.ResponseID]int{}, map[chat.ResponseID]int{}
	last := map[chat.ResponseID]int{}
	running := chat.ResponseID("")
	for i, event := range events {
		id := event.At().Response
		if before, ok := last[id]; ok && event.At().Sequence <= before {
			t.Errorf("entry %d: number %d after %d", i, event.At().Sequence, before)
		}
		last[id] = event.At().Sequence
		switch e := event.(type) {
		case chat.Accepted:
			urgent[id] = e.Urgent
			continue
		}
		if urgent[id] {
			if _, end := event.(chat.Ended); end {
				ends[id]++
			}
			continue
		}
		switch e := event.(type) {
		case chat.Created:
			begun[id]++
			if running != "" {
				t.Errorf("entry %d: %s begins in the middle of %s", i, id, running)
			}
			running = id
		case chat.Delta:
			text[id] += e.Text
		case chat.Ended:
			ends[id]++
			running = ""
			if e.Answer.Text != text[id] {
				t.Errorf("the text is %q, its sentences joined %q", e.Answer.Text, text[id])
			}
		}
		if running != "" && id != running {
			t.Errorf("entry %d: %T of %s in the middle of %s", i, event, id, running)
		}
	}
	for id := range last {
		if ends[id] != 1 || begun[id] != 1 && !urgent[id] {
			t.Errorf("%s begins %d times and ends %d times", id, begun[id], ends[id])
		}
	}
}

func wantWhole(t *testing.T, answer chat.Answer) {
	t.Helper()
	if answer.Status != chat.StatusCompleted || answer.Text != wholeText {
		t.Errorf("%s %s %q", answer.Status, answer.Reason, answer.Text)
	}
	if len(answer.Citations) != len(spoken)+2 || answer.Mode != chat.Generative {
		t.Errorf("mode %s, citations %+v", answer.Mode, answer.Citations)
	}
}

// TestTakeover kills a replica in the middle of an answer, at different points,
// and nobody asks again.
func TestTakeover(t *testing.T) {
	for _, after := range []time.Duration{time.Millisecond, 2100 * time.Millisecond, 4100 * time.Millisecond, 7999 * time.Millisecond} {
		t.Run(after.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCluster(t)
				model := paced{2 * time.Second}
				first, _, third := c.start(model, nil), c.start(model, nil), c.start(model, nil)
				session := chat.NewToken().Session()
				first.put(t, session, "how fast does it work?")
				time.Sleep(after)
				first.die()
				killed := time.Now()
				time.Sleep(time.Minute)
				events := third.read(t, session)
				checkSession(t, events)
				if ends := ended(events); len(ends) == 1 {
					wantWhole(t, ends[0])
					if took := ends[0].EndedAt.Sub(killed); took > lease+soon+8*time.Second {
						t.Errorf("it ended %v after the kill, the model's own time included", took)
					}
				}
			})
		})
	}
}

// TestTakeoverFromASlowStore kills a replica where the store answers late, as one does
// that has much to do, or whose disk is busy; also so late that its holders might
// not have renewed their leases.
func TestTakeoverFromASlowStore(t *testing.T) {
	for slow, most := range map[time.Duration]time.Duration{
		600 * time.Millisecond:  lease + soon + 2*600*time.Millisecond,
		1400 * time.Millisecond: 2*lease + soon + 2*1400*time.Millisecond,
	} {
		t.Run(slow.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCluster(t)
				first, second := c.start(paced{2 * time.Second}, nil), c.start(paced{100 * time.Millisecond}, nil)
				second.wire.slow.Store(int64(slow))
				time.Sleep(time.Minute)
				session := chat.NewToken().Session()
				first.put(t, session, "how fast does it work?")
				time.Sleep(2500 * time.Millisecond)
				first.die()
				killed := time.Now()
				time.Sleep(time.Minute)
				events := second.read(t, session)
				checkSession(t, events)
				ends := ended(events)
				if len(ends) != 1 {
					t.Fatalf("%d ends", len(ends))
				}
				wantWhole(t, ends[0])
				if took := ends[0].EndedAt.Sub(killed); took > most {
					t.Errorf("it ended %v after the kill", took)
				}
			})
		})
	}
}

// TestTakeoverAfterTheStore takes the store away and brings it back. Whoever was
// writing then is first: one that started meanwhile waits as well as one that saw it.
// One that was there and is killed afterwards is not waited for.
func TestTakeoverAfterTheStore(t *testing.T) {
	tests := map[string]struct {
		starts, returns bool          // another replica with the store, and the writer after it
		within, after   time.Duration // after the return or the kill
	}{
		"the writer never comes back":                   {false, false, lease + 5*time.Second + 2*soon, lease + 5*time.Second},
		"nor for one that started meanwhile":            {true, false, lease + 5*time.Second + 2*soon, lease + 5*time.Second},
		"the writer is killed after the return":         {false, true, lease + soon, time.Second},
		"likewise for one that started with the return": {true, true, lease + soon, time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCluster(t)
				first := c.start(paced{10 * time.Second}, nil)
				second := (*replica)(nil)
				if !test.starts {
					second = c.start(paced{time.Millisecond}, nil)
				}
				session := chat.NewToken().Session()
				first.put(t, session, "how fast does it work?")
				time.Sleep(500 * time.Millisecond)
				first.wire.cut.Store(true)
				if second != nil {
					second.wire.cut.Store(true)
				}
				time.Sleep(20 * time.Second)
				if second == nil {
					second = c.start(paced{time.Millisecond}, nil)
				}
				second.wire.cut.Store(false)
				if test.returns {
					first.wire.cut.Store(false)
					time.Sleep(2500 * time.Millisecond) // a second to notice, another to renew
				}
				first.die()
				from := time.Now()
				time.Sleep(time.Minute)
				events := second.read(t, session)
				checkSession(t, events)
				ends := ended(events)
				if len(ends) != 1 {
					t.Fatalf("%d ends", len(ends))
				}
				if took := ends[0].EndedAt.Sub(from); took > test.within || took < test.after {
					t.Errorf("it ended %v afterwards, want %v to %v", took, test.after, test.within)
				}
			})
		})
	}
}

// TestAsleepPastTheLease lets a replica sleep in the middle of an answer, as
// SIGSTOP does, and wake long after another went on.
func TestAsleepPastTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t)
		first, second := c.start(paced{2 * time.Second}, nil), c.start(paced{2 * time.Second}, nil)
		session := chat.NewToken().Session()
		first.put(t, session, "how fast does it work?")
		time.Sleep(3 * time.Second)
		first.wire.hang.Store(true)
		time.Sleep(20 * time.Second)
		before := second.read(t, session)
		first.wire.hang.Store(false)
		time.Sleep(20 * time.Second)
		after := second.read(t, session)
		if len(after) != len(before) {
			t.Errorf("%d entries became %d", len(before), len(after))
		}
		checkSession(t, after)
		wantWhole(t, ended(after)[0])
		if running := first.Running(); running != 0 {
			t.Errorf("%d answers run on", running)
		}
	})
}

// TestOneAtATimeAcrossReplicas asks in one session through two replicas.
func TestOneAtATimeAcrossReplicas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t)
		first, second := c.start(paced{time.Second}, nil), c.start(paced{time.Second}, nil)
		session := chat.NewToken().Session()
		var asked []chat.ResponseID
		for i, r := range []*replica{first, second, first, second} {
			asked = append(asked, r.put(t, session, []string{"how fast does it work?", "was it used in the war?"}[i%2]).Response)
			time.Sleep(300 * time.Millisecond)
		}
		if _, err := second.Ask(t.Context(), turn.Question{Session: session, Raw: chat.NewRawText("was it used in the war?")}); chat.AsError(err).Code != chat.Busy {
			t.Errorf("a fifth question: %v", err)
		}
		time.Sleep(time.Minute)
		events := first.read(t, session)
		checkSession(t, events)
		var order []chat.ResponseID
		for _, end := range ended(events) {
			order = append(order, end.ID)
		}
		if !slices.Equal(order, asked) {
			t.Errorf("answered %v, asked %v", order, asked)
		}
	})
}

// TestCancelElsewhere cancels, through another replica, a running answer and one
// that waits.
func TestCancelElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t)
		first, second := c.start(paced{2 * time.Second}, nil), c.start(paced{2 * time.Second}, nil)
		session := chat.NewToken().Session()
		running := first.put(t, session, "how fast does it work?")
		waiting := first.put(t, session, "was it used in the war?")
		time.Sleep(2500 * time.Millisecond)
		cancelled := make(chan error, 1)
		go func() { cancelled <- second.Cancel(t.Context(), waiting.Response) }()
		time.Sleep(time.Second)
		if err := second.Cancel(t.Context(), running.Response); err != nil {
			t.Error(err)
		}
		time.Sleep(10 * time.Second)
		if err := <-cancelled; err != nil {
			t.Error(err)
		}
		events := first.read(t, session)
		checkSession(t, events)
		for i, end := range ended(events) {
			if end.Status != chat.StatusIncomplete || end.Reason != chat.ReasonCancelled {
				t.Errorf("answer %d: %s %s", i, end.Status, end.Reason)
			}
		}
	})
}

// TestDrainLeavesToOthers closes a replica in the middle of an answer, with one
// that waits and one that is asked at the last moment.
func TestDrainLeavesToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t)
		first, second := c.start(paced{2 * time.Second}, nil), c.start(paced{2 * time.Second}, nil)
		session, other := chat.NewToken().Session(), chat.NewToken().Session()
		first.put(t, session, "how fast does it work?")
		first.put(t, session, "how fast does it work?")
		time.Sleep(2500 * time.Millisecond)
		closed := make(chan struct{})
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			_ = first.Close(ctx)
			close(closed)
		}()
		time.Sleep(100 * time.Millisecond)
		first.put(t, other, "how fast does it work?")
		<-closed
		left := time.Now()
		time.Sleep(time.Minute)
		for _, session := range []chat.SessionID{session, other} {
			events := second.read(t, session)
			checkSession(t, events)
			for _, end := range ended(events) {
				wantWhole(t, end)
			}
			if took := ended(events)[0].EndedAt.Sub(left); took > soon+8*time.Second {
				t.Errorf("it ended %v after it was left, the model's own time included", took)
			}
		}
	})
}

// TestStoreAwayInMidAnswer takes the store away from all replicas under a running
// answer: its patient reads on, and the log has it once the store is back.
func TestStoreAwayInMidAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t)
		first, second := c.start(paced{2 * time.Second}, nil), c.start(paced{2 * time.Second}, nil)
		session := chat.NewToken().Session()
		receipt := first.put(t, session, "how fast does it work?")
		follower, _, _, err := first.Follow(t.Context(), session, receipt.After)
		if err != nil {
			t.Fatal(err)
		}
		defer follower.Close()
		var ahead, stored []chat.Event
		following, stop := context.WithCancel(t.Context())
		var read sync.WaitGroup
		read.Go(func() {
			for following.Err() == nil {
				item, err := follower.Next(following)
				switch {
				case err != nil:
					time.Sleep(50 * time.Millisecond)
				case item.Entry != nil:
					stored = append(stored, item.Entry.Event)
				default:
					ahead = append(ahead, item.Notice.Ahead...)
				}
			}
		})
		time.Sleep(2500 * time.Millisecond)
		for _, r := range []*replica{first, second} {
			r.wire.cut.Store(true)
		}
		time.Sleep(20 * time.Second)
		synctest.Wait() // for what the follower has read
		if ends := ended(ahead); len(ends) != 1 || ends[0].Text != wholeText {
			t.Errorf("without the store: %+v", ends)
		}
		if len(ended(second.read(t, session))) != 0 {
			t.Error("the end is stored while the store is away")
		}
		for _, r := range []*replica{second, first} {
			r.wire.cut.Store(false)
		}
		time.Sleep(time.Second)
		events := second.read(t, session)
		checkSession(t, events)
		wantWhole(t, ended(events)[0])
		stop()
		read.Wait()
		if len(stored) != len(events) {
			t.Errorf("%d of %d entries came with their cursors", len(stored), len(events))
		}
		text := ""
		for _, event := range ahead {
			if delta, ok := event.(chat.Delta); ok {
				text += delta.Text
			}
		}
		if !strings.HasSuffix(wholeText, strings.TrimSpace(text)) || text == "" {
			t.Errorf("told ahead: %q", text)
		}
	})
}

// TestCancelWithoutTheStore cancels a running answer while the store is away.
func TestCancelWithoutTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t)
		first, second := c.start(paced{2 * time.Second}, nil), c.start(paced{2 * time.Second}, nil)
		session := chat.NewToken().Session()
		receipt := first.put(t, session, "how fast does it work?")
		time.Sleep(2500 * time.Millisecond)
		first.wire.cut.Store(true)
		second.wire.cut.Store(true)
		time.Sleep(2 * time.Second)
		began := time.Now()
		if err := first.Cancel(t.Context(), receipt.Response); err != nil || time.Since(began) > storeSoon {
			t.Errorf("cancel: %v after %v", err, time.Since(began))
		}
		elsewhere, stop := context.WithTimeout(t.Context(), 2*time.Second)
		defer stop()
		if err := second.Cancel(elsewhere, receipt.Response); !errors.Is(err, transcript.ErrUnavailable) {
			t.Errorf("cancel elsewhere: %v", err)
		}
		first.wire.cut.Store(false)
		second.wire.cut.Store(false)
		time.Sleep(time.Minute)
		events := second.read(t, session)
		checkSession(t, events)
		end := ended(events)[0]
		if end.Reason != chat.ReasonCancelled || !strings.HasPrefix(end.Text, "Ketamine can ease depression within hours for some people. Usual antidepressants may take weeks.") {
			t.Errorf("%s %q", end.Reason, end.Text)
		}
	})
}

// storeSoon is more than the patience with a store that does not answer.
const storeSoon = 300 * time.Millisecond
