package chat

import "time"

// Event is one entry of a session's log, and one frame on the wire. The set is
// sealed: it is the types of this file.
type Event interface {
	// At tells which answer the event belongs to and its place in it.
	At() Head
	sealed()
}

// Head places an event: the answer, and a number that rises strictly within
// that answer from 0. Gaps are allowed.
type Head struct {
	Response ResponseID `json:"response_id"`
	Sequence int        `json:"sequence_number"`
}

// At returns the head itself, so that embedding it makes a type an Event.
func (h Head) At() Head { return h }
func (Head) sealed()    {}

// Accepted says that a question is stored. It is always its answer's first event.
type Accepted struct {
	Head
	ClientMessageID string     `json:"client_message_id"`
	Text            Text       `json:"text"`
	Previous        ResponseID `json:"previous_response_id,omitempty"`
	CreatedAt       time.Time  `json:"created_at"`
	// Urgent marks a message that triage took out of the queue: an emergency or a crisis.
	Urgent bool `json:"urgent,omitempty"`
}

// Triaged carries what triage found, where it found something to show.
type Triaged struct {
	Head
	Level    Level    `json:"level"`
	Category Category `json:"category"`
	Card     Card     `json:"card"`
}

// Created begins an answer. Answer holds its state so far, as do InProgress and Ended.
type Created struct {
	Head
	Answer Answer `json:"answer"`
}

// InProgress follows Created.
type InProgress struct {
	Head
	Answer Answer `json:"answer"`
}

// ItemAdded opens the answer's one output item.
type ItemAdded struct{ Head }

// PartAdded opens the item's one text part.
type PartAdded struct{ Head }

// Delta is one checked sentence with its trailing space or line break.
type Delta struct {
	Head
	Text string `json:"text"`
}

// Annotated cites a source for what the deltas said so far.
type Annotated struct {
	Head
	Index    int      `json:"index"` // of the annotation, from 0
	Citation Citation `json:"citation"`
}

// TextDone carries the whole text: all deltas joined.
type TextDone struct {
	Head
	Text string `json:"text"`
}

// PartDone closes the text part.
type PartDone struct {
	Head
	Text      string     `json:"text"`
	Citations []Citation `json:"citations"`
}

// ItemDone closes the output item.
type ItemDone struct {
	Head
	Status    Status     `json:"status"`
	Text      string     `json:"text"`
	Citations []Citation `json:"citations"`
}

// Suggested offers questions that the material answers. It comes before Ended.
type Suggested struct {
	Head
	Questions []string `json:"questions"`
}

// Ended is an answer's terminal event; there is exactly one.
type Ended struct {
	Head
	Answer Answer `json:"answer"`
}

// FeedbackAccepted says that a rating of the answer was kept.
type FeedbackAccepted struct {
	Head
	Rating  string `json:"rating"` // "up" or "down"
	Comment Text   `json:"comment,omitempty"`
}
