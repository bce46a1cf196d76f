// Package meter counts a model's tokens, and keeps it from being asked once the
// day's are spent.
//
// It promises: what an answer took is counted as the server says it, and
// estimated where the server does not (it reports none, or the stream was ended
// early); so is what a failed stream took, if the model was at work on it. A day
// is one of UTC. What a question will take at least is set aside before it is
// asked, so that many at once do not all slip under the limit; the last ones let
// through may go over it by what they are answered with. Once the day's tokens
// are spent a request fails at once with an *llm.Error of kind llm.Spent.
//
// It stores nothing: the count is the Ledger's.
package meter

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"bedside/internal/llm"
)

// Ledger keeps how many tokens were spent on a day.
type Ledger interface {
	// Add adds tokens, which may be negative, to a day ("2026-11-23") and returns
	// that day's total, also where ctx has ended. It never fails: it may forget,
	// and count anew.
	Add(ctx context.Context, day string, tokens int) (total int)
}

// Options are the settings of a Meter.
type Options struct {
	Ledger Ledger
	Limit  int              // tokens a day; 0: no limit
	Now    func() time.Time // nil: the machine's clock
}

// Meter is a model whose tokens are counted.
type Meter struct {
	model   llm.Model
	options Options
	day     atomic.Pointer[spent] // as last heard
}

// spent is a day's total.
type spent struct {
	day   string
	total int
}

var _ llm.Model = (*Meter)(nil)

// New returns a Meter around a model.
func New(model llm.Model, options Options) *Meter {
	if options.Now == nil {
		options.Now = time.Now
	}
	m := &Meter{model: model, options: options}
	m.day.Store(&spent{})
	return m
}

// Stream implements llm.Model. The completion's usage is filled in, with an
// estimate where the model gives none, also of a stream that failed.
func (m *Meter) Stream(ctx context.Context, request llm.Request, emit func(string) error) (llm.Completion, error) {
	input := 0
	for _, message := range request.Messages {
		input += messageTokens + Estimate(message.Content)
	}
	day, err := m.setAside(ctx, input)
	if err != nil {
		return llm.Completion{}, err
	}
	said := tally{settled: input}
	defer func() { m.add(ctx, day, said.settled-input) }() // also where emit panics
	completion, err := m.model.Stream(ctx, request, func(piece string) error {
		said.bytes += len(piece)
		said.settled = input + tokens(said.bytes)
		return emit(piece)
	})
	if completion.InputTokens == 0 && completion.OutputTokens == 0 && (err == nil || said.bytes > 0 || worked(err)) {
		completion.InputTokens, completion.OutputTokens = input, tokens(said.bytes)
	}
	said.settled = completion.InputTokens + completion.OutputTokens
	return completion, err
}

// setAside counts what a request takes at least, unless the day's tokens are spent.
func (m *Meter) setAside(ctx context.Context, tokens int) (day string, err error) {
	day = m.today()
	if total := m.add(ctx, day, tokens); m.options.Limit > 0 && total-tokens >= m.options.Limit {
		m.add(ctx, day, -tokens)
		return day, &llm.Error{Kind: llm.Spent}
	}
	return day, nil
}

// tally is what one stream took so far.
type tally struct{ bytes, settled int }

// Spent returns how many tokens today took, as far as is known here.
func (m *Meter) Spent() int {
	if known := m.day.Load(); known.day == m.today() {
		return known.total
	}
	return 0
}

func (m *Meter) today() string { return m.options.Now().UTC().Format(time.DateOnly) }

func (m *Meter) add(ctx context.Context, day string, tokens int) int {
	total := m.options.Ledger.Add(ctx, day, tokens)
	m.day.Store(&spent{day, total})
	return total
}

// worked says whether a model that said nothing was at work all the same, so that
// the prompt will be on the bill.
func worked(err error) bool {
	failure, ok := errors.AsType[*llm.Error](err)
	return !ok || failure.Kind == llm.Slow || failure.Kind == llm.Cut
}

// messageTokens is what a message takes beside its words.
const messageTokens = 4

// Estimate says about how many tokens a text is: four bytes make one, which is
// right for English, a little much for Spanish, and near for other scripts.
func Estimate(text string) int { return tokens(len(text)) }

func tokens(bytes int) int { return (bytes + 3) / 4 }
