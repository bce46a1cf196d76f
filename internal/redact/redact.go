package redact

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"bedside/internal/chat"
)

// Redact makes of a message what may be kept of it.
func Redact(raw chat.RawText) chat.Text {
	return chat.Text(redact(clean(raw.Reveal())))
}

// found is a stretch of text and what to put in its place.
type found struct {
	start, end  int
	placeholder string
}

// redact replaces what the finders find. Where two overlap, the earlier finder
// in the list wins.
func redact(s string) string {
	var all []found
	for _, find := range finders {
		for _, f := range find(s) {
			f = trim(s, f)
			if f.start < f.end && !overlaps(all, f) {
				all = append(all, f)
			}
		}
	}
	if len(all) == 0 {
		return s
	}
	slices.SortFunc(all, func(a, b found) int { return cmp.Compare(a.start, b.start) })
	var out strings.Builder
	at := 0
	for _, f := range all {
		out.WriteString(s[at:f.start])
		out.WriteString(f.placeholder)
		at = f.end
	}
	out.WriteString(s[at:])
	return out.String()
}

func overlaps(all []found, f found) bool {
	return slices.ContainsFunc(all, func(o found) bool { return f.start < o.end && o.start < f.end })
}

// trim leaves white space and closing punctuation outside.
func trim(s string, f found) found {
	for f.end > f.start && strings.ContainsRune(" \t\n,;", rune(s[f.end-1])) {
		f.end--
	}
	for f.start < f.end && strings.ContainsRune(" \t\n,;", rune(s[f.start])) {
		f.start++
	}
	return f
}

// finders in the order of their precedence.
var finders = []func(string) []found{
	placeholders, links, emails, network, said, numbers, codes, dates, ages, streets, names,
}

// clean makes text that shows what it holds: valid UTF-8 in NFC, digits of every
// script as 0 to 9, no control characters but line breaks and tabs, and nothing
// invisible that could split a number or turn the direction of reading.
func clean(s string) string {
	if plain(s) {
		return s
	}
	s = norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r' || r == '\u2028' || r == '\u2029':
			return '\n'
		case unicode.IsControl(r), invisible(r):
			return -1
		case r == '＠':
			return '@'
		case r == '．':
			return '.'
		case r >= utf8.RuneSelf && unicode.Is(unicode.Nd, r):
			return '0' + digit(r)
		case r == '\u00a0' || r == '\u202f' || r == '\u2007' || r == '\u3000':
			return ' '
		case r == '\u2010' || r == '\u2011' || r == '\u2012' || r == '\uFF0D':
			return '-'
		}
		return r
	}, s))
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] < ' ' && s[i] != '\n' && s[i] != '\t' || s[i] == 0x7f {
			return false
		}
	}
	return true
}

// invisible says whether a rune only formats. The two joiners stay: emoji and
// some scripts are spelled with them.
func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) && r != '\u200d' && r != '\u200c' || r == '\u115f' || r == '\u3164'
}

// digit is the value of a decimal digit: the digits of a script stand in tens
// that begin with its zero.
func digit(r rune) rune {
	for _, table := range unicode.Nd.R16 {
		if rune(table.Lo) <= r && r <= rune(table.Hi) {
			return (r - rune(table.Lo)) % 10
		}
	}
	for _, table := range unicode.Nd.R32 {
		if rune(table.Lo) <= r && r <= rune(table.Hi) {
			return (r - rune(table.Lo)) % 10
		}
	}
	return 0
}
