// Package turn is the path of one question, from the door to its terminal event.
// It is the only package that knows the order of the steps; Ask and answer read
// like its recipe.
//
// It promises: triage sees the raw text before anything else happens; only
// redacted text goes further; a question is said to be accepted once it is
// stored; every accepted question gets exactly one terminal event; the answers
// of a session are written one after the other, an emergency or a crisis before
// all others; a sentence is sent only after its check, and what qualifies it is
// sent with it. An answer belongs to the Service, not to whoever asked: a client
// that goes away cancels nothing. It keeps to the Material that its question was
// triaged with, however often that is replaced.
//
// Where several processes answer the same sessions (Options.Lease) one of them has
// a session's lease and answers its questions, in the log's order, whoever accepted
// them; each looks for questions that nobody answers and goes on with them, after
// the sentences that are stored. What a store that is away does not take of a
// running answer is told to those who follow here and stored once it is back. A
// reply to somebody in danger waits for no lease: it may stand in the middle of an
// answer that another process began at that very moment.
//
// It stores nothing itself: everything goes through the transcript. Of the fixed
// replies that no session's log could take it remembers, for half an hour after the last question, in
// memory, their category and the last one's words, so that care goes on and no two
// replies in a row are the same; never a word of a patient's.
package turn

import "bedside/internal/chat"

// Question is what a door hands in.
type Question struct {
	Session         chat.SessionID // empty: the connection has none
	Connection      string         // tells those who have no session apart; empty: nothing does
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
	// From is who asks, as addresses are counted: those who wait for their answers
	// to be begun take turns by it.
	From string
}

// Receipt says where the answer will stand.
type Receipt struct {
	// Session differs from the question's where that was empty or Transient, and
	// where the question's could not take an urgent reply.
	Session  chat.SessionID
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
