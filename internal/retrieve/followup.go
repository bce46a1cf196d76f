package retrieve

import (
	"slices"
	"strings"
)

// previousWeight is what a word of an earlier question is worth in a question
// that leans on it.
const previousWeight = 0.6

// farthestBack is how many questions a chain of them that lean goes back.
const farthestBack = 3

// leans says whether a question points at what was said before: by how it
// begins, by a word that stands for something, or by having next to no word of
// its own. "It" does not count: in a clinic's chat it is the treatment.
func leans(lang string, words []string) bool {
	content := 0
	for i, w := range words {
		if i == 0 && opener(w) || pointer(w) {
			return true
		}
		if !small(lang, w) {
			content++
		}
	}
	return content <= 1
}

func opener(w string) bool {
	switch w {
	case "and", "but", "or", "so", "also", "then", "y", "pero", "o", "entonces", "tambien":
		return true
	}
	return false
}

func pointer(w string) bool {
	switch w {
	case "that", "those", "these", "this", "they", "them", "there", "former", "latter", "both", "thats",
		"eso", "esa", "ese", "esos", "esas", "esto", "aquello", "ellos", "ellas":
		return true
	}
	return false
}

// lean adds the words of a question before to one that leans on it.
func (a *analysis) lean(before analysis, share float32) {
	own := len(a.concepts)
	manner := slices.ContainsFunc(a.concepts, func(c concept) bool { return strings.HasPrefix(c.word, asking) })
next:
	for _, c := range before.concepts {
		if manner && strings.HasPrefix(c.word, asking) {
			continue
		}
		for i := range own {
			if a.concepts[i].word == c.word {
				continue next
			}
		}
		if len(a.concepts) >= mostConcepts {
			break
		}
		c.weight *= share
		c.worth *= share
		c.about *= share
		a.concepts = append(a.concepts, c)
	}
	if len(a.kinds) == 0 {
		a.kinds = before.kinds
	}
}
