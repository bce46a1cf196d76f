package limit

import (
	"context"
	"sync"
	"time"
)

// maxKeys bounds what a Rate remembers. Whoever could fill it with addresses
// gets others' counts forgotten, which lets them through: never more of them out.
const maxKeys = 1 << 16

// Rate lets each key through a number of times in a minute, at once or spread,
// and then once for each share of the minute that passes. It is the generic
// cell rate algorithm: one time stands for each key's whole bucket.
type Rate struct {
	share time.Duration // what one take uses up
	burst time.Duration // how far ahead of now a key may get

	mu     sync.Mutex
	free   map[string]time.Time // when a key's bucket will be full again
	swept  time.Time
	capped int
}

// NewRate returns a Rate of so many takes a minute; nil, which lets everything
// through, if the number is not above zero.
func NewRate(perMinute int) *Rate {
	if perMinute <= 0 {
		return nil
	}
	share := time.Minute / time.Duration(perMinute)
	return &Rate{share: share, burst: time.Minute - share, free: make(map[string]time.Time), capped: maxKeys}
}

// Take takes one from the key's bucket. If the bucket is empty it takes nothing
// and returns how long it will be before it is worth trying again. The context
// is for limits that are kept elsewhere; this one does not wait.
func (r *Rate) Take(_ context.Context, key string) (retryAfter time.Duration, ok bool) {
	if r == nil {
		return 0, true
	}
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if wait := r.waitOf(key, now); wait > 0 {
		return wait, false
	}
	full := r.free[key]
	if full.Before(now) {
		full = now
	}
	r.makeRoom(now)
	r.free[key] = full.Add(r.share)
	return 0, true
}

// wait is how long it will be before there is one to take; 0: there is.
func (r *Rate) wait(key string, now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.waitOf(key, now)
}

func (r *Rate) waitOf(key string, now time.Time) time.Duration {
	full, used := r.free[key]
	if !used {
		return 0
	}
	return max(full.Sub(now)-r.burst, 0)
}

// set notes how far ahead of now a key's bucket is, as it is kept elsewhere.
func (r *Rate) set(key string, now time.Time, ahead time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.makeRoom(now)
	r.free[key] = now.Add(ahead)
}

// makeRoom forgets the keys whose buckets are full: from time to time, and when
// there are too many, then any.
func (r *Rate) makeRoom(now time.Time) {
	if len(r.free) < r.capped && now.Sub(r.swept) < r.burst+r.share {
		return
	}
	r.swept = now
	for key, full := range r.free {
		if !full.After(now) {
			delete(r.free, key)
		}
	}
	for key := range r.free {
		if len(r.free) < r.capped-r.capped/8 {
			return
		}
		delete(r.free, key)
	}
}
