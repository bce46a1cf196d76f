package meter

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bedside/internal/llm"
)

// ledger counts each day's tokens.
type ledger struct {
	mutex sync.Mutex
	days  map[string]int
}

func newLedger() *ledger { return &ledger{days: map[string]int{}} }

func (l *ledger) Add(_ context.Context, day string, tokens int) int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.days[day] += tokens
	return l.days[day]
}

type scripted struct {
	pieces     []string
	completion llm.Completion
	err        error
	asked      int
}

func (s *scripted) Stream(_ context.Context, _ llm.Request, emit func(string) error) (llm.Completion, error) {
	s.asked++
	for _, piece := range s.pieces {
		if err := emit(piece); err != nil {
			return llm.Completion{}, err
		}
	}
	return s.completion, s.err
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// request is estimated as 104 tokens.
var request = llm.Request{Messages: []llm.Message{{Role: "user", Content: strings.Repeat("word", 100)}}}

const input = 104

func TestWhatAStreamTook(t *testing.T) {
	reported := llm.Completion{FinishReason: "stop", InputTokens: 90, OutputTokens: 11}
	enough := errors.New("enough")
	for name, test := range map[string]struct {
		model   *scripted
		emit    error
		in, out int
	}{
		"reported":     {&scripted{pieces: []string{"It works."}, completion: reported}, nil, 90, 11},
		"not reported": {&scripted{pieces: []string{"It works", " now."}, completion: llm.Completion{FinishReason: "stop"}}, nil, input, 4},
		"ended early":  {&scripted{pieces: []string{"It works. "}}, enough, input, 3},
		"cut":          {&scripted{pieces: []string{"It works"}, err: &llm.Error{Kind: llm.Cut}}, nil, input, 2},
		"silent":       {&scripted{err: &llm.Error{Kind: llm.Slow}}, nil, input, 0},
		"cancelled":    {&scripted{err: context.Canceled}, nil, input, 0},
		"refused":      {&scripted{err: &llm.Error{Kind: llm.Refused, Status: 401}}, nil, 0, 0},
		"away":         {&scripted{err: &llm.Error{Kind: llm.Unavailable}}, nil, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			counted := newLedger()
			m := New(test.model, Options{Ledger: counted, Now: func() time.Time { return noon }})
			got, err := m.Stream(t.Context(), request, func(string) error { return test.emit })
			if got.InputTokens != test.in || got.OutputTokens != test.out {
				t.Errorf("%d and %d tokens, want %d and %d (%v)", got.InputTokens, got.OutputTokens, test.in, test.out, err)
			}
			if counted.days["2026-11-23"] != test.in+test.out || m.Spent() != test.in+test.out {
				t.Errorf("counted %d, spent %d", counted.days["2026-11-23"], m.Spent())
			}
		})
	}
}

func TestOverTheLimitUntilMidnightUTC(t *testing.T) {
	model := &scripted{pieces: []string{"It works."}, completion: llm.Completion{FinishReason: "stop", InputTokens: 150, OutputTokens: 50}}
	now := noon.In(time.FixedZone("", -8*3600))
	counted := newLedger()
	m := New(model, Options{Ledger: counted, Limit: 300, Now: func() time.Time { return now }})
	ask := func() error {
		_, err := m.Stream(t.Context(), request, func(string) error { return nil })
		return err
	}
	for i, want := range []llm.Kind{"", "", llm.Spent, llm.Spent} {
		failure, _ := errors.AsType[*llm.Error](ask())
		if failure == nil && want != "" || failure != nil && failure.Kind != want {
			t.Errorf("question %d: %v, want %q", i+1, failure, want)
		}
	}
	if model.asked != 2 || m.Spent() != 400 {
		t.Errorf("asked %d times, %d tokens spent", model.asked, m.Spent())
	}
	now = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	if m.Spent() != 0 {
		t.Errorf("%d tokens are spent on a new day", m.Spent())
	}
	if err := ask(); err != nil {
		t.Errorf("on a new day: %v", err)
	}
}

// What a question will take is set aside while it runs, and given back after.
func TestManyAtOnceDoNotSlipUnderTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		counted := newLedger()
		held := &holding{release: make(chan struct{})}
		m := New(held, Options{Ledger: counted, Limit: 150, Now: func() time.Time { return noon }})
		var running sync.WaitGroup
		for range 2 {
			running.Go(func() {
				if _, err := m.Stream(t.Context(), request, func(string) error { return nil }); err != nil {
					t.Errorf("under the limit: %v", err)
				}
			})
			synctest.Wait()
		}
		_, err := m.Stream(t.Context(), request, func(string) error { return nil })
		if failure, ok := errors.AsType[*llm.Error](err); !ok || failure.Kind != llm.Spent {
			t.Errorf("a third, with %d tokens set aside: %v", m.Spent(), err)
		}
		close(held.release)
		running.Wait()
		if m.Spent() != 2*12 {
			t.Errorf("%d tokens spent", m.Spent())
		}
	})
}

// holding answers when it is let.
type holding struct{ release chan struct{} }

func (h *holding) Stream(context.Context, llm.Request, func(string) error) (llm.Completion, error) {
	<-h.release
	return llm.Completion{FinishReason: "stop", InputTokens: 10, OutputTokens: 2}, nil
}
