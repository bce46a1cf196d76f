package config

import (
	"cmp"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
)

// hidden is what a secret shows of itself.
const hidden = "[hidden]"

// Secret is a setting that must not be seen. It hides itself from printing,
// logging and marshalling; Reveal gives the text. The zero Secret is none.
//
// The text is behind a pointer because a string would show through fmt when the
// Secret is an unexported field of a printed struct.
type Secret struct {
	text *string
	name string // of the variable, flag or line that gave it
}

// NewSecret returns a secret that holds text; an empty text gives the zero Secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{text: &text}
}

// Name says how the secret was given: by a variable, a flag or a line of the settings
// file, that of its file among them; otherwise where that is not known.
func (s Secret) Name(otherwise string) string { return cmp.Or(s.name, otherwise) }

// IsZero says whether there is no secret.
func (s Secret) IsZero() bool { return s.text == nil }

// Reveal returns the secret's text.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Equal compares two secrets in a time that does not depend on their text.
func (s Secret) Equal(other Secret) bool {
	return s.Matches(other.Reveal())
}

// Matches compares the secret with what a stranger sent, in a time that does
// not depend on the secret's text.
func (s Secret) Matches(text string) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(text)) == 1
}

// Format hides the secret from every verb of fmt.
func (s Secret) Format(f fmt.State, _ rune) {
	if !s.IsZero() {
		fmt.Fprint(f, hidden)
	}
}

// LogValue hides the secret from slog.
func (s Secret) LogValue() slog.Value {
	if s.IsZero() {
		return slog.StringValue("")
	}
	return slog.StringValue(hidden)
}

// MarshalText refuses: a secret is written out only where Reveal is called.
func (s Secret) MarshalText() ([]byte, error) {
	return nil, errors.New("a secret is not marshalled")
}
