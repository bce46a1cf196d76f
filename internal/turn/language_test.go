package turn

import (
	"testing"

	"bedside/internal/chat"
)

func TestOtherLanguages(t *testing.T) {
	m := onlyTriage(t)
	const english = "I can answer in English and Spanish only.\n\n"
	for question, want := range map[string]string{
		"how fast does it work?": "", "¿qué tan rápido funciona?": "", "OCD?": "", "???": "", "123": "",
		"Wie schnell wirkt Ketamin?":                       "Ich kann nur auf Englisch und Spanisch antworten. " + english,
		"est-ce que la kétamine aide contre la dépression": "Je ne peux répondre qu'en anglais et en espagnol. " + english,
		"как быстро это действует":                         "Я могу отвечать только на английском и испанском. " + english,
		"効果はありますか":                                         "英語とスペイン語でのみお答えできます。 " + english,
		"ကီတမင်းက ဘာလဲ":                                    "Solo puedo responder en inglés y español. " + english,
	} {
		if got := m.answersIn(&job{accepted: chat.Accepted{Text: chat.Text(question)}}); got != want {
			t.Errorf("%q: %q, want %q", question, got, want)
		}
	}
}

func TestQuestionsAreOfferedInTheText(t *testing.T) {
	m := onlyTriage(t)
	for locale, want := range map[string]string{
		"en": "You could ask me: “how fast is it?”, “is it new?” or “why?”",
		"es": "Puede preguntarme: “¿how fast is it?”, “¿is it new?” o “¿why?”",
	} {
		if got := m.youCouldAsk(locale, []string{"how fast is it", "is it new?", "why"}); got != want {
			t.Errorf("%s: %s", locale, got)
		}
	}
}
