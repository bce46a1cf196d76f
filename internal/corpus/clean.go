package corpus

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// checkText reports text that is not UTF-8 or holds characters that no reader
// sees: NUL and other controls, bidirectional overrides, tags and the like.
// They could show a clinician one thing and a patient or a model another. It
// says whether the text is clean.
func checkText(f file, faults *problems) bool {
	if allSeen(f.text) {
		return true
	}
	clean := true
	for number, line := range bytes.Split(f.text, []byte("\n")) {
		if !utf8.Valid(line) {
			faults.addf(f.name, number+1, "is not valid UTF-8")
			clean = false
			continue
		}
		if r, found := hiddenRune(string(line)); found {
			faults.addf(f.name, number+1, "holds %s, which no reader sees", runeName(r))
			clean = false
		}
	}
	return clean
}

// allSeen says whether a whole text is clean: nearly all are.
func allSeen(text []byte) bool {
	for i := 0; i < len(text); {
		if c := text[i]; c >= ' ' && c < 0x7f || c == '\n' || c == '\t' {
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError || isHidden(r) {
			return false
		}
		i += size
	}
	return true
}

func hiddenRune(s string) (rune, bool) {
	for _, r := range s {
		if isHidden(r) {
			return r, true
		}
	}
	return 0, false
}

func isHidden(r rune) bool {
	switch {
	case r == '\t' || r >= ' ' && r < 0x7f || r >= 'À' && r <= 'ÿ':
		return false
	case r == utf8.RuneError:
		return true
	case r == '\u2028' || r == '\u2029':
		return true
	}
	// Cc are controls; Cf are format characters, bidirectional ones among them.
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co)
}

func runeName(r rune) string { return fmt.Sprintf("the character U+%04X", r) }
