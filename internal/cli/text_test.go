package cli

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"plain, ¿qué?\tó\n":      "plain, ¿qué?\tó\n",
		"\x1b[31mred\x1b]0;t\a":  "[31mred]0;t",
		"a\u009b2Kb\x7f\x00\rc":  "a2Kbc",
		"\u202eevil\u2066\u200f": "evil",
		"one\u2028two\ufeff":     "one\ntwo",
	} {
		if got := clean(text); got != want {
			t.Errorf("clean(%q) = %q, want %q", text, got, want)
		}
	}
	if got := cleanLine(" a\n b\u2029c "); got != "a b c" {
		t.Errorf("%q", got)
	}
}

func TestPagesWrap(t *testing.T) {
	for name, c := range map[string]struct {
		width int
		parts []string
		want  string
	}{
		"not a terminal":            {0, []string{"one two three. ", "four"}, "one two three. four\n"},
		"wrapped":                   {10, []string{"one two three. ", "four"}, "one two\nthree.\nfour\n"},
		"exactly":                   {7, []string{"one two three"}, "one two\nthree\n"},
		"a word longer than a line": {4, []string{"a longword b"}, "a\nlongword\nb\n"},
		"line breaks stay":          {10, []string{"one\n\n", "two"}, "one\n\ntwo\n"},
		"indents stay":              {20, []string{"  one"}, "  one\n"},
		"no space at a line's end":  {0, []string{"one  ", "\n", "two "}, "one\ntwo\n"},
		"letters, not bytes":        {7, []string{"ééé ééé ééé"}, "ééé ééé\nééé\n"},
	} {
		var b bytes.Buffer
		p := &page{w: &b, width: c.width}
		for _, part := range c.parts {
			p.write(part)
		}
		p.end()
		p.end()
		if diff := cmp.Diff(c.want, b.String()); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestPagesRememberThatAWriteFailed(t *testing.T) {
	p := &page{w: failing{}}
	p.line("text")
	if p.err == nil {
		t.Error("the error was lost")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, bytes.ErrTooLarge }

func FuzzPage(f *testing.F) {
	f.Add("one two\n three", 5)
	f.Add("\x1b[2J\u202e", 20)
	f.Fuzz(func(t *testing.T, text string, width int) {
		var b bytes.Buffer
		p := &page{w: &b, width: width}
		p.line(text)
		if strings.ContainsAny(b.String(), "\x1b\x00\r\u202e\u009b") || utf8.ValidString(text) && !utf8.ValidString(b.String()) {
			t.Errorf("%q", b.String())
		}
		if got, want := strings.Fields(b.String()), strings.Fields(clean(text)); width >= 0 && !cmp.Equal(got, want) {
			t.Errorf("words were changed: %q, want %q", got, want)
		}
	})
}
