package corpus

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// soup makes documents line by line, of lines that are likely and words that are
// not: what a fuzzer rarely comes to.
type soup struct {
	random *rand.Rand
	lines  []string // % stands for words
	words  []string
}

func (s soup) pick(from []string) string { return from[s.random.IntN(len(from))] }

func (s soup) document(most int) string {
	var out strings.Builder
	for range 1 + s.random.IntN(most) {
		for part := range strings.SplitAfterSeq(s.pick(s.lines), "%") {
			before, wanted := strings.CutSuffix(part, "%")
			out.WriteString(before)
			for n := s.random.IntN(3); wanted && n >= 0; n-- {
				out.WriteString(s.pick(s.words))
			}
		}
		out.WriteByte('\n')
	}
	return out.String()
}

const manyDocuments = 8_000

func TestPlainMarkdownAgreesWithTheLibrary(t *testing.T) {
	s := soup{
		random: rand.New(rand.NewPCG(3, 4)),
		lines: []string{
			"# A", "## %", "## B", "```passage", "id: b", "```", "%", "%", "- %", "- a", "", "", "a %", "1970s: %", "Two (2)", "===", "---", "  %", "1. %", "%. %",
		},
		words: []string{
			"a", "b c", " ", ",", ".", "?", "!", ":", ";", "(", ")", "\"", "'", "/", "%", "+", "=", "$", "-", "1", "2)", "3.", "é", "¿", "«x»", "…", "–", "*", "_", "`", "#", "&amp;", "<", "[a]", "\\", "|", "~", "\u00a0", "http://a.example",
		},
	}
	read := 0
	for range manyDocuments {
		body := "## B\n" + s.document(5)
		if compareMarkdown(t, "A", body) {
			read++
		}
		if t.Failed() {
			t.Fatalf("the body was:\n%s", body)
		}
	}
	if read < manyDocuments/50 {
		t.Errorf("%d of %d bodies were read quickly; the rest tests nothing", read, manyDocuments)
	}
}
