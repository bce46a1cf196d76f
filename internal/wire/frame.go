package wire

import (
	"fmt"
	"unicode"

	"bedside/internal/chat"
)

// Frame is what a client sends over a WebSocket. The set is sealed: it is the
// types of this file and Ask.
type Frame interface{ frame() }

// SessionStart begins a session.
type SessionStart struct{ Locale string }

// SessionResume goes on with a session from the last cursor seen.
type SessionResume struct {
	Token  string      // as it came: it may be malformed
	Cursor chat.Cursor // chat.Origin where none came; never empty
}

// noEntry stands for a cursor that was sent and is empty: nobody was given that
// one, so that nothing can be said to follow it.
const noEntry = "-"

// SessionForget destroys the connection's session.
type SessionForget struct{}

// Cancel stops an answer.
type Cancel struct{ Response chat.ResponseID }

// Feedback rates an answer.
type Feedback struct {
	Response chat.ResponseID
	Rating   string // "up" or "down"
	Comment  chat.RawText
}

// Passage asks for the whole of a passage that an answer cites.
type Passage struct{ ID chat.PassageID }

func (SessionStart) frame()  {}
func (SessionResume) frame() {}
func (SessionForget) frame() {}
func (Cancel) frame()        {}
func (Feedback) frame()      {}
func (Passage) frame()       {}
func (Ask) frame()           {}

// longestID bounds what a client may use as an id of its own, and longestToken
// what it may send as a token, a cursor or a locale.
const (
	longestID    = 128
	longestToken = 256
)

// DecodeFrame reads one frame of a client. The error is a *chat.Error with the
// code Malformed, the field that was wrong and a sentence that says how; with it
// comes an Ask where there is a question as in DecodeAsk, and no frame otherwise.
func DecodeFrame(data []byte) (Frame, error) {
	frame, bad := decodeFrame(data)
	if bad == nil {
		return frame, nil
	}
	if ask, ok := frame.(Ask); ok && !ask.IsZero() {
		return ask, bad
	}
	return nil, bad
}

func decodeFrame(data []byte) (Frame, *chat.Error) {
	f, bad := parseObject(data)
	if bad != nil {
		return nil, bad
	}
	kind, bad := f.requiredText("type")
	if bad != nil {
		return nil, bad
	}
	switch kind {
	case TypeResponseCreate:
		return decodeAsk(f)
	case TypeResponseCancel:
		response, bad := f.requiredText("response_id")
		return Cancel{chat.ResponseID(response)}, bad
	case TypeSessionStart:
		locale, bad := f.text("locale")
		if len(locale) > longestID {
			return nil, malformed("locale", "This is too long.")
		}
		return SessionStart{locale}, bad
	case TypeSessionResume:
		token, bad := f.requiredText("token")
		if bad != nil {
			return nil, bad
		}
		cursor, bad := f.text("cursor")
		switch {
		case f.raw("cursor") == nil:
			cursor = string(chat.Origin)
		case cursor == "":
			cursor = noEntry
		case len(cursor) > longestToken:
			cursor = cursor[:longestToken] // no entry has such an id: read as one that never was
		}
		return SessionResume{token, chat.Cursor(cursor)}, bad
	case TypeSessionForget:
		return SessionForget{}, nil
	case TypeFeedback:
		return decodeFeedback(f)
	case TypePassage:
		id, bad := f.requiredText("passage_id")
		return Passage{chat.PassageID(id)}, bad
	default:
		return nil, malformed("type", "There is no such frame.")
	}
}

func decodeFeedback(f fields) (Frame, *chat.Error) {
	response, bad := f.requiredText("response_id")
	if bad != nil {
		return nil, bad
	}
	rating, bad := f.requiredText("rating")
	if bad != nil {
		return nil, bad
	}
	if rating != "up" && rating != "down" {
		return nil, malformed("rating", `This must be "up" or "down".`)
	}
	comment, bad := f.text("comment")
	if bad != nil {
		return nil, bad
	}
	return Feedback{chat.ResponseID(response), rating, chat.NewRawText(comment)}, nil
}

// CheckID says whether a client's own id (of a message) can be used. The error
// is a *chat.Error that names the field.
func CheckID(id, field string) error {
	if bad := checkID(id, field); bad != nil {
		return bad
	}
	return nil
}

func checkID(id, field string) *chat.Error {
	if len(id) > longestID {
		return malformed(field, fmt.Sprintf("This may be at most %d bytes long.", longestID))
	}
	for _, r := range id {
		if unicode.IsControl(r) {
			return malformed(field, "This may hold no control characters.")
		}
	}
	return nil
}
