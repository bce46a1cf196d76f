package draft

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"bedside/internal/language"
)

// Wish is how a person wants an answer told.
type Wish string

// The wishes. The empty one is an answer as it comes.
const (
	Simpler  Wish = "simpler"
	Detailed Wish = "detail"
)

//go:embed words/wishes.txt
var wishWords string

// wishes is the list of phrases, taken apart when it is first needed.
type wishes struct {
	phrases []wishPhrase // the longest first
	filler  map[string]bool
}

type wishPhrase struct {
	words []string
	wish  Wish
	alone bool
}

var readWishes = sync.OnceValue(func() wishes {
	w := wishes{filler: make(map[string]bool)}
	section := ""
	for line := range strings.Lines(wishWords) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			section = strings.Trim(line, "[]")
		case section == "filler":
			for _, word := range strings.Fields(line) {
				w.filler[word] = true
			}
		default:
			name, alone := strings.CutSuffix(section, " alone")
			w.phrases = append(w.phrases, wishPhrase{strings.Fields(line), Wish(name), alone})
		}
	}
	slices.SortStableFunc(w.phrases, func(a, b wishPhrase) int { return len(b.words) - len(a.words) })
	return w
})

// longestWish is the most words of a message that is nothing but a wish.
const longestWish = 16

// ReadWish says how a person wants to be told, and whether that is all that the
// message asks: then it is about the answer before it.
func ReadWish(message string) (wish Wish, alone bool) {
	words := language.Words(message)
	list := readWishes()
	alone = len(words) <= longestWish
	var lone Wish // of a phrase that counts only alone
	for i := 0; i < len(words); {
		phrase, ok := list.at(words[i:])
		switch {
		case ok && phrase.alone:
			lone = firstWish(lone, phrase.wish)
			i += len(phrase.words)
		case ok:
			wish = firstWish(wish, phrase.wish)
			i += len(phrase.words)
		default:
			alone = alone && list.filler[words[i]]
			i++
		}
	}
	if alone {
		wish = firstWish(wish, lone)
	}
	return wish, alone && wish != ""
}

func (w wishes) at(words []string) (wishPhrase, bool) {
	for _, phrase := range w.phrases {
		if len(phrase.words) <= len(words) && slices.Equal(phrase.words, words[:len(phrase.words)]) {
			return phrase, true
		}
	}
	return wishPhrase{}, false
}

func firstWish(a, b Wish) Wish {
	if a != "" {
		return a
	}
	return b
}
