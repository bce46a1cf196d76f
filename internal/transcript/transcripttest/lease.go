package transcripttest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

func counted(t *testing.T, store Store) {
	log, other := store.Open(), store.Open()
	session, first := asked(t, log)
	second, third := NewAnswer(session), NewAnswer(session)
	for i, step := range []struct {
		events []chat.Event
		open   int
	}{
		{[]chat.Event{first.Delta()}, 1},
		{[]chat.Event{second.Accepted("second")}, 2},
		{[]chat.Event{first.Ended(), third.Accepted("third"), third.Ended()}, 1},
		{[]chat.Event{first.Rated()}, 1},
		{[]chat.Event{second.Ended()}, 0},
		{[]chat.Event{second.Rated()}, 0},
	} {
		batch := transcript.Batch{Session: session, Events: step.events}
		for again, log := range []transcript.Log{log, other} {
			if receipt := mustAppend(t, log, batch); receipt.Open != step.open {
				t.Errorf("step %d, time %d: %d open, want %d", i, again, receipt.Open, step.open)
			}
		}
	}
}

// oneHolder lets two replicas want the same session.
func oneHolder(t *testing.T, store Store) {
	log, other := store.Open(), store.Open()
	session, first := asked(t, log)
	wantHeld(t, log, first, nil)
	if !store.Shared {
		return
	}
	wantHeld(t, other, first, transcript.ErrHeld)
	second := NewAnswer(session)
	mustAppend(t, other, transcript.Batch{Session: session, Lease: true, Events: []chat.Event{second.Accepted("second")}})
	wantHeld(t, other, second, transcript.ErrHeld)
	if lost, err := other.Renew(t.Context(), []chat.SessionID{session}); err != nil || !slices.Equal(lost, []chat.SessionID{session}) {
		t.Errorf("renewed by the other: lost %v, %v", lost, err)
	}
	if err := other.Release(t.Context(), session); err != nil {
		t.Error(err)
	}
	wantHeld(t, other, second, transcript.ErrHeld)
	if lost, err := log.Renew(t.Context(), []chat.SessionID{session, Session()}); err != nil || len(lost) != 1 || lost[0] == session {
		t.Errorf("renewed with one that never was: lost %v, %v", lost, err)
	}
	// An end by whoever raised the fence needs no lease, and leaves it.
	fence, err := other.Claim(t.Context(), first.Response)
	if err != nil {
		t.Fatal(err)
	}
	mustAppend(t, other, transcript.Batch{
		Session: session, Fences: map[chat.ResponseID]transcript.Fence{first.Response: fence}, Events: []chat.Event{first.Ended()},
	})
	wantHeld(t, other, second, transcript.ErrHeld)
	wantHeld(t, log, second, nil)
	// The last end is the lease's.
	mustAppend(t, log, transcript.Batch{Session: session, Lease: true, Events: []chat.Event{second.Ended()}})
	third := NewAnswer(session)
	mustAppend(t, other, transcript.Batch{Session: session, Lease: true, Events: []chat.Event{third.Accepted("third")}})
	wantHeld(t, log, third, transcript.ErrHeld)
	wantHeld(t, other, third, nil)
}

// claimedAtOnce claims an answer with its question.
func claimedAtOnce(t *testing.T, store Store) {
	log, other := store.Open(), store.Open()
	session, first := asked(t, log)
	second := NewAnswer(session)
	batch := transcript.Batch{Session: session, Lease: true, Claim: true, Events: []chat.Event{second.Accepted("second")}}
	held := mustAppend(t, log, batch).Held
	if held == nil {
		if store.Shared {
			t.Error("the answer was not claimed")
		}
		return
	}
	if again := mustAppend(t, log, batch); again.Held != nil {
		t.Error("claimed by a repeat")
	}
	if held.Last != batch.Events[0].At().Sequence || !held.Shared {
		t.Errorf("held as %+v", *held)
	}
	say := func(fence transcript.Fence) error {
		_, err := log.Append(t.Context(), transcript.Batch{
			Session: session, Fences: map[chat.ResponseID]transcript.Fence{second.Response: fence}, Events: []chat.Event{second.Delta()},
		})
		return err
	}
	if err := say(held.Fence - 1); !errors.Is(err, transcript.ErrFenced) {
		t.Errorf("with a lower fence: %v, want ErrFenced", err)
	}
	if err := say(held.Fence); err != nil {
		t.Errorf("with the fence: %v", err)
	}
	wantHeld(t, other, first, transcript.ErrHeld)
	if higher, err := other.Claim(t.Context(), second.Response); err != nil || higher <= held.Fence {
		t.Errorf("claimed anew with %d after %d, %v", higher, held.Fence, err)
	}
	if err := say(held.Fence); !errors.Is(err, transcript.ErrFenced) {
		t.Errorf("after another's claim: %v, want ErrFenced", err)
	}
	third := NewAnswer(session)
	batch = transcript.Batch{Session: session, Lease: true, Claim: true, Events: []chat.Event{third.Accepted("third")}}
	if mustAppend(t, other, batch).Held != nil {
		t.Error("claimed beside the lease of another")
	}
}

func released(t *testing.T, store Store) {
	log, other := store.Open(), store.Open()
	session, answer := asked(t, log)
	wantHeld(t, log, answer, nil)
	wantUnattended(t, other)
	if err := log.Release(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	if store.Shared {
		wantUnattended(t, other, session)
		wantLapsed(t, other, -time.Millisecond)
	}
	wantHeld(t, other, answer, nil)
	wantUnattended(t, log)
	if err := log.Forget(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	wantUnattended(t, log)
	if _, err := log.Hold(t.Context(), answer.Response); !errors.Is(err, transcript.ErrNoSession) {
		t.Errorf("held what is forgotten: %v", err)
	}
}

// lapses leaves a question lying, and lets two replicas find it.
func lapses(t *testing.T, store Store) {
	if !store.Shared {
		t.Skip("nobody shares this log")
	}
	log, other := store.Open(), store.Open()
	session, answer := asked(t, log)
	held, err := log.Hold(t.Context(), answer.Response)
	if err != nil {
		t.Fatal(err)
	}
	write := func(log transcript.Log, fence transcript.Fence, event chat.Event) error {
		_, err := log.Append(t.Context(), transcript.Batch{
			Session: session, Lease: true, Fences: map[chat.ResponseID]transcript.Fence{answer.Response: fence}, Events: []chat.Event{event},
		})
		return err
	}
	for range 5 { // renewed for as long as it writes, or says that it lives
		time.Sleep(2 * time.Second)
		if err := write(log, held.Fence, answer.Delta()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if lost, err := log.Renew(t.Context(), []chat.SessionID{session}); err != nil || len(lost) > 0 {
			t.Fatal(lost, err)
		}
	}
	wantUnattended(t, other)
	wantHeld(t, other, answer, transcript.ErrHeld)
	time.Sleep(3*time.Second + time.Millisecond)
	wantUnattended(t, other, session)
	wantLapsed(t, other, time.Millisecond)
	time.Sleep(time.Second)
	wantLapsed(t, other, time.Second+time.Millisecond)
	taken, err := other.Hold(t.Context(), answer.Response)
	if err != nil || taken.Fence <= held.Fence || taken.Last != 5 || !taken.Shared {
		t.Fatalf("taken over: %+v, %v", taken, err)
	}
	wantUnattended(t, log)
	late := answer.Delta()
	if err := write(log, held.Fence, late); !errors.Is(err, transcript.ErrFenced) {
		t.Errorf("a writer past its lease: %v, want ErrFenced", err)
	}
	if lost, err := log.Renew(t.Context(), []chat.SessionID{session}); err != nil || len(lost) != 1 {
		t.Errorf("renewed past its end: %v, %v", lost, err)
	}
	if err := write(other, taken.Fence, answer.Ended()); err != nil {
		t.Error(err)
	}
	time.Sleep(time.Minute)
	wantUnattended(t, log)
	wantUnattended(t, other)
}

func renewedLate(t *testing.T, store Store) {
	if !store.Shared {
		t.Skip("nobody shares this log")
	}
	log, other := store.Open(), store.Open()
	session, answer := asked(t, log)
	held, err := log.Hold(t.Context(), answer.Response)
	if err != nil {
		t.Fatal(err)
	}
	for name, renew := range map[string]func() error{
		"by an append": func() error {
			_, err := log.Append(t.Context(), transcript.Batch{
				Session: session, Lease: true, Fences: map[chat.ResponseID]transcript.Fence{answer.Response: held.Fence}, Events: []chat.Event{answer.Delta()},
			})
			return err
		},
		"by a renewal": func() error {
			_, err := log.Renew(t.Context(), []chat.SessionID{session})
			return err
		},
	} {
		time.Sleep(10 * time.Second)
		wantUnattended(t, other, session)
		if err := renew(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wantUnattended(t, other)
		wantHeld(t, other, answer, transcript.ErrHeld)
	}
}

func wantHeld(t testing.TB, log transcript.Log, answer *Answer, want error) {
	t.Helper()
	if _, err := log.Hold(t.Context(), answer.Response); !errors.Is(err, want) || want == nil && err != nil {
		t.Errorf("hold: %v, want %v", err, want)
	}
}

// wantLapsed looks for how long the lease of the one unattended session is over.
func wantLapsed(t testing.TB, log transcript.Log, want time.Duration) {
	t.Helper()
	found, err := log.Unattended(t.Context())
	if err != nil || len(found) != 1 || found[0].Lapsed != want {
		t.Errorf("unattended: %v, %v; want one that lapsed %v ago", found, err, want)
	}
}

func wantUnattended(t testing.TB, log transcript.Log, want ...chat.SessionID) {
	t.Helper()
	all, err := log.Unattended(t.Context())
	var found []chat.SessionID
	for _, one := range all {
		found = append(found, one.Session)
	}
	if err != nil || !slices.Equal(found, want) {
		t.Errorf("unattended: %v, %v; want %v", found, err, want)
	}
}
