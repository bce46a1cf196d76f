package retrieve

import (
	"slices"

	"bedside/internal/chat"
	"bedside/internal/language"
)

// fusionDepth is the constant of reciprocal rank fusion (Cormack, Clarke and
// Büttcher 2009): how little the first places differ.
const fusionDepth = 60

// fuse ranks by the sum of reciprocal ranks. What is found by meaning only comes
// in without a score of its own; equal sums go by the words' rank.
func (s *scratch) fuse(x *Index, a *analysis, near []chat.PassageID) {
	if len(near) == 0 {
		return
	}
	own := slices.ContainsFunc(s.ranked, func(r ranked) bool { return x.langs[r.passage] == a.lang })
	sums := make(map[uint32]float64, len(s.ranked)+len(near))
	for rank, r := range s.ranked {
		sums[r.passage] = 1 / float64(fusionDepth+rank+1)
	}
	rank := 0
	for _, id := range near {
		at, ok := x.byID[id]
		if !ok || own && x.langs[at] != a.lang {
			continue
		}
		if _, found := sums[at]; !found {
			s.ranked = append(s.ranked, ranked{passage: at})
		}
		rank++
		sums[at] += 1 / float64(fusionDepth+rank)
	}
	slices.SortStableFunc(s.ranked, func(first, second ranked) int {
		switch a, b := sums[first.passage], sums[second.passage]; {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
}

// Whole is the question together with those that it leans on, oldest first: what
// another measure has to compare.
func (x *Index) Whole(q Query) string {
	whole := language.WriteOut(q.Text)
	leaning := x.analyse(whole, q.Language).leaning
	for i := len(q.Previous) - 1; i >= max(0, len(q.Previous)-farthestBack) && leaning; i-- {
		before := language.WriteOut(q.Previous[i])
		whole = before + "\n" + whole
		leaning = x.analyse(before, q.Language).leaning
	}
	return whole
}
