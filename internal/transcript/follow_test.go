package transcript

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"bedside/internal/chat"
)

// frail is a log that gives what the test tells it to.
type frail struct {
	Log
	inbox   *Inbox
	entries []Entry
	err     error
	looked  int
	reads   int
}

func (f *frail) Subscribe(chat.SessionID) Subscription { return frailSubscription{f.inbox} }

func (f *frail) Read(_ context.Context, _ chat.SessionID, after chat.Cursor, _ int) ([]Entry, bool, error) {
	f.reads++
	if f.err != nil {
		return nil, false, f.err
	}
	return f.entries[Number(after):], true, nil
}

func (f *frail) State(context.Context, chat.SessionID) (State, error) {
	f.looked++
	return State{ExpiresAt: time.Now().Add(30 * time.Minute)}, f.err
}

type frailSubscription struct{ *Inbox }

func (frailSubscription) Close() {}

func newFrail(entries int) *frail {
	f := &frail{inbox: NewInbox()}
	for i := range entries {
		f.add(i)
	}
	return f
}

func (f *frail) add(i int) {
	f.entries = append(f.entries, Entry{
		Cursor: cursorAt(i + 1),
		Event:  chat.Delta{Head: chat.Head{Response: "resp_x", Sequence: i * 10}},
	})
}

func mustFollow(t *testing.T, log Log, after chat.Cursor) *Follower {
	t.Helper()
	f, _, _, err := Follow(t.Context(), log, "ses_x", after)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

func TestFollowGoesOnAfterTheStoreWasAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFrail(1)
		f := mustFollow(t, log, "")
		if item, err := f.Next(t.Context()); err != nil || item.Entry == nil {
			t.Fatalf("got %+v, %v", item, err)
		}
		log.err = fmt.Errorf("read: %w", ErrUnavailable)
		log.inbox.Rouse()
		for range 2 {
			if item, err := f.Next(t.Context()); !errors.Is(err, ErrUnavailable) {
				t.Fatalf("store away: got %+v, %v", item, err)
			}
		}
		log.err = nil
		log.add(1)
		if item, err := f.Next(t.Context()); err != nil || item.Entry == nil || item.Entry.Cursor != "2-1" {
			t.Fatalf("store back: got %+v, %v", item, err)
		}
	})
}

func TestFollowStaysWhileItCannotLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFrail(1)
		f := mustFollow(t, log, "1-1")
		log.err = ErrUnavailable
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		if item, err := f.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %+v, %v", item, err)
		}
		log.err = nil
		ctx, cancel = context.WithTimeout(t.Context(), 10*time.Hour)
		defer cancel()
		looked := log.looked
		if item, err := f.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %+v, %v", item, err)
		}
		if looks := log.looked - looked; looks > 25 {
			t.Errorf("looked %d times in 10 hours, with 30 minutes to go each time", looks)
		}
	})
}

func TestFollowTellsOfForgottenWithoutNotice(t *testing.T) {
	log := newFrail(1)
	f := mustFollow(t, log, "1-1")
	log.err = fmt.Errorf("read: %w", ErrForgotten)
	log.inbox.Rouse()
	if item, err := f.Next(t.Context()); err != nil || item.Notice == nil || !item.Notice.Forgotten {
		t.Fatalf("got %+v, %v", item, err)
	}
	if item, err := f.Next(t.Context()); !errors.Is(err, ErrNoSession) {
		t.Fatalf("then got %+v, %v", item, err)
	}
}

func TestFollowFailsAsReadDoes(t *testing.T) {
	log := newFrail(1)
	log.err = fmt.Errorf("read: %w", ErrUnavailable)
	if f, recovered, end, err := Follow(t.Context(), log, "ses_x", ""); !errors.Is(err, ErrUnavailable) || f != nil || recovered || end != "" {
		t.Errorf("got %v, %t, %q, %v", f, recovered, end, err)
	}
}

func TestFollowDropsAStatusThatComesLate(t *testing.T) {
	log := newFrail(2)
	f := mustFollow(t, log, "")
	status := func(response chat.ResponseID, sequence int) {
		log.inbox.Put(Notice{Status: &Status{Head: chat.Head{Response: response, Sequence: sequence}}})
	}
	status("resp_x", 5) // of before the second entry, which has 10, but not known to be
	status("resp_x", 10)
	status("resp_x", 11)
	status("resp_x", 11)
	status("resp_y", 0)
	log.inbox.Rouse()
	var got []string
	for range 4 {
		item, err := f.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if item.Entry != nil {
			got = append(got, string(item.Entry.Cursor))
			continue
		}
		got = append(got, fmt.Sprint(item.Notice.Status.Response, item.Notice.Status.Sequence))
	}
	if want := "[1-1 2-1 resp_x11 resp_y0]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestWhatIsHandedOverIsNotRead gives a follower entries in ways that may or may not
// be all there is: it gets each once and in order, and reads the log where it must.
func TestWhatIsHandedOverIsNotRead(t *testing.T) {
	hand := func(log *frail, from, to int) { log.inbox.Hand(cursorAt(from), log.entries[from:to]) }
	for name, test := range map[string]struct {
		stored int // entries after the first
		tell   func(log *frail)
		reads  int
	}{
		"one":                         {1, func(log *frail) { hand(log, 1, 2) }, 0},
		"several, each after another": {4, func(log *frail) { hand(log, 1, 2); hand(log, 2, 4); hand(log, 4, 5) }, 0},
		"with others' between":        {4, func(log *frail) { hand(log, 1, 2); hand(log, 3, 5) }, 1},
		"before others'":              {3, func(log *frail) { hand(log, 1, 3); log.inbox.Rouse() }, 1},
		"after others'":               {3, func(log *frail) { log.inbox.Rouse(); hand(log, 3, 4) }, 1},
		"out of order":                {2, func(log *frail) { hand(log, 2, 3); hand(log, 1, 2) }, 1},
		"what it has already":         {2, func(log *frail) { hand(log, 0, 1); hand(log, 1, 3) }, 0},
		"more than is held":           {heldEntries + 1, func(log *frail) { hand(log, 1, heldEntries+1); hand(log, heldEntries+1, heldEntries+2) }, 1},
		"a status that came before":   {1, func(log *frail) { hand(log, 1, 2); log.inbox.Put(statusAfter(2)) }, 0},
		"a status of what comes":      {2, func(log *frail) { hand(log, 1, 2); log.inbox.Put(statusAfter(3)) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			log := newFrail(1)
			f := mustFollow(t, log, "")
			if _, err := f.Next(t.Context()); err != nil {
				t.Fatal(err)
			}
			for i := range test.stored {
				log.add(i + 1)
			}
			log.reads = 0
			test.tell(log)
			for want := 2; want <= test.stored+1; {
				item, err := f.Next(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if item.Entry != nil {
					if item.Entry.Cursor != cursorAt(want) {
						t.Fatalf("got entry %s, want %s", item.Entry.Cursor, cursorAt(want))
					}
					want++
				}
			}
			if log.reads != test.reads {
				t.Errorf("the log was read %d times, want %d", log.reads, test.reads)
			}
		})
	}
}

// TestWhatWasMissedIsReadWhenItCanBe is told of others' entries while the store is away.
func TestWhatWasMissedIsReadWhenItCanBe(t *testing.T) {
	log := newFrail(1)
	f := mustFollow(t, log, "1-1")
	f.entries = nil
	log.add(1)
	log.err = ErrUnavailable
	log.inbox.Rouse()
	if item, err := f.Next(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Fatalf("got %+v, %v", item, err)
	}
	log.err = nil
	log.add(2)
	log.inbox.Hand("2-1", log.entries[2:])
	for _, want := range []chat.Cursor{"2-1", "3-1"} {
		if item, err := f.Next(t.Context()); err != nil || item.Entry == nil || item.Entry.Cursor != want {
			t.Fatalf("got %+v, %v; want %s", item, err, want)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if item, err := f.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("then got %+v, %v", item, err)
	}
}

// TestFollowEndsWhereTheLogWasRewound tells of a sentence ahead of the log, which then
// turns out to have lost what stood before it.
func TestFollowEndsWhereTheLogWasRewound(t *testing.T) {
	log := newFrail(1)
	f := mustFollow(t, log, "1-1")
	f.entries = nil
	log.inbox.Put(Notice{Ahead: []chat.Event{log.entries[0].Event}})
	if item, err := f.Next(t.Context()); err != nil || item.Notice == nil || len(item.Notice.Ahead) != 1 {
		t.Fatalf("got %+v, %v", item, err)
	}
	log.add(1)
	log.inbox.Hand("1-1", log.entries[1:])
	log.inbox.Put(Notice{Rewound: true})
	for range 2 {
		if item, err := f.Next(t.Context()); !errors.Is(err, ErrLost) || item.Entry != nil || item.Notice != nil {
			t.Fatalf("got %+v, %v; want ErrLost", item, err)
		}
	}
}

func cursorAt(n int) chat.Cursor {
	if n == 0 {
		return chat.Origin
	}
	return chat.Cursor(fmt.Sprintf("%d-1", n))
}

func statusAfter(n int) Notice {
	return Notice{Status: &Status{Head: chat.Head{Response: "resp_x", Sequence: 1000}}, After: cursorAt(n)}
}

func TestInboxIsBounded(t *testing.T) {
	inbox := NewInbox()
	inbox.Put(Notice{Forgotten: true})
	for i := range 1000 {
		inbox.Put(Notice{Status: &Status{Head: chat.Head{Sequence: i}}})
	}
	notices := inbox.Notices()
	if len(notices) != heldNotices || !notices[0].Forgotten || notices[len(notices)-1].Status.Sequence != 999 {
		t.Errorf("%d notices held, the first %+v, the last %+v", len(notices), notices[0], notices[len(notices)-1])
	}
	if len(inbox.Notices()) != 0 {
		t.Error("notices are given twice")
	}
	<-inbox.Wake()
	select {
	case <-inbox.Wake():
		t.Error("more than one wake-up is held")
	default:
	}
}

func TestWhatIsAtHandIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFrail(3)
		f := mustFollow(t, log, "")
		log.inbox.Put(Notice{Status: &Status{Head: chat.Head{Response: "resp_x", Sequence: 99}}})
		for given := range 4 {
			began := time.Now()
			if at := f.HasEntry(); at != (given < 3) {
				t.Errorf("after %d items an entry is at hand: %v", given, at)
			}
			if _, err := f.Next(t.Context()); err != nil || time.Since(began) > 0 {
				t.Fatalf("item %d: %v after %s", given, err, time.Since(began))
			}
		}
	})
}
