package redact

import (
	"strings"
	"testing"

	"bedside/internal/chat"
)

func BenchmarkRedact(b *testing.B) {
	for name, text := range map[string]string{
		"talk":   strings.Repeat("i have been in pain for nine years and my husband says that i should ask about the infusion. ", 42),
		"digits": strings.Repeat("1234 5678 90 12/3/4 ", 200),
		"names":  strings.Repeat("My Son Peter And Dr. Smith Are Here. ", 108),
		"dots":   strings.Repeat("a.b.c.d.e@", 400),
		"short":  "how fast does it work?",
	} {
		raw := chat.NewRawText(text)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Redact(raw)
			}
		})
	}
}
