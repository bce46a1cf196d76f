package retrieve

// ranked is a candidate with what a closer look found.
type ranked struct {
	passage uint32
	score   float32
	// coverage is the share of the question's subject, by rarity, that title,
	// heading and questions cover together.
	coverage float32
	// covered and named are of the one title or question that fits best: how
	// much of the subject it covers, and how much of it the question names.
	covered, named float32
	gate           float32
	likest         float32 // how near the best question is
	asked          float32 // what the best question scores by its words
	like           float32 // how far a question is worded as the one asked
	missed         float32 // 1 if no question has the manner of the one asked
}

// nearest says how near the best title or question is to being the question.
func (r *ranked) nearest() float32 { return similar(r.covered, r.named) }

// marks tells for each term of the vocabulary which concepts it counts for.
type marks struct {
	slot  []uint16 // of each term: the first of its uses, plus one
	uses  []use
	terms []uint32 // that have a slot
	// Of each concept: what the unit at hand holds of it and scores by it, and
	// the most that any unit of the passage did.
	held, score, total, bound [mostConcepts]float32
}

type use struct {
	concept uint16
	next    uint16 // plus one
	weight  float32
}

func newMarks(vocabulary int) marks { return marks{slot: make([]uint16, vocabulary)} }

func (k *marks) set(a *analysis) {
	for i := range a.concepts {
		for _, m := range a.concepts[i].members {
			if k.slot[m.term] == 0 {
				k.terms = append(k.terms, m.term)
			}
			k.uses = append(k.uses, use{uint16(i), k.slot[m.term], m.weight})
			k.slot[m.term] = uint16(len(k.uses))
		}
	}
}

func (k *marks) reset() {
	for _, t := range k.terms {
		k.slot[t] = 0
	}
	k.terms, k.uses = k.terms[:0], k.uses[:0]
}

// overlap compares a unit with the question. It returns how much of the
// subject's worth the unit covers, how much of the unit's own worth the question
// names, and what the unit scores. What each concept found is kept in
// total, if the unit counts.
func (k *marks) overlap(f *field, unit uint32, a *analysis, counts bool) (covered, named, score float32) {
	hit := float32(0)
	for i := f.units.starts[unit]; i < f.units.starts[unit+1]; i++ {
		t := f.units.values[i]
		at := k.slot[t]
		if at == 0 {
			continue
		}
		best := float32(0)
		for at != 0 {
			u := &k.uses[at-1]
			best = max(best, u.weight)
			k.held[u.concept] = max(k.held[u.concept], u.weight)
			k.score[u.concept] = max(k.score[u.concept], u.weight*f.impact[i])
			at = u.next
		}
		hit += best * f.rarity[t]
	}
	if hit == 0 {
		return 0, 0, 0
	}
	for i := range a.concepts {
		if k.held[i] == 0 {
			continue
		}
		c := &a.concepts[i]
		covered += c.about * k.held[i]
		v := c.weight * k.score[i]
		score += v
		if counts {
			k.total[i] = max(k.total[i], k.held[i])
		}
		k.bound[i] = max(k.bound[i], v)
		k.held[i], k.score[i] = 0, 0
	}
	return covered, hit / f.mass[unit], score
}

// look weighs what is too dear to weigh for every passage, and ranks again.
func (s *scratch) look(x *Index, a *analysis) {
	subject := float32(0)
	for i := range a.concepts {
		subject += a.concepts[i].about
	}
	s.gap = x.gaps.fit(x, a, s, subject)
	if subject == 0 {
		s.sort()
		return
	}
	own := false
	for _, r := range s.ranked {
		own = own || x.langs[r.passage] == a.lang
	}
	for i := range s.ranked {
		r := &s.ranked[i]
		s.cover(x, a, r, subject)
		r.score *= 1 + kindWeight*r.gate*x.sounds(a, r.passage) + nearWeight*r.likest
		if own && x.langs[r.passage] != a.lang {
			r.score *= foreignWeight
		}
	}
	s.sort()
	missed := float32(missedLoses)
	if a.leaning {
		missed = missedLeaning
	}
	names := x.namesOf(a, subject)
	for i := range s.ranked[:min(compared, len(s.ranked))] {
		r := &s.ranked[i]
		for u := x.firstQuestion[r.passage]; u < x.firstQuestion[r.passage+1]; u++ {
			if x.apart[u] == noTerm || s.marks.slot[x.apart[u]] != 0 {
				r.like = max(r.like, s.wording.like(&x.wordings, u))
			}
		}
		r.score *= (1 + likeWeight*r.like) * (uncovered + r.coverage) * x.keeps(names, r.passage, subject) * (1 - missed*r.missed)
	}
	s.sort()
}

// cover fills in how much of the question's subject the candidate covers, and
// puts the score of its best question in the place of the bound it was taken by.
func (s *scratch) cover(x *Index, a *analysis, r *ranked, subject float32) {
	k := &s.marks
	clear(k.total[:len(a.concepts)])
	covered, named, _ := k.overlap(x.title, r.passage, a, true)
	r.covered, r.named = covered/subject, named
	r.gate = gate(r.covered, named)
	best, score := r.nearest(), float32(0)
	clear(k.bound[:len(a.concepts)])
	for u := x.firstQuestion[r.passage]; u < x.firstQuestion[r.passage+1]; u++ {
		counts := x.apart[u] == noTerm || k.slot[x.apart[u]] != 0
		covered, named, v := k.overlap(x.question, u, a, counts)
		if !counts {
			continue
		}
		score = max(score, v)
		covered /= subject
		near := similar(covered, named)
		r.likest = max(r.likest, near)
		if near > best {
			best, r.covered, r.named = near, covered, named
		}
	}
	for i := range a.concepts {
		r.score -= questionWeight * k.bound[i]
		r.coverage += a.concepts[i].about * k.total[i] / subject
		if a.concepts[i].telling() && k.total[i] == 0 {
			r.missed = 1
		}
	}
	r.score += questionWeight * score
	r.asked = score
}

// gate is how far the title's topic is the question's: near 1 when the question
// names all of the title, falling fast when it names only part. A long message
// says much beside its topic, so a third of its words is enough.
func gate(covered, named float32) float32 {
	return named * named * min(1, 3*covered)
}

// sounds returns how much the passage sounds like an answer of the kinds asked for.
func (x *Index) sounds(a *analysis, passage uint32) float32 {
	if len(a.kinds) == 0 {
		return 0
	}
	row := x.evidence[int(passage)*len(x.kinds.names):]
	sum := float32(0)
	for _, k := range a.kinds {
		sum += row[k]
	}
	return sum / float32(len(a.kinds))
}

// similar is the harmonic mean.
func similar(a, b float32) float32 {
	if a+b == 0 {
		return 0
	}
	return 2 * a * b / (a + b)
}
