package language

import (
	_ "embed"
	"iter"
	"maps"
	"strings"
	"sync"
)

// One word or more a line; a line that begins with # is a comment.
var (
	//go:embed stop/en.txt
	englishStops string
	//go:embed stop/es.txt
	spanishStops string
	//go:embed stop/spoken-es.txt
	spokenSpanish string
	//go:embed stop/other.txt
	otherStops string
)

var (
	stopEnglish = sync.OnceValue(func() map[string]bool { return wordSet(englishStops) })
	stopSpanish = sync.OnceValue(func() map[string]bool { return wordSet(spanishStops) })
	inSpanish   = sync.OnceValue(func() map[string]bool { return wordSet(spokenSpanish) })
	stopOther   = sync.OnceValue(func() map[string]bool { return wordSet(otherStops) })
)

func wordSet(list string) map[string]bool {
	set := make(map[string]bool, len(list)/5)
	for line := range strings.Lines(list) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, word := range Words(line) {
			set[word] = true
		}
	}
	return set
}

// Stop says whether a word, as Words gives it, says nothing of what a message
// is about: articles, pronouns, auxiliaries, and what people write to be
// friendly or in a hurry. The list is wide: it is for searching with messages,
// not for reading them (it holds "not").
func Stop(lang, word string) bool {
	switch Known(lang) {
	case English:
		return stopEnglish()[word]
	case Spanish:
		return stopSpanish()[word]
	}
	return false
}

// StopWords yields the words that Stop knows of a language, in no order.
func StopWords(lang string) iter.Seq[string] {
	if Known(lang) == Spanish {
		return maps.Keys(stopSpanish())
	}
	return maps.Keys(stopEnglish())
}
