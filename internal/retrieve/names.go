package retrieve

import "slices"

const (
	// nameShare is how much of the subject a word has to be, and nameRarity the
	// share of passages that may hold it, for an answer to need it.
	nameShare, nameRarity = 0.25, 0.12
	fewPassages           = 3
	// nameless is what an answer without such a word loses of its score, at most.
	nameless = 0.5
)

// namesOf returns the concepts that an answer cannot well do without: words that
// are much of what is asked about and that few passages hold. "PCP" is one,
// however alike two questions about differences are worded.
func (x *Index) namesOf(a *analysis, subject float32) []*concept {
	if a.leaning { // it need not name what it is about
		return nil
	}
	few := max(fewPassages, int(nameRarity*float32(len(x.passages))))
	var names []*concept
	for i := range a.concepts {
		c := &a.concepts[i]
		if !c.known || c.kind || c.elsewhere || c.about < nameShare*subject || c.word[:1] == asking {
			continue
		}
		having := 0
		for _, m := range c.members {
			having += int(x.vocabulary.having[m.term])
		}
		if having > 0 && having <= few {
			names = append(names, c)
		}
	}
	return names
}

// keeps is the share of the score that a passage keeps, by the names that
// stand nowhere in it.
func (x *Index) keeps(names []*concept, passage uint32, subject float32) float32 {
	kept := float32(1)
	for _, c := range names {
		if !slices.ContainsFunc(c.members, func(m member) bool {
			passages, _ := x.postings.of(m.term)
			_, found := slices.BinarySearch(passages, passage)
			return found
		}) {
			kept -= nameless * c.about / subject
		}
	}
	return max(kept, 1-nameless)
}
