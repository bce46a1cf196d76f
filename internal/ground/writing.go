package ground

import (
	"slices"
	"strings"
	"unicode"
)

// marks are the signs that any sentence may have.
const marks = ` .,;:?!¿¡'"()-–—…’‘“”«»%/&$€£°` + "\n\t\u00a0"

// marksTogether is how many signs may stand in a row: `.").` and "..." do.
const marksTogether = 3

// newWriting says whether the claim is written with signs or letters that plain
// sentences have no use for and that no cited passage has: another script, shapes
// that stand for letters, characters that nobody sees, code, dots and dashes.
func newWriting(c claim, cited []citedSource) bool {
	text := strings.TrimLeft(c.text, "*+• ") // the bullets of a list
	for _, r := range text {
		if !ordinary(r) && !slices.ContainsFunc(cited, func(s citedSource) bool { return s.writes(r) }) {
			return true
		}
	}
	for field := range strings.FieldsSeq(text) {
		if onlyMarks := strings.IndexFunc(field, isWordRune) < 0; (onlyMarks && !dash[field] || marksInARow(field) > marksTogether) &&
			!slices.ContainsFunc(cited, func(s citedSource) bool { return s.mentions(field) }) {
			return true
		}
	}
	return false
}

// dash are the marks that stand alone between words.
var dash = map[string]bool{"-": true, "–": true, "—": true, "&": true, "/": true, "…": true, "...": true}

// ordinary says whether any sentence may have the character: ASCII's letters and
// digits, Latin letters with their accents, and the marks.
func ordinary(r rune) bool {
	switch {
	case r < unicode.MaxASCII && (r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z'):
		return true
	case r >= 'À' && r <= 'ɏ': // Latin-1 Supplement to Latin Extended-B
		return unicode.IsLetter(r)
	}
	return strings.ContainsRune(marks, r)
}

// writes says whether the passage has the character, or is written in its script.
func (s *source) writes(r rune) bool {
	if unicode.IsLetter(r) {
		for _, script := range unicode.Scripts {
			if unicode.Is(script, r) && script != unicode.Latin && script != unicode.Common {
				return strings.ContainsFunc(s.text, func(own rune) bool { return unicode.Is(script, own) })
			}
		}
	}
	return s.mentions(string(r))
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func marksInARow(field string) int {
	most, row := 0, 0
	for _, r := range field {
		if row++; isWordRune(r) {
			row = 0
		}
		most = max(most, row)
	}
	return most
}
