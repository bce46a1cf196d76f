// Package redisledger counts what is spent on each day in Redis, so that all
// replicas share one count.
//
// It promises never to fail and not to hold anyone up: while Redis is away it
// counts in this process, and adds what it could not with the next call that gets
// through. A call whose reply was lost may have been counted, and is then counted
// twice: too much is spent on paper, never too little.
//
// What it stores, PREFIX being "bedside:":
//
//	PREFIXspent:DAY   the total of a day ("2026-11-23"), for two days
package redisledger

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"bedside/internal/limit"
)

const (
	// prefix of the keys.
	prefix = "bedside:spent:"
	// kept is how long a day's total is.
	kept = 48 * time.Hour
	// timeout of a call: it stands on the path of an answer.
	timeout = 250 * time.Millisecond
	// pause is how long Redis is left alone after it did not answer.
	pause = time.Second
)

// Ledger is the shared count.
type Ledger struct {
	client redis.UniversalClient
	logger *slog.Logger
	local  *limit.Ledger // what this process spent, and knows of the others

	mu    sync.Mutex
	owed  map[string]int // by day: not in Redis yet
	away  time.Time      // when Redis last failed to answer; zero: it is there
	known map[string]int // by day: what the others had spent when Redis was last there
}

// New returns a Ledger on the client, which stays the caller's to close.
func New(client redis.UniversalClient, logger *slog.Logger) *Ledger {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &Ledger{client: client, logger: logger, local: limit.NewLedger(), owed: make(map[string]int, 1), known: make(map[string]int, 1)}
}

// Add adds to a day and returns its total.
func (l *Ledger) Add(ctx context.Context, day string, amount int) (total int) {
	own := l.local.Add(ctx, day, amount)
	l.mu.Lock()
	l.forget(day)
	if time.Since(l.away) < pause {
		defer l.mu.Unlock()
		l.owed[day] += amount
		return own + l.known[day]
	}
	owed := l.owed[day] + amount
	delete(l.owed, day)
	l.mu.Unlock()

	total, err := l.send(ctx, day, owed)

	l.mu.Lock()
	defer l.mu.Unlock()
	l.say(err)
	if err != nil {
		l.owed[day] += owed
		return own + l.known[day]
	}
	l.known[day] = max(0, total-own)
	return total
}

func (l *Ledger) send(ctx context.Context, day string, amount int) (int, error) {
	// Whoever asked may have gone: what was spent is spent all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	key := prefix + day
	pipe := l.client.Pipeline()
	total := pipe.IncrBy(ctx, key, int64(amount))
	pipe.PExpire(ctx, key, kept)
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, err //nolint:wrapcheck // judged by the caller alone, and not handed on
	}
	return int(total.Val()), nil
}

// forget drops what is known of other days: they are over.
func (l *Ledger) forget(day string) {
	for _, days := range []map[string]int{l.owed, l.known} {
		for other := range days {
			if other < day {
				delete(days, other)
			}
		}
	}
}

// say tells of Redis's going and coming, once each.
func (l *Ledger) say(err error) {
	switch {
	case err != nil && l.away.IsZero():
		l.logger.Warn("the model's budget is counted in this process alone", slog.String("cause", err.Error()))
	case err == nil && !l.away.IsZero():
		l.logger.Info("the model's budget is shared again")
	}
	if l.away = (time.Time{}); err != nil {
		l.away = time.Now()
	}
}
