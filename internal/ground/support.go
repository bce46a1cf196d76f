package ground

import (
	"bedside/internal/language"
	"bedside/internal/logistic"
)

// Support is how likely people are to find the sentence supported, by the
// weights that the program ships.
func (m *Measures) Support() float64 {
	model := logistic.Model{Bias: supportBias, Weights: supportWeights}
	return model.Probability(m[:])
}

// Answer measures the sentences of one answer in their order. It is for one goroutine.
type Answer struct {
	evidence *Evidence
	before   *spoken
}

// Answer begins an answer that rests on the passages. Where nobody knows which
// sentences stood before one, each is an answer of unknown place.
func (e *Evidence) Answer(placed bool) *Answer {
	a := &Answer{evidence: e}
	if placed {
		a.before = &spoken{stems: make(map[string]bool)}
	}
	return a
}

// Measure measures a sentence against all the passages and remembers it. It says
// nothing of whether the sentence may be shown: that is Check.
func (a *Answer) Measure(sentence string) Measures {
	cited := make([]citedSource, len(a.evidence.passages))
	lang := language.English
	for i := range cited {
		cited[i] = citedSource{i + 1, a.evidence.source(i + 1)}
		lang = cited[i].language
	}
	c := read(sentence, lang, nil)
	m := measure(c, cited, a.before)
	if a.before != nil {
		a.before.add(c)
	}
	return m
}
