package turn

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"bedside/internal/chat"
	"bedside/internal/draft"
	"bedside/internal/transcript"
)

// The stages that live followers are told of.
const (
	stageWaiting   = "waiting"
	stageSearching = "searching"
	stageWriting   = "writing"
)

// seeThrough brings one question to its terminal event: its answer, or whatever
// end somebody else gave it. It comes back only when the answer is ended, or can
// not be by this process; mine is false where another has the session.
func (s *Service) seeThrough(l *lane, j *job) (mine bool) {
	for ; ; j.tries++ {
		err := s.try(l, j)
		switch {
		case err == nil, errors.Is(err, transcript.ErrNoSession), errors.Is(err, transcript.ErrEnded):
			return true // ended; or forgotten, expired
		case errors.Is(err, transcript.ErrHeld):
			return false
		case s.work.Err() != nil:
			if !s.isLeaving(l) && !s.othersHave(j) {
				s.endLast(j)
			}
			return true
		case errors.Is(err, transcript.ErrLost) && j.tries < rewindTries:
			s.rewound(l)
		case errors.Is(err, errStopped), errors.Is(err, transcript.ErrFenced):
			if !s.lost(j) {
				return true
			}
		case errors.Is(err, errCancelled), errors.Is(err, errInterrupted):
			// before it was begun
		default:
			s.fail(j, err)
			return true
		}
	}
}

// try writes the answer once. errStopped means that somebody else took it over.
func (s *Service) try(l *lane, j *job) error {
	release, err := s.slot(j)
	if err != nil {
		return err
	}
	defer release()
	ctx, cancel := s.begin(j)
	defer cancel()
	w, err := s.hold(ctx, l, j)
	if w == nil {
		return causeOr(ctx, err)
	}
	defer func() { j.cut = cmp.Or(cutBy(ctx), j.cut) }() // should the log turn out to have lost its end
	err = protect(func() error { return s.answer(ctx, j, w) })
	if err != nil && !isOver(err) && s.work.Err() == nil {
		err = s.endHere(ctx, j, w, err)
	}
	if errors.Is(context.Cause(ctx), errStopped) {
		_ = s.settle(l, w)
		return errStopped
	}
	if err == nil {
		j.tell()
	}
	// Where the store is away the answer is told by now, and stored when it is back.
	if err = errors.Join(err, s.settle(l, w)); err == nil {
		s.summarise(w, j)
	}
	return err
}

// settle waits until the log has everything of a writer. What was told ahead and is
// stored by nobody is taken back: whoever saw its numbers would drop those with which
// another writer goes on.
func (s *Service) settle(l *lane, w *writer) error {
	err := w.settle()
	if err != nil && w.ahead && !errors.Is(err, transcript.ErrLost) {
		s.rewound(l)
	}
	return err
}

// causeOr is why the try was stopped, if it was.
func causeOr(ctx context.Context, err error) error {
	for _, cause := range []error{errStopped, errCancelled, errInterrupted} {
		if errors.Is(context.Cause(ctx), cause) {
			return cause
		}
	}
	return err
}

// cutBy is the reason for which the answer ends where it stands; empty where it does not.
func cutBy(ctx context.Context) string {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errCancelled):
		return chat.ReasonCancelled
	case errors.Is(cause, errInterrupted):
		return chat.ReasonInterrupted
	}
	return ""
}

// endHere ends an answer that was stopped, or went wrong, where it stands. It
// returns the cause where that is not to be done here.
func (s *Service) endHere(ctx context.Context, j *job, w *writer, cause error) error {
	w.rewind()
	reason := cutBy(ctx)
	switch {
	case errors.Is(context.Cause(ctx), errStopped):
		return cause
	case reason != "":
		cutShort(w, reason)
	default:
		s.Logger.Error("answer failed", slog.String("response", string(j.accepted.Response)), slog.String("cause", causeOf(cause)))
		s.endFailed(w, j)
	}
	return w.flush(s.work)
}

// hold takes the session's lease and the right to write the answer, and returns a
// writer that goes on where the log stands; nil with an error.
func (s *Service) hold(ctx context.Context, l *lane, j *job) (*writer, error) {
	var held transcript.Held
	err := surely(ctx, func() (err error) {
		l.gate.Lock()
		defer l.gate.Unlock()
		if s.isHeld(j) {
			held = *j.held
			return nil
		}
		held, err = j.log.Hold(ctx, j.accepted.Response)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.goOnWith(l, held)
	if held.Last < j.first {
		if held.Last, err = s.restore(ctx, l, j); err != nil {
			return nil, err
		}
	}
	if j.elsewhere && j.tries == 0 {
		s.Logger.Info("question taken over", slog.String("response", string(j.accepted.Response)), slog.Bool("begun", held.Last > j.first))
	}
	w := newWriter(j.log, j.accepted, j.material)
	if held.Last > j.first {
		p, err := readPast(ctx, j.log, j.accepted.Response)
		switch {
		case errors.Is(err, errMissing):
			return nil, transcript.ErrLost
		case err != nil:
			return nil, err
		case p.ended:
			return nil, transcript.ErrEnded
		}
		w = resumeWriter(j.log, p, j.material)
	} else if j.elsewhere || j.tries > 0 {
		w.sequence += takeoverGap * (1 + j.tries)
	}
	w.fence, w.runs, w.apart, w.stands, w.life = held.Fence, true, held.Shared, held.Last, s.work
	w.stored = func(receipt transcript.Receipt) { s.noted(l, receipt) }
	return w, nil
}

// isHeld says whether the right to write the answer was taken along with its question,
// and so lately that no other process can have the session's lease.
func (s *Service) isHeld(j *job) bool {
	return j.held != nil && j.tries == 0 && time.Since(j.heldAt) < s.Lease/3
}

// rewindTries is how often an answer is begun anew because its log was rewound.
const rewindTries = 5

// restore stores a question again that its log has lost, and returns the number that
// it has there. ErrEnded: it was sent again meanwhile, and has another answer.
func (s *Service) restore(ctx context.Context, l *lane, j *job) (last int, err error) {
	question := j.accepted
	question.Sequence = j.first
	receipt, err := appendSurely(ctx, j.log, transcript.Batch{
		Session: j.session, Events: []chat.Event{question}, HelpBar: j.helpBar, Lease: true,
	})
	switch {
	case err != nil:
		return 0, err
	case receipt.Duplicate != "":
		return 0, transcript.ErrEnded
	}
	s.rewound(l)
	s.Logger.Warn("a question was lost by the store, and is stored again", slog.String("response", string(j.accepted.Response)))
	return j.first, nil
}

// answer is the path of one question, from its place in the lane to its
// terminal event.
//
//  1. A fixed reply is given as it stands.            (triage)
//  2. Look for passages, on what is really asked.     (retrieve)
//  3. Say so if the material does not cover it.
//  4. Draft, and let through what the passages carry. (draft, ground)
//  5. Add what must be said beside it.                (qualifiers, fixed lines)
//  6. Offer next questions, and end.
func (s *Service) answer(ctx context.Context, j *job, w *writer) error {
	j.lap("wait")
	if s.isCancelled(j) {
		j.cut = chat.ReasonCancelled
	}
	if j.cut != "" {
		cutShort(w, j.cut)
		return w.flush(ctx)
	}
	if len(j.decision.Reply) > 0 && !w.opened {
		fixedReply(w, j)
		return w.flush(ctx)
	}
	w.announce(stageSearching)
	begun := w.opened // by another process, or in another try
	about, found := search(ctx, j, w)
	if err := ctx.Err(); err != nil {
		return err
	}
	if !begun {
		topicCard(w, j)
	}
	if found.Covered || w.answer.Text != "" {
		err := compose(ctx, j, w, about, found)
		if err == nil {
			j.material.suggest(w, j, found)
			w.end(chat.StatusCompleted, "")
			return w.flush(ctx)
		}
		if !errors.Is(err, errNothingStands) {
			return err
		}
	}
	if found.Covered && about.wish == draft.Detailed && about.told != "" {
		j.material.allTold(w, j, found)
		return w.flush(ctx)
	}
	j.material.notCovered(w, j, found)
	return w.flush(ctx)
}

// errPanic stands for a panic in an answer. Its value is not kept: it may hold a
// patient's words.
var errPanic = errors.New("panic while answering")

func protect(answer func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	return answer()
}

// lostPatience is how long whoever took an answer over has to end it.
const lostPatience = 2 * time.Second

// lost finds out what became of an answer that somebody else took over. It says
// whether it is to be tried again here: it was held back for an urgent reply, its
// question was lost by the store, or whoever took it over did not end it in time.
func (s *Service) lost(j *job) (again bool) {
	ctx, cancel := context.WithTimeout(s.work, lostPatience)
	defer cancel()
	for {
		p, err := readPast(ctx, j.log, j.accepted.Response)
		switch {
		case errors.Is(err, errMissing):
			return true
		case err == nil && p.ended, errors.Is(err, transcript.ErrNoSession):
			return false
		case err == nil && !p.opened:
			return true
		}
		select {
		case <-ctx.Done():
			return true
		case <-time.After(lostPatience / 20):
		}
	}
}

// othersHave says whether other processes can go on with a question of which this
// one has no lease yet. A store that does not answer has it.
func (s *Service) othersHave(j *job) bool {
	if !s.shares() || j.log != s.Log {
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.work), lastWords)
	defer cancel()
	state, err := s.Log.State(ctx, j.session)
	return state.Durable || errors.Is(err, transcript.ErrUnavailable)
}

// endLast ends an answer that the service gave up on.
func (s *Service) endLast(j *job) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.work), lastWords)
	defer cancel()
	w, err := s.endEarly(ctx, j.log, j.accepted.Response, func(w *writer) { cutShort(w, chat.ReasonInterrupted) })
	if err != nil {
		s.Logger.Warn("answer left unfinished", slog.String("response", string(j.accepted.Response)), slog.String("cause", causeOf(err)))
	}
	if w != nil {
		s.summarise(w, j)
	}
}

// fail gives an answer that went wrong its terminal event.
func (s *Service) fail(j *job, cause error) {
	s.Logger.Error("answer failed", slog.String("response", string(j.accepted.Response)), slog.String("cause", causeOf(cause)))
	s.finish(j, func(w *writer) { s.endFailed(w, j) })
}

func (s *Service) endFailed(w *writer, j *job) {
	w.answer.Outcome, w.answer.Mode = chat.Failed, modeOf(w)
	w.answer.Error = chat.Refuse(chat.Internal, "Something went wrong on our side. Please ask again, or call the clinic"+s.phone()+".")
	w.answer.Trace = j.trace()
	w.end(chat.StatusFailed, "")
}

// finish takes the answer over and ends it, trying for as long as the service
// lives: the store may be away.
func (s *Service) finish(j *job, end func(*writer)) {
	w, err := s.endEarly(s.work, j.log, j.accepted.Response, end)
	switch {
	case w != nil:
		s.summarise(w, j)
	case err != nil && s.work.Err() != nil:
		s.endLast(j)
	case err != nil && !errors.Is(err, transcript.ErrNoSession):
		s.Logger.Warn("answer left unfinished", slog.String("response", string(j.accepted.Response)), slog.String("cause", causeOf(err)))
	}
}

// causeOf names an error without the words that it may carry.
func causeOf(err error) string {
	for _, known := range []error{
		errPanic, errQualifier, context.DeadlineExceeded, context.Canceled, transcript.ErrUnavailable,
		transcript.ErrFenced, transcript.ErrLost, transcript.ErrEnded, transcript.ErrHeld,
	} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "other"
}
