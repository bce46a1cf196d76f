package turn

import (
	"context"

	"bedside/internal/chat"
	"bedside/internal/redact"
	"bedside/internal/transcript"
)

// Feedback keeps a person's rating of an answer that has ended.
func (s *Service) Feedback(ctx context.Context, f Feedback) error {
	session, ok := f.Response.Session()
	if !ok {
		return chat.Refuse(chat.NotFound, "There is no such answer.")
	}
	s.ratings.Lock()
	defer s.ratings.Unlock()
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
	ctx, cancel := context.WithTimeout(ctx, acceptPatience)
	defer cancel()
	if _, err := appendSurely(ctx, s.Log, transcript.Batch{
		Session: session, Events: []chat.Event{event}, After: map[chat.ResponseID]int{f.Response: p.sequence},
	}); err != nil {
		return s.storeError(err)
	}
	return nil
}
