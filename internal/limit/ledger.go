package limit

import (
	"context"
	"sync"
)

// daysKept is how many days a Ledger holds: today, and the one that ended while
// something that began in it was still going on.
const daysKept = 2

// Ledger counts what is spent on each day, in this process.
type Ledger struct {
	mu    sync.Mutex
	spent map[string]int
}

// NewLedger returns an empty Ledger.
func NewLedger() *Ledger { return &Ledger{spent: make(map[string]int, daysKept+1)} }

// Add adds to a day ("2026-11-23") and returns its total. Of more than two days
// the oldest are forgotten.
func (l *Ledger) Add(_ context.Context, day string, amount int) (total int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spent[day] += amount
	for len(l.spent) > daysKept {
		oldest := day
		for other := range l.spent {
			oldest = min(oldest, other)
		}
		delete(l.spent, oldest)
	}
	return l.spent[day]
}
