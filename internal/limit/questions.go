package limit

import (
	"context"
	"time"
)

// Rates are how many questions a minute are let through; what is not above zero is
// no limit.
type Rates struct {
	Session, Address, All int
}

// Questions bounds how often questions are asked: by session, by address and in
// all. With a Shared the replicas count together; where that is away, or slow, each
// counts for itself.
type Questions struct {
	session, address, all *rate
	shared                *Shared
}

// NewQuestions returns Questions; shared may be nil.
func NewQuestions(rates Rates, shared *Shared) *Questions {
	return &Questions{
		session: newRate(rates.Session, maxKeys), address: newRate(rates.Address, maxKeys), all: newRate(rates.All, 1), shared: shared,
	}
}

// demand is a take from one bucket.
type demand struct {
	rate      *rate
	kind, key string
}

// Take takes a question from the three buckets, or from none: then it returns how
// long it will be before it is worth trying again.
func (q *Questions) Take(ctx context.Context, session, address string) (retryAfter time.Duration, ok bool) {
	demands := make([]demand, 0, 3)
	for _, d := range []demand{{q.session, "session", session}, {q.address, "address", address}, {q.all, "all", ""}} {
		if d.rate != nil {
			demands = append(demands, d)
		}
	}
	// Looked at here first: a flood costs the store nothing.
	now := time.Now()
	for _, d := range demands {
		retryAfter = max(retryAfter, d.rate.wait(d.key, now))
	}
	if retryAfter > 0 || len(demands) == 0 {
		return retryAfter, retryAfter == 0
	}
	if ahead, wait, known := q.shared.take(ctx, demands); known {
		now = time.Now()
		for i, d := range demands {
			d.rate.set(d.key, now, ahead[i])
		}
		return wait, wait == 0
	}
	for _, d := range demands {
		retryAfter = max(retryAfter, d.rate.take(d.key)) // others came between the look and the take
	}
	return retryAfter, retryAfter == 0
}
