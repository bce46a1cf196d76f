package turn

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"bedside/internal/chat"
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
// not be by this process.
func (s *Service) seeThrough(l *lane, j *job) {
	for {
		err := s.try(l, j)
		switch {
		case err == nil, errors.Is(err, transcript.ErrNoSession), errors.Is(err, transcript.ErrEnded):
			return // ended; or forgotten, expired
		case s.work.Err() != nil:
			s.endLast(j)
			return
		case errors.Is(err, errStopped), errors.Is(err, transcript.ErrFenced):
			if !s.lost(j) {
				return
			}
		default:
			s.fail(j, err)
			return
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
	w := newWriter(j.log, j.accepted, s.KnowledgeVersion)
	err = surely(ctx, func() (err error) {
		l.gate.Lock()
		defer l.gate.Unlock()
		w.fence, err = j.log.Claim(ctx, j.accepted.Response)
		return err
	})
	if err == nil {
		err = s.protect(func() error { return s.answer(ctx, j, w) })
	}
	if errors.Is(context.Cause(ctx), errStopped) {
		return errStopped
	}
	if err == nil {
		s.summarise(w, j)
	}
	return err
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
		w.end(chat.StatusIncomplete, chat.ReasonCancelled)
		return w.flush(ctx)
	}
	if len(j.decision.Reply) > 0 {
		fixedReply(w, j)
		return w.flush(ctx)
	}
	w.announce(stageSearching)
	about, found := s.search(ctx, j, w)
	if err := ctx.Err(); err != nil {
		return err
	}
	topicCard(w, j)
	if found.Covered {
		err := s.compose(ctx, j, w, about, found)
		if err == nil {
			s.suggest(w, j, found)
			w.end(chat.StatusCompleted, "")
			return w.flush(ctx)
		}
		if !errors.Is(err, errNothingStands) {
			return err
		}
	}
	s.notCovered(w, j, found)
	return w.flush(ctx)
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

// lostPatience is how long whoever took an answer over has to end it.
const lostPatience = 2 * time.Second

// lost finds out what became of an answer that somebody else took over. It says
// whether the answer has to be written again from its beginning: it was held back
// for an urgent reply. One that was begun and not ended in time is ended here.
func (s *Service) lost(j *job) (again bool) {
	ctx, cancel := context.WithTimeout(s.work, lostPatience)
	defer cancel()
	for {
		p, err := readPast(ctx, j.log, j.accepted.Response)
		switch {
		case err == nil && p.ended, errors.Is(err, transcript.ErrNoSession):
			return false
		case err == nil && !p.opened:
			return true
		}
		select {
		case <-ctx.Done():
			s.finish(j, func(w *writer) { s.cutShort(w, chat.ReasonInterrupted) })
			return false
		case <-time.After(lostPatience / 20):
		}
	}
}

// endLast ends an answer that the service gave up on.
func (s *Service) endLast(j *job) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.work), lastWords)
	defer cancel()
	w, err := s.endEarly(ctx, j.log, j.accepted.Response, func(w *writer) { s.cutShort(w, chat.ReasonInterrupted) })
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
	s.finish(j, func(w *writer) {
		w.answer.Outcome, w.answer.Mode = chat.Failed, modeOf(w)
		w.answer.Error = chat.Refuse(chat.Internal, "Something went wrong on our side. Please ask again, or call the clinic"+s.phone()+".")
		w.answer.Trace = j.trace()
		w.end(chat.StatusFailed, "")
	})
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
	for _, known := range []error{errPanic, errQualifier, context.DeadlineExceeded, context.Canceled, transcript.ErrUnavailable, transcript.ErrFenced} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "other"
}
