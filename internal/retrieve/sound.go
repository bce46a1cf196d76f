package retrieve

import (
	"strings"

	"bedside/internal/language"
)

const (
	// fewestBones is how many consonants tell a word.
	fewestBones = 3
	// fewestHeard is how many letters are: three without a vowel are rather a
	// short name ("hrt") than a word ("hurt").
	fewestHeard = 4
	// shortestHeard is from which length a word may be another that has all of its
	// vowels too: short ones that sound alike are often two words (sell, cell).
	shortestHeard = 6
)

// sounding is a word as it sounds.
type sounding struct {
	neighbour
	letters string
}

// heard returns the word that one is which was written as it sounds, or without
// some of its vowels and doubled letters ("depresd", "prsn").
func (n *neighbours) heard(word string) (string, bool) {
	if len(word) < fewestHeard || len(word) > longestWord || !plain(word) {
		return "", false
	}
	letters := sound(n.lang, word)
	if letters == "" {
		return "", false // "hhh", of which nothing is heard
	}
	if n.lang == language.English && len(letters) > shortestMended {
		letters = strings.TrimSuffix(letters, "e") // "repare"
	}
	bones := skeleton(letters)
	open := vowels(letters[1:])
	most := len(word) / 2
	if open > 0 {
		most = len(word) / 3
	}
	if len(bones) < fewestBones || open > 0 && len(bones) == fewestBones && len(word) < shortestMended {
		return "", false // "bran" is no "brain"
	}
	found, best, having := "", most, uint32(0)
	for _, c := range n.bySound[bones] {
		left := len(c.letters) - len(letters)
		if left > best || left == best && found != "" && c.having <= having || !within(letters, c.letters) ||
			len(word) >= len(c.word) && len(word) < shortestHeard ||
			n.lang == language.English && word[0] != c.word[0] && letters[0] == 's' {
			continue
		}
		found, best, having = c.word, left, c.having
	}
	return found, found != ""
}

// sound returns a word's letters with those that sound alike as one.
func sound(lang, word string) string {
	var out [longestWord]byte
	n := 0
	for i := 0; i < len(word); i++ {
		c := word[i]
		var next byte
		if i+1 < len(word) {
			next = word[i+1]
		}
		front := next == 'e' || next == 'i' || next == 'y'
		switch {
		case c == 'p' && next == 'h':
			c = 'f'
			i++
		case c == 'c' && next == 'k':
			c = 'k'
			i++
		case c == 'q':
			c = 'k'
			if next == 'u' && lang == language.Spanish {
				i++
			}
		case c == 'c' && front, c == 'z':
			c = 's'
		case c == 'c':
			c = 'k'
		case lang != language.Spanish:
		case c == 'h' && (i == 0 || word[i-1] != 'c'):
			continue
		case c == 'v':
			c = 'b'
		case c == 'g' && front:
			c = 'j'
		}
		out[n] = c
		n++
	}
	return string(out[:n])
}

// skeleton is the first of the letters and the consonants behind it, doubled ones
// once.
func skeleton(letters string) string {
	var bones [longestWord]byte
	n := 0
	for i := range len(letters) {
		c := letters[i]
		if i > 0 && (vowel(c) || c == 'h' || c == letters[i-1]) {
			continue
		}
		bones[n] = c
		n++
	}
	return string(bones[:n])
}

// vowels counts those that are heard in a word: not a y at its end.
func vowels(letters string) int {
	count := 0
	for i := range len(letters) {
		if vowel(letters[i]) && (letters[i] != 'y' || i+1 < len(letters)) {
			count++
		}
	}
	return count
}

// within says whether all letters of some stand in more, in their order.
func within(some, more string) bool {
	for i := range len(some) {
		at := strings.IndexByte(more, some[i])
		if at < 0 {
			return false
		}
		more = more[at+1:]
	}
	return true
}
