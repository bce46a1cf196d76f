package retrieve

import (
	"cmp"
	"slices"
)

// scratch is what one search writes on. All of it is zero between searches.
type scratch struct {
	passages  []float32 // scores
	questions []float32
	best      []float32 // of a concept's members in each unit
	touched   []uint32
	asked     []uint32 // questions with a score
	top       []entry
	ranked    []ranked
	marks     marks
}

// entry is a passage in the running for the candidates.
type entry struct {
	passage uint32
	score   float32
}

func newScratch(x *Index) *scratch {
	return &scratch{
		passages:  make([]float32, len(x.passages)),
		questions: make([]float32, len(x.asksFor)),
		best:      make([]float32, max(len(x.passages), len(x.asksFor))),
		marks:     newMarks(len(x.vocabulary.terms)),
	}
}

// score adds up BM25 over the fields; of a passage's questions the best counts.
func (s *scratch) score(x *Index, a *analysis) {
	for i := range a.concepts {
		c := &a.concepts[i]
		s.add(&x.title, c, s.passages, titleWeight)
		s.add(&x.text, c, s.passages, textWeight)
	}
	if len(x.asksFor) == 0 {
		return
	}
	s.asked = s.asked[:0]
	for i := range a.concepts {
		s.addAsked(&x.question, &a.concepts[i])
	}
	s.touched = s.touched[:0]
	for _, u := range s.asked {
		p, v := x.asksFor[u], s.questions[u]
		s.questions[u] = 0
		if t := x.apart[u]; t != noTerm && s.marks.slot[t] == 0 {
			continue
		}
		if s.best[p] == 0 {
			s.touched = append(s.touched, p)
		}
		s.best[p] = max(s.best[p], v)
	}
	for _, p := range s.touched {
		s.passages[p] += s.best[p]
		s.best[p] = 0
	}
}

// add adds a concept's score in a field: of its members the best one counts.
func (s *scratch) add(f *field, c *concept, scores []float32, weight float32) {
	if len(c.members) == 1 {
		m := c.members[0]
		w := c.weight * weight * m.weight * f.rarity[m.term]
		units, impacts := f.postings(m.term)
		for i, u := range units {
			scores[u] += w * impacts[i]
		}
		return
	}
	s.collect(f, c, weight)
	for _, u := range s.touched {
		scores[u] += s.best[u]
		s.best[u] = 0
	}
}

// addAsked is add for questions; it notes which of them have a score, for
// there are several times as many as passages and few have one.
func (s *scratch) addAsked(f *field, c *concept) {
	s.collect(f, c, questionWeight)
	for _, u := range s.touched {
		if s.questions[u] == 0 {
			s.asked = append(s.asked, u)
		}
		s.questions[u] += s.best[u]
		s.best[u] = 0
	}
}

// collect leaves in best what the concept's best member scores in each unit,
// and the units in touched.
func (s *scratch) collect(f *field, c *concept, weight float32) {
	s.touched = s.touched[:0]
	for _, m := range c.members {
		w := c.weight * weight * m.weight * f.rarity[m.term]
		units, impacts := f.postings(m.term)
		for i, u := range units {
			v := w * impacts[i]
			if s.best[u] == 0 {
				s.touched = append(s.touched, u)
			}
			if v > s.best[u] {
				s.best[u] = v
			}
		}
	}
}

// take keeps the n best passages, in no order, in a heap whose first is the
// worst, and leaves the scores zero.
func (s *scratch) take(n int) {
	s.top = s.top[:0]
	least := float32(0)
	for p, score := range s.passages {
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
	clear(s.passages)
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
