package mutation

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode"

	"bedside/internal/chat"
	"bedside/internal/ground"
	"bedside/internal/language"
)

// The kinds of true sentences.
const (
	verbatim = "word for word"
	reworded = "reworded"
)

// statement is one sentence of an answer with the passages that it cites.
type statement struct {
	text  string
	cites []int
	kind  string // of a true sentence; empty: it was mutated
}

// isShownAs says whether a shown text is the sentence: drafting closes the gap
// that its marker, or a passage itself, leaves before a full stop.
func (s statement) isShownAs(text string) bool {
	return strings.ReplaceAll(text, " .", ".") == strings.ReplaceAll(s.text, " .", ".")
}

// answer is what the model writes.
type answer struct {
	kind       string // of the mutation; empty: there is none
	passages   []chat.Passage
	statements []statement
	behind     bool // markers stand behind the full stop
}

func (a answer) honest() []statement {
	return slices.DeleteFunc(slices.Clone(a.statements), func(s statement) bool { return s.kind == "" })
}

// text is the answer with its markers.
func (a answer) text() string {
	var out strings.Builder
	for _, s := range a.statements {
		marker := ""
		for _, number := range s.cites {
			marker += fmt.Sprintf(" [%d]", number)
		}
		if stop := len(s.text) - 1; a.behind || !strings.HasSuffix(s.text, ".") {
			out.WriteString(s.text + marker)
		} else {
			out.WriteString(s.text[:stop] + marker + ".")
		}
		out.WriteByte(' ')
	}
	return out.String()
}

// fact is a sentence of a passage, as true as the passage.
type fact struct {
	text   string
	number int // of its passage, from 1
}

// answers yields the answers of all sets, numbered.
func answers(sets [][]chat.Passage) iter.Seq2[int, answer] {
	return func(yield func(int, answer) bool) {
		number := 0
		give := func(a answer) bool {
			a.behind = number%3 == 2
			number++
			return yield(number, a)
		}
		seen := make(map[string]bool)
		for at, passages := range sets {
			facts := factsOf(passages)
			for i, f := range facts {
				// A sentence that several sets have is made wrong once.
				if seen[f.text] || f.number != 1 {
					continue
				}
				seen[f.text] = true
				for j, m := range mutate(f, passages, at+i) {
					a := answer{kind: m.kind, passages: passages, statements: m.statements}
					if other := facts[(i+1+j)%len(facts)]; other.text != f.text {
						a.statements = append(a.statements, statement{other.text, []int{other.number}, verbatim})
					}
					if !give(a) {
						return
					}
				}
			}
		}
	}
}

// factsOf returns the sentences of passages that can be said as they are.
func factsOf(passages []chat.Passage) []fact {
	var out []fact
	for i, passage := range passages {
		for _, piece := range language.Sentences(passage.Text) {
			text := strings.Join(strings.Fields(piece), " ")
			first, _ := firstRune(text)
			if len(strings.Fields(text)) < 4 || !strings.HasSuffix(text, ".") || !unicode.IsUpper(first) ||
				!strings.Contains(passage.Text, text) || ground.Forbidden(text) != "" {
				continue
			}
			out = append(out, fact{text, i + 1})
		}
	}
	return out
}

func firstRune(text string) (rune, bool) {
	for _, r := range text {
		return r, true
	}
	return 0, false
}
