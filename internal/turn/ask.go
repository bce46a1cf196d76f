package turn

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"bedside/internal/chat"
	"bedside/internal/redact"
	"bedside/internal/transcript"
	"bedside/internal/triage"
)

// job is an accepted question on its way to its answer.
type job struct {
	log      transcript.Log
	session  chat.SessionID
	accepted chat.Accepted
	before   history // what the session held before this question
	decision triage.Decision
	locale   string
	started  time.Time
	timings  map[string]float64

	sentences int    // let through
	modelKind string // of the failure of the model
}

// Ask takes a question: triage, redaction, the durable append. It returns once
// the question is stored; the answer is appended to the log by the service's own
// goroutine, whether or not anyone follows. The error is a *chat.Error where the
// question was refused.
//
//  1. Read what the session held.            (transcript)
//  2. Triage the raw text with its context.  (triage)
//  3. Refuse what is refused, unless it is urgent.
//  4. Redact.                                (redact)
//  5. Store the question: accepted.          (transcript)
//  6. Answer at once where it is urgent, else take a place in the session's lane.
func (s *Service) Ask(ctx context.Context, q Question) (Receipt, error) {
	j := &job{log: s.Log, session: q.Session, locale: q.Locale, started: time.Now(), timings: make(map[string]float64, 8)}

	before, err := s.past(ctx, q)
	stored := err == nil
	j.before = before

	count, last := before.takeovers()
	j.decision = s.Triage.Decide(q.Raw, triage.Context{
		Earlier: before.texts(""), TakenOver: count, LastCategory: last, Locale: q.Locale,
	})
	j.lap("triage")
	urgent := j.decision.Urgent

	switch {
	case urgent:
	case q.Refusal != nil:
		return Receipt{}, q.Refusal
	case s.isClosed():
		return Receipt{}, &chat.Error{Code: chat.Busy, Message: "This chat is about to restart. Please send your question again in a moment.", RetryAfter: time.Second}
	case !stored:
		return Receipt{}, s.storeError(err)
	}

	text := redact.Redact(q.Raw)
	j.lap("redact")

	if q.Session == "" || q.Transient || (urgent && (q.Refusal != nil || !stored)) {
		j.log, j.session = s.Transient, chat.NewToken().Session()
	}
	create := q.Create || j.session != q.Session

	id := q.ClientMessageID
	if id == "" {
		id = uuid.NewString()
	}
	j.accepted = chat.Accepted{
		Head:            chat.Head{Response: chat.NewResponseID(j.session)},
		ClientMessageID: id, Text: text, Previous: q.Previous, CreatedAt: time.Now().UTC(), Urgent: urgent,
	}
	if urgent {
		return s.acceptUrgent(ctx, j, create)
	}
	return s.acceptOrdinary(ctx, j, create)
}

// past reads what the question's session held, up to the answer that it continues.
func (s *Service) past(ctx context.Context, q Question) (history, error) {
	if q.Session == "" {
		return history{}, nil
	}
	before, err := readHistory(ctx, s.Log, q.Session)
	if err != nil {
		return history{}, err
	}
	return before.upTo(q.Previous), nil
}

// accept stores the question.
func (s *Service) accept(ctx context.Context, j *job, create bool) (Receipt, error) {
	receipt, err := j.log.Append(ctx, transcript.Batch{
		Session: j.session, Create: create, Events: []chat.Event{j.accepted}, HelpBar: j.decision.HelpBar,
	})
	j.lap("accept")
	if err != nil {
		return Receipt{}, err
	}
	if receipt.Duplicate != "" {
		return Receipt{Session: j.session, Response: receipt.Duplicate, After: chat.Origin, Duplicate: true, Text: j.accepted.Text}, nil
	}
	return Receipt{Session: j.session, Response: j.accepted.Response, After: receipt.Before, Text: j.accepted.Text}, nil
}

// acceptOrdinary stores a question and puts it into its session's lane. The
// lane's lock keeps the order of the log and of the lane the same.
func (s *Service) acceptOrdinary(ctx context.Context, j *job, create bool) (Receipt, error) {
	lane, ok := s.enter(j.session)
	if !ok {
		return Receipt{}, &chat.Error{Code: chat.Busy, Message: "Your earlier questions are still being answered. Please wait a moment.", RetryAfter: 2 * time.Second}
	}
	lane.order.Lock()
	defer lane.order.Unlock()
	receipt, err := s.accept(ctx, j, create)
	if err != nil || receipt.Duplicate {
		s.leave(lane)
		if err != nil {
			err = s.storeError(err)
		}
		return receipt, err
	}
	if s.isBusy(lane) {
		w := newWriter(j.log, j.accepted, s.KnowledgeVersion)
		w.announce(stageWaiting)
		j.accepted.Sequence = w.sequence // the answer's own numbers come after
	}
	s.queue(lane, j)
	return receipt, nil
}

// acceptUrgent stores the question and its fixed reply, ending a running answer
// of the session in the same append. Where the session cannot take it the reply
// is given in a transient one: nobody in danger is told about a store.
func (s *Service) acceptUrgent(ctx context.Context, j *job, create bool) (Receipt, error) {
	receipt, err := s.accept(ctx, j, create)
	if err != nil && j.log == s.Log {
		j.log, j.session = s.Transient, chat.NewToken().Session()
		j.accepted.Response = chat.NewResponseID(j.session)
		receipt, err = s.accept(ctx, j, true)
	}
	if err != nil || receipt.Duplicate {
		return receipt, err
	}
	w, err := s.replyUrgently(ctx, j)
	if err != nil {
		return receipt, err
	}
	s.summarise(j, w)
	return receipt, nil
}

// interruptTries is how often an urgent reply tries to end the running answer in
// the same append. The answer may end by itself, or change hands, in between;
// the last try goes without it.
const interruptTries = 3

func (s *Service) replyUrgently(ctx context.Context, j *job) (*writer, error) {
	for try := 1; ; try++ {
		w := newWriter(j.log, j.accepted, s.KnowledgeVersion)
		w.helpBar = j.decision.HelpBar
		fixedReply(w, j)
		var running []*writer
		if try <= interruptTries {
			running = s.interrupt(ctx, j)
		}
		err := w.flush(ctx, running...)
		if err == nil || len(running) == 0 || !isFinal(err) || errors.Is(err, transcript.ErrNoSession) {
			return w, err
		}
	}
}

// interrupt ends the session's running answer, if there is one, in a writer
// whose events are appended together with the urgent reply.
func (s *Service) interrupt(ctx context.Context, j *job) []*writer {
	running := j.before.writing()
	if j.log == s.Log {
		if now, err := readHistory(ctx, j.log, j.session); err == nil {
			running = now.writing()
		}
	}
	if running == nil {
		return nil
	}
	w, err := s.takeOver(ctx, j.log, running.accepted.Response)
	if err != nil || w == nil {
		return nil // it ended by itself, or its own writer will end it
	}
	w.answer.Outcome, w.answer.Mode = chat.Answered, modeOf(w)
	w.end(chat.StatusIncomplete, chat.ReasonInterrupted)
	return []*writer{w}
}

// storeError turns a log's error into what a patient may read.
func (s *Service) storeError(err error) error {
	if errors.Is(err, transcript.ErrNoSession) {
		return chat.Refuse(chat.SessionExpired, "This conversation has ended. Please start a new one.")
	}
	return chat.Refuse(chat.StoreUnavailable, "We cannot take your question right now. Please try again in a moment, or call the clinic"+s.phone()+".")
}

func (s *Service) phone() string {
	if s.ClinicPhone == "" {
		return ""
	}
	return " at " + s.ClinicPhone
}

func (s *Service) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// lap notes how long the step that just ended took, in milliseconds.
func (j *job) lap(step string) {
	total := float64(time.Since(j.started).Microseconds()) / 1000
	for _, earlier := range j.timings {
		total -= earlier
	}
	j.timings[step] += total
}
