package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"bedside/internal/chat"
	"bedside/internal/config"
	"bedside/internal/limit"
	"bedside/internal/limit/redisledger"
	"bedside/internal/llm/meter"
	"bedside/internal/redisdb"
	"bedside/internal/transcript"
	"bedside/internal/transcript/memlog"
	"bedside/internal/transcript/redislog"
	"bedside/internal/transcript/sparelog"
)

const (
	// checkTimeout bounds the question whether Redis is there.
	checkTimeout = time.Second
	// apartConnections is how many connections there are for probes and leases, which
	// must not wait behind the answers.
	apartConnections = 4
)

// store is where sessions are kept, and how it is.
type store struct {
	log     transcript.Log
	state   func(ctx context.Context) string // "ok", "away" or "embedded"
	examine func(ctx context.Context) Findings
	ledger  meter.Ledger  // of the model's tokens, shared by whoever shares the store
	counts  *limit.Shared // of questions, likewise; nil: each process counts for itself
	close   func() error
	lease   time.Duration // zero: nobody shares it
}

// openStore opens Redis where the settings name one, and this process's memory
// otherwise. A Redis that cannot be reached is a warning: sessions begin in memory
// until it is there. One that refuses the credentials is a *SettingsError.
func openStore(ctx context.Context, settings config.Config, logger *slog.Logger, confirmed func(by, result string)) (store, error) {
	keys, err := dataKeys(settings) // even where nothing is sealed: a bad setting is told at the start
	if err != nil {
		return store{}, err
	}
	inMemory := memlog.Options{Idle: settings.Session.Idle, Maximum: settings.Session.Max}
	if settings.RedisURL.IsZero() {
		log := memlog.New(inMemory)
		return store{
			log:     log,
			state:   func(context.Context) string { return "embedded" },
			examine: func(context.Context) Findings { return Findings{} },
			ledger:  limit.NewLedger(),
			close:   log.Close,
		}, nil
	}
	options := redisdb.Options{URL: settings.RedisURL.Reveal(), AuthorityFile: settings.RedisCA, Logger: logger}
	client, err := redisdb.Open(ctx, options)
	if err != nil {
		return store{}, &SettingsError{fmt.Errorf("REDIS_URL, REDIS_CA_FILE: %w", err)}
	}
	options.PoolSize = apartConnections
	apart, err := redisdb.Open(ctx, options)
	if err != nil {
		return store{}, errors.Join(&SettingsError{fmt.Errorf("REDIS_URL, REDIS_CA_FILE: %w", err)}, client.Close())
	}
	check := func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, checkTimeout)
		defer cancel()
		return redisdb.Check(ctx, client)
	}
	switch err := check(ctx); {
	case errors.Is(err, redisdb.ErrRefused):
		return store{}, errors.Join(refused(err), client.Close(), apart.Close())
	case errors.Is(err, redisdb.ErrSettings):
		return store{}, errors.Join(&SettingsError{fmt.Errorf("REDIS_URL: %w", err)}, client.Close(), apart.Close())
	case err != nil:
		logger.Warn("store cannot be reached; it is tried again", slog.String("cause", err.Error()))
	}
	ring, err := openKeyring(keys, logger)
	if err != nil {
		return store{}, errors.Join(err, client.Close(), apart.Close())
	}
	log := redislog.New(client, redislog.Options{
		Idle: settings.Session.Idle, Maximum: settings.Session.Max, Lease: settings.Session.Lease, Sealer: ring, Logger: logger,
		Confirmed: confirmed, Apart: apart,
	})
	memory := memlog.New(inMemory)
	spare := sparelog.New(log, memory, sparelog.Options{Logger: logger})
	state := func(ctx context.Context) string {
		if !spare.Durable(ctx) {
			return "away"
		}
		return "ok"
	}
	examine := func(ctx context.Context) Findings {
		if err := check(ctx); err != nil {
			return Findings{Passing: []string{fmt.Sprintf("REDIS_URL: %v: start it, or mend the address", err)}}
		}
		durable, err := redisdb.Durable(ctx, client)
		f := storeFindings(durable, err)
		unreadable, err := log.Unreadable(ctx, surveyed)
		f.add(sessionFindings(unreadable, err))
		return f
	}
	closeAll := func() error {
		return errors.Join(spare.Close(), memory.Close(), log.Close(), client.Close(), apart.Close())
	}
	return store{
		spare, state, examine, redisledger.New(client, logger),
		limit.NewShared(client, redislog.DefaultPrefix, logger), closeAll, settings.Session.Lease,
	}, nil
}

func refused(err error) error {
	return &SettingsError{fmt.Errorf("REDIS_URL: %w; mend the user or the password", err)}
}

// ForgetSession destroys a session in the store that the settings name, and tells
// every connection of it; false where there is no such session. The error is a
// *SettingsError where they name none or are refused, and wraps
// transcript.ErrUnavailable where the store is away.
func ForgetSession(ctx context.Context, settings config.Config, session chat.SessionID) (existed bool, err error) {
	settings = settings.WithDefaults()
	if settings.RedisURL.IsZero() {
		return false, &SettingsError{errors.New("REDIS_URL: name the store; without one sessions live in a gateway's memory, and its own doors forget them")}
	}
	client, err := redisdb.Open(ctx, redisdb.Options{URL: settings.RedisURL.Reveal(), AuthorityFile: settings.RedisCA})
	if err != nil {
		return false, &SettingsError{err}
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	switch err := redisdb.Check(ctx, client); {
	case errors.Is(err, redisdb.ErrRefused):
		return false, refused(err)
	case errors.Is(err, redisdb.ErrSettings):
		return false, &SettingsError{fmt.Errorf("REDIS_URL: %w", err)}
	}
	log := redislog.New(client, redislog.Options{Maximum: settings.Session.Max})
	defer func() { err = errors.Join(err, log.Close()) }()
	return log.Destroy(ctx, session)
}
