package gateway

import (
	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// fold is the state of an answer, from its events so far.
type fold struct {
	answer   chat.Answer
	sequence int
	seen     bool // there was an event
	whole    bool // the events came from the answer's beginning
	ended    bool
}

// take folds in an item if it is of the answer, and returns the event; nil if it
// was not. If the session was forgotten the event is the answer's end, which is
// stored nowhere.
func (f *fold) take(item transcript.Item, response chat.ResponseID) chat.Event {
	if item.Notice != nil {
		if !item.Notice.Forgotten {
			return nil
		}
		f.answer.ID = response
		return f.cutShort()
	}
	event := item.Entry.Event
	if event.At().Response != response {
		return nil
	}
	f.add(event)
	return event
}

func (f *fold) add(event chat.Event) {
	f.seen = true
	f.sequence = event.At().Sequence
	switch e := event.(type) {
	case chat.Accepted:
		f.whole = true
		f.answer = chat.Answer{
			ID: e.Response, CreatedAt: e.CreatedAt, Previous: e.Previous,
			ClientMessageID: e.ClientMessageID, Status: chat.StatusInProgress,
		}
	case chat.Created:
		f.answer = e.Answer
		f.answer.Text, f.answer.Citations = "", nil
	case chat.Delta:
		f.answer.Text += e.Text
	case chat.Annotated:
		f.answer.Citations = append(f.answer.Citations, e.Citation)
	case chat.TextDone:
		f.answer.Text = e.Text
	case chat.Ended:
		f.answer, f.ended = e.Answer, true
	case chat.FeedbackAccepted:
		f.answer.ID = e.Response // it says nothing of the answer itself
	default:
		f.answer.ID = event.At().Response
	}
}

// cutShort ends the answer where it stands, as cancelled.
func (f *fold) cutShort() chat.Ended {
	f.ended = true
	f.sequence++
	f.answer.Status, f.answer.Reason, f.answer.Error = chat.StatusIncomplete, chat.ReasonCancelled, nil
	if !f.whole {
		f.answer.Text, f.answer.Citations = "", nil // a part would pass for the whole
	}
	return chat.Ended{Head: chat.Head{Response: f.answer.ID, Sequence: f.sequence}, Answer: f.answer}
}
