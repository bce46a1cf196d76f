package transcript

import (
	"context"
	"errors"
	"math"
	"time"

	"bedside/internal/chat"
)

const (
	// page bounds what a follower holds of a log at a time.
	page = 256
	// firstLook is when a follower that waits looks whether its session has
	// expired; after that it knows when to look. Most followers never wait so
	// long.
	firstLook = time.Minute
	// rows is of how many answers a follower knows the number given last: more
	// than can run and wait in one session.
	rows = 8
)

// Item is what a Follower gives: an entry of the log, or a notice.
type Item struct {
	Entry  *Entry
	Notice *Notice
}

// Follower reads one session's log from a cursor and goes on live. It has no
// goroutine of its own: Next does the reading and the waiting, from one
// goroutine at a time.
type Follower struct {
	log     Log
	session chat.SessionID
	sub     Subscription

	at      chat.Cursor // the last entry that was given
	entries []Entry     // read and not yet given
	notices []Notice    // taken and not yet given
	more    bool        // there may be entries beyond those read
	behind  bool        // and they are in the log only
	told    []chat.Head // the highest number given of each of the last few answers
	look    *time.Timer // when to look whether the session has expired
	done    error       // why nothing more comes
}

// Follow begins to follow the session's log after the cursor. Recovered says
// whether the cursor was an entry of the log; if not, the whole kept log comes.
// End is the cursor of the last entry that the replay holds; the cursor itself
// where the replay is empty. The error is that of Log.Read; ErrNoSession where
// there is no such session.
func Follow(ctx context.Context, log Log, session chat.SessionID, after chat.Cursor) (f *Follower, recovered bool, end chat.Cursor, err error) {
	if after == "" {
		after = chat.Origin
	}
	// Subscribed before the first read, so that nothing falls between.
	f = &Follower{log: log, session: session, sub: log.Subscribe(session), at: after}
	defer func() {
		if err != nil {
			f.Close()
			f = nil
		}
	}()
	f.entries, recovered, err = log.Read(ctx, session, after, page)
	if err != nil {
		return f, false, "", err
	}
	if !recovered {
		f.at = chat.Origin
	}
	end = f.at
	if len(f.entries) > 0 {
		end = f.entries[len(f.entries)-1].Cursor
	}
	if len(f.entries) == page {
		f.more, f.behind = true, true
		state, err := log.State(ctx, session)
		if err != nil {
			return f, false, "", err
		}
		end = state.Last
	}
	return f, recovered, end, nil
}

// Next waits for the next item.
//
// After Notice{Forgotten} and after an error nothing more comes, with two
// exceptions: when ctx ends, and when the store cannot be reached
// (ErrUnavailable), the next call goes on where this one stood. ErrNoSession:
// the session has expired, which is noticed within a minute, or was forgotten.
// ErrLost: the log no longer holds what was given, as after a failover, or what was
// told ahead of it; the session must be followed anew, and its client told.
func (f *Follower) Next(ctx context.Context) (Item, error) {
	for {
		if f.done != nil {
			return Item{}, f.done
		}
		if item, ok := f.ready(); ok {
			return item, nil
		}
		if f.done != nil {
			return Item{}, f.done
		}
		if f.more {
			// A store that does not answer keeps nobody from what is told beside it.
			if told := f.sub.Notices(); len(told) > 0 {
				f.notices = append(f.notices, told...)
				continue
			}
			if err := f.read(ctx); err != nil {
				return Item{}, err
			}
			continue
		}
		if err := f.wait(ctx); err != nil {
			return Item{}, err
		}
	}
}

// HasEntry says whether the next item is at hand: whoever writes what comes in
// batches need not write before it.
func (f *Follower) HasEntry() bool { return len(f.entries) > 0 && f.done == nil }

// Close releases the subscription.
func (f *Follower) Close() {
	f.sub.Close()
	if f.look != nil {
		f.look.Stop()
	}
}

// ready gives what is at hand: a notice that stood before the next entry, else
// that entry.
func (f *Follower) ready() (Item, bool) {
	for i := range f.notices {
		switch {
		case f.notices[i].Forgotten:
			f.done = ErrNoSession
			return Item{Notice: &Notice{Forgotten: true}}, true
		case f.notices[i].Rewound:
			f.done = ErrLost
			return Item{}, false
		}
	}
	for len(f.notices) > 0 {
		notice := f.notices[0]
		if Number(notice.After) > Number(f.at) && (len(f.entries) > 0 || f.more) {
			break
		}
		f.notices = f.notices[1:]
		notice.Ahead = f.untold(notice.Ahead)
		if len(notice.Ahead) > 0 || notice.Status != nil && f.fresh(notice.Status.Head) {
			return Item{Notice: &notice}, true
		}
	}
	if len(f.entries) == 0 {
		return Item{}, false
	}
	entry := &f.entries[0]
	f.entries = f.entries[1:]
	f.at = entry.Cursor
	head := entry.Event.At()
	if _, ended := entry.Event.(chat.Ended); ended {
		head.Sequence = math.MaxInt
	}
	f.tell(head)
	return Item{Entry: entry}, true
}

// fresh says whether a status, or what is told ahead, still fits into its answer's row of
// numbers, and takes its place there. What comes too late is not worth breaking the row,
// or was given.
func (f *Follower) fresh(head chat.Head) bool {
	for _, told := range f.told {
		if told.Response == head.Response && head.Sequence <= told.Sequence {
			return false
		}
	}
	f.tell(head)
	return true
}

// untold returns those of the events that were not given yet, and takes them for given.
func (f *Follower) untold(events []chat.Event) []chat.Event {
	var fresh []chat.Event
	for _, event := range events {
		if f.fresh(event.At()) {
			fresh = append(fresh, event)
		}
	}
	return fresh
}

func (f *Follower) tell(head chat.Head) {
	for i := range f.told {
		if f.told[i].Response == head.Response {
			f.told[i].Sequence = max(f.told[i].Sequence, head.Sequence)
			return
		}
	}
	if len(f.told) == rows {
		f.told = append(f.told[:0], f.told[1:]...)
	}
	f.told = append(f.told, head)
}

// read takes the next slice, and the notices that were announced before it, so
// that no notice waits for an entry that was not read. What was stored from here
// is at hand; the log is read for the rest.
func (f *Follower) read(ctx context.Context) error {
	f.notices = append(f.notices, f.sub.Notices()...)
	if !f.behind && f.take() {
		return nil
	}
	f.behind = true
	entries, recovered, err := f.log.Read(ctx, f.session, f.at, page)
	switch {
	case err != nil && (ctx.Err() != nil || errors.Is(err, ErrUnavailable)):
		return err
	case err != nil:
		f.end(err)
		return nil
	case !recovered:
		f.done = ErrLost
		return nil
	}
	f.entries = entries
	f.more = len(entries) == page
	f.behind = f.more
	return nil
}

// take takes what was handed over; false where that is not all there is.
func (f *Follower) take() bool {
	entries, whole := f.sub.Handed(f.at)
	if !whole {
		return false
	}
	last := f.at
	if len(entries) > 0 {
		last = entries[len(entries)-1].Cursor
	}
	for i := range f.notices {
		if Number(f.notices[i].After) > Number(last) {
			return false
		}
	}
	f.entries, f.more = entries, false
	return true
}

// wait returns when there may be something to read.
func (f *Follower) wait(ctx context.Context) error {
	select {
	case <-f.sub.Wake():
		f.more = true
		return nil
	default:
	}
	if f.look == nil {
		f.look = time.NewTimer(firstLook)
	}
	select {
	case <-f.sub.Wake():
		f.more = true
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-f.look.C:
		f.expired(ctx)
		return nil
	}
}

// expired looks whether the session is still there, and when to look again. A
// store that cannot be reached is no answer: it is asked again later.
func (f *Follower) expired(ctx context.Context) {
	state, err := f.log.State(ctx, f.session)
	if err == nil {
		f.look.Reset(max(time.Until(state.ExpiresAt), time.Second))
		return
	}
	f.look.Reset(firstLook)
	if ctx.Err() == nil && !errors.Is(err, ErrUnavailable) {
		f.end(err)
	}
}

// end notes why nothing more comes. The store may know that the session was
// forgotten before its notice is here, or where the notice was lost.
func (f *Follower) end(err error) {
	if errors.Is(err, ErrForgotten) {
		f.notices = append(f.notices, Notice{Forgotten: true})
		return
	}
	f.done = err
}
