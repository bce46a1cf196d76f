package retrieve

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

	"bedside/internal/language"
)

//go:embed words/foreign.txt
var foreignEnglish string

// gloss says what words of another language are in English.
type gloss struct {
	words   []string
	star    bool // of the last word only the beginning counts
	run     bool // a script that parts no words: it counts wherever it stands
	english string
}

// glosses are the longest first.
var glosses = sync.OnceValue(func() []gloss {
	var all []gloss
	for line := range strings.Lines(foreignEnglish) {
		english, list, found := strings.Cut(line, "=")
		if !found || strings.HasPrefix(line, "#") {
			continue
		}
		for entry := range strings.SplitSeq(list, ",") {
			entry = strings.TrimSpace(entry)
			g := gloss{words: language.Words(entry), star: strings.HasSuffix(entry, "*"), english: strings.TrimSpace(english)}
			if len(g.words) > 0 {
				g.run = strings.ContainsFunc(entry, unparted)
				all = append(all, g)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b gloss) int {
		if n := len(b.words) - len(a.words); n != 0 {
			return n
		}
		return len(b.words[0]) - len(a.words[0])
	})
	return all
})

// unparted says whether a letter is of a script that is written without spaces, or
// with endings that hang on to words.
func unparted(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Arabic)
}

// inEnglish puts a question in another language into English word by word, as far
// as words are known. The others stay, so that what was not understood counts
// against an answer. False: the text is English or Spanish.
func inEnglish(text string) (string, bool) {
	if language.Foreign(text) == "" {
		return text, false
	}
	words := language.Words(strings.NewReplacer("'", " ", "’", " ").Replace(text)) // "l'effet" is two words
	if len(words) > mostWords {
		words = words[:mostWords]
	}
	var english []string
	for i := 0; i < len(words); {
		if strings.ContainsFunc(words[i], unparted) {
			english = append(english, runInEnglish(words[i])...)
			i++
			continue
		}
		g, ok := glossAt(words[i:])
		switch {
		case !ok:
			english = append(english, words[i])
			i++
			continue
		case g.english != "":
			english = append(english, g.english)
		}
		i += len(g.words)
	}
	return strings.Join(english, " "), true
}

func glossAt(words []string) (gloss, bool) {
	for _, g := range glosses() {
		if g.run || len(g.words) > len(words) {
			continue
		}
		last := len(g.words) - 1
		if slices.Equal(g.words[:last], words[:last]) &&
			(words[last] == g.words[last] || g.star && strings.HasPrefix(words[last], g.words[last])) {
			return g, true
		}
	}
	return gloss{}, false
}

// runInEnglish reads a run of letters that parts no words: what is known is taken
// out of it, the longest first, and what is left is one word.
func runInEnglish(run string) []string {
	type found struct {
		at      int
		english string
	}
	var all []found
	for _, g := range glosses() {
		if !g.run || len(g.words) != 1 {
			continue
		}
		if at := strings.Index(run, g.words[0]); at >= 0 {
			if g.english != "" {
				all = append(all, found{at, g.english})
			}
			run = run[:at] + strings.Repeat(" ", len(g.words[0])) + run[at+len(g.words[0]):]
		}
	}
	slices.SortStableFunc(all, func(a, b found) int { return a.at - b.at })
	var english []string
	for _, f := range all {
		english = append(english, f.english)
	}
	for _, rest := range strings.Fields(run) {
		if len([]rune(rest)) > 1 {
			english = append(english, rest)
		}
	}
	return english
}
