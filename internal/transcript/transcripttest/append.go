package transcripttest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

type test struct {
	name    string
	options Options
	body    func(t *testing.T, store Store)
}

// Run runs what must be true of any log.
func Run(t *testing.T, make Make) {
	tests := []test{
		{name: "an append is read back as it was", body: readBack},
		{name: "cursors rise by one and are not guessed", body: cursorsRise},
		{name: "there is no session without a question", body: noSession},
		{name: "a repeated append stores nothing", body: repeated},
		{name: "an append is recognised however much came after it", body: repeatedLate},
		{name: "after the end nothing but a rating", body: afterTheEnd},
		{name: "a lower fence is refused", body: fenced},
		{name: "a log that lost what was stored is not written on", body: lost},
		{name: "a question sent twice is stored once", body: duplicate},
		{name: "two answers in one append", body: twoAnswers},
		{name: "an append is all or nothing", body: allOrNothing},
		{name: "a batch that makes no sense is refused", body: senseless},
		{name: "a cursor that is no entry brings the whole log", body: strangeCursors},
		{name: "the oldest entries go first", options: Options{Kept: 10}, body: trimmed},
		{name: "a read takes no more than its limit", body: limited},
		{name: "the help bar stays on", body: helpBar},
		{name: "forgotten for good", body: forgotten},
		{name: "forget while an answer is running", body: forgetRunning},
		{name: "forget reaches every replica", body: forgetEverywhere},
		{name: "a follower replays and goes on live", body: followLive},
		{name: "a long log is replayed in slices", body: followLong},
		{name: "a follower waits through a cancelled call", body: followCancelled},
		{name: "a status stands where it was announced", body: statusInOrder},
		{name: "a status reaches the other replica", body: statusElsewhere},
		{name: "a follower left behind is told", options: Options{Kept: 5}, body: leftBehind},
		{name: "all followers see one order", body: oneOrder},
		{name: "the same question on two replicas at once", body: questionTwice},
		{name: "one writer wins", body: oneWriter},
		{name: "a cancelled call is refused", body: cancelledCalls},
		{name: "open questions are counted", body: counted},
		{name: "an answer is claimed with its question", options: Options{Lease: time.Hour}, body: claimedAtOnce},
		{name: "one replica has the lease", options: Options{Lease: time.Hour}, body: oneHolder},
		{name: "a lease that is given up is another's at once", options: Options{Lease: time.Hour}, body: released},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.body(t, make(t, test.options)) })
	}
}

func readBack(t *testing.T, store Store) {
	log := store.Open()
	session, answer := Session(), (*Answer)(nil)
	answer = NewAnswer(session)
	events := append(slices.Concat(answer.Whole("m1", 3)...),
		chat.FeedbackAccepted{Head: answer.Head(), Rating: "down", Comment: "too \"short\"\n\u2028é"})
	second := NewAnswer(session)
	events = append(events,
		chat.Triaged{Head: second.Head(), Level: chat.Explicit, Category: chat.CrisisSelf, Card: chat.Card{Lines: []string{"one"}, Links: []chat.Link{{Label: "988", URL: "tel:988"}}}},
		chat.Ended{Head: second.Head(), Answer: chat.Answer{ID: second.Response, Status: chat.StatusFailed, Error: &chat.Error{Code: chat.Internal, Message: "m"}, Trace: &chat.Trace{Timings: map[string]float64{"search": .25}}}})
	receipt := mustAppend(t, log, transcript.Batch{Session: session, Create: true, Events: events})
	for _, reader := range []transcript.Log{log, store.Open()} {
		entries, recovered := mustRead(t, reader, session, chat.Origin)
		if !recovered {
			t.Error("from the origin nothing can be missed, but recovered is false")
		}
		read := make([]chat.Event, len(entries))
		for i, entry := range entries {
			read[i] = entry.Event
		}
		if diff := cmp.Diff(events, read); diff != "" {
			t.Errorf("read differs from what was appended:\n%s", diff)
		}
		if diff := cmp.Diff(receipt.Cursors, cursorsOf(entries)); diff != "" {
			t.Errorf("cursors read differ from those of the receipt:\n%s", diff)
		}
	}
}

func cursorsRise(t *testing.T, store Store) {
	log := store.Open()
	session, answer := asked(t, log)
	nonces := map[uint64]bool{}
	last, _ := mustRead(t, log, session, "")
	before := last[0].Cursor
	if n, nonce, ok := transcript.ParseCursor(before); !ok || n != 1 || nonce == 0 {
		t.Fatalf("the first cursor is %q", before)
	}
	for want := uint64(2); want < 40; {
		receipt := mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{answer.Delta(), answer.Delta()}})
		if receipt.Before != before {
			t.Errorf("before entry %d: %q, want %q", want, receipt.Before, before)
		}
		for _, cursor := range receipt.Cursors {
			n, nonce, ok := transcript.ParseCursor(cursor)
			if !ok || n != want || nonce == 0 || nonces[nonce] {
				t.Errorf("entry %d has the cursor %q", want, cursor)
			}
			nonces[nonce] = true
			before = cursor
			want++
		}
	}
	state, err := log.State(t.Context(), session)
	if err != nil || state.Last != before {
		t.Errorf("state: last %q, %v; want %q", state.Last, err, before)
	}
}

func noSession(t *testing.T, store Store) {
	log := store.Open()
	session := Session()
	answer := NewAnswer(session)
	wantNoSession(t, log, answer)
	if _, err := log.Append(t.Context(), transcript.Batch{Session: session, Events: []chat.Event{answer.Accepted("m")}}); !errors.Is(err, transcript.ErrNoSession) {
		t.Errorf("append without Create: %v", err)
	}
	wantNoSession(t, log, answer)
	for _, session := range []chat.SessionID{"", "ses_", "ses_{x}", "nonsense"} {
		if _, _, err := log.Read(t.Context(), session, "", 0); !errors.Is(err, transcript.ErrNoSession) {
			t.Errorf("read of %q: %v", session, err)
		}
		if _, err := log.State(t.Context(), session); !errors.Is(err, transcript.ErrNoSession) {
			t.Errorf("state of %q: %v", session, err)
		}
		if err := log.Forget(t.Context(), session); err != nil {
			t.Errorf("forget of %q: %v", session, err)
		}
	}
	if _, err := log.Claim(t.Context(), "resp_nonsense"); !errors.Is(err, transcript.ErrNoSession) {
		t.Errorf("claim of nonsense: %v", err)
	}
}

// wantNoSession checks that there is nothing of the answer's session.
func wantNoSession(t testing.TB, log transcript.Log, answer *Answer) {
	t.Helper()
	session, _ := answer.Response.Session()
	if _, _, err := log.Read(t.Context(), session, "", 0); !errors.Is(err, transcript.ErrNoSession) {
		t.Errorf("read: %v, want ErrNoSession", err)
	}
	if _, err := log.State(t.Context(), session); !errors.Is(err, transcript.ErrNoSession) {
		t.Errorf("state: %v, want ErrNoSession", err)
	}
	if _, err := log.Claim(t.Context(), answer.Response); !errors.Is(err, transcript.ErrNoSession) {
		t.Errorf("claim: %v, want ErrNoSession", err)
	}
	if _, err := log.Append(t.Context(), transcript.Batch{Session: session, Events: []chat.Event{answer.Delta()}}); !errors.Is(err, transcript.ErrNoSession) {
		t.Errorf("append: %v, want ErrNoSession", err)
	}
	if _, _, _, err := transcript.Follow(t.Context(), log, session, ""); !errors.Is(err, transcript.ErrNoSession) {
		t.Errorf("follow: %v, want ErrNoSession", err)
	}
}

// lost writes as one does who knows of more, as much, and less than the log holds.
func lost(t *testing.T, store Store) {
	log := store.Open()
	session, answer := asked(t, log)
	stored := answer.Delta()
	mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{stored}})
	last := stored.At().Sequence
	unheard := NewAnswer(session)
	for name, after := range map[string]map[chat.ResponseID]int{
		"more of the answer":     {answer.Response: last + 1},
		"another answer as well": {answer.Response: last, unheard.Response: 0},
	} {
		events := []chat.Event{chat.Delta{Head: chat.Head{Response: answer.Response, Sequence: last + 5}}}
		if len(after) > 1 {
			events = append(events, chat.Delta{Head: chat.Head{Response: unheard.Response, Sequence: 5}})
		}
		if _, err := log.Append(t.Context(), transcript.Batch{Session: session, After: after, Events: events}); !errors.Is(err, transcript.ErrLost) {
			t.Errorf("%s: %v, want ErrLost", name, err)
		}
	}
	// Of an answer that the batch says nothing of it is not asked.
	batch := transcript.Batch{Session: session, After: map[chat.ResponseID]int{answer.Response: last, unheard.Response: 5}, Events: []chat.Event{answer.Delta()}}
	first := mustAppend(t, log, batch)
	if again := mustAppend(t, log, batch); !cmp.Equal(first, again) {
		t.Errorf("repeated: %s", cmp.Diff(first, again))
	}
	batch.Events = []chat.Event{answer.Delta()} // of the log's last it knows nothing
	mustAppend(t, log, batch)
	if entries, _ := mustRead(t, log, session, ""); len(entries) != 4 {
		t.Errorf("%d entries, want 4", len(entries))
	}
}

func twoAnswers(t *testing.T, store Store) {
	log := store.Open()
	session, running := asked(t, log)
	fence, err := log.Claim(t.Context(), running.Response)
	if err != nil {
		t.Fatal(err)
	}
	urgent := NewAnswer(session)
	batch := transcript.Batch{
		Session: session, HelpBar: true,
		Fences: map[chat.ResponseID]transcript.Fence{running.Response: fence},
		Events: []chat.Event{running.Ended(), urgent.Accepted("urgent"), urgent.Delta(), urgent.Ended()},
	}
	first := mustAppend(t, log, batch)
	if again := mustAppend(t, log, batch); !cmp.Equal(first, again) {
		t.Errorf("repeated: %s", cmp.Diff(first, again))
	}
	for _, response := range []chat.ResponseID{running.Response, urgent.Response} {
		if _, err := log.Claim(t.Context(), response); !errors.Is(err, transcript.ErrEnded) {
			t.Errorf("claim of %s: %v, want ErrEnded", response, err)
		}
	}
	batch.Events = []chat.Event{NewAnswer(session).Accepted("urgent")}
	if receipt := mustAppend(t, log, batch); receipt.Duplicate != urgent.Response || receipt.Before != first.Before {
		t.Errorf("the urgent question again: %+v", receipt)
	}
	if entries, _ := mustRead(t, log, session, ""); len(entries) != 5 {
		t.Errorf("%d entries, want 5", len(entries))
	}
}

func allOrNothing(t *testing.T, store Store) {
	log := store.Open()
	session, done := asked(t, log)
	late := done.Delta()
	mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{done.Ended()}})
	running := NewAnswer(session)
	mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{running.Accepted("second"), running.Delta()}})
	state, err := log.State(t.Context(), session)
	if err != nil {
		t.Fatal(err)
	}
	old := chat.Delta{Head: chat.Head{Response: running.Response, Sequence: 1}}
	fences := map[chat.ResponseID]transcript.Fence{running.Response: 0}
	if _, err := log.Claim(t.Context(), running.Response); err != nil {
		t.Fatal(err)
	}
	fresh := NewAnswer(session)
	question := fresh.Accepted("third")
	for name, test := range map[string]struct {
		batch transcript.Batch
		want  error
	}{
		"one has ended":              {transcript.Batch{Events: []chat.Event{question, done.Delta()}}, transcript.ErrEnded},
		"one has ended, seen before": {transcript.Batch{Events: []chat.Event{question, late}}, transcript.ErrEnded},
		"one was written before":     {transcript.Batch{Events: []chat.Event{question, old}}, transcript.ErrFenced},
		"one is fenced":              {transcript.Batch{Events: []chat.Event{question, running.Delta()}, Fences: fences}, transcript.ErrFenced},
	} {
		test.batch.Session, test.batch.HelpBar = session, true
		if _, err := log.Append(t.Context(), test.batch); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	after, err := log.State(t.Context(), session)
	if err != nil || after.Last != state.Last || after.HelpBar {
		t.Errorf("a refused append left something: %+v, %v", after, err)
	}
	if receipt := mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{question}}); receipt.Duplicate != "" {
		t.Error("a refused append left its client message id")
	}
}

func senseless(t *testing.T, store Store) {
	log := store.Open()
	session, answer := asked(t, log)
	delta, ended := answer.Delta(), answer.Ended()
	pointer := chat.Delta{Head: chat.Head{Response: answer.Response, Sequence: 50}}
	for name, events := range map[string][]chat.Event{
		"nothing":                  nil,
		"another session's answer": {NewAnswer(Session()).Delta()},
		"an answer without a name": {chat.Delta{}},
		"a number twice":           {delta, delta},
		"a number that falls":      {ended, delta},
		"a sentence after the end": {ended, answer.Delta()},
		"two ends":                 {ended, answer.Ended()},
		"two questions":            {NewAnswer(session).Accepted("a"), NewAnswer(session).Accepted("b")},
		"a pointer to an event":    {&pointer},
		"a negative number":        {chat.Delta{Head: chat.Head{Response: answer.Response, Sequence: -1}}},
	} {
		_, err := log.Append(t.Context(), transcript.Batch{Session: session, Events: events})
		if err == nil || errors.Is(err, transcript.ErrUnavailable) || errors.Is(err, transcript.ErrNoSession) {
			t.Errorf("%s: %v, want the caller's mistake named", name, err)
		}
	}
	if entries, _ := mustRead(t, log, session, ""); len(entries) != 1 {
		t.Errorf("%d entries, want the question alone", len(entries))
	}
}

func limited(t *testing.T, store Store) {
	log := store.Open()
	session, answer := asked(t, log)
	for range 9 {
		mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{answer.Delta()}})
	}
	all, _ := mustRead(t, log, session, "")
	var read []transcript.Entry
	for after := chat.Cursor(""); len(read) < len(all); {
		entries, recovered, err := log.Read(t.Context(), session, after, 4)
		if err != nil || !recovered || len(entries) == 0 || len(entries) > 4 {
			t.Fatalf("%d entries after %q, %t, %v", len(entries), after, recovered, err)
		}
		read = append(read, entries...)
		after = entries[len(entries)-1].Cursor
	}
	if diff := cmp.Diff(all, read); diff != "" {
		t.Errorf("in slices:\n%s", diff)
	}
	if entries, recovered, err := log.Read(t.Context(), session, all[9].Cursor, 4); err != nil || !recovered || len(entries) != 0 {
		t.Errorf("after the last: %d entries, %t, %v", len(entries), recovered, err)
	}
	if entries, recovered, err := log.Read(t.Context(), session, "7-7", 4); err != nil || recovered || len(entries) != 4 || entries[0].Cursor != all[0].Cursor {
		t.Errorf("after a strange cursor: %d entries, %t, %v", len(entries), recovered, err)
	}
}

func helpBar(t *testing.T, store Store) {
	log := store.Open()
	before := time.Now().Add(-time.Minute)
	session, answer := asked(t, log)
	for i, on := range []bool{false, true, false} {
		mustAppend(t, log, transcript.Batch{Session: session, HelpBar: on, Events: []chat.Event{answer.Delta()}})
		state, err := log.State(t.Context(), session)
		if err != nil || state.HelpBar != (i > 0) {
			t.Errorf("after append %d: %+v, %v", i, state, err)
		}
		if state.CreatedAt.Before(before) || !state.ExpiresAt.After(state.CreatedAt) {
			t.Errorf("created %v, expires %v", state.CreatedAt, state.ExpiresAt)
		}
	}
}
