// Package redact is the only way from RawText to Text.
package redact

import (
	"regexp"

	"bedside/internal/chat"
)

var (
	email = regexp.MustCompile(`[\w.+-]+@[\w-]+\.[\w.-]+`)
	phone = regexp.MustCompile(`\+?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}`)
)

// Redact replaces what names or locates a person.
func Redact(raw chat.RawText) chat.Text {
	s := email.ReplaceAllString(raw.Reveal(), "[email]")
	s = phone.ReplaceAllString(s, "[phone]")
	return chat.Text(s)
}
