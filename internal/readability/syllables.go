package readability

import (
	"strings"
	"unicode"
)

// syllables counts those of an English word, at least one where it has a letter.
// Names in capitals without a vowel (PTSD, CRPS) are spelled out: one a letter.
func syllables(word string) int {
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, word)
	if letters == "" {
		return 0
	}
	if len(letters) > 1 && letters == strings.ToUpper(letters) && !strings.ContainsAny(letters, "AEIOUY") {
		return len([]rune(letters))
	}
	lower := strings.ToLower(letters)
	n := vowelGroups(lower)
	n += corrections(lower)
	return max(n, 1)
}

func vowelGroups(word string) int {
	n, inside := 0, false
	for _, r := range word {
		vowel := strings.ContainsRune("aeiouyáéíóúüèà", r)
		if vowel && !inside {
			n++
		}
		inside = vowel
	}
	return n
}

// Neighbouring vowels that are two syllables, and where they are one after all.
var (
	spokenApart    = []string{"ia", "iety", "io", "iu", "eo", "ua", "being", "creat", "react", "uou", "oing", "ying", "area", "viet", "quiet", "scien", "perien", "idea"}
	spokenTogether = []string{"cia", "tia", "sia", "cio", "tio", "sio", "xio", "gio", "qua", "gua", "people", "creature"}
)

// corrections mends what vowel groups get wrong: endings that are not spoken
// (made, helped) and neighbours that are spoken apart (anxiety, being, neuron).
func corrections(word string) int {
	n := 0
	switch {
	case strings.HasSuffix(word, "le") && len(word) > 2 && !isVowel(word[len(word)-3]):
	case strings.HasSuffix(word, "les") && len(word) > 3 && !isVowel(word[len(word)-4]):
	case strings.HasSuffix(word, "e") && len(word) > 1 && !isVowel(word[len(word)-2]):
		n--
	case strings.HasSuffix(word, "es") && len(word) > 2 && silentBefore(word[:len(word)-2], "sxzcg", "sh", "ch"):
		n--
	case strings.HasSuffix(word, "ed") && len(word) > 2 && silentBefore(word[:len(word)-2], "td"):
		n--
	}
	for _, apart := range spokenApart {
		n += strings.Count(word, apart)
	}
	for _, together := range spokenTogether {
		n -= strings.Count(word, together)
	}
	return n
}

// silentBefore says whether an ending in e is not spoken after the stem: the
// stem ends in a consonant that is neither one of those nor a pair of those.
func silentBefore(stem, letters string, pairs ...string) bool {
	last := stem[len(stem)-1]
	if isVowel(last) || strings.IndexByte(letters, last) >= 0 {
		return false
	}
	for _, pair := range pairs {
		if strings.HasSuffix(stem, pair) {
			return false
		}
	}
	return true
}

func isVowel(c byte) bool { return strings.IndexByte("aeiouy", c) >= 0 }
