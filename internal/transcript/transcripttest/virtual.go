package transcripttest

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// RunVirtual runs what happens when hours go by. The store must live in this
// process, so that time can be virtual.
func RunVirtual(t *testing.T, make Make) {
	tests := []test{
		{name: "a session ends when nothing happens", body: idle},
		{name: "a session ends at its maximum whatever happens", body: maximum},
		{name: "a forgotten session may be begun when no one can remember it", body: tombstone},
		{name: "a log begun anew is not the old one", body: begunAnew},
		{name: "a waiting follower notices the end", body: followerExpires},
		{name: "a lease that lapses is found, and taken by one", options: Options{Lease: 3 * time.Second}, body: lapses},
		{name: "a lease that lapsed and nobody took is renewed", options: Options{Lease: 3 * time.Second}, body: renewedLate},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test.body(t, make(t, test.options)) })
		})
	}
}

func idle(t *testing.T, store Store) {
	log := store.Open()
	session, answer := asked(t, log)
	for range 5 {
		time.Sleep(29 * time.Minute)
		mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{answer.Delta()}})
		state, err := log.State(t.Context(), session)
		if err != nil {
			t.Fatal(err)
		}
		if left := time.Until(state.ExpiresAt).Round(time.Second); left != 30*time.Minute {
			t.Errorf("%v left after an append", left)
		}
	}
	time.Sleep(29 * time.Minute)
	if entries, _ := mustRead(t, log, session, ""); len(entries) != 6 {
		t.Errorf("%d entries", len(entries))
	}
	if _, err := log.State(t.Context(), session); err != nil {
		t.Error(err)
	}
	time.Sleep(61 * time.Second) // Reading does not renew.
	wantNoSession(t, log, answer)
}

func maximum(t *testing.T, store Store) {
	log := store.Open()
	session, answer := asked(t, log)
	began := time.Now()
	for time.Since(began) < 12*time.Hour-20*time.Minute {
		time.Sleep(20 * time.Minute)
		mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{answer.Delta()}})
	}
	state, err := log.State(t.Context(), session)
	if err != nil || state.ExpiresAt.Sub(state.CreatedAt) != 12*time.Hour {
		t.Errorf("state %+v, %v", state, err)
	}
	time.Sleep(12*time.Hour - time.Since(began) + time.Millisecond)
	wantNoSession(t, log, answer)
}

func tombstone(t *testing.T, store Store) {
	log := store.Open()
	session, answer := asked(t, log)
	if err := log.Forget(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	begin := transcript.Batch{Session: session, Create: true, Events: []chat.Event{NewAnswer(session).Accepted("again")}}
	for range 11 {
		time.Sleep(time.Hour)
		if _, err := log.Append(t.Context(), begin); !errors.Is(err, transcript.ErrNoSession) {
			t.Fatalf("begun again: %v", err)
		}
	}
	time.Sleep(time.Hour + time.Minute)
	mustAppend(t, log, begin)
	if _, err := log.Claim(t.Context(), answer.Response); err != nil {
		t.Errorf("the old answer is unknown, claim: %v", err)
	}
	if entries, _ := mustRead(t, log, session, ""); len(entries) != 1 {
		t.Errorf("%d entries, want nothing of the old", len(entries))
	}
}

func begunAnew(t *testing.T, store Store) {
	log := store.Open()
	session, _ := asked(t, log)
	old, _ := mustRead(t, log, session, "")
	f := mustFollow(t, log, session, old[0].Cursor)
	time.Sleep(31 * time.Minute)
	mustAppend(t, log, transcript.Batch{Session: session, Create: true, Events: []chat.Event{NewAnswer(session).Accepted("first")}})
	entries, recovered := mustRead(t, log, session, old[0].Cursor)
	if recovered || len(entries) != 1 || entries[0].Cursor == old[0].Cursor {
		t.Errorf("after a cursor of the old log: %v, recovered %t", cursorsOf(entries), recovered)
	}
	if item, err := f.Next(t.Context()); !errors.Is(err, transcript.ErrLost) {
		t.Errorf("a follower of the old log got %+v, %v; want ErrLost", item, err)
	}
}

func followerExpires(t *testing.T, store Store) {
	log := store.Open()
	session, _ := asked(t, log)
	f := mustFollow(t, log, session, "")
	next(t, f)
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
	defer cancel()
	if item, err := f.Next(ctx); !errors.Is(err, transcript.ErrNoSession) {
		t.Fatalf("got %+v, %v; want ErrNoSession", item, err)
	}
	if waited := time.Since(began); waited < 29*time.Minute || waited > 32*time.Minute {
		t.Errorf("noticed after %v", waited)
	}
}
