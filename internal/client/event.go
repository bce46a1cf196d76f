package client

import (
	"time"

	"bedside/internal/chat"
	"bedside/internal/wire"
)

// Event is what a conversation tells. The set is sealed: it is the types of this
// file.
//
//sumtype:decl
type Event interface{ event() }

// Ready says that a session was begun, or gone on with. Where Recovered is false
// and Resumed is true, everything shown so far is to be cleared: it follows again.
type Ready struct {
	wire.Ready
	Resumed bool
}

// Lost says that the connection ended and is tried again after a while.
type Lost struct {
	Retry time.Duration
	Err   error
}

// Accepted says that the gateway has a question.
type Accepted struct {
	ClientMessageID string
	Response        chat.ResponseID
	Text            string // as the gateway stored it
}

// Triaged is help to show above everything else.
type Triaged struct {
	Response chat.ResponseID
	Level    chat.Level
	Category chat.Category
	Card     chat.Card
}

// Status says how far an answer is: waiting, searching, writing, checking.
type Status struct {
	Response chat.ResponseID
	Stage    string
}

// Sentence is the next part of an answer. Offset is where it stands in the
// answer's text, in bytes: where text that was not stored was lost, an offset
// comes again, and what stood there is replaced.
type Sentence struct {
	Response chat.ResponseID
	Offset   int
	Text     string
}

// Cited names a source of what was said so far.
type Cited struct {
	Response chat.ResponseID
	Citation chat.Citation
}

// Suggested offers questions that the material answers.
type Suggested struct {
	Response  chat.ResponseID
	Questions []string
}

// Ended is an answer's end, with all of it.
type Ended struct{ Answer chat.Answer }

// Refused is an error that belongs to no answer. Kept says that the question
// stays with the client and is sent again.
type Refused struct {
	Err             *chat.Error
	ClientMessageID string
	Kept            bool
}

// Expired says that the session is gone and another one is begun.
type Expired struct{}

// Forgotten says that the session was destroyed, as somebody asked. Another one
// is begun.
type Forgotten struct{}

// FeedbackAccepted says that a rating was kept.
type FeedbackAccepted struct {
	Response chat.ResponseID
	Rating   string
}

func (Ready) event()            {}
func (Lost) event()             {}
func (Accepted) event()         {}
func (Triaged) event()          {}
func (Status) event()           {}
func (Sentence) event()         {}
func (Cited) event()            {}
func (Suggested) event()        {}
func (Ended) event()            {}
func (Refused) event()          {}
func (Expired) event()          {}
func (Forgotten) event()        {}
func (FeedbackAccepted) event() {}
