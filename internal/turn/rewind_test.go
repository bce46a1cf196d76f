package turn_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"bedside/internal/chat"
	"bedside/internal/transcript"
	"bedside/internal/turn"
)

// snapshot keeps what the store holds of a session; restore brings it back, as a
// server does that lost what it wrote since.
func (c *cluster) snapshot(session chat.SessionID) (restore func()) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Second)
	defer cancel()
	client := c.server.Open()
	state, log := "bedside:{"+string(session)+"}:state", "bedside:{"+string(session)+"}:log"
	fields, err := client.HGetAll(ctx, state).Result()
	if err != nil {
		c.t.Fatal(err)
	}
	entries, err := client.XRange(ctx, log, "-", "+").Result()
	if err != nil {
		c.t.Fatal(err)
	}
	return func() {
		ctx, cancel := context.WithTimeout(c.t.Context(), time.Second)
		defer cancel()
		errs := []error{client.Del(ctx, state, log).Err()}
		if len(fields) > 0 {
			errs = append(errs, client.HSet(ctx, state, fields).Err())
		}
		for _, entry := range entries { // one by one: what connects the server here holds no more
			errs = append(errs, client.XAdd(ctx, &redis.XAddArgs{Stream: log, ID: entry.ID, Values: entry.Values}).Err())
		}
		if err := errors.Join(errs...); err != nil {
			c.t.Fatal(err)
		}
	}
}

// answeredOnce starts two replicas, of which the first has answered a question.
func answeredOnce(t *testing.T) (c *cluster, session chat.SessionID, first, second *replica) {
	t.Helper()
	c = newCluster(t)
	first, second = c.start(paced{2 * time.Second}, nil), c.start(paced{2 * time.Second}, nil)
	session = chat.NewToken().Session()
	first.put(t, session, "how quickly does it work?")
	time.Sleep(time.Minute)
	return c, session, first, second
}

// TestRewoundLog has the store lose what it wrote last under a running answer, of which
// a sentence comes every two seconds: the question stands again, and all of the answer.
func TestRewoundLog(t *testing.T) {
	for name, test := range map[string]struct {
		kept, lost time.Duration // since the question: of the last that is kept, and when the rest is lost
		waiting    bool          // another question waits
		answers    int           // that stand in the end, the one from before included
	}{
		"the question, before its answer":  {-time.Millisecond, time.Millisecond, false, 2},
		"the question, and what was said":  {-time.Millisecond, 5100 * time.Millisecond, false, 2},
		"what was said":                    {time.Millisecond, 5100 * time.Millisecond, false, 2},
		"the last that was said":           {3 * time.Second, 7100 * time.Millisecond, false, 2},
		"two questions, and what was said": {-time.Millisecond, 5100 * time.Millisecond, true, 3},
		// One that was over is lost, and whoever follows is told.
		"two questions, with the end of one": {-time.Millisecond, 9100 * time.Millisecond, true, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCluster(t)
				r := c.start(paced{2 * time.Second}, nil)
				session := chat.NewToken().Session()
				r.put(t, session, "how fast does it work?")
				time.Sleep(time.Minute)
				var restore func()
				if test.kept < 0 {
					restore = c.snapshot(session)
				}
				r.put(t, session, "how quickly does it work?")
				if test.waiting {
					r.put(t, session, "how fast is it?")
				}
				if restore == nil {
					time.Sleep(test.kept)
					restore = c.snapshot(session)
				}
				time.Sleep(test.lost - max(test.kept, 0))
				restore()
				time.Sleep(time.Minute)
				events := r.read(t, session)
				checkSession(t, events)
				ends := ended(events)
				if len(ends) != test.answers {
					t.Fatalf("%d answers, want %d", len(ends), test.answers)
				}
				for _, end := range ends {
					wantWhole(t, end)
				}
			})
		})
	}
}

// TestLostSession has the store lose all of a session under its answer.
func TestLostSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t)
		r := c.start(paced{2 * time.Second}, nil)
		session := chat.NewToken().Session()
		restore := c.snapshot(session)
		r.put(t, session, "how fast does it work?")
		r.put(t, session, "and why?")
		time.Sleep(5 * time.Second)
		restore()
		time.Sleep(time.Minute)
		if _, _, err := r.wire.Log.Read(t.Context(), session, chat.Origin, 0); !errors.Is(err, transcript.ErrNoSession) {
			t.Errorf("the session: %v", err)
		}
		r.put(t, session, "how fast does it work?")
		time.Sleep(time.Minute)
		events := r.read(t, session)
		checkSession(t, events)
		for _, end := range ended(events) {
			wantWhole(t, end)
		}
	})
}

// TestCutAnswerOnARewoundLog ends a running answer early while the store is away, which
// then comes back without the last that it had of it: the answer ends where it was cut,
// and is not composed anew.
func TestCutAnswerOnARewoundLog(t *testing.T) {
	for name, test := range map[string]struct {
		kept   time.Duration // since the question: of the last that is kept
		danger bool          // somebody is in danger, else it is cancelled
		begins string        // the text that stands
	}{
		"cancelled":                          {2500 * time.Millisecond, false, "Ketamine can ease depression within hours for some people. It does not"},
		"cancelled, before it said anything": {time.Millisecond, false, ""},
		"danger":                             {2500 * time.Millisecond, true, "Ketamine can ease depression within hours for some people. It does not"},
		"danger, before it said anything":    {time.Millisecond, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCluster(t)
				r := c.start(paced{2 * time.Second}, nil)
				session := chat.NewToken().Session()
				receipt := r.put(t, session, "how fast does it work?")
				time.Sleep(test.kept)
				restore := c.snapshot(session)
				time.Sleep(4500*time.Millisecond - test.kept)
				r.wire.cut.Store(true)
				time.Sleep(2 * time.Second)
				reason := chat.ReasonCancelled
				if test.danger {
					reason = chat.ReasonInterrupted
					r.put(t, session, "I want to kill myself")
				} else if err := r.Cancel(t.Context(), receipt.Response); err != nil {
					t.Fatal(err)
				}
				restore()
				r.wire.cut.Store(false)
				time.Sleep(time.Minute)
				events := r.read(t, session)
				checkSession(t, events)
				ends := ended(events)
				if len(ends) != 1 || ends[0].Reason != reason || !strings.HasPrefix(ends[0].Text, test.begins) || strings.Contains(ends[0].Text, "Army") {
					t.Fatalf("%d ends, the first %+v", len(ends), ends[0])
				}
				if said := test.begins != ""; said != (ends[0].Outcome == chat.Answered) || said == (ends[0].Text == "") {
					t.Errorf("outcome %q of %q", ends[0].Outcome, ends[0].Text)
				}
			})
		})
	}
}

// told notes the events that are told ahead of the log.
type told struct {
	transcript.Log
	ahead atomic.Int64
}

func (t *told) Announce(session chat.SessionID, notice transcript.Notice) {
	t.ahead.Add(int64(len(notice.Ahead)))
	t.Log.Announce(session, notice)
}

// TestNothingIsToldAheadOfALostLog has the log lose what an answer builds on while the
// store is away: once that is known nothing more is told ahead of it.
func TestNothingIsToldAheadOfALostLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t)
		r := c.start(paced{2 * time.Second}, nil)
		all := &told{Log: r.wire.Log}
		r.wire.Log = all
		session := chat.NewToken().Session()
		r.put(t, session, "how fast does it work?")
		time.Sleep(time.Millisecond)
		restore := c.snapshot(session)
		time.Sleep(2500 * time.Millisecond)
		r.wire.cut.Store(true)
		time.Sleep(4500 * time.Millisecond) // two sentences are kept
		before := all.ahead.Load()
		restore()
		r.wire.cut.Store(false)
		time.Sleep(time.Minute)
		if after := all.ahead.Load(); before == 0 || after != before {
			t.Errorf("%d events were told ahead of the log, then %d more", before, after-before)
		}
		wantWhole(t, ended(r.read(t, session))[0])
	})
}

// TestRewoundUnderOtherWriters has the log lose what others than its runner are about to
// build on, between their look at it and their append.
func TestRewoundUnderOtherWriters(t *testing.T) {
	ends := func(b transcript.Batch) bool { return len(ended(b.Events)) > 0 }
	rates := func(b transcript.Batch) bool { _, ok := b.Events[0].(chat.FeedbackAccepted); return ok }
	for name, test := range map[string]struct {
		after time.Duration // the question
		is    func(transcript.Batch) bool
		do    func(t *testing.T, r *replica, running turn.Receipt)
		check func(t *testing.T, end chat.Answer)
	}{
		"cancelled": {2500 * time.Millisecond, ends, func(t *testing.T, r *replica, running turn.Receipt) {
			if err := r.Cancel(t.Context(), running.Response); err != nil {
				t.Error(err)
			}
		}, func(t *testing.T, end chat.Answer) {
			if end.Reason != chat.ReasonCancelled {
				t.Errorf("%s %s", end.Status, end.Reason)
			}
		}},
		"danger": {2500 * time.Millisecond, ends, func(t *testing.T, r *replica, running turn.Receipt) {
			if receipt := r.put(t, running.Session, "I want to kill myself"); receipt.Session == running.Session {
				t.Error("the reply stands in a log that has lost its question")
			}
		}, wantWhole},
		"rated": {time.Minute, rates, func(t *testing.T, r *replica, running turn.Receipt) {
			if err := r.Feedback(t.Context(), turn.Feedback{Response: running.Response, Rating: "up"}); err == nil {
				t.Error("a rating of an answer that is lost was taken")
			}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, session, first, second := answeredOnce(t)
				restore := c.snapshot(session)
				running := first.put(t, session, "how fast does it work?")
				if test.check != nil { // it is of its answer that something is lost
					time.Sleep(time.Millisecond)
					restore = c.snapshot(session)
				}
				time.Sleep(test.after)
				lose := sync.OnceFunc(restore)
				second.wire.odd = func(b transcript.Batch) int {
					if test.is(b) {
						lose()
					}
					return 1
				}
				test.do(t, second, running)
				time.Sleep(time.Minute)
				events := first.read(t, session)
				checkSession(t, events)
				all := ended(events)
				switch {
				case test.check == nil && len(all) == 1:
				case test.check == nil || len(all) != 2:
					t.Errorf("%d answers", len(all))
				default:
					test.check(t, all[1])
				}
			})
		})
	}
}

// TestLostWhileTakenOver has the store lose a question while another replica is taking
// its answer over, and does not come to end it.
func TestLostWhileTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, session, first, second := answeredOnce(t)
		restore := c.snapshot(session)
		running := first.put(t, session, "how fast does it work?")
		time.Sleep(2500 * time.Millisecond)
		second.wire.odd = func(transcript.Batch) int { return 0 }
		ctx, stop := context.WithTimeout(t.Context(), 1650*time.Millisecond) // between two looks at what became of it
		defer stop()
		if err := second.Cancel(ctx, running.Response); err == nil {
			t.Fatal("the answer was ended")
		}
		restore()
		time.Sleep(time.Minute)
		events := first.read(t, session)
		checkSession(t, events)
		if ends := ended(events); len(ends) != 2 {
			t.Errorf("%d answers", len(ends))
		} else {
			wantWhole(t, ends[1])
		}
	})
}

// TestLostWhileLeaving has the store lose a question that waits at a replica which is
// about to end: another finds it, and answers it.
func TestLostWhileLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t)
		first := c.start(paced{2 * time.Second}, nil)
		second := c.start(paced{2 * time.Second}, nil)
		session := chat.NewToken().Session()
		first.put(t, session, "how fast does it work?")
		time.Sleep(time.Millisecond)
		restore := c.snapshot(session)
		first.put(t, session, "how quickly does it work?")
		time.Sleep(time.Second)
		restore()
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		if err := first.Close(ctx); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute)
		events := second.read(t, session)
		checkSession(t, events)
		if ends := ended(events); len(ends) != 2 {
			t.Errorf("%d answers", len(ends))
		} else {
			wantWhole(t, ends[1])
		}
	})
}

// TestLostEndIsFoundAgain loses the end of an answer that nobody is writing any more,
// after its session was taken off the list, which another server holds.
func TestLostEndIsFoundAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t)
		r := c.start(paced{2 * time.Second}, nil)
		session := chat.NewToken().Session()
		r.put(t, session, "how fast does it work?")
		time.Sleep(5 * time.Second)
		restore := c.snapshot(session)
		time.Sleep(5 * time.Second)
		if ends := len(ended(r.read(t, session))); ends != 1 {
			t.Fatalf("%d ends", ends)
		}
		restore()
		time.Sleep(2 * time.Minute)
		events := r.read(t, session)
		if len(ended(events)) != 1 {
			t.Fatalf("%d ends after one was lost", len(ended(events)))
		}
		checkSession(t, events)
		wantWhole(t, ended(events)[0])
	})
}
