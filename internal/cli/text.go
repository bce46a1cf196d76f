package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"
)

const (
	bold  = "\x1b[1m"
	dim   = "\x1b[2m"
	plain = "\x1b[0m"

	widest    = 100 // longer lines are hard to read
	narrowest = 20
)

// clean makes text from elsewhere harmless to a terminal: control characters,
// which could move the cursor or hide text, and the marks that turn its
// direction are taken out.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u2028' || r == '\u2029':
			return '\n'
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\ufeff':
			return -1
		}
		return r
	}, text)
}

// cleanLine is clean for what must stay on its line.
func cleanLine(text string) string { return strings.Join(strings.Fields(clean(text)), " ") }

// page writes text for people: words wrapped to the width of a terminal, and
// colour where it is wanted.
type page struct {
	w      io.Writer
	width  int // 0: lines are left as they are
	colour bool
	column int
	spaces int   // written before the next word, if that stays on the line
	err    error // of the first write that failed
}

// newPage returns a page that fits what w is.
func (p *program) newPage(w io.Writer) *page {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return &page{w: w}
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil || width == 0 {
		width = widest
	}
	colour := p.variable("NO_COLOR") == "" && p.variable("TERM") != "dumb"
	return &page{w: w, width: min(max(width, narrowest), widest), colour: colour}
}

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// write writes text from elsewhere, wrapped.
func (p *page) write(text string) {
	text = clean(text)
	for text != "" {
		switch end := strings.IndexAny(text, " \t\n"); {
		case end < 0:
			p.word(text)
			return
		case end > 0:
			p.word(text[:end])
			text = text[end:]
		case text[0] == '\n':
			p.newline()
			text = text[1:]
		default:
			p.spaces++
			text = text[1:]
		}
	}
}

func (p *page) word(word string) {
	length := len([]rune(word))
	if p.width > 0 && p.column > 0 && p.column+p.spaces+length > p.width {
		p.newline()
	}
	p.raw(strings.Repeat(" ", p.spaces) + word)
	p.column += p.spaces + length
	p.spaces = 0
}

func (p *page) newline() {
	p.raw("\n")
	p.column, p.spaces = 0, 0
}

// line writes text and ends the line.
func (p *page) line(text string) {
	p.write(text)
	p.end()
}

// end ends the line that was begun; there is none at the beginning of one.
func (p *page) end() {
	p.spaces = 0
	if p.column > 0 {
		p.newline()
	}
}

// gap writes an empty line.
func (p *page) gap() {
	p.end()
	p.raw("\n")
}

// styled runs write with a style switched on.
func (p *page) styled(style string, write func()) {
	if !p.colour {
		write()
		return
	}
	p.raw(style)
	write()
	p.raw(plain)
}

func (p *page) raw(text string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, text)
	}
}

func (p *page) rawf(format string, values ...any) { p.raw(fmt.Sprintf(format, values...)) }
