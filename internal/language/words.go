package language

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Words returns the words of text in lower case and without accents (ñ stays:
// año and ano are two words). A word is a run of letters and digits. A hyphen
// parts words, an apostrophe does not: "don't" is dont, and the possessive 's
// falls away. A point between digits stays (2.5), a comma before three digits
// is dropped (5,299 is 5299).
func Words(text string) []string { return AppendWords(nil, text) }

// AppendWords appends the words of text to words, for callers that keep a buffer.
func AppendWords(words []string, text string) []string {
	folded, ends := Fold(text)
	if words == nil {
		words = make([]string, 0, len(ends))
	}
	start := 0
	for _, end := range ends {
		words = append(words, folded[start:end])
		start = end
	}
	return words
}

// Fold returns the words of text joined without a space, and where each ends.
// It costs two allocations whatever the length.
func Fold(text string) (folded string, ends []int) {
	if !isASCII(text) {
		text = norm.NFC.String(text)
	}
	var out strings.Builder
	out.Grow(len(text))
	ends = make([]int, 0, len(text)/5+1)
	start := 0
	finish := func() {
		if out.Len() > start {
			ends = append(ends, out.Len())
			start = out.Len()
		}
	}
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			out.WriteByte(c)
			i++
		case 'A' <= c && c <= 'Z':
			out.WriteByte(c + 'a' - 'A')
			i++
		case c == '.' && out.Len() > start && digitAt(text, i-1) && digitAt(text, i+1):
			out.WriteByte('.')
			i++
		case c == ',' && out.Len() > start && groupOfThree(text, i):
			i++
		case c < utf8.RuneSelf && c != '\'':
			finish()
			i++
		default:
			r, size := utf8.DecodeRuneInString(text[i:])
			next := i + size
			switch {
			case isApostrophe(r):
				if out.Len() > start && letterAt(text, next) {
					if possessive(text, next) {
						finish()
						next++
					}
				} else {
					finish()
				}
			case unicode.IsLetter(r) || unicode.IsDigit(r):
				foldRune(&out, unicode.ToLower(r))
			case unicode.Is(unicode.Mn, r):
				// A mark that has no composed form with its letter.
			default:
				finish()
			}
			i = next
		}
	}
	finish()
	return out.String(), ends
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func isApostrophe(r rune) bool {
	return r == '\'' || r == '’' || r == '‘' || r == 'ʼ' || r == '´' || r == '`'
}

func digitAt(text string, i int) bool {
	return 0 <= i && i < len(text) && '0' <= text[i] && text[i] <= '9'
}

// groupOfThree says whether the comma at i parts thousands.
func groupOfThree(text string, i int) bool {
	return digitAt(text, i-1) && digitAt(text, i+1) && digitAt(text, i+2) && digitAt(text, i+3) && !digitAt(text, i+4)
}

func letterAt(text string, i int) bool {
	r, _ := utf8.DecodeRuneInString(text[i:])
	return unicode.IsLetter(r)
}

// possessive says whether the word after an apostrophe is a lone s.
func possessive(text string, i int) bool {
	if text[i] != 's' && text[i] != 'S' {
		return false
	}
	r, size := utf8.DecodeRuneInString(text[i+1:])
	return size == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// foldRune writes a lower-case letter without its accent.
func foldRune(out *strings.Builder, r rune) {
	if r != 'ñ' && r >= utf8.RuneSelf && r < 0x2000 && unicode.Is(unicode.Latin, r) {
		var buffer [utf8.UTFMax]byte
		n := utf8.EncodeRune(buffer[:], r)
		if d := norm.NFD.Properties(buffer[:n]).Decomposition(); len(d) > 0 {
			r, _ = utf8.DecodeRune(d)
		}
	}
	switch r {
	case 'ß':
		out.WriteString("ss")
	case 'æ':
		out.WriteString("ae")
	case 'œ':
		out.WriteString("oe")
	case 'ø':
		out.WriteByte('o')
	case 'ł':
		out.WriteByte('l')
	case 'ı':
		out.WriteByte('i')
	default:
		out.WriteRune(r)
	}
}
