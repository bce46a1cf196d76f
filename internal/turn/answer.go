package turn

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"bedside/internal/chat"
	"bedside/internal/retrieve"
	"bedside/internal/transcript"
)

// The stages that live followers are told of.
const (
	stageWaiting   = "waiting"
	stageSearching = "searching"
	stageWriting   = "writing"
	stageChecking  = "checking"
)

// Summary is what the staff's logs and metrics learn of one answer: ids,
// decisions, counts and durations, never words.
type Summary struct {
	Session   chat.SessionID
	Response  chat.ResponseID
	Outcome   chat.Outcome
	Mode      chat.Mode
	Status    chat.Status
	Category  chat.Category
	Level     chat.Level
	Rule      string
	Sentences int
	Withheld  []string // the reasons
	ModelKind string   // of the model's failure; empty: it did not fail
	Usage     chat.Usage
	Timings   map[string]float64 // milliseconds by step
}

// answerWithin sees to it that the answer has its terminal event, whatever happens.
func (s *Service) answerWithin(ctx context.Context, j *job) {
	fence, err := j.log.Claim(ctx, j.accepted.Response)
	if err != nil {
		s.abandon(j, err)
		return
	}
	w := newWriter(j.log, j.accepted, s.KnowledgeVersion)
	w.fence = fence
	err = s.protect(func() error { return s.answer(ctx, j, w) })
	if err == nil {
		s.summarise(j, w)
		return
	}
	if isFinal(err) || s.work.Err() != nil || errors.Is(context.Cause(ctx), errStopped) {
		s.abandon(j, err)
		return
	}
	s.fail(j, err)
}

// answer is the path of one question, from its place in the lane to its
// terminal event.
//
//  1. A fixed reply is given as it stands.         (triage)
//  2. Look for passages.                           (retrieve)
//  3. Say so if the material does not cover it.
//  4. Draft, and let through what the passages carry. (draft, ground)
//  5. Add what must be said beside it.             (qualifiers, fixed lines)
//  6. Offer next questions, and end.
func (s *Service) answer(ctx context.Context, j *job, w *writer) error {
	if len(j.decision.Reply) > 0 {
		fixedReply(w, j)
		return w.flush(ctx)
	}
	if err := s.place(ctx, w); err != nil {
		return err
	}
	defer s.freePlace()

	w.announce(stageSearching)
	found := s.search(j)
	j.lap("retrieve")
	if !found.Covered {
		s.notCovered(w, j, found)
		return w.flush(ctx)
	}
	topicCard(w, j)
	if err := s.compose(ctx, j, w, found); err != nil {
		return err
	}
	s.suggest(w, found)
	w.end(chat.StatusCompleted, "")
	return w.flush(ctx)
}

func (s *Service) search(j *job) retrieve.Result {
	texts := j.before.texts(j.accepted.Response)
	previous := make([]string, len(texts))
	for i, text := range texts {
		previous[i] = string(text)
	}
	return s.Index.Search(retrieve.Query{Text: string(j.accepted.Text), Previous: previous, Limit: searchDepth})
}

// place waits for one of the places for answers that are written at once.
func (s *Service) place(ctx context.Context, w *writer) error {
	if s.places == nil {
		return nil
	}
	select {
	case s.places <- struct{}{}:
		return nil
	default:
	}
	w.announce(stageWaiting)
	select {
	case s.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Service) freePlace() {
	if s.places != nil {
		<-s.places
	}
}

// errPanic stands for a panic in an answer. Its value is not kept: it may hold a
// patient's words.
var errPanic = errors.New("panic while answering")

func (s *Service) protect(answer func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	return answer()
}

// fail gives an answer that went wrong its terminal event.
func (s *Service) fail(j *job, cause error) {
	s.Logger.Error("answer failed", slog.String("response", string(j.accepted.Response)), slog.String("cause", causeOf(cause)))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.work), 10*time.Second)
	defer cancel()
	w, err := s.takeOver(ctx, j.log, j.accepted.Response)
	if err != nil || w == nil {
		return
	}
	w.answer.Outcome = chat.Failed
	w.answer.Error = chat.Refuse(chat.Internal, "Something went wrong on our side. Please ask again, or call the clinic"+s.phone()+".")
	w.end(chat.StatusFailed, "")
	if err := w.flush(ctx); err != nil {
		s.abandon(j, err)
		return
	}
	s.summarise(j, w)
}

// abandon notes that this process writes no more of the answer.
func (s *Service) abandon(j *job, err error) {
	if isFinal(err) || (errors.Is(err, context.Canceled) && s.work.Err() == nil) {
		return // cancelled, interrupted, taken over or forgotten: each has its own record
	}
	s.Logger.Warn("answer left unfinished", slog.String("response", string(j.accepted.Response)), slog.String("cause", causeOf(err)))
}

// causeOf names an error without the words that it may carry.
func causeOf(err error) string {
	for _, known := range []error{errPanic, context.DeadlineExceeded, context.Canceled, transcript.ErrUnavailable} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "other"
}

// summarise tells logs and metrics of an answer.
func (s *Service) summarise(j *job, w *writer) {
	summary := Summary{
		Session: w.session, Response: w.answer.ID, Outcome: w.answer.Outcome, Mode: w.answer.Mode,
		Status: w.answer.Status, Category: j.decision.Category, Level: j.decision.Level, Rule: j.decision.Rule,
		Usage: w.answer.Usage, ModelKind: j.modelKind, Sentences: j.sentences,
	}
	if w.answer.Trace != nil {
		summary.Timings = w.answer.Trace.Timings
		for _, withheld := range w.answer.Trace.Withheld {
			summary.Withheld = append(summary.Withheld, withheld.Reason)
		}
	}
	s.Logger.Info("answer",
		slog.String("session", string(summary.Session)), slog.String("response", string(summary.Response)),
		slog.String("outcome", string(summary.Outcome)), slog.String("mode", string(summary.Mode)),
		slog.String("status", string(summary.Status)), slog.String("rule", summary.Rule),
		slog.Int("sentences", summary.Sentences), slog.Int("withheld", len(summary.Withheld)),
		slog.String("model_error", summary.ModelKind), slog.Float64("total_ms", summary.Timings["total"]))
	if s.Ended != nil {
		s.Ended(summary)
	}
}
