package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
)

// keepMaterial builds the vectors of the material in use, and reads the material anew
// whenever it is told to, until ctx ends.
func (a *App) keepMaterial(ctx context.Context) {
	stop := a.buildVectors(ctx)
	defer func() { stop() }()
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.options.Reload:
		}
		if a.reload() {
			stop()
			stop = a.buildVectors(ctx)
			debug.FreeOSMemory() // what reading it took, and what it replaced
		}
	}
}

// reload reads pages, fixed texts, rules and prompts anew and says whether they are in
// use. Where any of them is bad, or less fit for a gateway for production than what is in
// use, all of the old stay and the log says why. Answers that were begun keep to the old.
func (a *App) reload() bool {
	logger := a.options.Logger
	fresh, err := a.readAnew()
	if err != nil {
		logger.Error("material was not reloaded; the old stays in use", slog.String("cause", err.Error()))
		a.metrics.Reloaded(false)
		return false
	}
	old := a.material.Swap(fresh)
	a.turn.Use(fresh.forTurn())
	logger.Info("material was reloaded", slog.String("pages_were", old.corpus.Version), slog.String("pages_are", fresh.corpus.Version))
	a.metrics.Reloaded(true)
	return true
}

// readAnew reads the material. A fault of the program in reading it is an error too: it
// must not end a gateway that answers.
func (a *App) readAnew() (fresh *material, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("panic while reading it: %v", fault)
		}
	}()
	if fresh, err = loadMaterial(a.settings); err != nil {
		return nil, err
	}
	if err := a.model.equip(fresh, a.settings); err != nil {
		return nil, err
	}
	if !a.settings.Production {
		return fresh, nil
	}
	known := a.material.Load().findings(a.options.Now())
	lacking := slices.DeleteFunc(fresh.findings(a.options.Now()), func(line string) bool { return slices.Contains(known, line) })
	if len(lacking) > 0 {
		return nil, errors.New("not ready for production:\n" + strings.Join(lacking, "\n"))
	}
	return fresh, nil
}

// buildVectors builds those of the material in use beside what goes on, until ctx ends
// or stop is called, which waits for it.
func (a *App) buildVectors(ctx context.Context) (stop func()) {
	index := a.material.Load().vectors
	if index == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		index.Build(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}
