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
	quoted       set // words between quotation marks, or after "the song goes"
	media        set // beside a song, a film, a book
	question     set // a question
	scratch      set
	opened       set       // where a frame's own words stand
	selves       set       // sentences in which the writer is named
	others       set       // and somebody they know
	who          []subject // by token: whom it is said of
}

const frameSets = 13

func (f *frames) prepare(next func() set) {
	f.negated, f.past, f.lately, f.study = next(), next(), next(), next()
	f.asked, f.hypothetical, f.quoted, f.scratch = next(), next(), next(), next()
	f.media, f.question, f.opened = next(), next(), next()
	f.selves, f.others = next(), next()
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
	m.begun(r)
	m.mark(r.frames["lately"], m.lately)
	m.mark(r.frames["study"], m.study)
	m.markAsked(r, r.frames["asked"], m.asked)
	m.markAsked(r, r.frames["hypothetical"], m.hypothetical)
	m.mark(r.frames["question"], m.question)
	m.question.union(m.asking)
	m.spread(m.question)
	m.scratch.clear()
	m.mark(r.frames["again"], m.scratch)
	m.past.subtract(m.scratch)
	m.lately.subtract(m.scratch)
	m.presently(r)
	m.sayings(r)
}

// frameReach is how far a frame extends from the words that open it: in a
// sentence that runs on and on, the past of its beginning is not that of its end.
const frameReach = 16

// mark fills the sentences in which one of the patterns stands, as far as
// frameReach.
func (m *message) mark(patterns []pattern, to set) {
	m.open(patterns)
	m.opened.each(func(i int) {
		m.fillBefore(i, to)
		m.fillAfter(i, to, func(int) bool { return false })
	})
}

// markAsked is mark for the frames of a question, which what is told beside it does
// not stand in: the statement that a sentence begins with ("i have chest pain is that
// normal"), and a clause that says who it speaks of ("what does it cost, i overdosed").
func (m *message) markAsked(r *rules, patterns []pattern, to set) {
	m.open(patterns)
	m.opened.each(func(i int) {
		if m.tells(r, i) {
			to.add(i)
		} else {
			m.fillBefore(i, to)
		}
		m.fillAfter(i, to, func(j int) bool {
			return m.tokens[j].clause && (m.has(r.classSelf, j) || m.has(r.classOther, j))
		})
	})
}

// open finds where the patterns' own words stand.
func (m *message) open(patterns []pattern) {
	m.opened.clear()
	for i := range patterns {
		if ends := m.match(&patterns[i], m.hardEnds); ends != nil {
			m.opened.union(ends)
		}
	}
}

func (m *message) fillBefore(i int, to set) {
	for j := i; j >= 0 && j >= i-frameReach && (j == i || !m.hardEnds.has(j)); j-- {
		to.add(j)
	}
}

func (m *message) fillAfter(i int, to set, until func(j int) bool) {
	for j := i; j < len(m.tokens) && j <= i+frameReach; j++ {
		if j > i && until(j) {
			return
		}
		to.add(j)
		if m.hardEnds.has(j) {
			return
		}
	}
}

const (
	tellsWithin = 3 // how many words into a sentence a statement names its subject
	askWords    = 3 // as many as "is that normal"
)

// tells says whether the sentence of token i, where a question's frame opens, begins
// as a statement of the writer or of somebody they know.
func (m *message) tells(r *rules, i int) bool {
	first := i
	for first > 0 && !m.hardEnds.has(first-1) {
		first--
	}
	for k := first; k < first+tellsWithin && k <= i-askWords && !m.has(r.classAsks, k); k++ {
		if m.who[k] == self || m.who[k] == other {
			return true
		}
	}
	return false
}

// match returns where the first part of a pattern ends, given that its other
// parts stand where they must.
func (m *message) match(p *pattern, stop set) set {
	if !m.candidate.has(int(p.id)) {
		return nil
	}
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
		if m.starts.has(i) {
			continue
		}
		if m.who[i] == nobody || m.who[i-1] == anybody && m.has(r.classPlural, i) {
			m.who[i] = m.who[i-1]
		}
	}
	for i, who := range m.who {
		switch who {
		case self:
			m.selves.add(i)
		case other:
			m.others.add(i)
		case nobody, anybody:
		}
	}
	m.spread(m.selves)
	m.spread(m.others)
}

// speaksOf says whether the sentence of token i names the subject anywhere.
func (m *message) speaksOf(i int, who subject) bool {
	if who == self {
		return m.selves.has(i)
	}
	return m.others.has(i)
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

// begun takes what the writer says of themselves here and now out of a past that
// only its sentence's beginning was told of, unless it stands in somebody's words
// or thoughts. The past must have been marked just before.
func (m *message) begun(r *rules) {
	if m.past.empty() {
		return
	}
	from := func(at, last int) {
		if at > 0 && !m.starts.has(at) && m.has(r.classReported, at-1) {
			return
		}
		end := at
		for end+1 < len(m.tokens) && !m.hardEnds.has(end) {
			end++
		}
		for j := at; j <= end; j++ {
			if m.opened.has(j) {
				return
			}
		}
		for j := last + 1; j <= end && !m.tokens[j].clause; j++ {
			m.past.remove(j)
		}
	}
	if s := m.singles(r.classPresentSelf); s != nil {
		s.each(func(i int) { from(i, i) })
	}
	for i := m.firstSpan(r.classPresentSelf); i != unknown; i = m.spans[i].next {
		if s := m.spans[i]; s.class != noClass {
			from(int(s.start), int(s.end))
		}
	}
}

// presently takes what follows "now" or "today" in its clause out of the past.
func (m *message) presently(r *rules) {
	s := m.singles(r.classPresent)
	if s == nil || m.past.empty() {
		return
	}
	s.each(func(i int) {
		for j := i; j < len(m.tokens) && (j == i || !m.tokens[j].clause); j++ {
			m.past.remove(j)
			m.lately.remove(j)
		}
	})
}

// sayings covers what is said by a song, a film, a book or somebody else: what
// follows in the clause, and what stands between quotation marks.
func (m *message) sayings(r *rules) {
	m.mark(r.frames["media"], m.media)
	for i := range r.frames["saying"] {
		ends := m.match(&r.frames["saying"][i], m.hardEnds)
		if ends == nil {
			continue
		}
		copy(m.scratch, ends)
		m.scratch.each(func(i int) {
			m.quoted.add(i)
			for j := i + 1; j < len(m.tokens) && !m.starts.has(j) && !m.has(r.classTurn, j); j++ {
				m.quoted.add(j)
			}
		})
	}
	m.scratch.clear()
	m.mark(r.frames["cited"], m.scratch)
	anywhere := !m.media.empty() || !m.scratch.empty()
	for i, t := range m.tokens {
		if t.quoted && (anywhere || m.study.has(i)) {
			m.quoted.add(i)
		}
	}
}
