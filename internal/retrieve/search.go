package retrieve

import (
	"slices"
	"strings"

	"bedside/internal/language"
)

const (
	defaultLimit = 10
	mostHits     = 1000
	// candidates are looked at closely: gated signals can lift a passage only
	// from among them.
	candidates = 100

	titleWeight    = 1.0
	textWeight     = 1.0
	questionWeight = 1.0
	kindWeight     = 0.6
	nearWeight     = 1.0
	likeWeight     = 2.0
	// uncovered is what a passage keeps of its score that covers nothing.
	uncovered = 0.5
	// missedLoses is what a passage loses that answers no question of the manner asked:
	// what it was made for, and not when. One that leans brings the words of the
	// question before it, which was answered.
	missedLoses, missedLeaning = 0.2, 0.5
	// compared is how many of the best are compared word by word.
	compared = 24
	// foreignWeight is what a passage is worth in another language than the
	// question's, when there are passages in the question's.
	foreignWeight = 0.5
)

// Search returns the passages that may answer the question, best first. Of a
// message that asks several questions those of each come first.
func (x *Index) Search(q Query) Result {
	if len(q.Text) > longestQuestion {
		q.Text = q.Text[:longestQuestion]
	}
	q = understood(q)
	whole, lang := x.searchOne(q)
	return x.searchParts(q, whole, lang)
}

// understood puts what was typed on a phone into whole words, and what is in
// another language into English, as far as the words are known.
func understood(q Query) Query {
	if english, foreign := inEnglish(q.Text); foreign {
		q.Text, q.Language = english, language.English
	}
	q.Text = language.WriteOut(q.Text)
	q.Previous = slices.Clone(q.Previous)
	for i, before := range q.Previous {
		before, _ = inEnglish(before)
		q.Previous[i] = language.WriteOut(before)
	}
	return q
}

func (x *Index) searchOne(q Query) (found Result, lang string) {
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	limit = min(limit, mostHits)
	a := x.read(q)
	result := Result{Terms: x.termsOf(&a), Subjects: x.subjectsOf(&a)}
	s := x.scratch.Get().(*scratch)
	defer x.scratch.Put(s)
	s.find(x, &a, max(candidates, limit))
	if len(s.ranked) == 0 {
		return result, a.lang
	}
	result.Confidence = s.confidence(x, &a)
	result.Covered = result.Confidence >= threshold
	s.fuse(x, &a, q.Near)
	result.Hits = make([]Hit, min(limit, len(s.ranked)))
	for i := range result.Hits {
		r := s.ranked[i]
		result.Hits[i] = Hit{Passage: x.passages[r.passage], Score: float64(r.score), Coverage: float64(r.coverage)}
	}
	return result, a.lang
}

// read analyses a question together with the one it leans on, and if that one
// leans as well, with what it leans on.
func (x *Index) read(q Query) analysis {
	a := x.analyse(q.Text, q.Language)
	leaning, share := a.leaning, float32(previousWeight)
	for i := len(q.Previous) - 1; i >= max(0, len(q.Previous)-farthestBack) && leaning; i-- {
		before := x.analyse(q.Previous[i], q.Language)
		a.lean(before, share)
		leaning, share = before.leaning, share*previousWeight
	}
	return a
}

// find leaves the passages that may answer in ranked, best first.
func (s *scratch) find(x *Index, a *analysis, n int) {
	s.marks.set(a)
	s.wording.set(&x.wordings, a.wording)
	s.score(x, a)
	s.take(n)
	s.look(x, a)
	s.marks.reset()
	s.wording.reset()
}

// subjectsOf leaves out what a question asks for ("how long"): no sentence says it.
func (x *Index) subjectsOf(a *analysis) []Subject {
	var subjects []Subject
	whole := float32(0)
	for i := range a.concepts {
		whole += a.concepts[i].about
	}
	for i := range a.concepts {
		c := &a.concepts[i]
		if !c.known || strings.HasPrefix(c.word, asking) {
			continue
		}
		s := Subject{Share: float64(c.about / whole)}
		for _, m := range c.members {
			if x.vocabulary.having[m.term] > 0 {
				s.Terms = append(s.Terms, x.vocabulary.terms[m.term])
			}
		}
		if len(s.Terms) > 0 {
			subjects = append(subjects, s)
		}
	}
	return subjects
}

func (x *Index) termsOf(a *analysis) []string {
	var terms []string
	for i := range a.concepts {
		for _, m := range a.concepts[i].members {
			if x.vocabulary.having[m.term] > 0 {
				terms = append(terms, x.vocabulary.terms[m.term])
			}
		}
	}
	return terms
}
