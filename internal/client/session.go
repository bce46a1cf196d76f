package client

import (
	"fmt"

	"bedside/internal/chat"
	"bedside/internal/wire"
)

// session is what the client knows of the session: its key, where in its log the
// client is, and how far each answer is.
type session struct {
	token   string
	cursor  chat.Cursor
	answers map[chat.ResponseID]*progress
}

// progress is how much of an answer was applied, and how much of that is stored:
// frames without a cursor are not, and may come again otherwise.
type progress struct {
	applied, stored int // sequence numbers
	text            int // bytes
	storedText      int
}

// forget drops everything.
func (s *session) forget() { *s = session{} }

// clear drops what was shown and keeps the session.
func (s *session) clear() { s.cursor, s.answers = "", nil }

// rewind drops what is not stored, before a replay tells it again.
func (s *session) rewind() {
	for _, p := range s.answers {
		p.applied, p.text = p.stored, p.storedText
	}
}

// apply takes a frame of an answer and returns what it tells; nil: nothing new.
func (s *session) apply(f frame) (Event, error) {
	p := s.answers[f.Response]
	if p == nil {
		p = &progress{applied: -1, stored: -1}
		if s.answers == nil {
			s.answers = make(map[chat.ResponseID]*progress)
		}
		s.answers[f.Response] = p
	}
	if f.Cursor != "" {
		s.cursor = f.Cursor
		if f.Sequence > p.stored {
			p.stored = f.Sequence
			p.storedText += len(f.Delta)
		}
	}
	if f.Sequence <= p.applied {
		return nil, nil
	}
	p.applied = f.Sequence
	offset := p.text
	p.text += len(f.Delta)
	return tell(f, offset)
}

// tell makes the event of a frame. Frames that only frame others tell nothing.
func tell(f frame, offset int) (Event, error) {
	switch f.Type {
	case wire.TypeAccepted:
		return Accepted{f.ClientMessageID, f.Response, f.Text}, nil
	case wire.TypeTriage:
		return Triaged{f.Response, f.Level, f.Category, f.Card}, nil
	case wire.TypeStatus:
		return Status{f.Response, f.Stage}, nil
	case wire.TypeDelta:
		return Sentence{f.Response, offset, f.Delta}, nil
	case wire.TypeAnnotation:
		return Cited{f.Response, f.Annotation}, nil
	case wire.TypeSuggestions:
		return Suggested{f.Response, f.Questions}, nil
	case wire.TypeFeedbackAccepted:
		return FeedbackAccepted{f.Response, f.Rating}, nil
	case wire.TypeCompleted, wire.TypeIncomplete, wire.TypeFailed:
		answer, err := decodeResponse(f.Object)
		if err != nil {
			return nil, fmt.Errorf("end of %s: %w", f.Response, err)
		}
		return Ended{answer}, nil
	default:
		return nil, nil
	}
}
