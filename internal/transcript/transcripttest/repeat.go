package transcripttest

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

func repeated(t *testing.T, store Store) {
	log := store.Open()
	session := Session()
	answer := NewAnswer(session)
	var batches []transcript.Batch
	for i, events := range answer.Whole("m", 2) {
		batches = append(batches, transcript.Batch{Session: session, Create: i == 0, Events: events})
	}
	for i, batch := range batches {
		first := mustAppend(t, log, batch)
		for _, other := range []transcript.Log{log, store.Open()} {
			if again := mustAppend(t, other, batch); !cmp.Equal(first, again) {
				t.Errorf("append %d repeated: %s", i, cmp.Diff(first, again))
			}
		}
		if i > 0 {
			if _, err := log.Append(t.Context(), batches[i-1]); err != nil {
				t.Errorf("append %d repeated late: %v", i-1, err)
			}
		}
	}
	entries, _ := mustRead(t, log, session, "")
	if want := len(slices.Concat(answer.Whole("m", 2)...)); len(entries) != want {
		t.Errorf("%d entries, want %d", len(entries), want)
	}
}

// repeatedLate repeats appends of one and of three events after each number of
// others, up to more than a log reads back in one go.
func repeatedLate(t *testing.T, store Store) {
	log := store.Open()
	session, answer := asked(t, log)
	one := transcript.Batch{Session: session, Events: []chat.Event{answer.Delta()}}
	three := transcript.Batch{Session: session, Events: []chat.Event{answer.Delta(), answer.Delta(), answer.Delta()}}
	first, second := mustAppend(t, log, one), mustAppend(t, log, three)
	other := NewAnswer(session)
	for i := range 150 {
		if i > 4 && i%64 > 5 && i%64 < 56 {
			mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{other.Delta()}})
			continue // A log reads back in powers of two, if at all.
		}
		for what, test := range map[string]struct {
			batch transcript.Batch
			want  transcript.Receipt
		}{"one": {one, first}, "three": {three, second}} {
			if again := mustAppend(t, log, test.batch); !cmp.Equal(again, test.want) {
				t.Fatalf("%s repeated, %d entries later: %s", what, i, cmp.Diff(test.want, again))
			}
		}
		mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{other.Delta()}})
	}
}

func afterTheEnd(t *testing.T, store Store) {
	log := store.Open()
	session, answer := asked(t, log)
	ended := transcript.Batch{Session: session, Events: []chat.Event{answer.Delta(), answer.Ended()}}
	first := mustAppend(t, log, ended)
	for name, event := range map[string]chat.Event{"a sentence": answer.Delta(), "another end": answer.Ended()} {
		if _, err := log.Append(t.Context(), transcript.Batch{Session: session, Events: []chat.Event{event}}); !errors.Is(err, transcript.ErrEnded) {
			t.Errorf("%s after the end: %v, want ErrEnded", name, err)
		}
	}
	if again := mustAppend(t, log, ended); !cmp.Equal(first, again) {
		t.Errorf("the end repeated: %s", cmp.Diff(first, again))
	}
	if _, err := log.Claim(t.Context(), answer.Response); !errors.Is(err, transcript.ErrEnded) {
		t.Errorf("claim after the end: %v, want ErrEnded", err)
	}
	rated := transcript.Batch{Session: session, Events: []chat.Event{answer.Rated()}}
	kept := mustAppend(t, log, rated)
	if again := mustAppend(t, log, rated); !cmp.Equal(kept, again) {
		t.Errorf("the rating repeated: %s", cmp.Diff(kept, again))
	}
	if _, err := log.Append(t.Context(), transcript.Batch{Session: session, Events: []chat.Event{answer.Delta()}}); !errors.Is(err, transcript.ErrEnded) {
		t.Errorf("a sentence after the rating: %v, want ErrEnded", err)
	}
	if entries, _ := mustRead(t, log, session, ""); len(entries) != 4 {
		t.Errorf("%d entries, want question, sentence, end and rating", len(entries))
	}
}

func fenced(t *testing.T, store Store) {
	log, other := store.Open(), store.Open()
	session, answer := asked(t, log)
	claim := func(log transcript.Log) transcript.Fence {
		fence, err := log.Claim(t.Context(), answer.Response)
		if err != nil {
			t.Fatal(err)
		}
		return fence
	}
	write := func(log transcript.Log, fence transcript.Fence, events ...chat.Event) error {
		_, err := log.Append(t.Context(), transcript.Batch{Session: session, Fences: map[chat.ResponseID]transcript.Fence{answer.Response: fence}, Events: events})
		return err
	}
	old := claim(log)
	stale := answer.Delta()
	if err := write(log, old, stale); err != nil {
		t.Fatalf("the only writer: %v", err)
	}
	held := claim(other)
	if held <= old {
		t.Fatalf("fence %d after %d", held, old)
	}
	for name, event := range map[string]chat.Event{"a new sentence": answer.Delta(), "its last one again": stale} {
		if err := write(log, old, event); !errors.Is(err, transcript.ErrFenced) {
			t.Errorf("%s from the fenced writer: %v, want ErrFenced", name, err)
		}
	}
	if err := write(log, 0, answer.Delta()); !errors.Is(err, transcript.ErrFenced) {
		t.Errorf("no fence where there is one: %v, want ErrFenced", err)
	}
	if err := write(other, held, answer.Delta(), answer.Ended()); err != nil {
		t.Errorf("the writer that took over: %v", err)
	}
	if err := write(log, old, answer.Delta()); !errors.Is(err, transcript.ErrEnded) {
		t.Errorf("the fenced writer after the end: %v, want ErrEnded", err)
	}
	if entries, _ := mustRead(t, log, session, ""); len(entries) != 4 {
		t.Errorf("%d entries, want 4", len(entries))
	}
}

func duplicate(t *testing.T, store Store) {
	log := store.Open()
	session, first := asked(t, log)
	mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{first.Ended()}})
	second := NewAnswer(session)
	third := mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{second.Accepted("second")}})
	for _, other := range []transcript.Log{log, store.Open()} {
		again := mustAppend(t, other, transcript.Batch{Session: session, HelpBar: true, Events: []chat.Event{NewAnswer(session).Accepted("second")}})
		if want := (transcript.Receipt{Duplicate: second.Response, Before: third.Before, Open: 1}); !cmp.Equal(again, want) {
			t.Errorf("sent again: %s", cmp.Diff(want, again))
		}
	}
	for range 2 {
		if receipt := mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{NewAnswer(session).Accepted("")}}); receipt.Duplicate != "" || len(receipt.Cursors) != 1 {
			t.Errorf("a question without an id: %+v", receipt)
		}
	}
	if entries, _ := mustRead(t, log, session, ""); len(entries) != 5 {
		t.Errorf("%d entries, want 5", len(entries))
	}
	if state, err := log.State(t.Context(), session); err != nil || state.HelpBar {
		t.Errorf("a duplicate changed the state: %+v, %v", state, err)
	}
}
