package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"bedside/internal/config"
	"bedside/internal/redisdb"
	"bedside/internal/transcript"
	"bedside/internal/transcript/memlog"
	"bedside/internal/transcript/redislog"
)

// store is where sessions are kept, and how it is.
type store struct {
	log   transcript.Log
	state func(ctx context.Context) string // "ok", "away" or "embedded"
	close func() error
}

// openStore opens Redis where the settings name one, and this process's memory
// otherwise. A Redis that cannot be reached is a warning: it is tried again with
// each use. One that refuses the credentials is a *SettingsError.
func openStore(ctx context.Context, settings config.Config, logger *slog.Logger) (store, error) {
	if settings.RedisURL.IsZero() {
		log := memlog.New(memlog.Options{Idle: settings.Session.Idle, Maximum: settings.Session.Max})
		return store{log, func(context.Context) string { return "embedded" }, log.Close}, nil
	}
	client, err := redisdb.Open(ctx, redisdb.Options{URL: settings.RedisURL.Reveal(), Logger: logger})
	if err != nil {
		return store{}, &SettingsError{err}
	}
	check := func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		return redisdb.Check(ctx, client)
	}
	switch err := check(ctx); {
	case errors.Is(err, redisdb.ErrRefused):
		return store{}, errors.Join(&SettingsError{err}, client.Close())
	case err != nil:
		logger.Warn("store cannot be reached; it is tried again", slog.String("cause", err.Error()))
	}
	log := redislog.New(client, redislog.Options{Idle: settings.Session.Idle, Maximum: settings.Session.Max, Logger: logger})
	state := func(ctx context.Context) string {
		if check(ctx) != nil {
			return "away"
		}
		return "ok"
	}
	return store{log, state, func() error { return errors.Join(log.Close(), client.Close()) }}, nil
}
