package openai

import (
	"context"
	"errors"
	"time"

	"bedside/internal/llm"
)

var errSlow = &llm.Error{Kind: llm.Slow}

// watch holds the deadlines of an answer. They go by meaning: what moves them is
// a word of the model, not a byte on the line.
type watch struct {
	ctx    context.Context //nolint:containedctx // the watch is what ends it
	cancel context.CancelCauseFunc
	timer  *time.Timer // until the first word, then until the next
	total  *time.Timer
	idle   time.Duration
	patience
}

// patience is how long a second try may be put off: half of what is left until
// the first word is due, so that the second has time to speak.
type patience struct{ due time.Time }

func newWatch(parent context.Context, options Options) *watch {
	ctx, cancel := context.WithCancelCause(parent)
	slow := func() { cancel(errSlow) }
	return &watch{
		ctx: ctx, cancel: cancel, idle: options.Idle,
		timer:    time.AfterFunc(options.FirstToken, slow),
		total:    time.AfterFunc(options.Total, slow),
		patience: patience{time.Now().Add(options.FirstToken)},
	}
}

// spoke says that the model said something.
func (w *watch) spoke() { w.timer.Reset(w.idle) }

// leave ends the connection soon, whatever is still said.
func (w *watch) leave(soon time.Duration) { w.timer.Reset(soon) }

func (w *watch) stop() {
	w.timer.Stop()
	w.total.Stop()
	w.cancel(nil)
}

// pause waits before a second try; false: it would take too long.
func (w *watch) pause(d time.Duration) bool {
	if d > time.Until(w.due)/2 {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-w.ctx.Done():
		return false
	}
}

// classify turns whatever went wrong into a failure without anyone's words.
func (w *watch) classify(err error) *llm.Error {
	if cause, ok := errors.AsType[*llm.Error](context.Cause(w.ctx)); ok {
		return &llm.Error{Kind: cause.Kind}
	}
	if failure, ok := errors.AsType[*llm.Error](err); ok {
		return failure
	}
	return &llm.Error{Kind: llm.Unavailable}
}
