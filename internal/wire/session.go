package wire

import (
	"time"

	"bedside/internal/chat"
)

// Clinic is whom a patient can reach.
type Clinic struct {
	Name  string `json:"name"`
	Phone string `json:"phone"`
	Hours string `json:"hours"`
}

// Ready answers session.start and session.resume.
type Ready struct {
	Type    string         `json:"type"`
	Session chat.SessionID `json:"session"`
	Token   string         `json:"token"`
	// Cursor is where the replay that follows ends: not to be kept as seen before
	// the replay got there.
	Cursor chat.Cursor `json:"cursor"`
	// Recovered is false where continuity cannot be proved: a client then clears
	// what it shows, and all that is kept follows.
	Recovered bool `json:"recovered"`
	// Durable is false where the session lives in one process's memory.
	Durable    bool     `json:"durable"`
	ExpiresAt  int64    `json:"expires_at"` // Unix seconds, as created_at
	Disclosure string   `json:"disclosure"`
	Starters   []string `json:"starters"`
	Clinic     Clinic   `json:"clinic"`
	HelpBar    bool     `json:"help_bar"`
}

// EncodeReady returns the frame.
func EncodeReady(r Ready) []byte {
	r.Type = TypeSessionReady
	if r.Starters == nil {
		r.Starters = []string{}
	}
	return encode(r)
}

// EncodeForgotten returns the frame that tells every connection of a session
// that it was destroyed.
func EncodeForgotten(session chat.SessionID) []byte {
	return encode(struct {
		Type    string         `json:"type"`
		Session chat.SessionID `json:"session"`
	}{TypeSessionForgotten, session})
}

// EncodePassage returns the reply to Passage: what of the passage a patient may
// read, one paragraph or list item a line, with its qualifiers. It belongs to no
// session and is not stored.
func EncodePassage(p chat.Passage) []byte {
	return encode(struct {
		Type     string         `json:"type"`
		ID       chat.PassageID `json:"passage_id"`
		Title    string         `json:"title"`
		Heading  string         `json:"heading"`
		Language string         `json:"language"`
		Text     string         `json:"text"`
	}{TypePassage, p.ID, p.Title, p.Heading, p.Language, p.Text})
}

// EncodeDraining returns the frame that asks a client to come back after a while.
func EncodeDraining(retry time.Duration) []byte {
	return encode(struct {
		Type    string `json:"type"`
		RetryMS int64  `json:"retry_ms"`
	}{TypeDraining, retry.Milliseconds()})
}
