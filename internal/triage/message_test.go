package triage

import (
	"strings"
	"testing"
)

// TestWordsWithoutSpaces are read as the words they hold, and ordinary words that
// short ones happen to spell stay whole.
func TestWordsWithoutSpaces(t *testing.T) {
	triage := open(t, Clinic{})
	for text, want := range map[string]string{
		"iwanttodie":       "i want to die",
		"killmyself":       "kill myself",
		"icantgoon":        "i cant go on",
		"idontwanttolive":  "i dont want to live",
		"noquierovivir":    "no quiero vivir",
		"endmylifetonight": "end my life tonight",
		"entonces":         "?",
		"ashamed":          "?",
		"termino":          "?",
		"medicare":         "?",
		"memories":         "?",
		"psychiatry":       "?",
		"delayed":          "?",
		"compassion":       "?",
	} {
		t.Run(text, func(t *testing.T) {
			m := newMessage(triage.rules.count, len(triage.rules.vocabulary.spelled))
			m.take(triage.rules.vocabulary, text)
			var got []string
			for _, token := range m.tokens {
				word := "?"
				if token.word != unknown {
					word = triage.rules.vocabulary.spelled[token.word]
				}
				got = append(got, word)
			}
			if strings.Join(got, " ") != want {
				t.Errorf("read as %q", got)
			}
		})
	}
}
