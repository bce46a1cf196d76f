package language

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// testdata/sentences.txt holds cases that anyone can edit: one sentence a line
// (its first lines say how), an empty line between texts.
func readSentenceCases(t testing.TB) [][]string {
	t.Helper()
	data, err := os.ReadFile("testdata/sentences.txt")
	if err != nil {
		t.Fatal(err)
	}
	var cases [][]string
	for block := range strings.SplitSeq(string(data), "\n\n") {
		var want []string
		for line := range strings.SplitSeq(block, "\n") {
			if line != "" && !strings.HasPrefix(line, "# ") {
				want = append(want, strings.ReplaceAll(line, "⏎", "\n"))
			}
		}
		for i := range want {
			if i < len(want)-1 && !strings.HasSuffix(want[i], "\n") {
				want[i] += " "
			}
			want[i] = strings.TrimSuffix(want[i], "~ ")
		}
		if want != nil {
			cases = append(cases, want)
		}
	}
	return cases
}

func TestSentences(t *testing.T) {
	cases := readSentenceCases(t)
	if len(cases) < 40 {
		t.Fatalf("only %d cases were read", len(cases))
	}
	for _, want := range cases {
		text := strings.Join(want, "")
		if diff := cmp.Diff(want, Sentences(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestSentencesCutsWhatHasNoEnd(t *testing.T) {
	for name, text := range map[string]string{
		"words":      strings.Repeat("word ", 3000),
		"one word":   strings.Repeat("x", 9000),
		"wide runes": strings.Repeat("é", 9000),
		"space":      strings.Repeat(" ", 9000),
		"stops":      strings.Repeat(".", 9000),
		"brackets":   "It works. " + strings.Repeat("[", 9000),
		"breaks":     strings.Repeat("\n", 9000),
	} {
		pieces := Sentences(text)
		if strings.Join(pieces, "") != text {
			t.Errorf("%s: the pieces do not join to the text", name)
		}
		for _, piece := range pieces {
			if len(piece) > 5*MaxSentence {
				t.Errorf("%s: a piece of %d bytes", name, len(piece))
			}
		}
	}
}

// cutAll returns what a Cutter makes of the pieces.
func cutAll(pieces []string, push func(*Cutter, string, func(string) error) error) []string {
	var out []string
	keep := func(sentence string) error { out = append(out, sentence); return nil }
	var cutter Cutter
	for _, piece := range pieces {
		_ = push(&cutter, piece, keep)
	}
	_ = cutter.Flush(keep)
	return out
}

// split draws a way to split text into pieces, between any two bytes.
func split(t *rapid.T, text string) []string {
	var pieces []string
	for text != "" {
		n := rapid.IntRange(1, min(len(text), 12)).Draw(t, "n")
		pieces, text = append(pieces, text[:n]), text[n:]
	}
	return pieces
}

// scraps are what sentences are hard to cut at.
var scraps = []string{
	" ", " ", " ", "\n", "\n\n", "  ", "\u00a0", "\u2028", ".", ".", ".", "...", "…", "?", "!", "?!", "。", ",", ":", "[1]", "[12]", " [2]", "[1, 2]", "[", "]",
	"【3】", "(", ")", "\"", "”", "“", "’", "*", "**", "- ", "1. ", "a. ", "¿", "¡", "Dr", "e.g", "i.e", "U.S", "etc", "p. ej", "EE. UU",
	"No", "no", "3.5", "1,000", "2", "it", "The", "word", "ketamine", "Hours", "é", "X", "J", "\xff", "\xe2\x80",
}

func drawText(t *rapid.T) string {
	if rapid.Bool().Draw(t, "free") {
		return rapid.String().Draw(t, "text")
	}
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(scraps), 0, 60).Draw(t, "scraps"), "")
}

func TestCutterEqualsSentencesForEveryChunking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawText(t)
		want := Sentences(text)
		if got := strings.Join(want, ""); got != text {
			t.Fatalf("joined %q, text %q", got, text)
		}
		if diff := cmp.Diff(want, cutAll(split(t, text), (*Cutter).Push)); diff != "" {
			t.Fatalf("%q (-whole +stream):\n%s", text, diff)
		}
		if got := strings.Join(cutAll(split(t, text), (*Cutter).PushEager), ""); got != text {
			t.Fatalf("eager pieces join to %q, text %q", got, text)
		}
	})
}

func TestCutterByteByByte(t *testing.T) {
	for _, want := range readSentenceCases(t) {
		text := strings.Join(want, "")
		if diff := cmp.Diff(want, cutAll(strings.Split(text, ""), (*Cutter).Push)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// A patient waits for each sentence, so the cutter may hold one back only for
// the characters that could still change it.
func TestCutterHoldsNoLongerThanNeeded(t *testing.T) {
	for _, test := range []struct {
		pushed string
		eager  bool
		want   int // sentences out
	}{
		{"It works within hours.", false, 0},     // a marker may follow
		{"It works within hours. T", false, 1},   // nothing may
		{"It works within hours. [2]", false, 0}, // a second marker may
		{"It works within hours. [2] T", false, 1},
		{"It works within hours [2].", false, 0}, // a closing quote or space may
		{"It works within hours [2].", true, 1},
		{"It works within hours [2]. ", true, 1},
		{"It works (within hours [2].", true, 0},
		{"It works within hours.", true, 0},
		{"It rose to 3.", true, 0},
		{"It works.\nT", false, 1},
	} {
		var cutter Cutter
		push := cutter.Push
		if test.eager {
			push = cutter.PushEager
		}
		got := 0
		for _, piece := range strings.SplitAfter(test.pushed, " ") {
			_ = push(piece, func(string) error { got++; return nil })
		}
		if got != test.want {
			t.Errorf("%q (eager %v): %d sentences out, want %d", test.pushed, test.eager, got, test.want)
		}
	}
}

func FuzzSentences(f *testing.F) {
	for _, scrap := range scraps {
		f.Add("It works within hours"+scrap+" Next.", uint8(3))
	}
	f.Fuzz(func(t *testing.T, text string, width uint8) {
		want := Sentences(text)
		if strings.Join(want, "") != text {
			t.Fatalf("%q does not join to %q", want, text)
		}
		var pieces []string
		for rest, n := text, int(width%13)+1; rest != ""; {
			cut := min(n, len(rest))
			pieces, rest = append(pieces, rest[:cut]), rest[cut:]
		}
		if diff := cmp.Diff(want, cutAll(pieces, (*Cutter).Push)); diff != "" {
			t.Fatalf("%q by %d bytes (-whole +stream):\n%s", text, width%13+1, diff)
		}
	})
}

func BenchmarkCutter(b *testing.B) {
	text := strings.Repeat("Ketamine can ease low mood within hours for some people, e.g. when pills did not help [2]. ", 4)
	tokens := strings.SplitAfter(text, " ")
	b.ReportAllocs()
	for b.Loop() {
		var cutter Cutter
		for _, token := range tokens {
			_ = cutter.PushEager(token, func(string) error { return nil })
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(tokens)), "ns/token")
}
