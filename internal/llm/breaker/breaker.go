// Package breaker keeps a failing model from being asked, so that answers come at
// once without it.
//
// It promises: a model that refuses the key is not asked again for a minute; one
// that says for how long it wants to be left alone is left alone for so long; one
// that failed three times in a row, in whatever way, is not asked for half a
// minute. After that one question tries it, and the others wait for what comes of
// it without asking. What the model has no part in (the caller went away, the
// budget is spent, this one request was bad) counts neither way. While it is open
// a request fails at once with an *llm.Error of kind llm.Open.
//
// A model of vectors has a circuit of its own (NewEmbedder): it may fail where the
// one that answers does not.
//
// It stores nothing beyond its state in this process.
package breaker

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"

	"bedside/internal/llm"
)

// State is whether the model is asked.
type State int

// The states, in the order in which a metric counts them.
const (
	Closed State = iota // the model is asked
	Trying              // one question tries it
	Opened              // it is not asked
)

func (s State) String() string { return [...]string{"closed", "trying", "open"}[s] }

// Options are the settings of a Breaker; zero values take the defaults.
type Options struct {
	Failures    uint32        // in a row that open it (3)
	Rest        time.Duration // until it is tried again (30 s)
	Refused     time.Duration // the same after the key was refused (1 min)
	LongestRest time.Duration // that a server may ask for (10 min)
	Logger      *slog.Logger  // told when the state changes; nil: nobody is
}

func (o *Options) defaults() {
	if o.Failures == 0 {
		o.Failures = 3
	}
	if o.Rest <= 0 {
		o.Rest = 30 * time.Second
	}
	if o.Refused <= 0 {
		o.Refused = time.Minute
	}
	if o.LongestRest <= 0 {
		o.LongestRest = 10 * time.Minute
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
}

// Breaker is a model that is asked only while it answers.
type Breaker struct {
	model   llm.Model
	options Options
	circuit *gobreaker.TwoStepCircuitBreaker[struct{}]

	mu    sync.Mutex
	until time.Time // not asked before, whatever the circuit says
	kind  llm.Kind  // of the last failure that counted
}

var _ llm.Model = (*Breaker)(nil)

// New returns a Breaker around a model.
func New(model llm.Model, options Options) *Breaker {
	b := newCircuit(options)
	b.model = model
	return b
}

func newCircuit(options Options) *Breaker {
	options.defaults()
	b := &Breaker{options: options}
	b.circuit = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout: options.Rest,
		ReadyToTrip: func(counts gobreaker.Counts) bool {
			return counts.ConsecutiveFailures >= options.Failures || b.lastKind() == llm.Refused
		},
		IsSuccessful:  func(err error) bool { return !counts(err) },
		IsExcluded:    neutral,
		OnStateChange: b.tell,
	})
	return b
}

// Stream implements llm.Model.
func (b *Breaker) Stream(ctx context.Context, request llm.Request, emit func(string) error) (llm.Completion, error) {
	var completion llm.Completion
	err := b.ask(func() (enough bool, err error) {
		completion, err = b.model.Stream(ctx, request, func(piece string) error {
			err := emit(piece)
			enough = enough || err != nil
			return err
		})
		return enough, err
	})
	return completion, err
}

// ask asks the model unless it is to be left alone, and notes what comes of it.
// enough says that whoever asked has heard enough, of a model that spoke.
func (b *Breaker) ask(call func() (enough bool, err error)) error {
	if b.resting() {
		return &llm.Error{Kind: llm.Open}
	}
	done, err := b.circuit.Allow()
	if err != nil {
		return &llm.Error{Kind: llm.Open}
	}
	settled := false
	defer func() {
		if !settled { // a panic on its way
			done(context.Canceled)
		}
	}()
	enough, err := call()
	settled = true
	if err != nil && enough {
		done(nil)
		return err
	}
	b.rest(err)
	done(err)
	return err
}

// rest notes for how long the model is to be left alone after a failure.
func (b *Breaker) rest(err error) {
	failure, ok := errors.AsType[*llm.Error](err)
	if !ok || !counts(err) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kind = failure.Kind
	rest := min(failure.RetryAfter, b.options.LongestRest)
	if failure.Kind == llm.Refused {
		rest = b.options.Refused
	}
	if until := time.Now().Add(rest); rest > 0 && until.After(b.until) {
		b.until = until
	}
}

func (b *Breaker) resting() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Now().Before(b.until)
}

func (b *Breaker) lastKind() llm.Kind {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.kind
}

// State says whether the model is asked, and of which kind its last failure was.
func (b *Breaker) State() (State, llm.Kind) {
	state := b.circuit.State()
	switch {
	case b.resting(), state == gobreaker.StateOpen:
		return Opened, b.lastKind()
	case state == gobreaker.StateHalfOpen:
		return Trying, b.lastKind()
	}
	return Closed, b.lastKind()
}

func (b *Breaker) tell(_ string, from, to gobreaker.State) {
	level := slog.LevelInfo
	if to == gobreaker.StateOpen {
		level = slog.LevelWarn
	}
	b.options.Logger.Log(context.Background(), level, "model breaker",
		slog.String("from", from.String()), slog.String("to", to.String()), slog.String("failure", string(b.lastKind())))
}

// counts says whether an error is the model's failure.
func counts(err error) bool {
	_, ok := errors.AsType[*llm.Error](err)
	return ok && !neutral(err)
}

// neutral says whether an error tells nothing about the model.
func neutral(err error) bool {
	if err == nil {
		return false
	}
	failure, ok := errors.AsType[*llm.Error](err)
	if !ok {
		return true // the caller's own
	}
	switch failure.Kind {
	case llm.Spent, llm.Open:
		return true
	case llm.Unavailable:
		switch failure.Status {
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
			return true // of this one request, as a vendor's filter says it
		}
	case llm.Refused, llm.RateLimited, llm.Garbled, llm.Cut, llm.Slow, llm.TooBig:
	}
	return false
}
