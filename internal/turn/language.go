package turn

import (
	"strings"
	"unicode"

	"bedside/internal/chat"
	"bedside/internal/language"
)

// languagesSpoken tells whoever writes in another language what can be read here,
// in both that are.
const languagesSpoken = "I can read and answer in English and Spanish only. Solo puedo leer y responder en inglés y español. "

// inOtherLanguage says whether a question has words and none of a language that
// the material is in.
func inOtherLanguage(question chat.Text) bool {
	return language.Guess(string(question)) == "" && strings.ContainsFunc(string(question), unicode.IsLetter)
}

// youCouldAsk offers questions in the text, for clients that are not shown
// suggestions.
func youCouldAsk(locale string, questions []string) string {
	begin, last := "You could ask me: ", " or "
	if language.Known(locale) == language.Spanish {
		begin, last = "Puede preguntarme: ", " o "
	}
	quoted := make([]string, len(questions))
	for i, question := range questions {
		quoted[i] = "“" + strings.TrimRight(question, "?") + "?”"
		if strings.HasPrefix(question, "¿") || begin[0] == 'P' {
			quoted[i] = "“¿" + strings.Trim(question, "¿?") + "?”"
		}
	}
	end := len(quoted) - 1
	return begin + strings.Join(quoted[:end], ", ") + last + quoted[end]
}

// partlyCovered says that the answer leaves a question of the message open.
func partlyCovered(locale, phone string) string {
	if language.Known(locale) == language.Spanish {
		return "Nuestras páginas no tratan la otra parte de su pregunta. La clínica puede decirle" + atPhone(phone) + ". "
	}
	return "Our pages do not cover the other part of your question. The clinic can tell you" + atPhone(phone) + ". "
}

// nothingMore says that all was told.
func nothingMore(locale, phone string) string {
	if language.Known(locale) == language.Spanish {
		return "Eso es todo lo que dicen nuestras páginas sobre este tema. La clínica puede decirle más" + atPhone(phone) + ". "
	}
	return "That is all that our pages say about this. The clinic can tell you more" + atPhone(phone) + ". "
}

// atPhone is the number behind "the clinic can tell you", where there is one.
func atPhone(phone string) string {
	if phone == "" {
		return ""
	}
	return ": " + phone
}
