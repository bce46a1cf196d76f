package turn

import (
	"strings"

	"bedside/internal/language"
)

// answersIn is what goes before an answer to a question in another language: which
// languages are answered in, in its own and in English. It is empty where the question
// is in a language of the material.
func (m *material) answersIn(j *job) string {
	tag := language.Foreign(string(j.accepted.Text))
	if tag == "" {
		return ""
	}
	return m.Triage.AnswersIn(tag) + "\n\n"
}

// youCouldAsk offers questions in the text, for clients that are not shown
// suggestions.
func (m *material) youCouldAsk(locale string, questions []string) string {
	open, or := "“", " or "
	if language.Known(locale) == language.Spanish {
		open, or = "“¿", " o "
	}
	quoted := make([]string, len(questions))
	for i, question := range questions {
		quoted[i] = open + strings.Trim(question, "¿?") + "?”"
	}
	end := len(quoted) - 1
	return m.Triage.YouCouldAsk(locale) + " " + strings.Join(quoted[:end], ", ") + or + quoted[end]
}
