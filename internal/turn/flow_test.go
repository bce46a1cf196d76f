package turn_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bedside/internal/chat"
	"bedside/internal/llm"
	"bedside/internal/redisdb/redistest"
	"bedside/internal/transcript"
	"bedside/internal/turn"
)

// shape names what a batch holds, a letter for each event.
func shape(b transcript.Batch) string {
	var s strings.Builder
	for _, event := range b.Events {
		switch event.(type) {
		case chat.Accepted:
			s.WriteByte('q')
		case chat.Created:
			s.WriteByte('o')
		case chat.Delta:
			s.WriteByte('s')
		case chat.Ended:
			s.WriteByte('e')
		}
	}
	return s.String()
}

// talker says its sentences after a while, each so much after the one before, and as
// much later that it is done.
type talker struct{ after, every time.Duration }

func (s talker) Stream(_ context.Context, _ llm.Request, emit func(string) error) (llm.Completion, error) {
	time.Sleep(s.after)
	for _, sentence := range spoken {
		if err := emit(sentence); err != nil {
			return llm.Completion{}, err
		}
		time.Sleep(s.every)
	}
	return llm.Completion{FinishReason: "stop"}, nil
}

// TestSentencesShareAnAppend has a model say its sentences at once, and one after the
// other, on a store that takes its time: what is ready while an append is under way is
// one append, and a sentence that comes alone is appended at that very moment. The right
// to write the answer comes with its question.
func TestSentencesShareAnAppend(t *testing.T) {
	for name, test := range map[string]struct {
		model talker
		want  []string
	}{
		"at once":           {talker{time.Millisecond, 0}, []string{"q", "o", "sssssse"}},
		"one after another": {talker{2 * time.Second, 2 * time.Second}, []string{"q", "o", "s", "s", "s", "s", "sse"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCluster(t)
				r := c.start(test.model, nil)
				session := chat.NewToken().Session()
				began := time.Now()
				var appends []string
				r.wire.odd = func(b transcript.Batch) int {
					what := shape(b)
					if i := len(appends) - 1; test.model.every > 0 && what == "s" && time.Since(began) != time.Duration(i)*test.model.every+10*time.Millisecond {
						t.Errorf("sentence %d is appended %s after the question", i, time.Since(began))
					}
					appends = append(appends, what)
					time.Sleep(10 * time.Millisecond)
					return 1
				}
				receipt := r.put(t, session, "how fast does it work?")
				follower, _, _, err := r.Follow(t.Context(), session, receipt.After)
				if err != nil {
					t.Fatal(err)
				}
				defer follower.Close()
				last, stages := 0, []string{}
				for end := false; !end; {
					item, err := follower.Next(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					head := chat.Head{}
					if item.Entry != nil {
						head = item.Entry.Event.At()
						_, end = item.Entry.Event.(chat.Ended)
					} else {
						head = item.Notice.Status.Head
						if stage := item.Notice.Status.Stage; stage == "writing" { // the search is over before anybody follows
							stages = append(stages, fmt.Sprint(stage, last))
						}
					}
					if head.Sequence <= last && head.Sequence > 0 {
						t.Errorf("number %d after %d", head.Sequence, last)
					}
					last = head.Sequence
				}
				time.Sleep(time.Second)
				if !slices.Equal(appends, test.want) {
					t.Errorf("appends %q, want %q", appends, test.want)
				}
				if want := []string{"writing5"}; !slices.Equal(stages, want) {
					t.Errorf("stages %q, want %q", stages, want)
				}
				if n := r.wire.held.Load(); n != 0 {
					t.Errorf("the answer was claimed %d times apart from its question", n)
				}
				events := r.read(t, session)
				checkSession(t, events)
				wantWhole(t, ended(events)[0])
			})
		})
	}
}

// TestModelIsNotHeardOut has somebody else claim an answer as it begins: the model,
// whose words nobody would store, is left at once, and the answer begun anew. So it is
// where the store was away, and its beginning is kept meanwhile.
func TestModelIsNotHeardOut(t *testing.T) {
	for name, away := range map[string]time.Duration{"appended": 0, "kept": 300 * time.Millisecond} {
		t.Run(name, func(t *testing.T) { modelIsNotHeardOut(t, away) })
	}
}

func modelIsNotHeardOut(t *testing.T, away time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t)
		r := c.start(paced{2 * time.Second}, nil)
		session := chat.NewToken().Session()
		claimed := false
		back := time.Now().Add(away)
		r.wire.odd = func(b transcript.Batch) int {
			if shape(b) == "o" && time.Now().Before(back) {
				return 0
			}
			if shape(b) == "o" && !claimed {
				claimed = true
				if _, err := r.wire.Log.Claim(t.Context(), b.Events[0].At().Response); err != nil {
					t.Error(err)
				}
			}
			return 1
		}
		began := time.Now()
		receipt := r.put(t, session, "how fast does it work?")
		r.hears(t, session, receipt, away > 0)
		took := time.Since(began)
		if late := took - 8*time.Second; !claimed || late < away || late > 2*away {
			t.Errorf("claimed: %v; the answer took %s, want 8s beside the %s", claimed, took, away)
		}
		events := r.read(t, session)
		checkSession(t, events)
		wantWhole(t, ended(events)[0])
	})
}

// hears follows an answer to its end, as a gateway does: anew where what was told ahead
// is taken back, if it may be.
func (r *replica) hears(t *testing.T, session chat.SessionID, receipt turn.Receipt, takenBack bool) chat.Answer {
	t.Helper()
	for {
		follower, _, _, err := r.Follow(t.Context(), session, receipt.After)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := untilEnd(t.Context(), follower)
		follower.Close()
		switch {
		case err == nil:
			return answer
		case !takenBack || !errors.Is(err, transcript.ErrLost):
			t.Fatal(err)
		}
	}
}

func untilEnd(ctx context.Context, follower *transcript.Follower) (chat.Answer, error) {
	for {
		item, err := follower.Next(ctx)
		if err != nil {
			return chat.Answer{}, err
		}
		if item.Entry == nil {
			continue
		}
		if end, ok := item.Entry.Event.(chat.Ended); ok {
			return end.Answer, nil
		}
	}
}

// TestJoinsWhileToldAhead follows an answer from a moment at which the store does not
// take what is told ahead of it: whoever drops numbers lower than it has seen, as clients
// do, has all sentences.
func TestJoinsWhileToldAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t)
		r := c.start(paced{2 * time.Second}, nil)
		session := chat.NewToken().Session()
		var away atomic.Bool
		r.wire.odd = func(transcript.Batch) int {
			if away.Load() {
				return 0
			}
			return 1
		}
		receipt := r.put(t, session, "how fast does it work?")
		early, _, _, err := r.Follow(t.Context(), session, receipt.After)
		if err != nil {
			t.Fatal(err)
		}
		defer early.Close()
		time.Sleep(3 * time.Second)
		away.Store(true)
		time.Sleep(2 * time.Second)
		late, _, _, err := r.Follow(t.Context(), session, receipt.After)
		if err != nil {
			t.Fatal(err)
		}
		defer late.Close()
		time.AfterFunc(2*time.Second, func() { away.Store(false) })
		for name, follower := range map[string]*transcript.Follower{"early": early, "late": late} {
			text, last, again := "", -1, 0
			for end := false; !end; {
				item, err := follower.Next(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				events := []chat.Event{}
				if item.Entry != nil {
					events = append(events, item.Entry.Event)
				} else {
					events = append(events, item.Notice.Ahead...)
				}
				for _, event := range events {
					if event.At().Sequence <= last {
						if item.Entry == nil {
							again++
						}
						continue
					}
					last = event.At().Sequence
					if delta, ok := event.(chat.Delta); ok {
						text += delta.Text
					}
					_, end = event.(chat.Ended)
				}
			}
			if text != wholeText || again > 0 {
				t.Errorf("%s: shown %q, and %d events told ahead twice", name, text, again)
			}
		}
	})
}

// heard says its sentences at once, and lets it be known.
type heard struct{ said chan<- struct{} }

func (h heard) Stream(ctx context.Context, request llm.Request, emit func(string) error) (llm.Completion, error) {
	completion, err := talker{}.Stream(ctx, request, emit)
	h.said <- struct{}{}
	return completion, err
}

// TestScriptCallsOfAnAnswer counts what an answer costs a real server.
func TestScriptCallsOfAnAnswer(t *testing.T) {
	c := newCluster(t)
	server := redistest.Start(t)
	c.open = server.Open
	client := server.Open()
	said := make(chan struct{}) // receives when the model has said all
	r := c.start(heard{said}, nil)
	ask := func() {
		t.Helper()
		session := chat.NewToken().Session()
		receipt := r.put(t, session, "how fast does it work?")
		wantWhole(t, r.hears(t, session, receipt, false))
	}
	var appends atomic.Int64
	r.wire.odd = func(b transcript.Batch) int {
		appends.Add(1)
		if strings.HasPrefix(shape(b), "o") {
			<-said // a store that takes as long as the model
		}
		return 1
	}
	ask() // the server knows the scripts after it
	if err := client.ConfigResetStat(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	appends.Store(0)
	ask()
	stats, err := client.Info(t.Context(), "commandstats").Result()
	if err != nil {
		t.Fatal(err)
	}
	// The question, with the right to answer it; the beginning; the sentences; the end, if
	// it was not there with them.
	n := appends.Load()
	if !strings.Contains(stats, fmt.Sprintf("cmdstat_evalsha:calls=%d,", n)) || n > 4 {
		t.Errorf("%d appends, want at most 4, and no other script:\n%s", n, stats)
	}
}
