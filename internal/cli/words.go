package cli

import (
	"strings"

	"bedside/internal/chat"
	"bedside/internal/language"
)

// words are what the terminal itself writes beside a patient's conversation, in one
// language. Numbers to call are none of them: those come with the fixed texts.
type words struct {
	away      string // nobody has what was typed
	stillAway string
	clinic    string
	next      string // before questions to offer
	stopped   string
	noSources string
	sections  map[string]string // names of the material's sections; absent: their own
}

// wordsIn returns the words of a language, English for one that the product does not speak.
func wordsIn(tag string) words {
	if language.Known(tag) == language.Spanish {
		return words{
			away: "Ahora no se puede conectar con el chat y nadie lee lo que escribe aquí. " +
				"Lo que escribió se guarda y se envía cuando vuelva. Ayuda disponible ahora:",
			stillAway: "Aún no se envió: todavía no se puede conectar con el chat.",
			clinic:    "La clínica",
			next:      "También puede preguntar:",
			stopped:   "(detenida)",
			noSources: "Todavía no hay ninguna respuesta con fuentes.",
			sections: map[string]string{
				"introduction": "introducción", "history": "historia", "mechanism": "mecanismo",
				"conditions": "afecciones", "benefits": "beneficios", "supplement": "suplemento",
			},
		}
	}
	return words{
		away: "The chat cannot be reached just now, and nobody reads what you write here. " +
			"What you typed is kept and sent when it is back. Help that is there now:",
		stillAway: "Not sent yet: the chat still cannot be reached.",
		clinic:    "The clinic",
		next:      "You could also ask:",
		stopped:   "(stopped)",
		noSources: "There is no answer with sources yet.",
	}
}

// languageOf is the language that a text is in, or that of the locale where it cannot
// be told.
func languageOf(text, locale string) string {
	if known := language.Guess(text); known != "" {
		return known
	}
	return locale
}

// section is the name of the section that a source stands in.
func (w words) section(c chat.Citation) string {
	if name, ok := w.sections[c.Section]; ok {
		return name
	}
	return c.Section
}

// openingWords is how many words of a quote tell its passage from others of its page.
const openingWords = 6

// opening is the beginning of a text.
func opening(text string) string {
	all := strings.Fields(clean(text))
	if len(all) <= openingWords {
		return strings.Join(all, " ")
	}
	return strings.TrimRight(strings.Join(all[:openingWords], " "), ",;:.") + "…"
}
