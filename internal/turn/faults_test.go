package turn_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bedside/internal/chat"
	"bedside/internal/draft"
	"bedside/internal/llm"
	"bedside/internal/retrieve"
	"bedside/internal/transcript"
	"bedside/internal/transcript/memlog"
	"bedside/internal/triage"
	"bedside/internal/turn"
)

// faulty is a log whose calls can be made to fail.
type faulty struct {
	transcript.Log
	onAppend  func(transcript.Batch) (before, after error)
	onClaim   func() error
	onRead    func() error
	afterRead func()
}

func (f *faulty) Append(ctx context.Context, b transcript.Batch) (transcript.Receipt, error) {
	var after error
	if f.onAppend != nil {
		var before error
		if before, after = f.onAppend(b); before != nil {
			return transcript.Receipt{}, before
		}
	}
	r, err := f.Log.Append(ctx, b)
	if err == nil && after != nil {
		return transcript.Receipt{}, after
	}
	return r, err
}

func (f *faulty) Claim(ctx context.Context, r chat.ResponseID) (transcript.Fence, error) {
	if f.onClaim != nil {
		if err := f.onClaim(); err != nil {
			return 0, err
		}
	}
	return f.Log.Claim(ctx, r)
}

func (f *faulty) Read(ctx context.Context, s chat.SessionID, after chat.Cursor, n int) ([]transcript.Entry, bool, error) {
	if f.onRead != nil {
		if err := f.onRead(); err != nil {
			return nil, false, err
		}
	}
	entries, recovered, err := f.Log.Read(ctx, s, after, n)
	if f.afterRead != nil {
		f.afterRead()
	}
	return entries, recovered, err
}

func newFaulty(t *testing.T, model llm.Model, ended func(turn.Summary), transientIdle time.Duration, ps ...chat.Passage) (*fixture, *faulty) {
	t.Helper()
	rules, err := triage.New(os.DirFS("../../knowledge"), triage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if ps == nil {
		ps = passages
	}
	index, err := retrieve.New(ps, retrieve.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var generative *draft.Generative
	if model != nil {
		if generative, err = draft.NewGenerative(model, os.DirFS("../../prompts"), draft.GenerativeOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	inner, transient := memlog.New(memlog.Options{}), memlog.New(memlog.Options{Idle: transientIdle})
	log := &faulty{Log: inner}
	service := turn.New(turn.Options{Log: log, Transient: transient, Material: turn.Material{Triage: rules, Index: index, Generative: generative, Version: "test", Passage: findPassage}, Ended: ended})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = errors.Join(service.Close(ctx), inner.Close(), transient.Close())
	})
	return &fixture{service, t, chat.NewToken()}, log
}

// endsWithin waits up to a while for the answer's terminal event.
func (f *fixture) endsWithin(receipt turn.Receipt, d time.Duration) (events []chat.Event, ok bool) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	follower, _, _, err := f.Follow(ctx, receipt.Session, chat.Origin)
	if err != nil {
		f.t.Error(err)
		return nil, false
	}
	defer follower.Close()
	for {
		item, err := follower.Next(ctx)
		if err != nil {
			return events, false
		}
		if item.Entry == nil {
			continue
		}
		events = append(events, item.Entry.Event)
		if e, is := item.Entry.Event.(chat.Ended); is && e.Response == receipt.Response {
			return events, true
		}
	}
}

// statuses and frames rise together.
func TestStatusNumbersRise(t *testing.T) {
	next := make(chan struct{})
	f, _ := newFaulty(t, &script{pieces: []string{"Ketamine can ease depression within hours for some people [1]. "}, next: next}, nil, 0)
	// a first question begins the session so that it can be followed from before the second
	close(next)
	first := f.ask("how fast does it work?")
	f.follow(first)
	follower, _, end, err := f.Follow(t.Context(), f.token.Session(), chat.Origin)
	if err != nil {
		t.Fatal(err)
	}
	defer follower.Close()
	for at := chat.Origin; at != end; {
		item, _ := follower.Next(t.Context())
		if item.Entry != nil {
			at = item.Entry.Cursor
		}
	}
	for range 200 {
		r := f.ask("was it used in the war?")
		last := -1
		for {
			item, err := follower.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var head chat.Head
			what := ""
			if item.Notice != nil {
				head, what = item.Notice.Status.Head, "status "+item.Notice.Status.Stage
			} else {
				head = item.Entry.Event.At()
			}
			if head.Sequence <= last {
				t.Fatalf("%d (%T %s) after %d", head.Sequence, item.Entry, what, last)
			}
			last = head.Sequence
			if item.Entry != nil {
				if e, ok := item.Entry.Event.(chat.Ended); ok && e.Response == r.Response {
					break
				}
			}
		}
	}
}

// a crisis over the rate limit belongs to its session.
func TestUrgentRefusedStaysInItsSession(t *testing.T) {
	next := make(chan struct{})
	f, _ := newFaulty(t, &script{pieces: []string{"Ketamine can ease depression within hours for some people [1]. ", "x"}, next: next}, nil, 0)
	running := f.ask("how fast does it work?")
	next <- struct{}{}
	f.until(running, func(e chat.Event) bool { _, ok := e.(chat.Delta); return ok })
	q := f.question("i want to die")
	q.Refusal = chat.Refuse(chat.RateLimited, "slow")
	r, err := f.Ask(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if r.Session != f.token.Session() {
		t.Errorf("the reply stands in another session")
	}
	if s, _ := f.Session(t.Context(), f.token.Session()); !s.HelpBar {
		t.Errorf("no help bar")
	}
	if _, ok := f.endsWithin(running, 300*time.Millisecond); !ok {
		t.Errorf("the running answer was not interrupted")
	}
}

// accepted, but the reply to the append was lost; the client sends it again.
func TestLostReceiptThenResend(t *testing.T) {
	for _, text := range []string{"how fast does it work?", "i want to die"} {
		t.Run(text, func(t *testing.T) {
			f, log := newFaulty(t, nil, nil, 0)
			var failed atomic.Bool
			log.onAppend = func(b transcript.Batch) (error, error) {
				if _, asked := b.Question(); asked && failed.CompareAndSwap(false, true) {
					return nil, transcript.ErrUnavailable
				}
				return nil, nil
			}
			q := f.question(text)
			q.ClientMessageID = "0b52c8a8-5f0e-4c6a-9d5f-0a4f1a3b2c1d"
			r, err := f.Ask(t.Context(), q)
			t.Logf("first: %v %v", r.Response, err)
			r, err = f.Ask(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := f.endsWithin(r, 500*time.Millisecond); !ok {
				t.Errorf("the question is never answered (duplicate %v)", r.Duplicate)
			}
		})
	}
}

// the store goes away between accepted and the crisis reply.
func TestUrgentWhenStoreGoesAwayAfterAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, log := newFaulty(t, nil, nil, 0)
		var away atomic.Bool
		log.onAppend = func(b transcript.Batch) (error, error) {
			if away.Load() {
				return transcript.ErrUnavailable, nil
			}
			if _, asked := b.Question(); asked {
				away.Store(true)
			}
			return nil, nil
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		begun := time.Now()
		_, err := f.Ask(ctx, f.question("i want to die"))
		if err != nil {
			t.Errorf("a person in danger is told after %s: %v", time.Since(begun), err)
		}
		ctx, cancel = context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = f.Close(ctx)
	})
}

// a session whose store is away: what has a fixed reply gets it in a transient
// one, and anything else is refused; a session that begins may still begin.
func TestFixedRepliesNeedNoStore(t *testing.T) {
	for when, leave := range map[string]func(*faulty){
		"before it is asked": func(log *faulty) {
			log.onRead = func() error { return transcript.ErrUnavailable }
		},
		"before it has the question": func(log *faulty) {
			log.onAppend = func(transcript.Batch) (error, error) { return transcript.ErrUnavailable, nil }
		},
	} {
		t.Run(when, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, log := newFaulty(t, nil, nil, 0)
				f.ask("thanks")
				synctest.Wait()
				leave(log)
				for _, test := range []struct {
					text    string
					outcome chat.Outcome
				}{{"thanks", chat.SmallTalk}, {"how many milligrams should i take?", chat.Boundary}, {"i want to die", chat.Crisis}} {
					text, outcome := test.text, test.outcome
					q := f.question(text)
					q.Create = false
					receipt, err := f.Ask(t.Context(), q)
					if err != nil || receipt.Session == q.Session {
						t.Fatalf("%q: %+v, %v", text, receipt, err)
					}
					events, _ := f.endsWithin(receipt, time.Minute)
					if ended, ok := events[len(events)-1].(chat.Ended); !ok || ended.Answer.Outcome != outcome || ended.Answer.Mode != chat.Fixed {
						t.Errorf("%q ends with %+v", text, events[len(events)-1])
					}
				}
				q := f.question("how fast does it work?")
				q.Create = false
				if _, err := f.Ask(t.Context(), q); chat.AsError(err).Code != chat.StoreUnavailable {
					t.Errorf("an ordinary question: %v", err)
				}
				if log.onAppend == nil {
					if receipt, err := f.Ask(t.Context(), turn.Question{Session: chat.NewToken().Session(), Raw: chat.NewRawText("thanks"), Create: true}); err != nil {
						t.Errorf("a session that begins: %+v, %v", receipt, err)
					}
				}
				synctest.Wait()
				log.onRead, log.onAppend = nil, nil
			})
		})
	}
}

// TestDangerDoesNotWaitForTheStore begins a session by words of danger while the store is
// known to be away, and its log does not take it.
func TestDangerDoesNotWaitForTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newCluster(t).start(paced{2 * time.Second}, nil)
		r.wire.cut.Store(true)
		session := chat.NewToken().Session()
		began := time.Now()
		if receipt := r.put(t, session, "I want to kill myself"); receipt.Session == session || time.Since(began) > 0 {
			t.Errorf("a reply in %s after %v", receipt.Session, time.Since(began))
		}
	})
}

// Whoever writes again and again while the store is away, or on a connection
// without a session, is cared for as in a session: never in the same words twice
// in a row, and until the subject changes. When the store is back the session has
// its help bar.
func TestCareWithoutTheStore(t *testing.T) {
	for name, away := range map[string]bool{"the store away": true, "no session": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, log := newFaulty(t, nil, nil, 0)
				f.ask("thanks")
				synctest.Wait()
				ask := func(text, connection string) (chat.Answer, error) {
					q := turn.Question{Raw: chat.NewRawText(text), Connection: connection, Refusal: chat.Refuse(chat.NoSession, "There is no session.")}
					if away {
						q = f.question(text)
						q.Create = false
					}
					receipt, err := f.Ask(t.Context(), q)
					if err != nil {
						return chat.Answer{}, err
					}
					events, _ := f.endsWithin(receipt, time.Minute)
					return events[len(events)-1].(chat.Ended).Answer, nil
				}
				if away {
					log.onRead = func() error { return transcript.ErrUnavailable }
				}
				last := ""
				for i, text := range []string{"i want to die", "i want to die", "no", "im fine", "i want to die"} {
					answer, err := ask(text, "one")
					if err != nil || answer.Outcome != chat.Crisis || answer.Text == last {
						t.Errorf("%d, %q: %v, %s: %s", i, text, err, answer.Outcome, answer.Text)
					}
					last = answer.Text
				}
				if _, err := ask("how fast does it work?", "one"); err == nil {
					t.Error("an ordinary question is answered")
				}
				if answer, _ := ask("thanks", "one"); answer.Outcome == chat.Crisis {
					t.Error("the subject was changed, and the care goes on")
				}
				if !away {
					if _, err := ask("no", "two"); chat.AsError(err).Code != chat.NoSession {
						t.Errorf("on another connection: %v", err)
					}
					return
				}
				log.onRead = nil
				f.answer(f.ask("how fast does it work?"))
				if state, err := f.Session(t.Context(), f.token.Session()); err != nil || !state.HelpBar {
					t.Errorf("when the store is back: %+v, %v", state, err)
				}
				synctest.Wait()
			})
		})
	}
}

// the claim fails once.
func TestClaimUnavailableOnce(t *testing.T) {
	f, log := newFaulty(t, nil, nil, 0)
	var failed atomic.Bool
	log.onClaim = func() error {
		if failed.CompareAndSwap(false, true) {
			return transcript.ErrUnavailable
		}
		return nil
	}
	r := f.ask("how fast does it work?")
	if _, ok := f.endsWithin(r, time.Second); !ok {
		t.Error("no terminal event")
	}
}

// cancel where the log cannot be read.
func TestCancelThatCannotRead(t *testing.T) {
	f, log := newFaulty(t, &script{pieces: []string{"Ketamine can ease depression within hours for some people [1]. ", "x"}, next: make(chan struct{}, 1)}, nil, 0)
	r := f.ask("how fast does it work?")
	f.until(r, func(e chat.Event) bool { _, ok := e.(chat.Created); return ok })
	var failed atomic.Bool
	log.onRead = func() error {
		if failed.CompareAndSwap(false, true) {
			return transcript.ErrUnavailable
		}
		return nil
	}
	if err := f.Cancel(t.Context(), r.Response); err != nil {
		t.Error(err)
	}
	log.onRead = nil
	if _, ok := f.endsWithin(r, 2*time.Second); !ok {
		t.Error("stopped, fenced, and never ended")
	}
}

// the waiting answer begins before the crisis reply is stored.
func TestWaitingBeginsAfterCrisis(t *testing.T) {
	next := make(chan struct{})
	f, log := newFaulty(t, &script{pieces: []string{"Ketamine can ease depression within hours for some people [1]. ", "x"}, next: next}, nil, 0)
	log.onAppend = func(b transcript.Batch) (error, error) {
		for _, e := range b.Events {
			if c, ok := e.(chat.Ended); ok && c.Answer.Outcome == chat.Crisis {
				runtime.Gosched() // a round trip to a store: whoever may begin now does
				<-time.After(30 * time.Millisecond)
			}
		}
		return nil, nil
	}
	running := f.ask("how fast does it work?")
	next <- struct{}{}
	f.until(running, func(e chat.Event) bool { _, ok := e.(chat.Delta); return ok })
	waiting := f.ask("was it used in the war?")
	crisis := f.ask("i want to die")
	close(next)
	events, _ := f.endsWithin(waiting, time.Second)
	order := []string{}
	began, ended := -1, -1
	for i, e := range events {
		switch e := e.(type) {
		case chat.Created:
			if e.Response == waiting.Response {
				began = i
			}
		case chat.Ended:
			if e.Response == crisis.Response {
				ended = i
			}
		}
	}
	if began < ended {
		t.Errorf("the waiting answer begins at %d, the crisis reply ends at %d %v", began, ended, order)
	}
}

// Close while a question is being stored.
func TestCloseWhileAsking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, log := newFaulty(t, nil, nil, 0)
		inside, goOn := make(chan struct{}), make(chan struct{})
		var once sync.Once
		log.onAppend = func(b transcript.Batch) (error, error) {
			if _, asked := b.Question(); asked {
				once.Do(func() { close(inside); <-goOn })
			}
			return nil, nil
		}
		receipts := make(chan turn.Receipt, 1)
		go func() { r, _ := f.Ask(context.Background(), f.question("how fast does it work?")); receipts <- r }()
		<-inside
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		closed := make(chan error, 1)
		go func() { closed <- f.Close(ctx) }()
		synctest.Wait() // it is closing
		close(goOn)
		r := <-receipts
		t.Log(<-closed)
		if _, ok := f.endsWithin(r, 500*time.Millisecond); !ok {
			t.Error("accepted and never ended")
		}
	})
}

// a transient answer whose model takes its whole minute.
func TestTransientOutlivesItsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _ := newFaulty(t, slow{}, nil, turn.TransientLife)
		q := f.question("how fast does it work?")
		q.Transient = true
		r, err := f.Ask(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if events, ok := f.endsWithin(r, 90*time.Second); !ok {
			t.Errorf("no terminal event after %d events", len(events))
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = f.Close(ctx)
	})
}

type slow struct{}

func (slow) Stream(ctx context.Context, _ llm.Request, _ func(string) error) (llm.Completion, error) {
	select {
	case <-time.After(60 * time.Second): // the model's own limit
	case <-ctx.Done():
	}
	return llm.Completion{}, &llm.Error{Kind: llm.Cut}
}

// two tabs cancel at once.
func TestTwoCancels(t *testing.T) {
	f, _ := newFaulty(t, &script{pieces: []string{"x"}, next: make(chan struct{})}, nil, 0)
	r := f.ask("how fast does it work?")
	f.until(r, func(e chat.Event) bool { _, ok := e.(chat.Created); return ok })
	var wait sync.WaitGroup
	for range 2 {
		wait.Go(func() {
			if err := f.Cancel(context.Background(), r.Response); err != nil {
				t.Errorf("%v", err)
			}
		})
	}
	wait.Wait()
}

// a claim that was shown keeps its qualifier when the answer is cut; every answer is told of.
func TestCutAnswerKeepsQualifierAndIsCounted(t *testing.T) {
	next := make(chan struct{})
	var told atomic.Int32
	f, _ := newFaulty(t, &script{pieces: []string{"Ketamine can ease depression within hours for some people [1]. ", "x", "y"}, next: next}, func(turn.Summary) { told.Add(1) }, 0)
	r := f.ask("how fast does it work?")
	next <- struct{}{}
	f.until(r, func(e chat.Event) bool { _, ok := e.(chat.Delta); return ok })
	if err := f.Cancel(t.Context(), r.Response); err != nil {
		t.Fatal(err)
	}
	if a := f.answer(r); !strings.Contains(a.Text, "does not work for everyone") {
		t.Errorf("the claim stands without its qualifier: %s %q", a.Status, a.Text)
	}
	// An answer is told of once its end is stored, which whoever follows the log may see first.
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if told.Load() != 1 {
		t.Errorf("told of %d answers", told.Load())
	}
}

// a cancelled waiting answer stands in the middle of a running one.
func TestCancelledWaitingDoesNotInterleave(t *testing.T) {
	next := make(chan struct{})
	f, _ := newFaulty(t, &script{pieces: []string{"Ketamine can ease depression within hours for some people [1]. ", "x"}, next: next}, nil, 0)
	running := f.ask("how fast does it work?")
	next <- struct{}{}
	f.until(running, func(e chat.Event) bool { _, ok := e.(chat.Delta); return ok })
	waiting := f.ask("was it used in the war?")
	cancelled := make(chan error, 1)
	go func() { cancelled <- f.Cancel(context.Background(), waiting.Response) }()
	close(next)
	events, _ := f.endsWithin(waiting, 5*time.Second)
	if err := <-cancelled; err != nil {
		t.Error(err)
	}
	open := chat.ResponseID("")
	for _, e := range events {
		switch e := e.(type) {
		case chat.Created:
			if open != "" {
				t.Errorf("%s begins inside %s", e.Response, open)
			}
			open = e.Response
		case chat.Ended:
			open = ""
		}
	}
}
