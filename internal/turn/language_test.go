package turn

import (
	"testing"

	"bedside/internal/chat"
)

func TestOtherLanguages(t *testing.T) {
	for question, want := range map[string]string{
		"how fast does it work?": "", "¿qué tan rápido funciona?": "", "OCD?": "", "???": "", "123": "",
		"Wie schnell wirkt Ketamin?":                       "Ich kann nur auf Englisch und Spanisch antworten. " + languagesSpoken,
		"est-ce que la kétamine aide contre la dépression": "Je ne peux répondre qu'en anglais et en espagnol. " + languagesSpoken,
		"как быстро это действует":                         "Я могу отвечать только на английском и испанском. " + languagesSpoken,
		"効果はありますか":                                         "英語とスペイン語でのみお答えできます。 " + languagesSpoken,
		"ကီတမင်းက ဘာလဲ":                                    "Solo puedo responder en inglés y español. " + languagesSpoken,
	} {
		if got := answeredInEnglish(chat.Text(question)); got != want {
			t.Errorf("%q: %q, want %q", question, got, want)
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
