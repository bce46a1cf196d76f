// Package app wires the rooms together: it builds the program from its settings,
// serves it, and drains it.
//
// It promises that New starts nothing that Close does not end, that bad settings
// or material are told from a store that cannot be reached, that a store which is
// away does not keep the program from starting, and that material which is read anew
// is used as a whole or not at all. It stores nothing.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"bedside/internal/config"
	"bedside/internal/limit"
	"bedside/internal/telemetry"
	"bedside/internal/transcript/memlog"
	"bedside/internal/turn"
)

// SettingsError is a start that failed because of what the settings say: a bad
// file, a folder that is not there, a refused password.
type SettingsError struct{ Err error }

func (e *SettingsError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *SettingsError) Unwrap() error { return e.Err }

// Options are what the program is given beside its settings.
type Options struct {
	Logger  *slog.Logger // nil: nothing is logged
	Version string
	// Ready is called with the address once the gateway accepts connections; nil:
	// nobody is told.
	Ready func(url string)
	// Now is the clock by which it is judged how old a help line's number is; nil:
	// the machine's.
	Now func() time.Time
	// Reload has Serve read the clinic's material anew at each signal; nil: it never does.
	Reload <-chan os.Signal
}

// App is the program. Close it.
type App struct {
	settings config.Config
	options  Options
	material atomic.Pointer[material] // the one in use
	store    store
	turn     *turn.Service
	model    *model // nil: there is none
	metrics  *telemetry.Metrics
	closers  []func() error // in the order of building
}

// New builds the program. The error is a *SettingsError where the settings are
// to blame; one for production lists its Findings.
func New(ctx context.Context, settings config.Config, options Options) (_ *App, err error) {
	settings = settings.WithDefaults()
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	a := &App{settings: settings, options: options}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.release())
		}
	}()
	material, err := loadMaterial(settings)
	if err != nil {
		return nil, &SettingsError{err}
	}
	a.metrics = telemetry.New()
	if a.store, err = openStore(ctx, settings, options.Logger, a.metrics.StoreConfirmed); err != nil {
		return nil, err
	}
	a.closers = append(a.closers, a.store.close)
	if err := a.openModel(); err != nil {
		return nil, &SettingsError{err}
	}
	if err := a.model.equip(material, settings); err != nil {
		return nil, &SettingsError{err}
	}
	a.material.Store(material)
	if settings.Production {
		if err := a.refuseUnready(ctx); err != nil {
			return nil, err
		}
	}
	transient := memlog.New(memlog.Options{Idle: turn.TransientLife, Maximum: settings.Session.Max, Once: true})
	a.closers = append(a.closers, transient.Close)

	a.turn = turn.New(turn.Options{
		Log: a.store.log, Transient: transient, Material: material.forTurn(), ClinicPhone: settings.Clinic.Phone,
		Slots: limit.NewSlots(settings.Rates.Answers),
		Lease: a.store.lease, Logger: options.Logger, Ended: a.count,
	})
	return a, nil
}

// Close stops running answers when ctx ends, and releases what New opened.
func (a *App) Close(ctx context.Context) error {
	return errors.Join(a.turn.Close(ctx), a.release())
}

func (a *App) release() error {
	var problems []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		if err := a.closers[i](); err != nil {
			problems = append(problems, fmt.Errorf("close: %w", err))
		}
	}
	a.closers = nil
	return errors.Join(problems...)
}
