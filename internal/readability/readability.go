// Package readability measures how hard a text is to read: the Flesch-Kincaid
// grade, which is the school year (US) that a reader needs, and the longest
// sentence. Everything that patients read is held to a grade of 8 and to
// sentences of 25 words.
//
// It promises the same figure for the same text. Syllables are counted by rule,
// so a figure may differ by some tenths from another program's. It measures
// English; it stores nothing.
package readability

import (
	"regexp"
	"strings"
	"unicode"
)

// Measure is what was counted in a text.
type Measure struct {
	Sentences, Words, Syllables int
	// Longest is the number of words of the longest sentence.
	Longest int
}

// Of measures a text. A line break ends a sentence, since lists have one item a
// line. Addresses, numbers and the terms given are left out, as guides to plain
// language say: a term that is explained where it stands cannot be put simpler.
func Of(text string, terms ...string) Measure {
	var m Measure
	text = addresses.ReplaceAllString(text, " ")
	for _, sentence := range sentences(text) {
		words := 0
		for _, word := range strings.FieldsFunc(without(sentence, terms), notInWord) {
			n := syllables(word)
			if n == 0 {
				continue
			}
			words++
			m.Syllables += n
		}
		if words == 0 {
			continue
		}
		m.Sentences++
		m.Words += words
		m.Longest = max(m.Longest, words)
	}
	return m
}

// Grade is the Flesch-Kincaid grade; that of no text is 0.
func (m Measure) Grade() float64 {
	if m.Words == 0 || m.Sentences == 0 {
		return 0
	}
	words := float64(m.Words)
	return 0.39*words/float64(m.Sentences) + 11.8*float64(m.Syllables)/words - 15.59
}

var (
	addresses = regexp.MustCompile(`\bhttps?://\S+|\bwww\.\S+`)
	// A full stop ends a sentence where a space and a new beginning follow; "U.S."
	// and "1.5" have none.
	ending = regexp.MustCompile(`([.!?…]+["'”’)\]]*)\s+(["'“‘(\[]*[\p{Lu}\p{N}¿¡])`)
	// shortForms end in a full stop that ends no sentence.
	shortForms = regexp.MustCompile(`\b(Dr|Mr|Mrs|Ms|St|vs|etc|e\.g|i\.e|No|approx)\.`)
)

func sentences(text string) []string {
	var found []string
	for line := range strings.Lines(text) {
		line = shortForms.ReplaceAllString(line, "$1")
		line = ending.ReplaceAllString(line, "$1\n$2")
		found = append(found, strings.Split(line, "\n")...)
	}
	return found
}

func without(sentence string, terms []string) string {
	for _, term := range terms {
		if term == "" {
			continue
		}
		pattern := regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(term) + `(e?s)?\b`)
		sentence = pattern.ReplaceAllString(sentence, " ")
	}
	return sentence
}

func notInWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '\'' && r != '’'
}
