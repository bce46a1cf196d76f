package transcripttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

func contextCancelled(t testing.TB) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx, cancel
}

// followLive follows on one replica what is appended on the other.
func followLive(t *testing.T, store Store) {
	log, other := store.Open(), store.Open()
	session, answer := asked(t, log)
	f, recovered, end, err := transcript.Follow(t.Context(), other, session, "")
	if err != nil || !recovered {
		t.Fatalf("follow: recovered %t, %v", recovered, err)
	}
	defer f.Close()
	first := next(t, f)
	if first.Entry == nil || first.Entry.Cursor != end {
		t.Fatalf("replay %+v, want to end at %q", first, end)
	}
	var want, got []chat.Cursor
	for range 5 {
		receipt := mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{answer.Delta(), answer.Delta()}})
		want = append(want, receipt.Cursors...)
		for range receipt.Cursors {
			got = append(got, next(t, f).Entry.Cursor)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("followed %v, want %v", got, want)
	}
	// From where it stands there is nothing to replay.
	again, recovered, end, err := transcript.Follow(t.Context(), other, session, want[len(want)-1])
	if err != nil || !recovered || end != want[len(want)-1] {
		t.Fatalf("follow from the end: %t, %q, %v", recovered, end, err)
	}
	defer again.Close()
	receipt := mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{answer.Ended()}})
	for _, f := range []*transcript.Follower{f, again} {
		if item := next(t, f); item.Entry == nil || item.Entry.Cursor != receipt.Cursors[0] {
			t.Errorf("followed %+v, want the end", item)
		}
	}
}

func followLong(t *testing.T, store Store) {
	log := store.Open()
	session, answer := asked(t, log)
	var events []chat.Event
	for range 700 {
		events = append(events, answer.Delta())
	}
	receipt := mustAppend(t, log, transcript.Batch{Session: session, Events: events})
	f, recovered, end, err := transcript.Follow(t.Context(), log, session, "")
	if err != nil || !recovered || end != receipt.Cursors[699] {
		t.Fatalf("follow: %t, end %q, %v; want end %q", recovered, end, err, receipt.Cursors[699])
	}
	defer f.Close()
	next(t, f) // the question
	for i, want := range receipt.Cursors {
		if item := next(t, f); item.Entry == nil || item.Entry.Cursor != want {
			t.Fatalf("entry %d: %+v, want %s", i, item, want)
		}
	}
}

func followCancelled(t *testing.T, store Store) {
	log := store.Open()
	session, answer := asked(t, log)
	f := mustFollow(t, log, session, "")
	next(t, f)
	ctx, cancel := contextCancelled(t)
	defer cancel()
	if item, err := f.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("under a cancelled context: %+v, %v", item, err)
	}
	receipt := mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{answer.Delta()}})
	if item := next(t, f); item.Entry == nil || item.Entry.Cursor != receipt.Cursors[0] {
		t.Errorf("then: %+v, want the sentence", item)
	}
}

// statusInOrder announces before, between and after appends, and reads only
// then: each status must come in its place.
func statusInOrder(t *testing.T, store Store) {
	log := store.Open()
	session, answer := asked(t, log)
	f := mustFollow(t, log, session, "")
	announce := func(stage string) {
		log.Announce(session, transcript.Notice{Status: &transcript.Status{Head: answer.Head(), Stage: stage}})
	}
	announce("searching")
	mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{answer.Delta(), answer.Delta()}})
	announce("writing")
	announce("checking")
	mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{answer.Delta()}})
	late := answer.Head()
	mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{answer.Ended()}})
	log.Announce(session, transcript.Notice{Status: &transcript.Status{Head: late, Stage: "late"}})
	other := NewAnswer(session)
	log.Announce(session, transcript.Notice{Status: &transcript.Status{Head: other.Head(), Stage: "waiting"}})
	var got []string
	for range 9 {
		item := next(t, f)
		if item.Notice != nil {
			got = append(got, item.Notice.Status.Stage)
			continue
		}
		got = append(got, fmt.Sprintf("%T %d", item.Entry.Event, item.Entry.Event.At().Sequence))
	}
	want := []string{
		"chat.Accepted 0", "searching", "chat.Delta 2", "chat.Delta 3", "writing", "checking",
		"chat.Delta 6", "chat.Ended 8", "waiting",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func statusElsewhere(t *testing.T, store Store) {
	log, other := store.Open(), store.Open()
	session, answer := asked(t, log)
	f := mustFollow(t, other, session, "")
	next(t, f)
	mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{answer.Delta()}})
	next(t, f) // It listens.
	head := answer.Head()
	log.Announce(session, transcript.Notice{Status: &transcript.Status{Head: head, Stage: "writing"}})
	item := next(t, f)
	if item.Notice == nil || item.Notice.Status == nil || *item.Notice.Status != (transcript.Status{Head: head, Stage: "writing"}) {
		t.Errorf("got %+v, want the status", item)
	}
}

// leftBehind appends more than the log keeps, and more than is held for a follower,
// while it does not look.
func leftBehind(t *testing.T, store Store) {
	log := store.Open()
	session, answer := asked(t, log)
	f := mustFollow(t, log, session, "")
	next(t, f)
	for range 100 {
		mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{answer.Delta()}})
	}
	mustAppend(t, log, transcript.Batch{Session: session, Events: []chat.Event{answer.Ended()}})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for range 2 {
		if item, err := f.Next(ctx); !errors.Is(err, transcript.ErrLost) {
			t.Fatalf("got %+v, %v; want ErrLost", item, err)
		}
	}
}

// oneOrder lets several writers on two replicas append at once while followers
// on both read.
func oneOrder(t *testing.T, store Store) {
	const writers, appends = 6, 20
	logs := []transcript.Log{store.Open(), store.Open()}
	session, _ := asked(t, logs[0])
	total := 1 + writers*(1+appends*2)
	seen := make([][]chat.Cursor, 4)
	var group sync.WaitGroup
	for i := range seen {
		f := mustFollow(t, logs[i%2], session, "")
		group.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			for len(seen[i]) < total {
				item, err := f.Next(ctx)
				if err != nil {
					t.Errorf("follower %d after %d entries: %v", i, len(seen[i]), err)
					return
				}
				seen[i] = append(seen[i], item.Entry.Cursor)
			}
		})
	}
	for i := range writers {
		group.Go(func() {
			answer := NewAnswer(session)
			events := []chat.Event{answer.Accepted("")}
			for range appends + 1 {
				if _, err := logs[i%2].Append(t.Context(), transcript.Batch{Session: session, Events: events}); err != nil {
					t.Errorf("writer %d: %v", i, err)
				}
				events = []chat.Event{answer.Delta(), answer.Delta()}
			}
		})
	}
	group.Wait()
	entries, _ := mustRead(t, logs[0], session, "")
	all := cursorsOf(entries)
	for i, cursors := range seen {
		if !slices.Equal(cursors, all) {
			t.Errorf("follower %d saw another order than the log", i)
		}
	}
	for i := 1; i < len(entries); i++ {
		if transcript.Number(all[i]) != uint64(i)+1 {
			t.Fatalf("entry %d has the cursor %s", i+1, all[i])
		}
	}
}

func questionTwice(t *testing.T, store Store) {
	logs := []transcript.Log{store.Open(), store.Open(), store.Open(), store.Open()}
	session := Session()
	receipts := make([]transcript.Receipt, len(logs))
	answers := make([]*Answer, len(logs))
	var group sync.WaitGroup
	for i, log := range logs {
		answers[i] = NewAnswer(session)
		group.Go(func() {
			var err error
			receipts[i], err = log.Append(t.Context(), transcript.Batch{Session: session, Create: true, Events: []chat.Event{answers[i].Accepted("one")}})
			if err != nil {
				t.Errorf("append %d: %v", i, err)
			}
		})
	}
	group.Wait()
	entries, _ := mustRead(t, logs[0], session, "")
	if len(entries) != 1 {
		t.Fatalf("%d entries, want one", len(entries))
	}
	began := entries[0].Event.At().Response
	for i, receipt := range receipts {
		if answers[i].Response == began {
			if receipt.Duplicate != "" || len(receipt.Cursors) != 1 {
				t.Errorf("the one that was stored: %+v", receipt)
			}
		} else if receipt.Duplicate != began || receipt.Before != chat.Origin {
			t.Errorf("one that was not: %+v, want a duplicate of %s", receipt, began)
		}
	}
}

// oneWriter lets replicas claim one answer again and again and write under what
// they got: the sentences stored are those of writers not yet raced past, in
// the order of their fences, and the end is there once.
func oneWriter(t *testing.T, store Store) {
	logs := []transcript.Log{store.Open(), store.Open(), store.Open()}
	session, answer := asked(t, logs[0])
	var group sync.WaitGroup
	ends := make(chan chat.Cursor, len(logs))
	for i, log := range logs {
		group.Go(func() {
			for {
				fence, err := log.Claim(t.Context(), answer.Response)
				if errors.Is(err, transcript.ErrEnded) {
					return
				}
				if err != nil {
					t.Errorf("claim: %v", err)
					return
				}
				entries, _, err := log.Read(t.Context(), session, "", 0)
				if err != nil {
					t.Errorf("read: %v", err)
					return
				}
				head := chat.Head{Response: answer.Response, Sequence: entries[len(entries)-1].Event.At().Sequence + 1}
				var event chat.Event = chat.Delta{Head: head, Text: fmt.Sprint(i)}
				if head.Sequence == 25 {
					event = chat.Ended{Head: head}
				}
				receipt, err := log.Append(t.Context(), transcript.Batch{
					Session: session, Events: []chat.Event{event},
					Fences: map[chat.ResponseID]transcript.Fence{answer.Response: fence},
				})
				switch {
				case errors.Is(err, transcript.ErrFenced), errors.Is(err, transcript.ErrEnded):
				case err != nil:
					t.Errorf("append: %v", err)
					return
				case head.Sequence == 25:
					ends <- receipt.Cursors[0]
				}
			}
		})
	}
	group.Wait()
	if len(ends) != 1 {
		t.Errorf("%d writers wrote the end, want one", len(ends))
	}
	entries, _ := mustRead(t, logs[0], session, "")
	for i, entry := range entries {
		if entry.Event.At().Sequence != i {
			t.Fatalf("entry %d has the number %d", i, entry.Event.At().Sequence)
		}
	}
}
