package turn

import (
	"testing"

	"bedside/internal/chat"
)

func TestOtherLanguages(t *testing.T) {
	for question, want := range map[string]bool{
		"how fast does it work?": false, "¿qué tan rápido funciona?": false, "OCD?": false, "???": false, "123": false,
		"Wie schnell wirkt Ketamin?": true, "est-ce que la kétamine aide contre la dépression": true, "как быстро это действует": true, "効果はありますか": true,
	} {
		if got := inOtherLanguage(chat.Text(question)); got != want {
			t.Errorf("%q: %v", question, got)
		}
	}
}

func TestQuestionsAreOfferedInTheText(t *testing.T) {
	for locale, want := range map[string]string{
		"en": "You could ask me: “how fast is it?”, “is it new?” or “why?”",
		"es": "Puede preguntarme: “¿how fast is it?”, “¿is it new?” o “¿why?”",
	} {
		if got := youCouldAsk(locale, []string{"how fast is it", "is it new?", "why"}); got != want {
			t.Errorf("%s: %s", locale, got)
		}
	}
}
