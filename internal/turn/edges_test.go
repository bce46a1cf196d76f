package turn_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bedside/internal/chat"
	"bedside/internal/transcript"
	"bedside/internal/turn"
)

func TestStoreAwayTwoMinutes(t *testing.T) {
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
		r := f.ask("how fast does it work?")
		time.Sleep(2 * time.Minute)
		away.Store(false)
		if _, ok := f.endsWithin(r, 5*time.Minute); !ok {
			t.Error("never ended")
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = f.Close(ctx)
	})
}

func TestSpanishNotCovered(t *testing.T) {
	f, _ := newFaulty(t, nil, nil, 0)
	a := f.answer(f.ask("¿Dónde puedo aparcar mi coche los domingos por la mañana?"))
	if !strings.Contains(a.Text, "ñ") && !strings.Contains(a.Text, "é") && !strings.Contains(a.Text, "í") && !strings.Contains(a.Text, "ó") {
		t.Errorf("%s %q", a.Outcome, a.Text)
	}
}

func TestForbiddenQualifier(t *testing.T) {
	p := passages[0]
	p.Qualifiers = []chat.Qualifier{{ID: "Q-MED", Text: "Take 50 mg only as your doctor says. It is no cure.", Short: "Take 50 mg only as your doctor says."}}
	f, _ := newFaulty(t, nil, nil, 0, p, passages[1])
	a := f.answer(f.ask("how fast does it work?"))
	t.Logf("%s %q withheld %v", a.Outcome, a.Text, a.Trace.Withheld)
	if a.Outcome == chat.Answered && !strings.Contains(a.Text, "doctor says") {
		t.Error("the claim stands without its qualifier")
	}
}

func TestRepeatedQualifier(t *testing.T) {
	p := passages[0]
	p.Text = "Ketamine can work within hours for some people. Usual antidepressants may take weeks."
	p.Qualifiers = []chat.Qualifier{{ID: "Q-VARY", Text: "It does not work for everyone.", Short: "It does not work for everyone."}}
	f, _ := newFaulty(t, nil, nil, 0, p, passages[1])
	a := f.answer(f.ask("how fast does it work?"))
	if !strings.Contains(a.Text, "does not work for everyone") {
		t.Errorf("%q", a.Text)
	}
}

func TestTwoRatings(t *testing.T) {
	f, log := newFaulty(t, nil, nil, 0)
	r := f.ask("how fast does it work?")
	f.follow(r)
	done := make(chan error, 2)
	for _, rating := range []string{"up", "down"} {
		go func() { done <- f.Feedback(context.Background(), turn.Feedback{Response: r.Response, Rating: rating}) }()
	}
	t.Log(<-done, <-done)
	entries, _, _ := log.Log.Read(t.Context(), r.Session, chat.Origin, 0)
	n := 0
	for _, e := range entries {
		if _, ok := e.Event.(chat.FeedbackAccepted); ok {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d ratings kept of 2 that were confirmed", n)
	}
}

func TestLongSentence(t *testing.T) {
	long := strings.Repeat("Ketamine can ease depression within hours for some people, and ", 25) + "usual antidepressants may take weeks [1]. "
	f, _ := newFaulty(t, &script{pieces: []string{long}}, nil, 0)
	a := f.answer(f.ask("how fast does it work?"))
	if n := len(strings.Fields(a.Text)); n > 160 {
		t.Errorf("%d words", n)
	}
}

func TestDuplicateText(t *testing.T) {
	f, _ := newFaulty(t, nil, nil, 0)
	q := f.question("how fast does it work?")
	q.ClientMessageID = "a"
	_, _ = f.Ask(t.Context(), q)
	q.Raw = chat.NewRawText("something else")
	if r, err := f.Ask(t.Context(), q); err != nil || string(r.Text) != "how fast does it work?" {
		t.Errorf("%q %v is told as stored", r.Text, err)
	}
}

func TestPreviousThatNeverWas(t *testing.T) {
	f, _ := newFaulty(t, nil, nil, 0)
	f.follow(f.ask("how fast does it work?"))
	q := f.question("was it used in the war?")
	q.Previous = chat.NewResponseID(f.token.Session())
	if _, err := f.Ask(t.Context(), q); chat.AsError(err).Code != chat.NotFound {
		t.Errorf("%v", err)
	}
}

func TestUrgentCancelledBetween(t *testing.T) {
	f, log := newFaulty(t, nil, nil, 0)
	var once atomic.Bool
	log.onRead = func() error { return nil }
	service := f.Service
	log.onAppend = func(b transcript.Batch) (error, error) {
		if _, asked := b.Question(); !asked && once.CompareAndSwap(false, true) {
			for _, e := range b.Events {
				_ = service.Cancel(context.Background(), e.At().Response)
				break
			}
		}
		return nil, nil
	}
	r := f.ask("i want to die")
	a := f.answer(r)
	if a.Outcome != chat.Crisis {
		t.Errorf("%s %s %q", a.Outcome, a.Status, a.Text)
	}
}
