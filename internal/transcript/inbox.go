package transcript

import (
	"slices"
	"sync"

	"bedside/internal/chat"
)

const (
	// heldNotices bounds what a follower that does not keep up is told: a status is
	// of no use once the next has come.
	heldNotices = 64
	// heldEntries bounds what is handed to it; it reads the log where that is more.
	heldEntries = 64
)

// Inbox is what a Subscription holds for its follower: a wake-up, notices, and the
// entries that were stored from here. A Log puts in, a follower takes out. Make it
// with NewInbox.
type Inbox struct {
	wake    chan struct{}
	mu      sync.Mutex // guards what follows
	notices []Notice
	before  chat.Cursor // the entry that stands before the handed ones
	handed  []Entry
	behind  bool // the log has to be read: not all that is new was handed
}

// NewInbox returns an empty inbox.
func NewInbox() *Inbox { return &Inbox{wake: make(chan struct{}, 1)} }

// Wake receives when something was put in since it last received.
func (i *Inbox) Wake() <-chan struct{} { return i.wake }

// Rouse wakes the follower, to read the log. It never waits.
func (i *Inbox) Rouse() {
	i.mu.Lock()
	i.fallBehind()
	i.mu.Unlock()
	i.ring()
}

// Hand gives the follower what was just stored after an entry, so that it need not
// read it. The entries are not to be changed.
func (i *Inbox) Hand(before chat.Cursor, entries []Entry) {
	if len(entries) == 0 {
		return
	}
	i.mu.Lock()
	switch held := len(i.handed); {
	case i.behind:
	case held == 0:
		i.before, i.handed = before, slices.Clip(entries)
	case before == i.handed[held-1].Cursor && held+len(entries) <= heldEntries:
		i.handed = append(i.handed, entries...)
	default:
		i.fallBehind()
	}
	i.mu.Unlock()
	i.ring()
}

// fallBehind drops what was handed. The caller holds the lock.
func (i *Inbox) fallBehind() { i.behind, i.handed = true, nil }

// Handed returns what was handed in since the last call and stands after the entry
// at the cursor; whole is false where there may be more, which the log has to be
// read for.
func (i *Inbox) Handed(after chat.Cursor) (entries []Entry, whole bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	entries, whole = i.handed, !i.behind
	i.handed, i.behind = nil, false
	if len(entries) == 0 || i.before == after {
		return entries, whole
	}
	at := slices.IndexFunc(entries, func(e Entry) bool { return e.Cursor == after })
	if at < 0 {
		return nil, false
	}
	return entries[at+1:], whole
}

func (i *Inbox) ring() {
	select {
	case i.wake <- struct{}{}:
	default:
	}
}

// Put adds a notice and wakes the follower. Where too many are held the oldest
// status goes; anything else is kept, for it would be missed.
func (i *Inbox) Put(notice Notice) {
	i.mu.Lock()
	if len(i.notices) >= heldNotices {
		oldest := slices.IndexFunc(i.notices, func(n Notice) bool { return n.Status != nil })
		if oldest >= 0 {
			i.notices = slices.Delete(i.notices, oldest, oldest+1)
		}
	}
	i.notices = append(i.notices, notice)
	i.mu.Unlock()
	i.ring()
}

// Notices returns what was put in since the last call, oldest first.
func (i *Inbox) Notices() []Notice {
	i.mu.Lock()
	defer i.mu.Unlock()
	notices := i.notices
	i.notices = nil
	return notices
}
