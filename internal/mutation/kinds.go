package mutation

import (
	"slices"
	"strings"

	"bedside/internal/chat"
	"bedside/internal/language"
)

// The kinds of mutation.
const (
	numberSwapped = "number swapped"
	doseInvented  = "dose invented"
	numberMoved   = "number said of something else"
	negationIn    = "negation put in"
	negationOut   = "negation taken out"
	hedgeTurned   = "hedge turned to certainty"
	nameSwapped   = "drug or name swapped"
	foreign       = "what no passage says"
	foreignClause = "the same behind a true clause"
	citationWrong = "citation of another passage"
	citationNone  = "no citation, or of none that was given"
	splitEnds     = "sentence ends split over pieces"
	falseEnds     = "abbreviations and decimals like ends"
)

// Kinds are the kinds of mutation in the order of the table.
func Kinds() []string {
	return []string{
		numberSwapped, doseInvented, numberMoved, negationIn, negationOut, hedgeTurned, nameSwapped, foreign, foreignClause,
		citationWrong, citationNone, splitEnds, falseEnds,
	}
}

// made is a fact made wrong in one way, or said truly in other words.
type made struct {
	kind       string
	statements []statement
}

// mutate returns what becomes of a fact. turn chooses among wordings, so that all
// of them are used over many facts.
func mutate(f fact, passages []chat.Passage, turn int) []made {
	var out []made
	wrong := func(kind string, texts ...string) {
		for _, text := range texts {
			// What a passage has word for word is not wrong.
			if text != f.text && !slices.ContainsFunc(passages, func(p chat.Passage) bool { return strings.Contains(p.Text, text) }) {
				out = append(out, made{kind, []statement{{text: text, cites: []int{f.number}}}})
			}
		}
	}
	own := passages[f.number-1]
	out = append(out, made{"", []statement{{f.text, []int{f.number}, verbatim}}})
	wrong(doseInvented, doses(f.text, turn)...)
	wrong(numberSwapped, numbersSwapped(f.text, own)...)
	for _, text := range numbersMoved(f.text, passages) {
		all := make([]int, len(passages))
		for i := range all {
			all[i] = i + 1
		}
		out = append(out, made{numberMoved, []statement{{text: text, cites: all}}})
	}
	if language.Known(own.Language) == language.English {
		for _, text := range rewordings(f.text) {
			out = append(out, made{"", []statement{{text, []int{f.number}, reworded}}})
		}
		wrong(negationIn, negationsIn(f.text)...)
		wrong(negationOut, negationsOut(f.text)...)
		wrong(hedgeTurned, hedgesTurned(f.text)...)
		wrong(nameSwapped, namesSwapped(f.text, turn)...)
		wrong(foreign, inventions[turn%len(inventions)])
		wrong(foreignClause, strings.TrimSuffix(f.text, ".")+", and "+lower(inventions[(turn+7)%len(inventions)]))
		wrong(falseEnds, falseEndings(f.text, turn)...)
		wrong(splitEnds, splitEndings(f.text, turn)...)
	}
	out = append(out, citations(f, passages)...)
	return out
}

// citations are a fact that cites what it does not come from.
func citations(f fact, passages []chat.Passage) []made {
	var out []made
	for i, other := range passages {
		if i != f.number-1 && apart(passages[f.number-1], other) && !strings.Contains(other.Text, f.text) {
			out = append(out, made{citationWrong, []statement{{text: f.text, cites: []int{i + 1}}}})
			break
		}
	}
	return append(out,
		made{citationNone, []statement{{text: f.text}}},
		made{citationNone, []statement{{text: f.text, cites: []int{len(passages) + 1 + len(f.text)%7}}}})
}

// apart says whether two passages tell different things: no reviewed fact in
// common, or where there are none, few words.
func apart(a, b chat.Passage) bool {
	if len(a.Facts) > 0 && len(b.Facts) > 0 {
		return a.Section != b.Section && !slices.ContainsFunc(a.Facts, func(id string) bool { return slices.Contains(b.Facts, id) })
	}
	words := make(map[string]bool)
	for _, word := range language.ContentStems(a.Language, a.Text) {
		words[word] = true
	}
	own := language.ContentStems(b.Language, b.Text)
	shared := 0
	for _, word := range own {
		if words[word] {
			shared++
		}
	}
	return 2*shared < len(own)
}

func lower(text string) string {
	first, _, _ := strings.Cut(text, " ")
	if first == "Ketamine" {
		return "ketamine" + text[len(first):]
	}
	return strings.ToLower(text[:1]) + text[1:]
}
