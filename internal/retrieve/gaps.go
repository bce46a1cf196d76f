package retrieve

import (
	"bedside/internal/chat"
	"bedside/internal/language"
)

// gaps finds, among the questions that the material says it does not answer,
// the one that is nearest to what was asked. Their questions stand in the field
// of questions after those of the passages, so that both are weighed alike, and
// in no posting, so that they are never found as passages.
type gaps struct {
	first     uint32          // the first of their units in the field of questions
	languages []string        // of each unit from there on
	asked     map[string]bool // the languages that there are gaps in
	having    rows            // of each term: the units that have it
}

// add takes in the questions of the gaps after those of the passages.
func (g *gaps) add(list []chat.Gap, words *vocabularyBuilder, question *fieldBuilder, w *wordings) {
	g.first, g.asked = uint32(len(question.length)), map[string]bool{}
	var terms []uint32
	var buffer []string
	words.elsewhere = true
	defer func() { words.elsewhere = false }()
	for _, gap := range list {
		lang := languageOr(gap.Language)
		g.asked[lang] = true
		for _, q := range gap.Questions {
			buffer = language.AppendWords(buffer[:0], q)
			terms = words.appendTerms(terms[:0], lang, buffer, 0)
			terms = words.appendManner(terms, lang, buffer, 0)
			w.add(words.buffer)
			question.add(terms)
			g.languages = append(g.languages, lang)
		}
	}
}

// invert notes which units have each term.
func (g *gaps) invert(question *field, terms int) {
	if len(g.languages) == 0 {
		return
	}
	g.having.starts = make([]uint32, terms+1)
	each := func(note func(term, unit uint32)) {
		for unit := g.first; unit < g.first+uint32(len(g.languages)); unit++ {
			for _, t := range question.units.of(unit) {
				note(t, unit)
			}
		}
	}
	each(func(term, _ uint32) { g.having.starts[term+1]++ })
	for t := range terms {
		g.having.starts[t+1] += g.having.starts[t]
	}
	g.having.values = make([]uint32, g.having.starts[terms])
	next := append([]uint32(nil), g.having.starts...)
	each(func(term, unit uint32) {
		g.having.values[next[term]] = unit
		next[term]++
	})
}

// asksFor says whether a term stands in a question of a gap.
func (g *gaps) asksFor(term uint32) bool {
	return len(g.languages) > 0 && g.having.starts[term] < g.having.starts[term+1]
}

// gap is how well the nearest question of a gap fits what was asked.
type gap struct {
	near  float32 // how near it is to being the question
	score float32 // what a question scores by its words
	like  float32 // how far it is worded the same
}

// fit looks at every question of a gap that shares a term with what was asked.
// In the question's own language, if there are any.
func (g *gaps) fit(x *Index, a *analysis, s *scratch, subject float32) gap {
	var best gap
	if len(g.languages) == 0 || subject == 0 {
		return best
	}
	own := g.asked[a.lang]
	for i := range a.concepts {
		for _, m := range a.concepts[i].members {
			for _, unit := range g.having.of(m.term) {
				if at := unit - g.first; !s.looked[at] && (!own || g.languages[at] == a.lang) {
					s.looked[at] = true
					s.units = append(s.units, unit)
				}
			}
		}
	}
	for _, unit := range s.units {
		s.looked[unit-g.first] = false
		if apart := x.apart[unit]; apart != noTerm && s.marks.slot[apart] == 0 {
			continue
		}
		covered, named, score := s.marks.overlap(x.question, unit, a, false)
		best.near = max(best.near, similar(covered/subject, named))
		best.score = max(best.score, score)
		best.like = max(best.like, s.wording.like(&x.wordings, unit))
	}
	s.units = s.units[:0]
	return best
}
