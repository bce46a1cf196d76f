package chat

import (
	"errors"
	"fmt"
	"log/slog"
	"unicode/utf8"
)

// RawText is what a person typed, before redaction. It refuses to be printed,
// logged or marshalled; only triage (which must see what redaction would hide)
// and redact (which makes Text of it) reveal it. It holds a pointer because a
// string inside an unexported struct field is printed by fmt even where its
// type has a Formatter.
type RawText struct{ text *string }

// Text is a message in the form that may be stored, searched with and sent to a
// model. Only internal/redact makes it from RawText.
type Text string

// NewRawText wraps a message as it arrived.
func NewRawText(s string) RawText { return RawText{&s} }

// Reveal returns what was typed.
func (r RawText) Reveal() string {
	if r.text == nil {
		return ""
	}
	return *r.text
}

// Characters counts the text's code points, for whoever has to bound it.
func (r RawText) Characters() int { return utf8.RuneCountInString(r.Reveal()) }

// Format hides the text from every verb of fmt.
func (r RawText) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[raw text]") }

// LogValue hides the text from slog.
func (r RawText) LogValue() slog.Value { return slog.StringValue("[raw text]") }

// MarshalText refuses, so that no encoder can write the text.
func (r RawText) MarshalText() ([]byte, error) { return nil, errors.New("raw text is not marshalled") }
