package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// oneTokenRounds is how many one-token answers each subject gives.
	oneTokenRounds = 300
	// dialers open connections at a time.
	dialers = 8
)

// eager keeps garbage small beside what is held. What a handshake leaves behind
// is collected in time anyway, and would else be counted as a session's.
const eager = "GOGC=10"

// idle measures what a session that does nothing holds in memory, in processes of
// their own.
func (b *bench) idle(ctx context.Context, report *Report) error {
	for _, start := range []func(context.Context, ...string) (*subject, error){b.startRelay, b.startGateway} {
		s, err := start(ctx, eager)
		if err != nil {
			return err
		}
		b.Say("idle sessions: " + s.name)
		report.of(s.name).IdleKiB, err = b.held(ctx, s)
		s.process.stop()
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// held is what each of many idle sessions adds to a process's memory. Half as many
// are opened first, so that what the process itself needs for any does not count.
func (b *bench) held(ctx context.Context, s *subject) (kib float64, err error) {
	var open []patient
	defer func() {
		for _, p := range open {
			p.close()
		}
	}()
	var before float64
	for _, more := range []int{b.Idle / 2, b.Idle} {
		opened, err := dialMany(ctx, s, more)
		open = append(open, opened...)
		if err != nil {
			return 0, err
		}
		if err := pause(ctx, b.Settle); err != nil {
			return 0, err
		}
		now, err := s.process.resident()
		if err != nil {
			return 0, err
		}
		kib, before = (now-before)/float64(more), now
	}
	return kib, nil
}

func dialMany(ctx context.Context, s *subject, count int) (open []patient, err error) {
	var mu sync.Mutex
	err = each(dialers, func(worker int) error {
		for i := worker; i < count; i += dialers {
			p, err := s.dial(ctx)
			if err != nil {
				return err
			}
			mu.Lock()
			open = append(open, p)
			mu.Unlock()
		}
		return nil
	})
	return open, err
}

// oneToken measures what stands between a model's one-token answer and a single
// patient. The subjects take turns, each going first equally often.
func (b *bench) oneToken(ctx context.Context, report *Report) error {
	b.Say("answers of one token")
	b.model.short.Store(true)
	defer b.model.short.Store(false)
	patients := make([]patient, len(b.subjects))
	for i, s := range b.subjects {
		p, err := s.dial(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		defer p.close()
		patients[i] = p
	}
	took := make([][]time.Duration, len(b.subjects))
	for round := range oneTokenRounds {
		for i := range b.subjects {
			which := (round + i) % len(b.subjects)
			began := time.Now()
			if err := patients[which].ask(ctx, ignore); err != nil {
				return fmt.Errorf("%s: %w", b.subjects[which].name, err)
			}
			took[which] = append(took[which], time.Since(began))
		}
	}
	for i, s := range b.subjects {
		report.of(s.name).OneTokenMs = milliseconds(quantile(took[i], .5))
	}
	return nil
}

// paced measures on a model that takes its time: when the first sentence is
// there, how long a sentence takes from its last token to the patient, and the
// processor time of a token.
func (b *bench) paced(ctx context.Context, report *Report) error {
	b.model.pace.Store(int64(time.Second) / int64(b.Rate))
	defer b.model.pace.Store(0)
	for _, s := range b.subjects {
		b.Say("a model of " + fmt.Sprint(b.Rate) + " tokens a second: " + s.name)
		err := with(ctx, s, b.Streams, func(patients []patient) error {
			select {
			case <-b.model.arrived: // one that nobody looked at
			default:
			}
			var firsts, lags []time.Duration
			spent, err := b.spend(ctx, s, func() (err error) {
				firsts, lags, err = b.pacedAnswers(ctx, patients)
				return err
			})
			if err != nil {
				return err
			}
			r := report.of(s.name)
			r.PacedCPUMicros, r.FirstSentenceMs = spent.perToken(), milliseconds(quantile(firsts, .5))
			r.SentenceLagP50Ms, r.SentenceLagP99Ms = milliseconds(quantile(lags, .5)), milliseconds(quantile(lags, .99))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// spent is what some answers took.
type spent struct {
	took, cost time.Duration
	tokens     int64
}

func (s spent) perToken() float64 { return float64(s.cost.Microseconds()) / float64(max(s.tokens, 1)) }

// spend measures what do costs a subject.
func (b *bench) spend(ctx context.Context, s *subject, do func() error) (spent, error) {
	before, err := s.cost(ctx)
	if err != nil {
		return spent{}, err
	}
	tokens, began := b.model.tokens.Load(), time.Now()
	if err := do(); err != nil {
		return spent{}, err
	}
	took, said := time.Since(began), b.model.tokens.Load()-tokens
	after, err := s.cost(ctx)
	return spent{took, after - before, said}, err
}

// errNotSeen means that a stream's first sentence never came.
var errNotSeen = errors.New("the model's first sentence did not come: is it withheld?")

// pacedAnswers lets each patient ask once. One begins after the other, so that
// it is known which of the model's streams is whose.
func (b *bench) pacedAnswers(ctx context.Context, patients []patient) (firsts, lags []time.Duration, err error) {
	var mu sync.Mutex
	var answers sync.WaitGroup
	defer answers.Wait()
	failed := make(chan error, len(patients))
	for _, p := range patients {
		began := time.Now()
		shown := make(map[string]time.Time)
		asked := make(chan *play, 1)
		answers.Go(func() {
			var text strings.Builder
			err := p.ask(ctx, func(at time.Time, piece string) { note(shown, &text, at, piece) })
			if err != nil {
				failed <- err
				return
			}
			said := <-asked
			mu.Lock()
			defer mu.Unlock()
			for i, sentence := range said.script.sentences {
				at, there := shown[sentence.text]
				if i == 0 && !there {
					failed <- errNotSeen
					return
				}
				if i == 0 {
					firsts = append(firsts, at.Sub(began))
				}
				if there {
					lags = append(lags, at.Sub(said.when(sentence.last)))
				}
			}
		})
		select {
		case said := <-b.model.arrived:
			asked <- said
		case err := <-failed:
			return nil, nil, err
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
	answers.Wait()
	select {
	case err := <-failed:
		return nil, nil, err
	default:
		return firsts, lags, nil
	}
}

// note takes a piece of an answer: a whole sentence, or one token of the model's,
// with which its sentence may be complete.
func note(shown map[string]time.Time, text *strings.Builder, at time.Time, piece string) {
	shown[strings.TrimSpace(piece)] = at
	text.WriteString(piece)
	if !strings.ContainsAny(piece, ".!?") {
		return
	}
	whole := strings.TrimSpace(text.String())
	if marker := strings.LastIndex(whole, " ["); marker > 0 {
		whole = whole[:marker] + whole[strings.Index(whole[marker:], "]")+marker+1:]
	}
	shown[whole] = at
	if len(whole) > 0 && strings.HasSuffix(whole, ".") && strings.Contains(text.String(), "]") {
		text.Reset()
	}
}

// unpaced measures on a model that is as fast as it can be. The subjects take turns.
func (b *bench) unpaced(ctx context.Context, report *Report) error {
	rates := make([][]float64, len(b.subjects))
	costs := make([][]float64, len(b.subjects))
	for round := range b.Rounds {
		b.Say(fmt.Sprintf("as fast as it can, round %d of %d", round+1, b.Rounds))
		for i := range b.subjects {
			which := (round + i) % len(b.subjects)
			s := b.subjects[which]
			err := with(ctx, s, b.Streams, func(patients []patient) error {
				spent, err := b.spend(ctx, s, func() error { return b.askFor(ctx, patients) })
				rates[which] = append(rates[which], float64(spent.tokens)/spent.took.Seconds())
				costs[which] = append(costs[which], spent.perToken())
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	for i, s := range b.subjects {
		r := report.of(s.name)
		r.TokensPerSecond, r.CPUMicros = quantile(rates[i], .5), quantile(costs[i], .5)
	}
	return nil
}

// askFor lets all patients ask one question after the other for a stretch.
func (b *bench) askFor(ctx context.Context, patients []patient) error {
	began := time.Now()
	return each(len(patients), func(i int) error {
		for time.Since(began) < b.Stretch {
			if err := patients[i].ask(ctx, ignore); err != nil {
				return err
			}
		}
		return nil
	})
}

// each calls do for 0 up to count, all at once, and returns the first error.
func each(count int, do func(i int) error) error {
	failed := make(chan error, count)
	var running sync.WaitGroup
	for i := range count {
		running.Go(func() { failed <- do(i) })
	}
	running.Wait()
	close(failed)
	for err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// quantile is the value below which a share of the values lies.
func quantile[T time.Duration | float64](values []T, share float64) T {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[int(share*float64(len(sorted)-1))]
}
