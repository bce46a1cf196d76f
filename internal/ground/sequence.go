package ground

import (
	"slices"
	"sync"
)

// familiar is how many letters words share at their beginning when they are taken
// for one family, whatever a stemmer makes of them: "hydrated", "hydration".
const familiar = 4

// sequence is a passage as a row of content words: what the score of support
// measures nearness on. It is made when first asked for, since quotations do
// without.
type sequence struct {
	made     sync.Once
	places   map[string][]int // of each stem, rising
	families map[string]bool  // the beginnings of its stems
}

// order returns the passage's row of content words.
func (s *source) order() *sequence {
	s.row.made.Do(func() {
		s.row.places, s.row.families = make(map[string][]int), make(map[string]bool)
		for stem := range s.stems {
			if len(stem) >= familiar {
				s.row.families[stem[:familiar]] = true
			}
		}
		place := 0
		for i := range s.parts {
			for _, k := range s.parts[i].clauses {
				for _, stem := range k.stems {
					s.row.places[stem] = append(s.row.places[stem], place)
					place++
				}
			}
		}
	})
	return &s.row
}

// akinTo says whether the passage has a word of the stem's family.
func (q *sequence) akinTo(stem string) bool {
	return len(stem) >= familiar && q.families[stem[:familiar]]
}

// apart returns how far two stems stand from each other where they are nearest;
// ok is false when the passage lacks one of them.
func (q *sequence) apart(a, b string) (distance int, ok bool) {
	left, right := q.places[a], q.places[b]
	for i, j := 0, 0; i < len(left) && j < len(right); {
		d := left[i] - right[j]
		if d < 0 {
			d = -d
			i++
		} else {
			j++
		}
		if !ok || d < distance {
			distance, ok = d, true
		}
	}
	return distance, ok
}

// together says whether one of the passages has two stems no further than reach
// from each other.
func together(a, b string, reach int, cited []citedSource) bool {
	return slices.ContainsFunc(cited, func(s citedSource) bool {
		distance, ok := s.order().apart(a, b)
		return ok && distance <= reach
	})
}
