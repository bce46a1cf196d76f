package retrieve

import "bedside/internal/language"

// phraseBook holds the phrases that are one word in meaning, by language and
// the stem of their first word.
type phraseBook map[string][]phraseEntry

type phraseEntry struct {
	rest []string // stems of the further words
	name string   // the term
}

func newPhraseBook(s Synonyms) phraseBook {
	book := phraseBook{}
	for _, p := range s.phrases {
		stems := stems(p.lang, p.text)
		if len(stems) < 2 {
			continue
		}
		first := p.lang + " " + stems[0]
		book[first] = append(book[first], phraseEntry{stems[1:], join(language.Words(p.text))})
	}
	return book
}

func join(words []string) string {
	name := words[0]
	for _, w := range words[1:] {
		name += " " + w
	}
	return name
}

// longest returns the longest of the phrases that goes on as the following
// stems do, and how many words it has beyond its first; 0 if there is none.
func longest(entries []phraseEntry, following int, stem func(int) string) (name string, more int) {
next:
	for _, e := range entries {
		if len(e.rest) > following || len(e.rest) <= more {
			continue
		}
		for j, want := range e.rest {
			if stem(j) != want {
				continue next
			}
		}
		name, more = e.name, len(e.rest)
	}
	return name, more
}
