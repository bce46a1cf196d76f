// Package turn is the path of one question.
package turn

import (
	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// Question is what a door hands in.
type Question struct {
	Session         chat.SessionID // empty: the connection has none
	Raw             chat.RawText
	ClientMessageID string          // makes a repeated send the same question; empty: never repeated
	Previous        chat.ResponseID // the answer that this continues; empty: the last three questions are the context
	// Transient keeps nothing past the answer ("store": false).
	Transient bool
	// Create lets the question begin the session's record.
	Create bool
	Locale string // of the client, BCP 47; empty: guessed from the words
	// Refusal is what the door would answer instead (a limit, a size, no
	// session). Triage comes before every refusal: an emergency or a crisis gets
	// its reply all the same, anything else gets Refusal.
	Refusal *chat.Error
}

// Receipt says where the answer will stand.
type Receipt struct {
	Session  chat.SessionID // differs from the question's where that was empty or Transient
	Response chat.ResponseID
	// After is a cursor from which following gives all of the answer.
	After chat.Cursor
	// Duplicate: the client message id had been accepted before as Response.
	Duplicate bool
	// Text is the question as stored.
	Text chat.Text
}

// Feedback is a person's rating of an answer.
type Feedback struct {
	Response chat.ResponseID
	Rating   string // "up" or "down"
	Comment  chat.RawText
}

var _ transcript.Log // the turn appends there, the doors follow
