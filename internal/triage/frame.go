package triage

// frames are the stretches of a message in which words mean less, or somebody
// else. They move a match to another level or category; they never silence a
// crisis.
type frames struct {
	negated      set // under a negation
	past         set // told of long ago
	lately       set // told of days or weeks ago
	study        set // a subject that is learned about: definitions, papers, figures
	asked        set // what a drug or treatment may do
	hypothetical set // what might happen
	quoted       set // a song, a film, a book, somebody's saying
	scratch      set
	who          []subject // by token: whom it is said of
}

const frameSets = 8

func (f *frames) prepare(next func() set) {
	f.negated, f.past, f.lately, f.study = next(), next(), next(), next()
	f.asked, f.hypothetical, f.quoted, f.scratch = next(), next(), next(), next()
}

// subject is whom words are said of.
type subject uint8

const (
	nobody  subject = iota // left out
	self                   // the person who writes
	other                  // somebody they know
	anybody                // people in general, or whoever learns about a subject
)

// frame finds the frames.
func (m *message) frame(r *rules) {
	m.subjects(r)
	m.negations(r)
	m.mark(r.frames["past"], m.past)
	m.mark(r.frames["lately"], m.lately)
	m.mark(r.frames["study"], m.study)
	m.mark(r.frames["asked"], m.asked)
	m.mark(r.frames["hypothetical"], m.hypothetical)
	m.scratch.clear()
	m.mark(r.frames["again"], m.scratch)
	m.past.subtract(m.scratch)
	m.lately.subtract(m.scratch)
	m.media(r)
}

// mark fills the sentences in which one of the patterns stands.
func (m *message) mark(patterns []pattern, to set) {
	for _, p := range patterns {
		if ends := m.match(p, m.hardEnds); ends != nil {
			to.union(ends)
		}
	}
	if !to.empty() {
		m.spread(to)
	}
}

// match returns where the first part of a pattern ends, given that its other
// parts stand where they must.
func (m *message) match(p pattern, stop set) set {
	for _, part := range p.parts[1:] {
		if m.run(part, stop) == nil {
			return nil
		}
	}
	ends := m.run(p.parts[0], stop)
	if ends == nil || len(p.parts) == 1 {
		return ends
	}
	kept := m.kept
	copy(kept, ends)
	for _, part := range p.parts[1:] {
		if part.message {
			continue
		}
		beside := m.beside
		copy(beside, m.run(part, stop))
		m.spread(beside)
		kept.intersect(beside)
	}
	if kept.empty() {
		return nil
	}
	return kept
}

// subjects finds for every token the nearest subject before it in its sentence.
// A phrase goes before the words in it: in "i read" nobody speaks of themselves.
func (m *message) subjects(r *rules) {
	n := len(m.tokens)
	if cap(m.who) < n {
		m.who = make([]subject, n)
	}
	m.who = m.who[:n]
	for i := range m.who {
		m.who[i] = nobody
	}
	kinds := [...]struct {
		class classID
		kind  subject
	}{{r.classSelf, self}, {r.classOther, other}, {r.classAnybody, anybody}}
	for _, k := range kinds {
		if s := m.singles(k.class); s != nil {
			s.each(func(i int) { m.who[i] = k.kind })
		}
	}
	for _, k := range kinds {
		for i := m.firstSpan(k.class); i != unknown; i = m.spans[i].next {
			if s := m.spans[i]; s.class != noClass {
				for j := s.start; j <= s.end; j++ {
					m.who[j] = k.kind
				}
			}
		}
	}
	for i := 1; i < n; i++ {
		if m.who[i] == nobody && !m.starts.has(i) {
			m.who[i] = m.who[i-1]
		}
	}
}

// negationReach is how many words a negation covers.
const negationReach = 7

// negations covers what follows a negation, as far as the clause or the next
// subject.
func (m *message) negations(r *rules) {
	m.scratch.clear()
	for i := m.firstSpan(r.classNoNegation); i != unknown; i = m.spans[i].next {
		if s := m.spans[i]; s.class != noClass {
			for j := s.start; j <= s.end; j++ {
				m.scratch.add(int(j))
			}
		}
	}
	cover := func(at int) {
		for j := at + 1; j <= at+negationReach && j < len(m.tokens); j++ {
			if m.tokens[j].clause || m.has(r.classTurn, j) || j > at+1 && m.has(r.classSubject, j) {
				return
			}
			m.negated.add(j)
		}
	}
	if s := m.singles(r.classNot); s != nil {
		s.each(func(i int) {
			if !m.scratch.has(i) {
				cover(i)
			}
		})
	}
	for i := m.firstSpan(r.classNot); i != unknown; i = m.spans[i].next {
		if s := m.spans[i]; s.class != noClass && !m.scratch.has(int(s.start)) {
			cover(int(s.end))
		}
	}
}

func (m *message) has(c classID, i int) bool {
	s := m.singles(c)
	return s != nil && s.has(i)
}

// media covers what is said by a song, a film or a book: what follows the word
// for it in the clause, and everything between quotation marks.
func (m *message) media(r *rules) {
	found := false
	for _, p := range r.frames["media"] {
		ends := m.match(p, m.hardEnds)
		if ends == nil {
			continue
		}
		found = true
		copy(m.scratch, ends)
		m.scratch.each(func(i int) {
			m.quoted.add(i)
			for j := i + 1; j < len(m.tokens) && !m.starts.has(j) && !m.has(r.classTurn, j); j++ {
				m.quoted.add(j)
			}
		})
	}
	for i, t := range m.tokens {
		if t.quoted && (found || m.study.has(i)) {
			m.quoted.add(i)
		}
	}
}
