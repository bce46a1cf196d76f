package turn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"bedside/internal/chat"
	"bedside/internal/draft"
	"bedside/internal/language"
	"bedside/internal/transcript"
)

// Cancel ends an answer where it stands; one that waits for its turn ends when
// that comes, since the answers of a session do not interleave. It is not an
// error if it had ended. transcript.ErrNoSession means that there is no such
// answer.
func (s *Service) Cancel(ctx context.Context, response chat.ResponseID) error {
	session, ok := response.Session()
	if !ok {
		return transcript.ErrNoSession
	}
	if waiting := s.cancelWaiting(session, response); waiting != nil {
		select {
		case <-waiting:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if j := s.cutLocal(session, response, errCancelled); j != nil {
		select {
		case <-j.told: // stored, or kept for a store that is away
			return nil
		case <-j.done: // by whom and how, the log tells
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := s.awaitTurn(ctx, session, response); err != nil {
		return fmt.Errorf("cancel %s: %w", response, err)
	}
	w, err := s.endEarly(ctx, s.logOf(ctx, session), response, func(w *writer) { cutShort(w, chat.ReasonCancelled) })
	if err != nil {
		return fmt.Errorf("cancel %s: %w", response, err)
	}
	if w != nil {
		s.summarise(w, nil)
	}
	return nil
}

// cancelWaiting marks a waiting answer as cancelled, and returns what is closed
// when it has ended; nil where it does not wait.
func (s *Service) cancelWaiting(session chat.SessionID, response chat.ResponseID) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[session]
	if l == nil {
		return nil
	}
	j := s.waits(l, response)
	if j == nil {
		return nil
	}
	j.cancelled = true
	return j.done
}

// awaitTurn waits until an answer that waits at another process may end.
func (s *Service) awaitTurn(ctx context.Context, session chat.SessionID, response chat.ResponseID) error {
	for s.shares() {
		var now history
		err := surely(ctx, func() (err error) {
			now, err = readHistory(ctx, s.logOf(ctx, session), session)
			return err
		})
		if err != nil {
			return err
		}
		unended := now.unended()
		at := slices.IndexFunc(unended, func(p *past) bool { return p.accepted.Response == response })
		if at <= 0 || unended[at].opened {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lostPatience / 20):
		}
	}
	return nil
}

func (s *Service) isCancelled(j *job) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return j.cancelled
}

// endTries is how often an answer is taken over before it is left to whoever
// else is doing the same.
const endTries = 4

// endEarly takes an answer over and gives it the end that finish writes. It
// returns nil where the answer ended otherwise.
func (s *Service) endEarly(ctx context.Context, log transcript.Log, response chat.ResponseID, finish func(*writer)) (*writer, error) {
	for try := 1; ; try++ {
		w, err := s.takeOver(ctx, log, response)
		if err != nil || w == nil {
			return nil, err
		}
		finish(w)
		err = w.flush(ctx)
		switch {
		case err == nil:
			return w, nil
		case errors.Is(err, transcript.ErrEnded):
			return nil, nil //nolint:nilnil // documented: somebody else ended it.
		case !errors.Is(err, transcript.ErrFenced) && !errors.Is(err, transcript.ErrLost), try == endTries:
			return nil, err
		}
	}
}

// takeOver raises the answer's fence, so that whoever writes it is refused from
// now on, and returns a writer that goes on where the log stands. It returns nil
// where the answer has ended, and transcript.ErrNoSession where it never was.
func (s *Service) takeOver(ctx context.Context, log transcript.Log, response chat.ResponseID) (*writer, error) {
	session, _ := response.Session()
	if p, err := readPast(ctx, log, response); err != nil || p.ended {
		return nil, err
	}
	var fence transcript.Fence
	err := surely(ctx, func() (err error) {
		fence, err = log.Claim(ctx, response)
		return err
	})
	if errors.Is(err, transcript.ErrEnded) {
		return nil, nil //nolint:nilnil // documented: there is nothing left to write.
	}
	if err != nil {
		return nil, fmt.Errorf("claim %s: %w", response, err)
	}
	material := s.stopLocal(session, response)
	p, err := readPast(ctx, log, response)
	if err != nil || p.ended {
		return nil, err
	}
	w := resumeWriter(log, p, material)
	w.fence = fence
	return w, nil
}

// readPast reads what stands of one answer.
func readPast(ctx context.Context, log transcript.Log, response chat.ResponseID) (*past, error) {
	session, _ := response.Session()
	var now history
	err := surely(ctx, func() (err error) {
		now, err = readHistory(ctx, log, session)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the log of %s: %w", response, err)
	}
	p := now.of(response)
	switch {
	case p == nil && len(now.answers) > 0:
		return nil, errMissing
	case p == nil:
		return nil, transcript.ErrNoSession
	}
	return p, nil
}

// errMissing is the ErrNoSession of an answer that its session's log does not hold:
// it never was, or was lost by the store.
var errMissing = fmt.Errorf("%w with this answer", transcript.ErrNoSession)

// cutShort ends an answer where it stands. What qualifies the sentences that
// were sent is said first: no claim is left without it.
func cutShort(w *writer, reason string) {
	var said draft.Said
	for _, sentence := range language.Sentences(w.answer.Text) {
		said.Add(w.material.extractor.Words("", draft.Sentence{Text: sentence}))
	}
	var passages []chat.Passage
	var numbers []int
	seen := make(map[chat.PassageID]bool)
	for _, citation := range w.answer.Citations {
		if passage, found := w.material.Passage(citation.Passage); found && !seen[citation.Passage] {
			seen[citation.Passage] = true
			passages = append(passages, passage)
			numbers = append(numbers, len(passages))
		}
	}
	for _, sentence := range w.material.extractor.Qualifiers(passages, numbers, &said) {
		w.sentence(sentence.Text, citationOf(passages[sentence.Cites[0]-1], trimmed(sentence.Text), chat.Quoted))
	}
	if w.answer.Text != "" {
		w.answer.Outcome, w.answer.Mode = chat.Answered, modeOf(w)
	}
	w.end(chat.StatusIncomplete, reason)
}

// Forget destroys a session and stops its answers.
func (s *Service) Forget(ctx context.Context, session chat.SessionID) error {
	if err := s.Log.Forget(ctx, session); err != nil {
		return s.storeError(err)
	}
	s.asides.Remove(string(session))
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.lanes[session]; l != nil && l.current != nil && l.current.stop != nil {
		l.current.stop(errStopped)
	}
	return nil
}
