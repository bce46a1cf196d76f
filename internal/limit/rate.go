package limit

import (
	"time"

	"bedside/internal/recent"
)

// maxKeys bounds what a rate remembers. Whoever could fill it with addresses
// gets others' counts forgotten, which lets them through: never more of them out.
const maxKeys = 1 << 16

// rate lets each key through a number of times in a minute, at once or spread,
// and then once for each share of the minute that passes. It is the generic
// cell rate algorithm: one time stands for each key's whole bucket.
type rate struct {
	share time.Duration // what one take uses up
	burst time.Duration // how far ahead of now a key may get

	// full is when a key's bucket will be full again. It is so within a minute of the
	// last take: what is forgotten then is a full one.
	full *recent.Cache[string, time.Time]
}

// newRate returns a rate of so many takes a minute for each of at most so many keys;
// nil, which lets everything through, if perMinute is not above zero.
func newRate(perMinute, keys int) *rate {
	if perMinute <= 0 {
		return nil
	}
	share := time.Minute / time.Duration(perMinute)
	return &rate{share: share, burst: time.Minute - share, full: recent.New[string, time.Time](keys, time.Minute)}
}

// take takes one from the key's bucket. If the bucket is empty it takes nothing
// and returns how long it will be before it is worth trying again; 0: it took one.
func (r *rate) take(key string) (wait time.Duration) {
	if r == nil {
		return 0
	}
	now := time.Now()
	r.full.Change(key, func(full *time.Time) {
		if wait = r.until(*full, now); wait > 0 {
			return
		}
		if full.Before(now) {
			*full = now
		}
		*full = full.Add(r.share)
	})
	return wait
}

// wait is how long it will be before there is one to take; 0: there is.
func (r *rate) wait(key string, now time.Time) time.Duration {
	full, _ := r.full.Get(key)
	return r.until(full, now)
}

// until is how long a bucket that will be full by then has none to take.
func (r *rate) until(full, now time.Time) time.Duration {
	return max(max(full.Sub(now), 0)-r.burst, 0)
}

// set notes how far ahead of now a key's bucket is, as it is kept elsewhere.
func (r *rate) set(key string, now time.Time, ahead time.Duration) {
	r.full.Change(key, func(full *time.Time) { *full = now.Add(ahead) })
}
