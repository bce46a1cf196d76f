package triage

import "bedside/internal/chat"

// finding is the strongest match of a category.
type finding struct {
	found bool
	level chat.Level
	rule  *rule
}

// findings are the matches of the current message by priority.
type findings struct {
	by     [16]finding
	before []bool // by earlier message: it held an emergency or a crisis
}

func (f *findings) add(c chat.Category, level chat.Level, r *rule) {
	at := &f.by[categories[c].priority]
	if !at.found || at.level == chat.Indirect && level == chat.Explicit {
		*at = finding{true, level, r}
	}
}

func (f *findings) get(c chat.Category) finding { return f.by[categories[c].priority] }

// weigh runs every rule over the message.
func (r *rules) weigh(m *message) findings {
	m.index(r)
	m.dropIdioms(r)
	m.frame(r)
	f := findings{before: make([]bool, len(m.segment)-1)}
	for i := range r.list {
		rule := &r.list[i]
		if rule.whole {
			if m.whole(r, rule) {
				f.add(rule.category, rule.level, rule)
			}
			continue
		}
		m.apply(r, rule, &f)
	}
	return f
}

// dropIdioms takes idioms away, so that only what is meant is left.
func (m *message) dropIdioms(r *rules) {
	m.covered.clear()
	found := false
	for _, p := range r.idioms {
		if len(p.parts) > 1 && m.match(p, m.hardEnds) == nil {
			continue
		}
		found = m.cover(p.parts[0], m.hardEnds) || found
	}
	if found {
		m.remove()
	}
	copy(m.idiom, m.covered)
}

func (m *message) apply(r *rules, rule *rule, f *findings) {
	stop := m.hardEnds
	if categories[rule.category].joined {
		stop = m.ends
	}
	m.hits.clear()
	found := false
	for i := range rule.patterns {
		if ends := m.match(rule.patterns[i], stop); ends != nil {
			m.hits.union(ends)
			found = true
		}
	}
	if !found {
		return
	}
	for i := range rule.without {
		if m.match(rule.without[i], m.hardEnds) != nil {
			return
		}
	}
	for i := range rule.unless {
		if ends := m.match(rule.unless[i], m.hardEnds); ends != nil {
			copy(m.beside, ends)
			m.spread(m.beside)
			m.hits.subtract(m.beside)
		}
	}
	last := m.segment[len(m.segment)-1]
	m.hits.each(func(i int) {
		category, level := m.judge(r, rule, i)
		switch {
		case category == "":
		case i >= last:
			f.add(category, level, rule)
		case takesOver(category):
			for s := range f.before {
				if i >= m.segment[s] && i < m.segment[s+1] {
					f.before[s] = true
				}
			}
		}
	})
}

// judge says what a match that ends at token i comes to in its frames.
func (m *message) judge(r *rules, rule *rule, i int) (chat.Category, chat.Level) {
	switch rule.category {
	case chat.CrisisSelf, chat.CrisisOther:
		return m.judgeCrisis(r, rule, i)
	case chat.HarmToOthers, chat.MedicalEmergency, chat.AbuseViolence, chat.AcutePsychiatric:
		return m.judgeDanger(rule, i)
	}
	if m.negated.has(i) && rule.keep["drop-negated"] {
		return "", ""
	}
	return rule.category, rule.level
}

// lowered says whether a frame weakens the match.
func lowered(rule *rule, frame set, i int, name string) bool {
	return frame.has(i) && !rule.keep[name]
}

func (m *message) judgeCrisis(r *rules, rule *rule, i int) (chat.Category, chat.Level) {
	who := m.who[i]
	switch rule.who {
	case "self":
		who = self
	case "other":
		who = other
	}
	if who == nobody && m.has(r.classThirdPerson, i) {
		who = other
	}
	category, level := chat.CrisisSelf, rule.level
	switch who {
	case other:
		category = chat.CrisisOther
	case anybody:
		return chat.SuicideTopic, chat.Topic
	case nobody:
		if rule.bare && len(m.tokens)-m.segment[len(m.segment)-1] > alone {
			return chat.SuicideTopic, chat.Topic
		}
	case self:
	}
	switch {
	case lowered(rule, m.negated, i, "negated"), lowered(rule, m.past, i, "past"), lowered(rule, m.quoted, i, "quoted"):
		return chat.SuicideTopic, chat.Topic
	case lowered(rule, m.study, i, "study"), lowered(rule, m.asked, i, "asked"):
		if rule.bare || who != self {
			return chat.SuicideTopic, chat.Topic
		}
		level = chat.Indirect
	case m.hypothetical.has(i):
		level = chat.Indirect
	}
	return category, level
}

// alone is how few words make a bare word a cry instead of a subject.
const alone = 2

func (m *message) judgeDanger(rule *rule, i int) (chat.Category, chat.Level) {
	for _, f := range [...]struct {
		name  string
		frame set
	}{
		{"negated", m.negated}, {"past", m.past}, {"lately", m.lately}, {"quoted", m.quoted},
		{"study", m.study}, {"asked", m.asked}, {"hypothetical", m.hypothetical},
	} {
		if lowered(rule, f.frame, i, f.name) {
			return "", ""
		}
	}
	if m.who[i] == anybody && !rule.keep["anybody"] {
		return "", ""
	}
	return rule.category, rule.level
}

// whole says whether the patterns of a rule and filler make up all of the
// current message.
func (m *message) whole(r *rules, rule *rule) bool {
	copy(m.covered, m.idiom)
	found := false
	for i := range rule.patterns {
		p := &rule.patterns[i]
		if m.cover(p.parts[0], m.hardEnds) {
			found = true
		}
	}
	if !found {
		return false
	}
	if s := m.singles(r.classFiller); s != nil {
		m.covered.union(s)
	}
	for i := m.segment[len(m.segment)-1]; i < len(m.tokens); i++ {
		if !m.covered.has(i) {
			return false
		}
	}
	return true
}
