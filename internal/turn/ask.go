package turn

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"

	"bedside/internal/chat"
	"bedside/internal/language"
	"bedside/internal/redact"
	"bedside/internal/transcript"
	"bedside/internal/triage"
)

// job is an accepted question on its way to its answer.
type job struct {
	log      transcript.Log
	session  chat.SessionID
	accepted chat.Accepted
	before   history // what the session held before this question, up to what it continues
	material *material
	decision triage.Decision
	helpBar  bool // switch on the session's help bar
	locale   string
	from     string // who asks, as Question.From
	started  time.Time
	timings  map[string]float64 // milliseconds by step

	withheld     []chat.Withheld
	tokensBefore int    // the model's, of the session's answers before this one
	sentences    int    // let through
	modelKind    string // of the model's failure

	first     int              // the number that its question is stored with
	held      *transcript.Held // the right to write it, where that was taken with the question; nil: it was not
	heldAt    time.Time
	elsewhere bool   // accepted by another process
	tries     int    // that went before this one
	cut       string // the reason for which an earlier try was to end where it stood; empty: none was
	telling   sync.Once
	told      chan struct{} // closed when its end was handed to those who follow

	// Guarded by Service.mu.
	cancelled bool                    // it is to end where it stands
	stop      context.CancelCauseFunc // ends its writing
	done      chan struct{}           // closed when this process is done with it
}

// tell says that the answer's end was handed to those who follow.
func (j *job) tell() { j.telling.Do(func() { close(j.told) }) }

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
	j := &job{
		log: s.Log, session: q.Session, from: q.From, material: s.current.Load(),
		started: time.Now(), timings: make(map[string]float64, 8),
		done: make(chan struct{}), told: make(chan struct{}),
	}
	before, readError := s.past(ctx, q)

	beside := s.asides.of(whose(q))
	j.decision = j.material.Triage.Decide(q.Raw, contextOf(q, before, beside))
	j.helpBar = j.decision.HelpBar || beside.helpBar
	j.lap("triage")
	urgent := j.decision.Urgent

	if !urgent {
		if refusal := s.refusal(q, j.decision, before, readError); refusal != nil {
			s.asides.refused(whose(q))
			return Receipt{}, refusal
		}
		if known := before.byMessage(q.ClientMessageID); known != nil {
			return s.repeated(j, known), nil
		}
	}
	text := redact.Redact(q.Raw)
	j.lap("redact")

	if j.locale = q.Locale; j.locale == "" {
		j.locale = language.Guess(string(text))
	}
	j.before, j.tokensBefore = before.upTo(q.Previous), before.tokens()
	if q.Session == "" || q.Transient || readError != nil { // with an error only what needs no store comes so far
		j.log, j.session = s.Transient, chat.NewToken().Session()
	}
	id := q.ClientMessageID
	if id == "" {
		id = uuid.NewString()
	}
	j.accepted = chat.Accepted{
		Head:            chat.Head{Response: chat.NewResponseID(j.session)},
		ClientMessageID: id, Text: text, Previous: q.Previous, CreatedAt: time.Now().UTC(), Urgent: urgent,
	}
	create, accept := q.Create || j.session != q.Session, s.acceptOrdinary
	if urgent {
		accept = s.acceptUrgent
	}
	receipt, err := accept(ctx, j, create)
	if err == nil && !q.Transient {
		s.remember(q, j)
	}
	return receipt, err
}

// contextOf is what triage is told of the session: what its log holds, and what
// was said beside it.
func contextOf(q Question, before history, beside aside) triage.Context {
	count, last := before.takeovers()
	c := triage.Context{
		Earlier: before.texts(), TakenOver: count, LastCategory: last, LastReply: before.lastReply(), Locale: q.Locale,
	}
	c.TakenOver += beside.urgent
	if beside.last != "" {
		c.LastCategory = beside.last
	}
	if beside.reply != "" {
		c.LastReply = beside.reply
	}
	return c
}

// remember notes a fixed reply that no session's log holds. What the log takes
// again, the help bar with it, stands for what was noted.
func (s *Service) remember(q Question, j *job) {
	if j.log == s.Transient {
		s.asides.given(whose(q), j.decision)
	} else {
		s.asides.Remove(whose(q))
	}
}

// past reads what the question's session held. One that begins with it needs no
// store to say that it held nothing.
func (s *Service) past(ctx context.Context, q Question) (history, error) {
	if q.Session == "" {
		return history{}, nil
	}
	before, err := readHistory(ctx, s.Log, q.Session)
	if q.Create && errors.Is(err, transcript.ErrUnavailable) {
		return history{}, nil
	}
	return before, err
}

// refusal is why a question that is not urgent is not taken; nil: it is. A reply
// that triage has at hand needs no store, and nothing of what the session held.
func (s *Service) refusal(q Question, decision triage.Decision, before history, readError error) error {
	switch {
	case q.Refusal != nil:
		return q.Refusal
	case isAside(decision, readError):
		return nil
	case readError != nil:
		return s.storeError(readError)
	case s.shares() && len(before.unended()) > waitingMax:
		return tooManyWaiting()
	case q.Previous != "" && before.of(q.Previous) == nil:
		return &chat.Error{Code: chat.NotFound, Message: "There is no such answer to continue.", Param: "previous_response_id"}
	}
	return nil
}

// isAside says whether a reply is given beside a session that cannot be reached:
// a fixed one, which would be the same in it.
func isAside(decision triage.Decision, err error) bool {
	return len(decision.Reply) > 0 && errors.Is(err, transcript.ErrUnavailable)
}

// accept stores the question, and takes the session's lease if nobody has it: a
// question that is about to be answered here is not to be taken for one left lying.
func (s *Service) accept(ctx context.Context, j *job, l *lane, create bool) (Receipt, error) {
	batch := transcript.Batch{
		Session: j.session, Create: create, Events: []chat.Event{j.accepted}, HelpBar: j.helpBar, Lease: l != nil,
		Claim: l != nil && !j.accepted.Urgent,
	}
	j.heldAt = time.Now()
	receipt, err := j.log.Append(ctx, batch)
	// Nobody in danger waits for a store that is known to be away.
	if errors.Is(err, transcript.ErrUnavailable) && (!j.accepted.Urgent || s.Durable(ctx)) {
		receipt, err = appendSurely(ctx, j.log, batch)
	}
	j.lap("accept")
	if err != nil {
		return Receipt{}, err
	}
	if l != nil {
		s.noted(l, receipt)
		j.held = receipt.Held
	}
	if receipt.Duplicate != "" {
		return Receipt{Session: j.session, Response: receipt.Duplicate, After: receipt.Before, Duplicate: true, Text: j.accepted.Text}, nil
	}
	return Receipt{Session: j.session, Response: j.accepted.Response, After: receipt.Before, Text: j.accepted.Text}, nil
}

// acceptOrdinary stores a question and puts it into its session's lane. The
// lane's lock keeps the order of the log and of the lane the same.
func (s *Service) acceptOrdinary(ctx context.Context, j *job, create bool) (Receipt, error) {
	// One after the other, so that a question which is sent many times at once takes
	// one place.
	pinned := s.pin(j.session)
	defer s.unpin(pinned)
	pinned.order.Lock()
	defer pinned.order.Unlock()
	l, refusal := s.enter(j.session)
	if refusal != nil {
		if s.leaves(ctx, j, create) {
			return s.acceptForOthers(ctx, j, create)
		}
		return Receipt{}, refusal
	}
	within, cancel := context.WithTimeout(ctx, acceptPatience)
	defer cancel()
	receipt, err := s.accept(within, j, l, create)
	if err != nil || receipt.Duplicate {
		s.leave(l)
		if isAside(j.decision, err) && j.log != s.Transient {
			s.moveAside(j)
			return s.acceptOrdinary(ctx, j, true)
		}
		if err != nil {
			err = s.storeError(err)
		}
		return receipt, err
	}
	if s.isBusy(l) || s.openIn(l) > 1 {
		w := newWriter(j.log, j.accepted, j.material)
		w.announce(stageWaiting)
		j.accepted.Sequence = w.sequence // the answer's own numbers come after
	}
	s.queue(l, j)
	return receipt, nil
}

// leaves says whether this process is about to end and others will answer.
func (s *Service) leaves(ctx context.Context, j *job, create bool) bool {
	if !s.shares() || !s.isClosed() || j.log != s.Log {
		return false
	}
	if state, err := s.Log.State(ctx, j.session); err == nil {
		return state.Durable
	}
	return create && s.Log.Durable(ctx)
}

// acceptForOthers stores a question that another process will find.
func (s *Service) acceptForOthers(ctx context.Context, j *job, create bool) (Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, acceptPatience)
	defer cancel()
	receipt, err := s.accept(ctx, j, nil, create)
	if err != nil {
		err = s.storeError(err)
	}
	return receipt, err
}

// restartAfter is how long after it was accepted a question that nobody began to
// answer is taken to be left lying, when it is sent again, where no lease tells.
const restartAfter = 3 * time.Second

// repeated is the receipt of a question that was accepted before. One that was
// left lying is answered now.
func (s *Service) repeated(j *job, known *past) Receipt {
	receipt := Receipt{Session: j.session, Response: known.accepted.Response, After: chat.Origin, Duplicate: true, Text: known.accepted.Text}
	switch {
	case known.ended, s.holds(j.session, known.accepted.Response):
		return receipt
	case s.shares():
		s.adopt(j.session)
		return receipt
	case known.opened, time.Since(known.accepted.CreatedAt) < restartAfter:
		return receipt
	}
	l, refusal := s.enter(j.session)
	if refusal != nil {
		return receipt
	}
	l.order.Lock()
	defer l.order.Unlock()
	j.accepted, j.first = known.accepted, known.accepted.Sequence
	j.locale = language.Guess(string(known.accepted.Text))
	s.queue(l, j)
	return receipt
}

// storeError turns a log's error into what a patient may read.
func (s *Service) storeError(err error) error {
	if errors.Is(err, transcript.ErrNoSession) {
		return chat.Refuse(chat.SessionExpired, "This conversation has ended. Please start a new one.")
	}
	return &chat.Error{
		Code:       chat.StoreUnavailable,
		Message:    "We cannot take your question right now. Please try again in a moment, or call the clinic" + s.phone() + ".",
		RetryAfter: time.Second,
	}
}

// lap notes how long the step that just ended took, in milliseconds.
func (j *job) lap(step string) {
	total := float64(time.Since(j.started).Microseconds()) / 1000
	for _, earlier := range j.timings {
		total -= earlier
	}
	j.timings[step] += total
}
