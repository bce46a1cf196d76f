package sparelog

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// watcher knows whether the store can be used. Its one goroutine does all the
// probing, so that however many ask at once there is one probe.
type watcher struct {
	probe   func(context.Context) error
	settle  func(context.Context) // called after each probe that went well
	options Options
	ctx     context.Context //nolint:containedctx // It is the life of the watcher's own goroutine.
	stop    context.CancelFunc
	running sync.WaitGroup
	asked   chan struct{} // holds one: somebody waits for a probe

	last  atomic.Int64 // when the store was last heard of, in nanoseconds since 1970
	mu    sync.Mutex   // guards what follows
	away  bool
	round chan struct{} // closed at the end of the probe that runs or comes next
}

func newWatcher(probe func(context.Context) error, settle func(context.Context), options Options) *watcher {
	w := &watcher{probe: probe, settle: settle, options: options, asked: make(chan struct{}, 1), round: make(chan struct{})}
	w.ctx, w.stop = context.WithCancel(context.Background())
	w.running.Go(w.run)
	return w
}

func (w *watcher) close() {
	w.stop()
	w.running.Wait()
}

func (w *watcher) isAway() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.away
}

// heard notes that the store did what was asked.
func (w *watcher) heard() { w.last.Store(time.Now().UnixNano()) }

// usable says whether the store can be used: as it was a moment ago, or asked now.
func (w *watcher) usable(ctx context.Context) bool {
	if time.Now().UnixNano()-w.last.Load() < int64(w.options.Every) {
		return !w.isAway()
	}
	return w.ask(ctx)
}

// ask has the store probed, unless it is known to be away. Where ctx ends before
// the answer is known nothing is held against the store.
func (w *watcher) ask(ctx context.Context) bool {
	w.mu.Lock()
	round, away := w.round, w.away
	w.mu.Unlock()
	if away {
		return false
	}
	select {
	case w.asked <- struct{}{}:
	default:
	}
	select {
	case <-round:
	case <-ctx.Done():
	case <-w.ctx.Done():
	}
	return !w.isAway()
}

// isLost says whether the store is away for good, as far as one can tell: nothing was
// heard of it for a time. It waits until that is known; false where the store is back
// first, or ctx ends.
func (w *watcher) isLost(ctx context.Context) bool {
	for {
		w.mu.Lock()
		round, away := w.round, w.away
		w.mu.Unlock()
		wait := w.options.Silence - time.Duration(time.Now().UnixNano()-w.last.Load())
		if !away || wait <= 0 {
			return away
		}
		timer := time.NewTimer(wait)
		select {
		case <-round:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return false
		}
	}
}

// run probes when somebody asks, and again and again while the store is away.
func (w *watcher) run() {
	again := time.NewTimer(w.options.Every)
	again.Stop()
	defer again.Stop()
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-w.asked:
		case <-again.C:
		}
		if w.look() {
			again.Stop()
		} else {
			again.Reset(w.options.Every)
		}
	}
}

// look probes once, and says whether the store is there. One that did not answer the
// probe in time and other calls meanwhile has much to do, and is not away.
func (w *watcher) look() (there bool) {
	ctx, cancel := context.WithTimeout(w.ctx, w.options.Patience)
	defer cancel()
	began := time.Now().UnixNano()
	err := w.probe(ctx)
	if w.ctx.Err() != nil {
		return false
	}
	if errors.Is(err, context.DeadlineExceeded) && w.last.Load() > began {
		err = nil
	}
	w.mu.Lock()
	changed := w.away != (err != nil)
	w.away = err != nil
	close(w.round)
	w.round = make(chan struct{})
	w.mu.Unlock()
	switch {
	case err != nil && changed:
		w.options.Logger.Warn("the store is away: new sessions live in memory until it is back", slog.String("cause", err.Error()))
	case err == nil && changed:
		w.options.Logger.Info("the store is back")
	}
	if err != nil {
		return false
	}
	w.heard()
	w.settle(ctx)
	return true
}
