package ground

import (
	"slices"
	"strings"

	"bedside/internal/chat"
)

const (
	// enough is the share of a sentence's content words in a passage that carries it alone.
	enough = 0.75
	// sure is how likely the sentence must be to count as supported, by what of it
	// stands in the passages that it cites.
	sure = 0.93
)

// Evidence is a set of passages made ready for checking sentences against. It is
// for one goroutine: a passage is read when it is first cited.
type Evidence struct {
	library  *Library
	passages []chat.Passage
	sources  []*source
}

// New takes passages to check against. They are numbered from 1.
func New(passages []chat.Passage) *Evidence {
	return NewLibrary().Evidence(passages)
}

// Check says whether a sentence may be shown: whether the passages that it cites
// (by their numbers, from 1) carry what it says.
func (e *Evidence) Check(sentence string, cites []int) Result {
	sentence = strings.TrimSpace(sentence)
	if reason, known := e.known(sentence, cites); known && reason != "" {
		return Result{Reason: reason}
	} else if !known {
		if reason := Forbidden(sentence); reason != "" {
			return Result{Reason: reason}
		}
	}
	if len(cites) == 0 {
		return Result{Reason: Uncited}
	}
	cited := make([]citedSource, 0, len(cites))
	for _, number := range cites {
		if number < 1 || number > len(e.passages) {
			return Result{Reason: CitesUnknown}
		}
		if !slices.ContainsFunc(cited, func(c citedSource) bool { return c.number == number }) {
			cited = append(cited, citedSource{number, e.source(number)})
		}
	}
	for _, c := range cited {
		if c.holds(sentence) {
			return Result{Verdict: chat.Quoted, Passages: []int{c.number}, Quote: sentence}
		}
	}
	return weigh(read(sentence, cited[0].language, cited[0].forms), cited)
}

type citedSource struct {
	number int
	*source
}

func (e *Evidence) source(number int) *source {
	if e.sources[number-1] == nil {
		e.sources[number-1] = e.library.source(e.passages[number-1])
	}
	return e.sources[number-1]
}

// known returns what Forbidden says of a sentence that stands in the passage it
// cites: that was asked when the passage was first read.
func (e *Evidence) known(sentence string, cites []int) (reason string, known bool) {
	if len(cites) != 1 || cites[0] < 1 || cites[0] > len(e.passages) {
		return "", false
	}
	reason, known = e.source(cites[0]).own[sentence]
	return reason, known
}

// weigh puts a sentence that is no quotation through the rules, the surest first.
func weigh(c claim, cited []citedSource) Result {
	if len(c.content) == 0 {
		return Result{Reason: Empty}
	}
	for _, rule := range []struct {
		reason string
		breaks func(claim, []citedSource) bool
	}{
		{Link, newLink},
		{Writing, newWriting},
		{Number, newNumber},
		{Name, newName},
		{Coverage, unsupported},
		{Negation, turned},
		{Negation, unturned},
		{Hedge, surer},
		{Strength, misplaced},
		{Addition, added},
		{Addition, misquoted},
	} {
		if rule.breaks(c, cited) {
			return Result{Reason: rule.reason}
		}
	}
	carrying := carriers(c, cited)
	result := Result{Verdict: chat.Supported, Quote: carrying[0].quote(c)}
	for _, source := range carrying {
		result.Passages = append(result.Passages, source.number)
	}
	return result
}

// unsupported says whether too little of the claim stands in the cited passages, or
// stands there in pieces. What a sentence says of itself counts for nothing: only
// what it shares with the passages does.
func unsupported(c claim, cited []citedSource) bool {
	if !slices.ContainsFunc(c.content, func(stem string) bool { return known(stem, cited) }) {
		return true
	}
	var m Measures
	m.compare(c, cited)
	return m.Support() < sure
}

// carriers returns the passages that carry the claim, the one that carries most
// first: those that do alone, or else as many as add words to the others'.
func carriers(c claim, cited []citedSource) []citedSource {
	ordered := slices.Clone(cited)
	slices.SortStableFunc(ordered, func(a, b citedSource) int { return b.covers(c) - a.covers(c) })
	var alone []citedSource
	for _, s := range ordered {
		if float64(s.covers(c)) >= enough*float64(len(c.content)) {
			alone = append(alone, s)
		}
	}
	if alone != nil {
		return alone
	}
	var carrying []citedSource
	left := slices.Clone(c.content)
	for _, s := range ordered {
		before := len(left)
		left = slices.DeleteFunc(left, func(stem string) bool { return s.stems[stem] })
		if len(left) < before {
			carrying = append(carrying, s)
		}
	}
	return carrying
}
