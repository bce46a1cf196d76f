package turn

import (
	"context"
	"errors"
	"fmt"

	"bedside/internal/chat"
	"bedside/internal/redact"
	"bedside/internal/transcript"
)

// Cancel ends an answer where it stands. It is not an error if it had ended.
// transcript.ErrNoSession means that there is no such session.
func (s *Service) Cancel(ctx context.Context, response chat.ResponseID) error {
	session, ok := response.Session()
	if !ok {
		return transcript.ErrNoSession
	}
	w, err := s.takeOver(ctx, s.logOf(ctx, session), response)
	if err != nil || w == nil {
		return err
	}
	w.answer.Outcome, w.answer.Mode = chat.Answered, modeOf(w)
	w.end(chat.StatusIncomplete, chat.ReasonCancelled)
	if err := w.flush(ctx); err != nil && !errors.Is(err, transcript.ErrEnded) {
		return fmt.Errorf("cancel %s: %w", response, err)
	}
	return nil
}

// takeOver raises the answer's fence, so that whoever writes it is refused from
// now on, and returns a writer that goes on where the log stands. It returns nil
// where the answer has ended.
func (s *Service) takeOver(ctx context.Context, log transcript.Log, response chat.ResponseID) (*writer, error) {
	session, _ := response.Session()
	fence, err := log.Claim(ctx, response)
	if errors.Is(err, transcript.ErrEnded) {
		return nil, nil //nolint:nilnil // documented: there is nothing left to write, which is no error.
	}
	if err != nil {
		return nil, fmt.Errorf("claim %s: %w", response, err)
	}
	s.stopLocal(session, response)
	now, err := readHistory(ctx, log, session)
	if err != nil {
		return nil, fmt.Errorf("read the log of %s: %w", response, err)
	}
	p := now.of(response)
	if p == nil {
		return nil, transcript.ErrNoSession
	}
	if p.ended {
		return nil, nil //nolint:nilnil // as above.
	}
	w := resumeWriter(log, p, s.KnowledgeVersion)
	w.fence = fence
	return w, nil
}

// Feedback keeps a person's rating of an answer that has ended.
func (s *Service) Feedback(ctx context.Context, f Feedback) error {
	session, ok := f.Response.Session()
	if !ok {
		return chat.Refuse(chat.NotFound, "There is no such answer.")
	}
	before, err := readHistory(ctx, s.Log, session)
	if err != nil {
		return s.storeError(err)
	}
	p := before.of(f.Response)
	if p == nil {
		return chat.Refuse(chat.NotFound, "There is no such answer.")
	}
	if !p.ended { // its writer owns the row of sequence numbers until then
		return chat.Refuse(chat.Busy, "Please wait until the answer is complete.")
	}
	event := chat.FeedbackAccepted{
		Head:   chat.Head{Response: f.Response, Sequence: p.sequence + 1},
		Rating: f.Rating, Comment: redact.Redact(f.Comment),
	}
	if _, err := appendSurely(ctx, s.Log, transcript.Batch{Session: session, Events: []chat.Event{event}}); err != nil {
		return s.storeError(err)
	}
	return nil
}

// Forget destroys a session and stops its answers.
func (s *Service) Forget(ctx context.Context, session chat.SessionID) error {
	if err := s.Log.Forget(ctx, session); err != nil {
		return s.storeError(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.lanes[session]; l != nil {
		for _, stop := range l.stop {
			stop(errStopped)
		}
	}
	return nil
}
