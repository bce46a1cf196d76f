package transcript

import (
	"errors"
	"fmt"

	"bedside/internal/chat"
)

// Part is what a batch holds of one answer.
type Part struct {
	Response    chat.ResponseID
	First, Last int  // sequence numbers
	Asks        bool // holds the question
	Ends        bool // holds the terminal event
	// Afterwards: holds nothing but what may follow the terminal event.
	Afterwards bool
}

// Parts checks a batch and returns what it holds of each answer, in the order
// in which the answers first appear. An error is the caller's mistake: no
// events, an answer of another session, a number that does not rise, an event
// after the terminal one, two questions, or an event that is no plain value of
// its type.
func (b *Batch) Parts() ([]Part, error) {
	if len(b.Events) == 0 {
		return nil, errors.New("an append without events")
	}
	parts := make([]Part, 0, 2)
	asked := false
	part := -1
	for _, event := range b.Events {
		head := event.At()
		if part < 0 || parts[part].Response != head.Response {
			part = find(parts, head.Response)
		}
		if part < 0 {
			if session, ok := head.Response.Session(); !ok || session != b.Session {
				return nil, fmt.Errorf("answer %q is not of session %q", head.Response, b.Session)
			}
			parts = append(parts, Part{Response: head.Response, First: head.Sequence, Last: -1, Afterwards: true})
			part = len(parts) - 1
		}
		p := &parts[part]
		if head.Sequence <= p.Last {
			return nil, fmt.Errorf("answer %s: sequence number %d does not rise above %d", head.Response, head.Sequence, p.Last)
		}
		p.Last = head.Sequence
		if _, err := kindOf(event); err != nil {
			return nil, err
		}
		switch event.(type) {
		case chat.FeedbackAccepted:
			continue
		case chat.Accepted:
			if asked {
				return nil, errors.New("two questions in one append")
			}
			asked, p.Asks = true, true
		}
		p.Afterwards = false
		if p.Ends {
			return nil, fmt.Errorf("answer %s: an event after the terminal one", head.Response)
		}
		_, p.Ends = event.(chat.Ended)
	}
	return parts, nil
}

// Question returns the batch's question, if it holds one.
func (b *Batch) Question() (chat.Accepted, bool) {
	for _, event := range b.Events {
		if accepted, ok := event.(chat.Accepted); ok {
			return accepted, true
		}
	}
	return chat.Accepted{}, false
}

func find(parts []Part, response chat.ResponseID) int {
	for i := range parts {
		if parts[i].Response == response {
			return i
		}
	}
	return -1
}
