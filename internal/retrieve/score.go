package retrieve

import (
	"cmp"
	"slices"
)

// scratch is what one search writes on. All of it is zero between searches.
type scratch struct {
	scores  []float32 // of passages
	best    []float32 // of a concept's members in each passage
	touched []uint32  // passages that have a best
	top     []entry
	ranked  []ranked
	marks   marks
	looked  []bool   // questions of gaps that were met
	units   []uint32 // the same, in the order they were met
	gap     gap
	wording wording
}

// entry is a passage in the running for the candidates.
type entry struct {
	passage uint32
	score   float32
}

func newScratch(x *Index) *scratch {
	return &scratch{
		scores:  make([]float32, len(x.passages)),
		best:    make([]float32, len(x.passages)),
		marks:   newMarks(len(x.vocabulary.terms)),
		wording: wording{asked: make([]bool, len(x.wordings.ids))},
		looked:  make([]bool, len(x.gaps.languages)),
	}
}

// score adds up what the concepts weigh in every passage: of a concept's
// members the one that weighs most counts.
func (s *scratch) score(x *Index, a *analysis) {
	for i := range a.concepts {
		c := &a.concepts[i]
		if len(c.members) == 1 {
			m := c.members[0]
			w := c.weight * m.weight
			passages, weights := x.postings.of(m.term)
			for j, p := range passages {
				s.scores[p] += w * weights[j]
			}
			continue
		}
		s.touched = s.touched[:0]
		for _, m := range c.members {
			w := c.weight * m.weight
			passages, weights := x.postings.of(m.term)
			for j, p := range passages {
				v := w * weights[j]
				if s.best[p] == 0 {
					s.touched = append(s.touched, p)
				}
				if v > s.best[p] {
					s.best[p] = v
				}
			}
		}
		for _, p := range s.touched {
			s.scores[p] += s.best[p]
			s.best[p] = 0
		}
	}
}

// take keeps the n best passages, in no order, in a heap whose first is the
// worst, and leaves the scores zero.
func (s *scratch) take(n int) {
	s.top = s.top[:0]
	least := float32(0)
	for p, score := range s.scores {
		if score <= least {
			continue
		}
		e := entry{uint32(p), score}
		if len(s.top) < n {
			s.top = append(s.top, e)
			if len(s.top) < n {
				continue
			}
			for i := n/2 - 1; i >= 0; i-- {
				sink(s.top, i)
			}
		} else {
			s.top[0] = e
			sink(s.top, 0)
		}
		least = s.top[0].score
	}
	clear(s.scores)
	s.ranked = s.ranked[:0]
	for _, e := range s.top {
		s.ranked = append(s.ranked, ranked{passage: e.passage, score: e.score})
	}
}

func sink(heap []entry, i int) {
	for {
		least := i
		for _, child := range [2]int{2*i + 1, 2*i + 2} {
			if child < len(heap) && heap[child].score < heap[least].score {
				least = child
			}
		}
		if least == i {
			return
		}
		heap[i], heap[least] = heap[least], heap[i]
		i = least
	}
}

// better orders by score; equal scores go by the order of the material, so that
// the same question always gets the same answer.
func better(a, b ranked) int {
	if c := cmp.Compare(b.score, a.score); c != 0 {
		return c
	}
	return cmp.Compare(a.passage, b.passage)
}

func (s *scratch) sort() { slices.SortFunc(s.ranked, better) }
