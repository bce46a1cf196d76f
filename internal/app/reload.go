package app

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
)

// reload reads pages, fixed texts, rules and prompts anew and says whether they are in
// use. Where any of them is bad, or not fit for a gateway for production, all of the
// old stay in use and the log says why. Answers that were begun keep to the old.
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
	logger.Info("material was reloaded", slog.String("was", old.corpus.Version), slog.String("is", fresh.corpus.Version))
	a.metrics.Reloaded(true)
	return true
}

func (a *App) readAnew() (*material, error) {
	fresh, err := loadMaterial(a.settings)
	if err != nil {
		return nil, err
	}
	if err := a.model.equip(fresh, a.settings); err != nil {
		return nil, err
	}
	if a.settings.Production {
		if lasting := fresh.findings(a.options.Now()); len(lasting) > 0 {
			return nil, errors.New("not ready for production:\n" + strings.Join(lasting, "\n"))
		}
	}
	return fresh, nil
}

// buildVectors builds those of the material in use, beside what goes on, until ctx or
// stop ends it.
func (a *App) buildVectors(ctx context.Context, beside *sync.WaitGroup) (stop context.CancelFunc) {
	ctx, stop = context.WithCancel(ctx)
	if index := a.material.Load().vectors; index != nil {
		beside.Go(func() { index.Build(ctx) })
	}
	return stop
}
