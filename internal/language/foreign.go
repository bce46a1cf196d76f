package language

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
)

// Undetermined is the tag of a language that is none of those told apart.
const Undetermined = "und"

//go:embed stop/foreign.txt
var foreignSmallWords string

// foreignWords are the languages that each small word is of.
var foreignWords = sync.OnceValue(func() map[string][]string {
	words := make(map[string][]string)
	for line := range strings.Lines(foreignSmallWords) {
		tag, list, found := strings.Cut(line, ":")
		if !found || strings.HasPrefix(line, "#") {
			continue
		}
		for _, word := range Words(list) {
			words[word] = append(words[word], tag)
		}
	}
	return words
})

// scripts are those that say which language a text is in.
var scripts = []struct {
	table *unicode.RangeTable
	tag   string
}{
	{unicode.Hiragana, "ja"},
	{unicode.Katakana, "ja"},
	{unicode.Hangul, "ko"},
	{unicode.Han, "zh"},
	{unicode.Arabic, "ar"},
	{unicode.Devanagari, "hi"},
	{unicode.Hebrew, Undetermined},
	{unicode.Thai, Undetermined},
	{unicode.Cyrillic, "ru"},
}

// Foreign returns the language of a text that Guess knows for neither English nor
// Spanish, as far as its letters and small words tell; Undetermined where they do
// not, and "" where the text is English or Spanish, or has no words.
func Foreign(text string) string {
	if Guess(text) != "" || !strings.ContainsFunc(text, unicode.IsLetter) {
		return ""
	}
	for _, script := range scripts {
		if !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(script.table, r) }) {
			continue
		}
		switch {
		case script.tag == "ru" && strings.ContainsAny(text, "іїєґІЇЄҐ"):
			return "uk"
		case script.tag == "ar" && strings.ContainsAny(text, "پچژگ"):
			return "fa"
		}
		return script.tag
	}
	counts := make(map[string]int)
	for _, word := range Words(text) {
		for _, tag := range foreignWords()[word] {
			counts[tag] += len(foreignWords()) / len(foreignWords()[word])
		}
	}
	best, most := Undetermined, 0
	for _, line := range foreignOrder() {
		if counts[line] > most {
			best, most = line, counts[line]
		}
	}
	return best
}

// foreignOrder is the languages in the order of the file, so that the same text
// always is in the same one.
var foreignOrder = sync.OnceValue(func() []string {
	var order []string
	for line := range strings.Lines(foreignSmallWords) {
		if tag, _, found := strings.Cut(line, ":"); found && !strings.HasPrefix(line, "#") {
			order = append(order, tag)
		}
	}
	return order
})
