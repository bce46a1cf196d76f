package language

import (
	"strings"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/spanish"
)

// The languages whose words the product knows.
const (
	English = "en"
	Spanish = "es"
)

// Known reduces a BCP 47 tag to a language the package knows, or "".
func Known(tag string) string {
	if len(tag) >= 2 && (len(tag) == 2 || tag[2] == '-' || tag[2] == '_') {
		switch tag[:2] {
		case "en", "EN", "En":
			return English
		case "es", "ES", "Es":
			return Spanish
		}
	}
	return ""
}

// Stem returns the stem of a word as Words gives it: Porter2 for English,
// Snowball for Spanish; in any other language the word itself. Words with a
// digit are left alone.
func Stem(lang, word string) string {
	// The stemmers never come back from a word with a replacement character.
	if len(word) < 3 || hasDigit(word) || strings.ContainsRune(word, utf8.RuneError) || !utf8.ValidString(word) {
		return word
	}
	switch Known(lang) {
	case English:
		env := snowballstem.NewEnv(word)
		english.Stem(env)
		return env.Current()
	case Spanish:
		// The stemmer knows this ending with its accent only.
		if ending, ok := strings.CutSuffix(word, "cion"); ok {
			word = ending + "ción"
		}
		env := snowballstem.NewEnv(word)
		spanish.Stem(env)
		return env.Current()
	}
	return word
}

// Singular returns the word without its plural ending and changes nothing else:
// a stemmer that keeps apart what a full one throws together (depression,
// depressive; organ, organization).
func Singular(lang, word string) string {
	n := len(word)
	if n < 4 || word[n-1] != 's' || hasDigit(word) {
		return word
	}
	if Known(lang) == Spanish {
		switch {
		case n > 4 && word[n-3:] == "ces":
			return word[:n-3] + "z"
		case n > 4 && word[n-2] == 'e' && !isVowel(word[n-3]):
			return word[:n-2]
		case isVowel(word[n-2]) && word[n-2] != 'i' && word[n-2] != 'u':
			return word[:n-1]
		}
		return word
	}
	switch {
	case n > 4 && word[n-3:] == "ies" && word[n-4] != 'a' && word[n-4] != 'e':
		return word[:n-3] + "y"
	case n > 4 && (word[n-4:] == "sses" || word[n-4:] == "ches" || word[n-4:] == "shes" || word[n-3:] == "xes"):
		return word[:n-2]
	case word[n-2] == 's' || word[n-2] == 'u' || word[n-2] == 'i':
		return word
	}
	return word[:n-1]
}

func isVowel(c byte) bool { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' }

func hasDigit(word string) bool {
	for i := range len(word) {
		if '0' <= word[i] && word[i] <= '9' {
			return true
		}
	}
	return false
}

// ContentStems returns the stems of the words of text that are not stop words,
// in their order.
func ContentStems(lang, text string) []string {
	words := Words(text)
	stems := words[:0]
	for _, word := range words {
		if !Stop(lang, word) {
			stems = append(stems, Stem(lang, word))
		}
	}
	return stems
}
