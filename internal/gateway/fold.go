package gateway

import (
	"context"
	"time"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// fold is the state of an answer, from its events so far.
type fold struct {
	answer   chat.Answer // without its text until it has ended
	text     []byte
	sequence int
	seen     bool // there was an event
	whole    bool // the events came from the answer's beginning
	ended    bool
}

// take folds in an item and returns those of its events that are of the answer and
// were not taken before. If the session was forgotten that is the answer's end,
// which is stored nowhere.
func (f *fold) take(item transcript.Item, response chat.ResponseID) []chat.Event {
	switch {
	case item.Entry != nil:
		if f.isNew(item.Entry.Event, response) {
			f.add(item.Entry.Event)
			return []chat.Event{item.Entry.Event}
		}
		return nil
	case item.Notice.Forgotten:
		f.answer.ID = response
		return []chat.Event{f.cutShort()}
	}
	var taken []chat.Event
	for _, event := range item.Notice.Ahead {
		if f.isNew(event, response) {
			f.add(event)
			taken = append(taken, event)
		}
	}
	return taken
}

// isNew says whether the event is of the answer and was not folded in before: what
// was told while the store was away comes again when it is stored.
func (f *fold) isNew(event chat.Event, response chat.ResponseID) bool {
	head := event.At()
	return head.Response == response && (!f.seen || head.Sequence > f.sequence)
}

func (f *fold) add(event chat.Event) {
	if _, isFeedback := event.(chat.FeedbackAccepted); isFeedback {
		return // may be in the log longer than the answer that it rates
	}
	f.seen = true
	f.sequence = event.At().Sequence
	switch e := event.(type) {
	case chat.Accepted:
		f.whole, f.text = true, nil
		f.answer = chat.Answer{
			ID: e.Response, CreatedAt: e.CreatedAt, Previous: e.Previous,
			ClientMessageID: e.ClientMessageID, Status: chat.StatusInProgress,
		}
	case chat.Created:
		f.answer = e.Answer
		f.answer.Text, f.answer.Citations, f.text = "", nil, nil
	case chat.Delta:
		f.text = append(f.text, e.Text...)
	case chat.Annotated:
		f.answer.Citations = append(f.answer.Citations, e.Citation)
	case chat.TextDone:
		f.text = append(f.text[:0], e.Text...)
	case chat.Ended:
		f.answer, f.ended = e.Answer, true
	default:
		f.answer.ID = event.At().Response
	}
}

// standing is the answer as far as it is there.
func (f *fold) standing() chat.Answer {
	a := f.answer
	if !f.ended {
		a.Text = string(f.text)
	}
	return a
}

// cutShort ends the answer where it stands, as cancelled.
func (f *fold) cutShort() chat.Ended {
	f.answer, f.ended = f.standing(), true
	f.sequence++
	f.answer.Status, f.answer.Reason, f.answer.Error = chat.StatusIncomplete, chat.ReasonCancelled, nil
	if !f.whole {
		f.answer.Text, f.answer.Citations = "", nil // a part would pass for the whole
	}
	return chat.Ended{Head: chat.Head{Response: f.answer.ID, Sequence: f.sequence}, Answer: f.answer}
}

// folds are the answers of a session that were begun and have not ended.
type folds map[chat.ResponseID]*fold

// add folds in an event and says whether it ended its answer.
func (f folds) add(event chat.Event) (ended bool) {
	if _, isFeedback := event.(chat.FeedbackAccepted); isFeedback {
		return false // of an answer that ended before
	}
	id := event.At().Response
	state := f[id]
	if state == nil {
		state = new(fold)
		f[id] = state
	}
	if state.isNew(event, id) {
		state.add(event)
	}
	if state.ended {
		delete(f, id)
	}
	return state.ended
}

// has says whether an event of an open answer was folded in before.
func (f folds) has(event chat.Event) bool {
	state := f[event.At().Response]
	return state != nil && !state.isNew(event, event.At().Response)
}

// openAt returns the answers that were open at the cursor, for a connection that
// goes on from there: should the session be forgotten, it has to end them. That
// what it returns may be nothing, because the log cannot be read, is no reason
// not to go on.
func (g *Gateway) openAt(ctx context.Context, session chat.SessionID, cursor chat.Cursor, recovered bool) folds {
	open := make(folds, 1)
	if !recovered || cursor == chat.Origin {
		return open
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second) // it may just have been trimmed away
	defer cancel()
	follower, _, _, err := g.Turn.Follow(ctx, session, chat.Origin)
	if err != nil {
		return open
	}
	defer follower.Close()
	for {
		item, err := follower.Next(ctx)
		if err != nil {
			return open
		}
		if item.Entry == nil {
			continue
		}
		open.add(item.Entry.Event)
		if item.Entry.Cursor == cursor {
			return open
		}
	}
}
