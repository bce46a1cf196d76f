package language

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a sentence, in bytes. Text without any end in it is cut all the
// same, so that a stream cannot fill the memory.
const (
	MaxSentence = 2000
	maxSpace    = 256 // after a sentence; more begins the next piece
)

// Sentences cuts text into sentences. Each piece carries the citation markers,
// closing quotes and white space that follow it, so joining the pieces gives the
// text byte for byte. A line break ends a sentence; the stop of an abbreviation,
// an initial, a decimal or a list number does not.
func Sentences(text string) []string {
	var out []string
	for text != "" {
		end, _ := sentenceEnd(text, 0, true)
		out = append(out, text[:end])
		text = text[end:]
	}
	return out
}

// sentenceEnd returns where the first sentence of text ends, or 0 and the place
// to look on from once there is more text. What it finds for a text it finds for
// every longer one: it answers only when no continuation could change the
// answer, unless last says that none will come.
func sentenceEnd(text string, from int, last bool) (end, resume int) {
	i := max(from, skipSpace(text))
	for i < len(text) {
		if i >= MaxSentence {
			return capped(text), 0
		}
		r, size, ok := decode(text, i, last)
		if !ok {
			return 0, i
		}
		if !isEndRune(r) {
			i += size
			continue
		}
		stop := i
		verdict, after := judge(text, stop, r, last)
		switch verdict {
		case undecided:
			return 0, stop
		case noEnd:
			i = after
		case isEnd:
			if after, ok = trailingSpace(text, after, last); !ok {
				return 0, stop
			}
			return after, 0
		}
	}
	if last {
		return len(text), 0
	}
	return 0, i
}

// sentenceOver says where a sentence of text is certainly over although closing
// quotes or white space may still follow: after a stop that stands behind a
// citation marker, with no quote or bracket open. 0: not so.
func sentenceOver(text string, from int) int {
	for i := from; i < len(text) && i < MaxSentence; i++ {
		switch text[i] {
		case '.', '!', '?':
			if endsWithMarker(text[:i]) && balanced(text[:i]) {
				return i + 1
			}
		case '\n':
			return 0
		}
	}
	return 0
}

type verdict int

const (
	undecided verdict = iota
	noEnd
	isEnd
)

func isEndRune(r rune) bool {
	switch r {
	case '.', '!', '?', '…', '\n', '\u2028', '\u2029', '。', '！', '？', '‼', '⁇', '⁈', '⁉':
		return true
	}
	return false
}

// judge decides whether the end rune at stop ends a sentence, and returns the
// index behind what belongs to it.
func judge(text string, stop int, r rune, last bool) (verdict, int) {
	switch r {
	case '\n', '\u2028', '\u2029':
		return isEnd, stop + utf8.RuneLen(r)
	}
	run, ok := endRun(text, stop, last)
	if !ok {
		return undecided, 0
	}
	marked := endsWithMarker(text[:stop])
	after, quoted, ok := closers(text, run, last)
	if !ok {
		return undecided, 0
	}
	if marked {
		return isEnd, after
	}
	behind, found, ok := markers(text, after, last)
	if !ok {
		return undecided, 0
	}
	if found {
		return isEnd, behind
	}
	return judgeBare(text, stop, run, after, quoted, last)
}

// judgeBare decides a stop that no citation marker stands by.
func judgeBare(text string, stop, run, after int, quoted, last bool) (verdict, int) {
	wide := strings.ContainsAny(text[stop:run], "。！？")
	if wide {
		return isEnd, after
	}
	if after >= len(text) {
		if !last {
			return undecided, 0
		}
		return isEnd, after
	}
	next, _, ok := decode(text, after, last)
	if !ok {
		return undecided, 0
	}
	if !unicode.IsSpace(next) {
		if isOpener(next) && stop > 0 && text[stop-1] != ' ' && !isDigitBefore(text, stop) {
			return isEnd, after
		}
		return noEnd, max(after, stop+1)
	}
	at := skipBlank(text, after)
	if at-after > maxSpace {
		return isEnd, after
	}
	if at >= len(text) {
		if !last {
			return undecided, 0
		}
		return isEnd, after
	}
	if next, _, ok = decode(text, at, last); !ok {
		return undecided, 0
	}
	if isLineBreak(next) {
		return isEnd, after
	}
	return followed(text, stop, run, after, at, next, quoted, last)
}

// followed decides a stop behind which, on the same line, the text goes on at
// index at with the rune next.
func followed(text string, stop, run, after, at int, next rune, quoted, last bool) (verdict, int) {
	dots := run - stop
	single := text[stop:run] == "."
	switch {
	case text[stop] == '!' || text[stop] == '?' || strings.ContainsAny(text[stop:run], "!?"):
		if quoted && unicode.IsLower(next) {
			return noEnd, after
		}
		return isEnd, after
	case !single && dots > 0: // an ellipsis
		if unicode.IsLower(next) {
			return noEnd, after
		}
		return isEnd, after
	}
	token := wordBefore(text, stop)
	if listNumber(text, stop, token) {
		return noEnd, after
	}
	switch kindOf(token) {
	case neverEnds:
		return noEnd, after
	case beforeNumber:
		if unicode.IsDigit(next) {
			return noEnd, after
		}
	case mayEnd:
		return beginsSentence(text, after, at, next, last)
	case ordinary:
	}
	if unicode.IsLower(next) && (quoted || len(token) < 3 || !onlyLetters(token)) {
		return noEnd, after
	}
	return isEnd, after
}

// beginsSentence decides behind an abbreviation that ends sentences now and
// then ("etc.", "U.S."): by whether the next word is one that begins sentences.
func beginsSentence(text string, after, at int, next rune, last bool) (verdict, int) {
	if unicode.IsLower(next) || unicode.IsDigit(next) {
		return noEnd, after
	}
	if !unicode.IsLetter(next) {
		return isEnd, after
	}
	end := at
	for end < len(text) && end-at < 16 {
		r, size, ok := decode(text, end, last)
		if !ok {
			return undecided, 0
		}
		if !unicode.IsLetter(r) {
			break
		}
		end += size
	}
	if end >= len(text) && end-at < 16 && !last {
		return undecided, 0
	}
	if starters[strings.ToLower(text[at:end])] {
		return isEnd, after
	}
	return noEnd, after
}

// endRun returns the index behind a row of stops: "?!", "...".
func endRun(text string, i int, last bool) (int, bool) {
	for i < len(text) {
		r, size, ok := decode(text, i, last)
		if !ok {
			return 0, false
		}
		if !isEndRune(r) || isLineBreak(r) {
			return i, true
		}
		if i > MaxSentence+maxSpace {
			return i, true
		}
		i += size
	}
	return i, last
}

// closers returns the index behind closing quotes, brackets and Markdown's
// emphasis that touch the stop.
func closers(text string, i int, last bool) (after int, quoted, ok bool) {
	for start := i; i < len(text) && i-start < 16; {
		r, size, whole := decode(text, i, last)
		if !whole {
			return 0, false, false
		}
		switch r {
		case '"', '\'', '”', '’', '»', '›':
			quoted = true
		case ')', ']', '}', '*', '_', '`':
		default:
			return i, quoted, true
		}
		i += size
	}
	return i, quoted, last || i < len(text)
}

// markers returns the index behind the citation markers that follow a stop, and
// behind the stop that may follow them in turn.
func markers(text string, i int, last bool) (after int, found, ok bool) {
	after = i
	for range 16 {
		at := i
		for at < len(text) && at-i < maxSpace && (text[at] == ' ' || text[at] == '\t' || found && text[at] == ',') {
			at++
		}
		length, whole := markerAt(text[at:], last)
		if !whole {
			return 0, false, false
		}
		if length == 0 {
			break
		}
		i, after, found = at+length, at+length, true
	}
	if found && after >= len(text) && !last {
		return 0, false, false
	}
	if found && after < len(text) && text[after] == '.' {
		after++
	}
	return after, found, true
}

// markerAt returns the length of the citation marker that s begins with, 0 if
// there is none; ok is false where more text could make one.
func markerAt(s string, last bool) (length int, ok bool) {
	if s == "" {
		return 0, last
	}
	r, size, whole := decode(s, 0, last)
	if !whole {
		return 0, false
	}
	if r != '[' && r != '［' && r != '【' {
		return 0, true
	}
	digits := false
	for i := size; i < len(s); {
		r, size, whole = decode(s, i, last)
		switch {
		case !whole:
			return 0, false
		case r >= '0' && r <= '9':
			digits = true
		case r == ']' || r == '］' || r == '】':
			if digits {
				return i + size, true
			}
			return 0, true
		case r == ',' || r == ';' || r == ' ' || r == '-' || r == '–' || r == '^' || r == '†':
		default:
			return 0, true
		}
		if i += size; i > 40 {
			return 0, true
		}
	}
	return 0, last
}

// endsWithMarker says whether s ends with a citation marker.
func endsWithMarker(s string) bool {
	s = strings.TrimRight(s, " \t*_")
	if !strings.HasSuffix(s, "]") && !strings.HasSuffix(s, "］") && !strings.HasSuffix(s, "】") {
		return false
	}
	open := max(strings.LastIndexByte(s, '['), strings.LastIndex(s, "［"), strings.LastIndex(s, "【"))
	if open < 0 {
		return false
	}
	length, _ := markerAt(s[open:], true)
	return length == len(s)-open
}

func balanced(s string) bool {
	depth, straight := 0, 0
	for _, r := range s {
		switch r {
		case '(', '[', '{', '“', '«', '［', '【':
			depth++
		case ')', ']', '}', '”', '»', '］', '】':
			depth--
		case '"':
			straight++
		}
	}
	return depth <= 0 && straight%2 == 0 && strings.Count(s, "**")%2 == 0
}

// trailingSpace returns the index behind the white space at i; ok is false when
// more may follow.
func trailingSpace(text string, i int, last bool) (int, bool) {
	for start := i; i < len(text); {
		r, size, ok := decode(text, i, last)
		if !ok {
			return 0, false
		}
		if !unicode.IsSpace(r) || i-start >= maxSpace {
			return i, true
		}
		i += size
	}
	return i, last
}

// capped returns where a sentence without an end is cut: behind the last space
// in reach, or else between two runes.
func capped(text string) int {
	cut := MaxSentence
	for cut > MaxSentence-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
		cut--
	}
	if space := strings.LastIndexAny(text[:cut], " \t"); space > MaxSentence/2 {
		return space + 1
	}
	return cut
}

// decode reads the rune at i; ok is false when its bytes are not all there yet.
func decode(text string, i int, last bool) (r rune, size int, ok bool) {
	if c := text[i]; c < utf8.RuneSelf {
		return rune(c), 1, true
	}
	if !last && !utf8.FullRuneInString(text[i:]) {
		return 0, 0, false
	}
	r, size = utf8.DecodeRuneInString(text[i:])
	return r, size, true
}

func skipSpace(text string) int {
	i := 0
	for i < len(text) && i < MaxSentence {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsSpace(r) {
			break
		}
		i += size
	}
	return i
}

func skipBlank(text string, i int) int {
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsSpace(r) || isLineBreak(r) {
			break
		}
		i += size
	}
	return i
}

func isLineBreak(r rune) bool { return r == '\n' || r == '\u2028' || r == '\u2029' }

func isOpener(r rune) bool { return strings.ContainsRune("¿¡“«„", r) }

func isDigitBefore(text string, i int) bool { return text[i-1] >= '0' && text[i-1] <= '9' }
