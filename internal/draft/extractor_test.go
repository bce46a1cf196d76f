package draft

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"bedside/internal/chat"
)

// Words of passages that were read have their stems at hand, and are the same words.
func TestWordsOfWhatWasRead(t *testing.T) {
	for lang, text := range map[string]string{
		"en": "Many people's moods are lifted within hours. The 1970s saw 5,299 of them; don't hurry.",
		"es": "Muchas personas notan cambios en horas. La depresión de años no siempre cede.",
		"xx": "Muchas personas notan cambios.",
	} {
		x := NewExtractor()
		sentence := Sentence{Text: "Nobody " + text + " Wondering otherwise, personas?"}
		before := x.Words(lang, sentence)
		x.Read([]chat.Passage{{ID: "a", Language: lang, Text: text}})
		if diff := cmp.Diff(before, x.Words(lang, sentence), cmp.AllowUnexported(Words{})); diff != "" {
			t.Errorf("%s: (-before +read)\n%s", lang, diff)
		}
	}
}
