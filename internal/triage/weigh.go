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
	weak   [16]finding               // of weak rules, until the signs are read
	before []bool                    // by earlier message: it held an emergency or a crisis
	came   [16][earlierMessages]bool // by priority and earlier message: it held the category
}

// inARow counts the messages just before this one that held the category.
func (f *findings) inARow(c chat.Category) int {
	n := 0
	for s := len(f.before) - 1; s >= 0 && f.came[categories[c].priority][s]; s-- {
		n++
	}
	return n
}

func (f *findings) add(c chat.Category, level chat.Level, r *rule) {
	f.by[categories[c].priority].add(level, r)
}

func (at *finding) add(level chat.Level, r *rule) {
	if !at.found || at.level == chat.Indirect && level == chat.Explicit {
		*at = finding{true, level, r}
	}
}

// addWeak adds what weak rules found: as it is where something else agrees with
// them; otherwise a crisis is the subject, and any other danger is none.
func (f *findings) addWeak(agreed bool) {
	for _, c := range byPriority {
		switch weak := f.weak[categories[c].priority]; {
		case !weak.found:
		case agreed:
			f.add(c, weak.level, weak.rule)
		case isCrisis(c):
			f.add(chat.SuicideTopic, chat.Topic, weak.rule)
		}
	}
}

// isCrisis says whether the category is a crisis of the writer or of somebody they
// know.
func isCrisis(c chat.Category) bool { return c == chat.CrisisSelf || c == chat.CrisisOther }

// hasCrisis says whether a crisis was found: whose it is the rule knows better.
func (f *findings) hasCrisis() bool {
	return f.get(chat.CrisisSelf).found || f.get(chat.CrisisOther).found
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
	for i := range r.idioms {
		p := &r.idioms[i]
		if !m.candidate.has(int(p.id)) || len(p.parts) > 1 && m.match(p, m.hardEnds) == nil {
			continue
		}
		found = m.cover(p.parts[0], m.hardEnds) || found
	}
	if found {
		m.scratch.clear()
		m.mark(r.frames["literal"], m.scratch)
		m.covered.subtract(m.scratch)
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
		if ends := m.match(&rule.patterns[i], stop); ends != nil {
			m.hits.union(ends)
			found = true
		}
	}
	if !found {
		return
	}
	for i := range rule.without {
		if m.match(&rule.without[i], m.hardEnds) != nil {
			return
		}
	}
	for i := range rule.unless {
		if ends := m.match(&rule.unless[i], m.hardEnds); ends != nil {
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
		case i >= last && rule.weak && takesOver(category):
			f.weak[categories[category].priority].add(level, rule)
		case i >= last:
			f.add(category, level, rule)
		default:
			for s := range f.before {
				if i >= m.segment[s] && i < m.segment[s+1] {
					f.came[categories[category].priority][s] = true
					f.before[s] = f.before[s] || takesOver(category)
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
	default:
		return rule.category, rule.level
	}
}

// lowered says whether a frame weakens the match.
func lowered(rule *rule, frame set, i int, name string) bool {
	return frame.has(i) && !rule.keep[name]
}

// meant says whether a rule that speaks only of some people speaks here. Where
// nobody is named, a statement is the writer's own.
func (m *message) meant(rule *rule, who subject, i int) bool {
	switch rule.only {
	case "self":
		return who == self || who == nobody && (m.speaksOf(i, self) || !m.question.has(i))
	case "other":
		return who == other
	}
	return true
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
	if !m.meant(rule, who, i) {
		return "", ""
	}
	level := rule.level
	switch who {
	case anybody:
		// "to be a person", "if people die": the writer may be meant all the same
		if rule.bare || !m.speaksOf(i, self) || m.learns(i) {
			return chat.SuicideTopic, chat.Topic
		}
		level = chat.Indirect
		if m.speaksOf(i, other) {
			who = other
		}
	case nobody:
		about := m.question.has(i) || m.study.has(i) || m.asked.has(i) || m.media.has(i)
		switch {
		case rule.bare && m.speaksOf(i, other):
			who = other
		case m.speaksOf(i, self):
			who = self
		case about && (rule.bare || !rule.keep["question"]):
			return chat.SuicideTopic, chat.Topic
		case rule.bare:
			level = chat.Indirect
		}
	case self, other:
	}
	category := chat.CrisisSelf
	if who == other {
		category = chat.CrisisOther
	}
	switch {
	case lowered(rule, m.negated, i, "negated"), lowered(rule, m.past, i, "past"), lowered(rule, m.quoted, i, "quoted"):
		return chat.SuicideTopic, chat.Topic
	case lowered(rule, m.study, i, "study"), lowered(rule, m.asked, i, "asked"):
		if rule.bare || who != self {
			return chat.SuicideTopic, chat.Topic
		}
		level = chat.Indirect
	case lowered(rule, m.media, i, "quoted"):
		if rule.bare || who != self {
			return chat.SuicideTopic, chat.Topic
		}
		level = chat.Indirect
	case m.hypothetical.has(i):
		level = chat.Indirect
	}
	return category, level
}

// learns says whether token i stands in a frame of somebody who asks or reads
// about a subject.
func (m *message) learns(i int) bool {
	return m.question.has(i) || m.study.has(i) || m.asked.has(i) || m.media.has(i) || m.hypothetical.has(i)
}

func (m *message) judgeDanger(rule *rule, i int) (chat.Category, chat.Level) {
	for _, f := range [...]struct {
		name  string
		frame set
	}{
		{"negated", m.negated},
		{"past", m.past},
		{"lately", m.lately},
		{"quoted", m.quoted},
		{"study", m.study},
		{"asked", m.asked},
		{"hypothetical", m.hypothetical},
	} {
		if lowered(rule, f.frame, i, f.name) {
			return "", ""
		}
	}
	if m.who[i] == anybody && !rule.keep["anybody"] || m.who[i] == nobody && m.question.has(i) && !m.speaksOf(i, self) && !rule.keep["question"] {
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
	if !found || rule.statement && !m.asking.empty() {
		return false
	}
	for i := range rule.unless { // matching leaves covered as it is
		if m.match(&rule.unless[i], m.hardEnds) != nil {
			return false
		}
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
