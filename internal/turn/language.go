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
