package corpus

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plainSections cuts a body that is written in the plainest Markdown into its
// sections, and says whether it could: headings of the first and second level,
// the passage's block right after its heading, paragraphs and lists of one level,
// without emphasis, links, entities or escapes. Anything else, and every fault,
// is left to the library; a fuzz test holds that both read the same.
func plainSections(title string, body []byte, bodyLine int) ([]section, bool) {
	w := plainWalker{title: strings.Join(strings.Fields(title), " "), body: body, line: bodyLine}
	for w.at < len(body) {
		if !w.next() {
			return nil, false
		}
	}
	w.finish()
	return w.sections, true
}

type plainWalker struct {
	title    string
	body     []byte
	at       int // where the next line begins
	line     int // its number
	sections []section
	lines    []string
	before   byte // what the line before was: 'p' paragraph, 'l' list item, 0 neither
}

// take returns the next line without its end.
func (w *plainWalker) take() (line []byte, ended bool) {
	line, rest, ended := bytes.Cut(w.body[w.at:], []byte("\n"))
	w.at = len(w.body) - len(rest)
	w.line++
	return line, ended
}

func (w *plainWalker) next() bool {
	number := w.line
	taken, ended := w.take()
	line, before := string(taken), w.before
	w.before = 0
	if !ended {
		return false
	}
	if line == "" {
		return true
	}
	if words, found := strings.CutPrefix(line, "# "); found {
		return len(w.sections) == 0 && words == w.title && isPlainInline(words)
	}
	if words, found := strings.CutPrefix(line, "## "); found {
		w.finish()
		w.sections = append(w.sections, section{heading: words, line: number})
		return isPlainInline(words)
	}
	if len(w.sections) == 0 {
		return false
	}
	if line == "```"+passageFence {
		return w.fence()
	}
	words, item := strings.CutPrefix(line, "- ")
	switch {
	case !isPlainInline(words):
		return false
	case item:
		w.lines, w.before = append(w.lines, words), 'l'
	case before == 'l':
		return false // it would belong to the item
	case before == 'p':
		w.lines[len(w.lines)-1] += " " + words
		w.before = 'p'
	default:
		w.lines, w.before = append(w.lines, words), 'p'
	}
	return true
}

// fence reads the passage's block.
func (w *plainWalker) fence() bool {
	s := &w.sections[len(w.sections)-1]
	if s.blockLine > 0 || len(w.lines) > 0 {
		return false
	}
	s.blockLine = w.line
	start := w.at
	for w.at < len(w.body) {
		end := w.at
		line, ended := w.take()
		if string(line) == "```" {
			s.block = w.body[start:end]
			return ended && end > start
		}
		if bytes.ContainsAny(line, "`\t") {
			return false
		}
	}
	return false
}

func (w *plainWalker) finish() {
	if n := len(w.sections); n > 0 {
		w.sections[n-1].text = strings.Join(w.lines, "\n")
	}
	w.lines = nil
}

// isPlainInline says whether Markdown shows a line as the words that stand there
// and takes it for a paragraph's.
func isPlainInline(s string) bool {
	afterNumber := strings.TrimLeft(s, "0123456789")
	if len(afterNumber) < len(s) && (afterNumber == "" || strings.IndexByte(".)", afterNumber[0]) >= 0) {
		return false // the beginning of a numbered list
	}
	first, _ := utf8.DecodeRuneInString(s)
	if !unicode.IsLetter(first) && !strings.ContainsRune(`"'(¿¡«“0123456789`, first) || s[len(s)-1] == ' ' {
		return false
	}
	for i, r := range s {
		switch {
		case r >= 0x80:
			if r == utf8.RuneError || !unicode.IsPrint(r) {
				return false
			}
		case r == ' ':
			if s[i+1] == ' ' {
				return false
			}
		case isLetter(byte(r)), r >= '0' && r <= '9':
		case strings.IndexByte(`,.;:?!()"'%/+=$-`, byte(r)) < 0:
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
