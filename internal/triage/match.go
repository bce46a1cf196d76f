package triage

// matching is the working space of the matcher.
type matching struct {
	all      set // every position
	ends     set // the last tokens of sentences
	hardEnds set // and of messages
	starts   set // the first tokens of sentences
	asking   set // the last tokens of questions
	current  set // the tokens of the current message
	reach    set
	step     set
	forward  [mostElements]set // the positions at which each element of a part ends
	covered  set
	kept     set
	beside   set
	hits     set
	idiom    set // what idioms cover
	allocate []uint64

	candidate set // of patterns, not of positions
}

const mostElements = 16

// index finds for every class where it stands.
func (m *message) index(r *rules) {
	n := len(m.tokens)
	m.width = (n + 63) / 64
	m.prepare(n)
	m.earlier = m.earlier[:0]
	for i := range m.tokens {
		t := &m.tokens[i]
		m.computed(r, i)
		for _, c := range t.extra {
			m.set(c).add(i)
		}
		m.earlier = append(m.earlier, unknown)
		if t.word == unknown {
			continue
		}
		m.earlier[i] = m.latest[t.word]
		m.latest[t.word] = int32(i)
		if node := r.vocabulary.begun[t.word]; node != 0 {
			m.phrases(r.vocabulary, i, node)
		}
	}
	for i := range m.tokens {
		if w := m.tokens[i].word; w != unknown && m.latest[w] == int32(i) {
			m.classify(r.vocabulary.single.of(w), i)
			m.latest[w] = unknown
		}
	}
	m.candidates(r)
}

// candidates finds the patterns that the message may hold.
func (m *message) candidates(r *rules) {
	if need := (len(r.first) + 63) / 64; len(m.candidate) < need {
		m.candidate = make(set, need)
	}
	m.candidate.clear()
	for _, p := range r.always {
		m.candidate.add(int(p))
	}
	for _, c := range m.touched {
		for _, p := range r.needing.of(int32(c)) {
			m.candidate.add(int(p))
		}
	}
}

// few is how often a word may stand for its places to be added one by one.
const few = 3

// classify puts a word that stands last at token i, and wherever else it stands,
// into its classes.
func (m *message) classify(classes []classID, i int) {
	times := 0
	m.scratch.clear()
	for at := int32(i); at != unknown; at = m.earlier[at] {
		m.scratch.add(int(at))
		times++
	}
	for _, c := range classes {
		if times > few {
			m.set(c).union(m.scratch)
			continue
		}
		s := m.set(c)
		for at := int32(i); at != unknown; at = m.earlier[at] {
			s.add(int(at))
		}
	}
}

func (m *message) prepare(n int) {
	const sets = mostElements + 13 + frameSets
	need := m.width * sets
	if cap(m.allocate) < need {
		m.allocate = make([]uint64, need)
	}
	m.allocate = m.allocate[:need]
	for i := range m.allocate {
		m.allocate[i] = 0
	}
	at := 0
	next := func() set {
		at += m.width
		return m.allocate[at-m.width : at]
	}
	m.all, m.ends, m.hardEnds, m.starts, m.current = next(), next(), next(), next(), next()
	m.asking = next()
	m.reach, m.step, m.covered = next(), next(), next()
	m.kept, m.beside, m.hits, m.idiom = next(), next(), next(), next()
	for i := range m.forward {
		m.forward[i] = next()
	}
	m.frames.prepare(next)
	last := m.segment[len(m.segment)-1]
	for i := range n {
		m.all.add(i)
		if m.tokens[i].asks {
			m.asking.add(i)
		}
		if i >= last {
			m.current.add(i)
		}
		if m.tokens[i].first || i == 0 || i == last {
			m.starts.add(i)
		}
		if i+1 == n || m.tokens[i+1].first && !m.begins(i+1) {
			m.ends.add(i)
			m.hardEnds.add(i)
		}
		if i+1 < n && m.begins(i+1) {
			m.hardEnds.add(i)
		}
	}
}

// begins says whether a message begins with token i.
func (m *message) begins(i int) bool {
	for _, s := range m.segment {
		if s == i {
			return true
		}
	}
	return false
}

// set returns the positions of a class, to be written to.
func (m *message) set(c classID) set {
	if m.slot[c] == unknown {
		m.touch(c)
		at := len(m.arena)
		for range m.width {
			m.arena = append(m.arena, 0)
		}
		m.slot[c] = int32(at)
	}
	return m.arena[m.slot[c] : int(m.slot[c])+m.width]
}

func (m *message) touch(c classID) {
	if m.slot[c] == unknown && m.head[c] == unknown {
		m.touched = append(m.touched, c)
	}
}

// singles returns where single words of the class stand, nil: nowhere.
func (m *message) singles(c classID) set {
	switch {
	case c == anyWord:
		return m.all
	case m.slot[c] == unknown:
		return nil
	}
	return m.arena[m.slot[c] : int(m.slot[c])+m.width]
}

// present says whether one of the classes stands anywhere.
func (m *message) present(classes []classID) bool {
	for _, c := range classes {
		if c == anyWord || m.slot[c] != unknown || m.head[c] != unknown {
			return true
		}
	}
	return false
}

// phrases records the phrases that begin at token i, whose word leads to the node.
// They do not cross the end of a sentence.
func (m *message) phrases(v *vocabulary, i int, node int32) {
	for j := i; ; {
		for _, c := range v.ends.of(node) {
			m.addSpan(c, i, j)
		}
		if j++; j == len(m.tokens) || m.tokens[j].word == unknown || m.tokens[j].first {
			return
		}
		to, ok := v.next[uint64(node)<<32|uint64(uint32(m.tokens[j].word))]
		if !ok {
			return
		}
		node = to
	}
}

func (m *message) addSpan(c classID, start, end int) {
	m.touch(c)
	m.spans = append(m.spans, span{class: c, start: int32(start), end: int32(end), next: m.head[c]})
	m.head[c] = int32(len(m.spans) - 1)
}

// firstSpan returns the first span of a class.
func (m *message) firstSpan(c classID) int32 {
	if c == anyWord {
		return unknown
	}
	return m.head[c]
}

// run matches a part and returns where its last element ends, nil: nowhere. The
// set is valid until the next call.
func (m *message) run(p part, stop set) set {
	for _, e := range p.elements {
		if !m.present(e.classes) {
			return nil
		}
	}
	for k, e := range p.elements {
		to := m.forward[k]
		to.clear()
		if k == 0 {
			m.begin(e, p.start, to)
		} else {
			m.advance(e, m.forward[k-1], stop, to)
		}
		if to.empty() {
			return nil
		}
	}
	last := m.forward[len(p.elements)-1]
	if p.end {
		last.intersect(m.hardEnds)
		if p.asks {
			last.intersect(m.asking)
		}
		if last.empty() {
			return nil
		}
	}
	return last
}

func (m *message) begin(e element, atStart bool, to set) {
	for _, c := range e.classes {
		if s := m.singles(c); s != nil {
			to.union(s)
		}
	}
	if atStart {
		to.intersect(m.starts)
	}
	for _, c := range e.classes {
		for i := m.firstSpan(c); i != unknown; i = m.spans[i].next {
			if s := m.spans[i]; s.class != noClass && (!atStart || m.starts.has(int(s.start))) {
				to.add(int(s.end))
			}
		}
	}
}

func (m *message) advance(e element, from, stop, to set) {
	copy(m.reach, from)
	m.step.clear()
	for g := 0; g <= e.gap; g++ {
		m.reach.forward(stop)
		if m.reach.empty() {
			break
		}
		m.step.union(m.reach)
	}
	for _, c := range e.classes {
		if s := m.singles(c); s != nil {
			to.union(s)
		}
	}
	to.intersect(m.step)
	for _, c := range e.classes {
		for i := m.firstSpan(c); i != unknown; i = m.spans[i].next {
			if s := m.spans[i]; s.class != noClass && m.step.has(int(s.start)) {
				to.add(int(s.end))
			}
		}
	}
}

// cover matches a part and adds every token of its matches to covered; words
// that only stand between are not added.
func (m *message) cover(p part, stop set) bool {
	ends := m.run(p, stop)
	if ends == nil {
		return false
	}
	for k := len(p.elements) - 1; k >= 0; k-- {
		e := p.elements[k]
		m.step.clear()
		for _, c := range e.classes {
			if s := m.singles(c); s != nil {
				m.step.union(s)
			}
		}
		m.step.intersect(m.forward[k])
		m.covered.union(m.step)
		for _, c := range e.classes {
			for i := m.firstSpan(c); i != unknown; i = m.spans[i].next {
				if s := m.spans[i]; s.class != noClass && m.forward[k].has(int(s.end)) {
					m.step.add(int(s.start))
					for j := int(s.start); j <= int(s.end); j++ {
						m.covered.add(j)
					}
				}
			}
		}
		if k == 0 {
			break
		}
		copy(m.reach, m.step)
		m.step.clear()
		for g := 0; g <= e.gap; g++ {
			m.reach.backward(stop)
			m.step.union(m.reach)
		}
		m.forward[k-1].intersect(m.step)
	}
	return true
}

// remove takes the covered tokens out of every class.
func (m *message) remove() {
	for _, c := range m.touched {
		if s := m.singles(c); s != nil {
			s.subtract(m.covered)
		}
	}
	for i := range m.spans {
		s := &m.spans[i]
		for j := s.start; j <= s.end && s.class != noClass; j++ {
			if m.covered.has(int(j)) {
				s.class = noClass
			}
		}
	}
}

// sentence returns the first and the last token of the sentence of token i.
func (m *message) sentence(i int) (int, int) {
	from, to := i, i
	for from > 0 && !m.hardEnds.has(from-1) {
		from--
	}
	for !m.hardEnds.has(to) {
		to++
	}
	return from, to
}

// spread fills the sentences that hold a position of s.
func (m *message) spread(s set) {
	for i := 0; i < len(m.tokens); i++ {
		if !s.has(i) {
			continue
		}
		from, to := m.sentence(i)
		for j := from; j <= to; j++ {
			s.add(j)
		}
		i = to
	}
}
