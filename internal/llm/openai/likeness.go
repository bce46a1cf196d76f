package openai

import (
	"bytes"
	"unicode/utf8"
)

// likeness reads chunks that are the last one again with another text, as nearly
// all of an answer are, without looking at their JSON: what stands around the text
// is compared byte for byte.
type likeness struct{ before, behind []byte }

// pick reads a chunk of a stream, one after the other; ok is false when it is no JSON.
func (l *likeness) pick(line []byte) (e event, ok bool) {
	if text, ok := l.text(line); ok {
		return event{text: text, choice: true}, true
	}
	e, at, ok := quickly(line)
	if !ok {
		return decoded(line)
	}
	if e.text != "" && e == (event{text: e.text, choice: true}) {
		l.before = append(l.before[:0], line[:at]...)
		l.behind = append(l.behind[:0], line[at+len(e.text):]...)
	}
	return e, true
}

// text returns a chunk's text, if that is all in which it differs: a JSON string
// without escapes in the place of another.
func (l *likeness) text(line []byte) (string, bool) {
	if l.before == nil || len(line) <= len(l.before)+len(l.behind) || !bytes.HasPrefix(line, l.before) || !bytes.HasSuffix(line, l.behind) {
		return "", false
	}
	text := line[len(l.before) : len(line)-len(l.behind)]
	if !isPlain(text) {
		return "", false
	}
	return string(text), true
}

// isPlain says whether the text between two quotation marks is a JSON string that
// stands for itself.
func isPlain(text []byte) bool {
	wide := false
	for _, c := range text {
		if c == '"' || c == '\\' || c < ' ' {
			return false
		}
		wide = wide || c >= utf8.RuneSelf
	}
	return !wide || utf8.Valid(text)
}
