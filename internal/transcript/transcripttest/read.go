package transcripttest

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

func strangeCursors(t *testing.T, store Store) {
	log := store.Open()
	session, answer := asked(t, log)
	receipt := mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{answer.Delta(), answer.Delta()}})
	all, _ := mustRead(t, log, session, "")
	for _, cursor := range []chat.Cursor{
		"0-1", "1-0", "2-1", "3-0", "4-1", "99-99", "0", "-", "1-", "-1", "1", "1-1-1", "+1-1", "01-1", " 1-1", "1-1 ", "1-1\n",
		"$", ">", "*", "(1-1", "(" + all[0].Cursor, "0" + all[0].Cursor, all[0].Cursor + "0", "x" + all[1].Cursor,
		"18446744073709551615-18446744073709551615", "18446744073709551616-1", "1-18446744073709551616", "١-١", "\x00", "null", "{}",
	} {
		entries, recovered := mustRead(t, log, session, cursor)
		if recovered || !cmp.Equal(entries, all) {
			t.Errorf("after %q: %d entries, recovered %t", cursor, len(entries), recovered)
		}
		f, recovered, end, err := transcript.Follow(t.Context(), log, session, cursor)
		if err != nil || recovered || end != receipt.Cursors[1] {
			t.Fatalf("follow after %q: %t, %q, %v", cursor, recovered, end, err)
		}
		for _, want := range all {
			if item := next(t, f); item.Entry == nil || item.Entry.Cursor != want.Cursor {
				t.Errorf("follow after %q: %+v, want %s", cursor, item, want.Cursor)
			}
		}
		f.Close()
	}
	for i, entry := range all {
		entries, recovered := mustRead(t, log, session, entry.Cursor)
		if !recovered || !slices.Equal(cursorsOf(entries), cursorsOf(all[i+1:])) {
			t.Errorf("after entry %d: %d entries, recovered %t", i+1, len(entries), recovered)
		}
	}
}

func trimmed(t *testing.T, store Store) {
	log := store.Open()
	session, answer := asked(t, log)
	var cursors []chat.Cursor
	var last transcript.Batch
	for range 15 {
		last = transcript.Batch{Session: session, Events: []chat.Event{answer.Delta(), answer.Delta()}}
		cursors = append(cursors, mustAppend(t, log, last).Cursors...)
	}
	if whole, _ := mustRead(t, log, session, ""); len(whole) != len(cursors)+1 {
		t.Errorf("%d entries while the answer runs, want all %d", len(whole), len(cursors)+1)
	}
	cursors = append(cursors, mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{answer.Ended()}}).Cursors...)
	kept, recovered := mustRead(t, log, session, "")
	if !recovered || !slices.Equal(cursorsOf(kept), cursors[len(cursors)-10:]) {
		t.Errorf("kept %v, want the last ten of %v", cursorsOf(kept), cursors)
	}
	for i, cursor := range cursors {
		entries, recovered := mustRead(t, log, session, cursor)
		if held := i >= len(cursors)-10; recovered != held {
			t.Errorf("after entry %d of %d: recovered %t", i+2, len(cursors)+1, recovered)
		} else if !held && !cmp.Equal(entries, kept) {
			t.Errorf("after entry %d, trimmed: %d entries, want all %d", i+2, len(entries), len(kept))
		}
	}
	if again := mustAppend(t, log, last); !slices.Equal(again.Cursors, cursors[len(cursors)-3:len(cursors)-1]) {
		t.Errorf("repeated: %v", again.Cursors)
	}
	first := transcript.Batch{Session: session, Events: []chat.Event{chat.Delta{Head: chat.Head{Response: answer.Response, Sequence: 1}}}}
	if again := mustAppend(t, log, first); !cmp.Equal(again, transcript.Receipt{Cursors: []chat.Cursor{""}, Before: chat.Origin}) {
		t.Errorf("one repeated that is not kept: %+v", again)
	}
}

func forgotten(t *testing.T, store Store) {
	log, other := store.Open(), store.Open()
	session, answer := asked(t, log)
	mustAppend(t, log, transcript.Batch{Session: session, HelpBar: true, Events: []chat.Event{answer.Delta()}})
	for range 2 {
		if err := other.Forget(t.Context(), session); err != nil {
			t.Fatal(err)
		}
	}
	for _, log := range []transcript.Log{log, other} {
		wantNoSession(t, log, answer)
		if _, err := log.Append(t.Context(), transcript.Batch{Session: session, Create: true, Events: []chat.Event{NewAnswer(session).Accepted("again")}}); !errors.Is(err, transcript.ErrNoSession) {
			t.Errorf("begun again: %v, want ErrNoSession", err)
		}
	}
	never := Session()
	if err := log.Forget(t.Context(), never); err != nil {
		t.Errorf("forget of what never was: %v", err)
	}
	asked(t, log) // Another session is not touched.
}

// forgetRunning forgets while an answer is written as fast as it goes: not one
// append after the forget may be stored.
func forgetRunning(t *testing.T, store Store) {
	log, other := store.Open(), store.Open()
	session, answer := asked(t, log)
	wrote := make(chan error, 1)
	started := make(chan struct{})
	go func() {
		for i := 0; ; i++ {
			if _, err := log.Append(t.Context(), transcript.Batch{Session: session, Events: []chat.Event{answer.Delta()}}); err != nil {
				wrote <- err
				return
			}
			if i == 5 {
				close(started)
			}
		}
	}()
	f := mustFollow(t, other, session, "")
	<-started
	if err := other.Forget(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	if err := <-wrote; !errors.Is(err, transcript.ErrNoSession) {
		t.Errorf("the running answer got %v, want ErrNoSession", err)
	}
	for {
		if item := next(t, f); item.Notice != nil {
			if !item.Notice.Forgotten {
				t.Errorf("notice %+v", item.Notice)
			}
			break
		}
	}
	wantNoSession(t, log, answer)
	wantNoSession(t, other, answer)
}

func forgetEverywhere(t *testing.T, store Store) {
	log, other := store.Open(), store.Open()
	session, _ := asked(t, log)
	followers := []*transcript.Follower{
		mustFollow(t, log, session, ""), mustFollow(t, log, session, ""),
		mustFollow(t, other, session, ""), mustFollow(t, other, session, ""),
	}
	// Each is known to listen once it got what was appended after it began.
	more := NewAnswer(session).Accepted("more")
	mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{more}})
	for _, f := range followers {
		next(t, f)
		next(t, f)
	}
	if err := log.Forget(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	for i, f := range followers {
		if item := next(t, f); item.Notice == nil || !item.Notice.Forgotten {
			t.Errorf("follower %d got %+v, want to hear that it was forgotten", i, item)
		}
		if _, err := f.Next(t.Context()); !errors.Is(err, transcript.ErrNoSession) {
			t.Errorf("follower %d then got %v, want ErrNoSession", i, err)
		}
	}
}

func cancelledCalls(t *testing.T, store Store) {
	log := store.Open()
	session, answer := asked(t, log)
	ctx, cancel := contextCancelled(t)
	defer cancel()
	_, appendErr := log.Append(ctx, transcript.Batch{Session: session, Events: []chat.Event{answer.Delta()}})
	_, claimErr := log.Claim(ctx, answer.Response)
	_, _, readErr := log.Read(ctx, session, "", 0)
	_, stateErr := log.State(ctx, session)
	forgetErr := log.Forget(ctx, session)
	for name, err := range map[string]error{"append": appendErr, "claim": claimErr, "read": readErr, "state": stateErr, "forget": forgetErr} {
		if err == nil {
			t.Errorf("%s under a cancelled context succeeded", name)
		}
	}
	if entries, _ := mustRead(t, log, session, ""); len(entries) != 1 {
		t.Errorf("%d entries, want 1", len(entries))
	}
}
