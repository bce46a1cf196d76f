package breaker

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bedside/internal/llm"
)

// scripted fails as it is told, in order, and then answers.
type scripted struct {
	failures []error
	asked    int
	hold     chan struct{} // nil: it answers at once
}

func (s *scripted) Stream(_ context.Context, _ llm.Request, emit func(string) error) (llm.Completion, error) {
	s.asked++
	if s.hold != nil {
		<-s.hold
	}
	if len(s.failures) > 0 {
		err := s.failures[0]
		s.failures = s.failures[1:]
		if err != nil {
			return llm.Completion{}, err
		}
	}
	return llm.Completion{FinishReason: "stop"}, emit("It works.")
}

func ask(b *Breaker) error {
	_, err := b.Stream(context.Background(), llm.Request{}, func(string) error { return nil })
	return err
}

func kindOf(err error) llm.Kind {
	if failure, ok := errors.AsType[*llm.Error](err); ok {
		return failure.Kind
	}
	return ""
}

func wantState(t *testing.T, b *Breaker, want State) {
	t.Helper()
	if got, _ := b.State(); got != want {
		t.Errorf("state %s, want %s", got, want)
	}
}

func TestARefusedKeyIsNotTriedForAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		model := &scripted{failures: []error{&llm.Error{Kind: llm.Refused, Status: 401}, &llm.Error{Kind: llm.Refused, Status: 403}}}
		b := New(model, Options{})
		if err := ask(b); kindOf(err) != llm.Refused {
			t.Fatalf("first: %v", err)
		}
		for range 2 {
			wantState(t, b, Opened)
			time.Sleep(time.Minute - time.Nanosecond)
			if err := ask(b); kindOf(err) != llm.Open {
				t.Fatalf("within the minute: %v", err)
			}
			time.Sleep(2 * time.Nanosecond)
			wantState(t, b, Trying)
			if model.asked == 1 {
				if err := ask(b); kindOf(err) != llm.Refused {
					t.Fatalf("after a minute: %v", err)
				}
			}
		}
		if err := ask(b); err != nil || model.asked != 3 {
			t.Errorf("after the key was mended: %v, asked %d times", err, model.asked)
		}
		wantState(t, b, Closed)
	})
}

func TestEveryFailureCounts(t *testing.T) {
	for _, kind := range []llm.Kind{llm.Unavailable, llm.Garbled, llm.Cut, llm.Slow, llm.TooBig, llm.RateLimited} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				failure := &llm.Error{Kind: kind, Status: 500}
				model := &scripted{failures: []error{failure, failure, nil, failure, failure, failure}}
				b := New(model, Options{})
				for range 5 { // an answer between them begins the count anew
					_ = ask(b)
				}
				wantState(t, b, Closed)
				if err := ask(b); kindOf(err) != kind {
					t.Fatal(err)
				}
				if err := ask(b); kindOf(err) != llm.Open || model.asked != 6 {
					t.Fatalf("%v after %d requests", err, model.asked)
				}
				time.Sleep(30*time.Second + time.Nanosecond)
				if err := ask(b); err != nil {
					t.Errorf("after its rest: %v", err)
				}
				wantState(t, b, Closed)
			})
		})
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	for asked, want := range map[time.Duration]time.Duration{time.Second: time.Second, 45 * time.Second: 45 * time.Second, 24 * time.Hour: 10 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			model := &scripted{failures: []error{&llm.Error{Kind: llm.RateLimited, Status: 429, RetryAfter: asked}}}
			b := New(model, Options{})
			_ = ask(b)
			time.Sleep(want - time.Nanosecond)
			if err := ask(b); kindOf(err) != llm.Open {
				t.Errorf("before its time: %v", err)
			}
			time.Sleep(2 * time.Nanosecond)
			if err := ask(b); err != nil || model.asked != 2 {
				t.Errorf("%v after %d requests", err, model.asked)
			}
		})
	}
}

func TestWhatIsNotTheModelsFaultDoesNotCount(t *testing.T) {
	for name, err := range map[string]error{
		"cancelled": context.Canceled, "deadline of the caller": context.DeadlineExceeded, "spent": &llm.Error{Kind: llm.Spent},
		"a filter": &llm.Error{Kind: llm.Unavailable, Status: 400},
	} {
		model := &scripted{failures: []error{err, err, err, err}}
		b := New(model, Options{})
		for range 5 {
			_ = ask(b)
		}
		if state, _ := b.State(); state != Closed || model.asked != 5 {
			t.Errorf("%s: %s after %d requests", name, state, model.asked)
		}
	}
	model := &scripted{}
	b := New(model, Options{})
	enough := errors.New("enough")
	for range 4 {
		if _, err := b.Stream(t.Context(), llm.Request{}, func(string) error { return enough }); !errors.Is(err, enough) {
			t.Fatal(err)
		}
	}
	wantState(t, b, Closed)
}

// One question tries a model that has rested; the others do not wait for it.
func TestOneQuestionTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failure := &llm.Error{Kind: llm.Unavailable, Status: 503}
		model := &scripted{failures: []error{failure, failure, failure}}
		var log bytes.Buffer
		b := New(model, Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		for range 3 {
			_ = ask(b)
		}
		time.Sleep(31 * time.Second)
		model.hold = make(chan struct{})
		first := make(chan error)
		go func() { first <- ask(b) }()
		synctest.Wait()
		if err := ask(b); kindOf(err) != llm.Open {
			t.Errorf("a second one: %v", err)
		}
		close(model.hold)
		if err := <-first; err != nil || model.asked != 4 {
			t.Errorf("the first: %v, %d requests", err, model.asked)
		}
		for _, line := range []string{"to=open failure=unavailable", "to=closed"} {
			if !strings.Contains(log.String(), line) {
				t.Errorf("the log does not say %q:\n%s", line, &log)
			}
		}
	})
}

// A probe that panics gives its place back.
func TestAPanicIsNotHeldAgainstTheModel(t *testing.T) {
	model := &scripted{}
	b := New(model, Options{})
	for range 4 {
		func() {
			defer func() { _ = recover() }()
			_, _ = b.Stream(t.Context(), llm.Request{}, func(string) error { panic("no") })
		}()
	}
	wantState(t, b, Closed)
}
