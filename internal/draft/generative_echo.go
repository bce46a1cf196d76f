package draft

import (
	"strings"

	"bedside/internal/chat"
	"bedside/internal/language"
)

// echoWords is how many words in a row tell a repetition of the prompt from a
// turn of phrase that anybody may use.
const echoWords = 5

// echo knows what a model was told and no passage says, so that a sentence that
// repeats it is recognised among whatever words it is hidden.
type echo map[string]bool

func newEcho(told string, passages []chat.Passage) echo {
	e := make(echo)
	eachRun(told, func(run string) bool {
		e[run] = true
		return true
	})
	for _, passage := range passages {
		texts := []string{passage.Text}
		for _, qualifier := range passage.Qualifiers {
			texts = append(texts, qualifier.Text, qualifier.Short)
		}
		for _, text := range texts {
			eachRun(text, func(run string) bool {
				delete(e, run)
				return true
			})
		}
	}
	return e
}

// holds says whether the text repeats what the model was told.
func (e echo) holds(text string) bool {
	found := false
	eachRun(text, func(run string) bool {
		found = e[run]
		return !found
	})
	return found
}

// eachRun calls yield with the text's words, five by five, until it says no.
func eachRun(text string, yield func(string) bool) {
	words := language.Words(text)
	for i := 0; i+echoWords <= len(words); i++ {
		if !yield(strings.Join(words[i:i+echoWords], " ")) {
			return
		}
	}
}
