package transcript

import (
	"slices"
	"sync"
)

// heldNotices bounds what a follower that does not keep up is told: a status is
// of no use once the next has come.
const heldNotices = 64

// Inbox is the waking half of a Subscription: a Log puts in, a follower takes
// out. Make it with NewInbox.
type Inbox struct {
	wake    chan struct{}
	mu      sync.Mutex
	notices []Notice
}

// NewInbox returns an empty inbox.
func NewInbox() *Inbox { return &Inbox{wake: make(chan struct{}, 1)} }

// Wake receives when something was put in since it last received.
func (i *Inbox) Wake() <-chan struct{} { return i.wake }

// Rouse wakes the follower. It never waits.
func (i *Inbox) Rouse() {
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
	i.Rouse()
}

// Notices returns what was put in since the last call, oldest first.
func (i *Inbox) Notices() []Notice {
	i.mu.Lock()
	defer i.mu.Unlock()
	notices := i.notices
	i.notices = nil
	return notices
}
