package triage

import (
	"strings"
	"unicode/utf8"

	"bedside/internal/chat"
	"bedside/internal/language"
)

const (
	earlierMessages = 3
	earlierBytes    = 600 // of each earlier message, its end is read
)

// Decide reads a message together with the person's last ones.
func (t *Triage) Decide(raw chat.RawText, context Context) Decision {
	m := t.messages.Get().(*message)
	defer t.messages.Put(m)
	m.reset()
	earlier := context.Earlier[max(0, len(context.Earlier)-earlierMessages):]
	for _, e := range earlier {
		m.take(t.rules.vocabulary, ending(string(e)))
	}
	text := raw.Reveal()
	m.take(t.rules.vocabulary, text)
	f := t.rules.weigh(m)
	t.addSigns(m, &f)
	d := t.decide(f, m, context)
	t.word(&d, f, context, text)
	return d
}

// ending returns the end of a long text.
func ending(s string) string {
	if len(s) <= earlierBytes {
		return s
	}
	s = s[len(s)-earlierBytes:]
	for s != "" && !utf8.RuneStart(s[0]) {
		s = s[1:]
	}
	return s
}

// decide chooses the category that wins.
func (t *Triage) decide(f findings, m *message, context Context) Decision {
	for _, c := range byPriority {
		found := f.get(c)
		if !found.found {
			continue
		}
		if c == chat.SuicideTopic {
			break
		}
		if !takesOver(c) && (c == chat.SmallTalkTopic || c == chat.OffTopic) {
			if d, caring := t.care(f, m, context); caring {
				return d
			}
		}
		return t.decision(c, found)
	}
	if d, caring := t.care(f, m, context); caring {
		return d
	}
	if found := f.get(chat.SuicideTopic); found.found {
		return Decision{Rule: found.rule.name, Level: chat.Topic, Category: chat.SuicideTopic}
	}
	return Decision{}
}

func (t *Triage) decision(c chat.Category, found finding) Decision {
	meaning := categories[c]
	d := Decision{Rule: found.rule.name, Category: c, Outcome: meaning.outcome, Urgent: meaning.urgent, HelpBar: takesOver(c)}
	if meaning.level != "" {
		d.Level = found.level
	}
	return d
}

// care goes on caring after an urgent reply, until the person clearly changes
// the subject: "no", "whatever" and "I'm fine" are not questions about ketamine.
func (t *Triage) care(f findings, m *message, context Context) (Decision, bool) {
	if !takesOver(context.LastCategory) || m.clear(t.rules, len(m.segment)-1) {
		return Decision{}, false
	}
	for s := len(f.before) - 1; s >= 0 && !f.before[s]; s-- {
		if m.clear(t.rules, s) {
			return Decision{}, false
		}
	}
	meaning := categories[context.LastCategory]
	return Decision{
		Rule: "care/until-the-subject-changes", Level: chat.Indirect, Category: context.LastCategory,
		Outcome: meaning.outcome, Urgent: meaning.urgent, HelpBar: true,
	}, true
}

// clear says whether a message has a subject of its own: a question, or words
// of the material.
func (m *message) clear(r *rules, segment int) bool {
	from, to := m.segment[segment], len(m.tokens)
	if segment+1 < len(m.segment) {
		to = m.segment[segment+1]
	}
	for i := from; i < to; i++ {
		if m.has(r.classMatter, i) || m.has(r.classQuestion, i) && to-from >= 3 {
			return true
		}
	}
	return false
}

var byPriority = func() []chat.Category {
	order := make([]chat.Category, len(categories))
	for c, m := range categories {
		order[m.priority] = c
	}
	return order
}()

// word puts the fixed words to a decision on a message.
func (t *Triage) word(d *Decision, f findings, context Context, message string) {
	if d.Outcome == "" && d.Category != chat.SuicideTopic {
		return
	}
	guess := language.Guess(message)
	locale := context.Locale
	if guess == spanish || guess != "" && locale == "" { // the message's words go before the client's
		locale = guess
	}
	if d.Category == chat.SuicideTopic {
		d.Footer = t.fixed("suicide_topic_line", locale)
		d.Card = t.card(locale, "suicide_topic_line")
		return
	}
	topic := f.get(chat.SuicideTopic).found
	name := string(d.Category)
	if r := f.get(d.Category).rule; r != nil && r.reply != "" {
		name = r.reply
	}
	names := []string{name}
	form := t.form(name, d, f, context, locale)
	var paragraphs []string // after the form
	if takesOver(d.Category) || d.Category == chat.Minor {
		for _, c := range byPriority {
			resource := t.resource(string(c), locale)
			if c != d.Category && f.get(c).found && resource != "" {
				paragraphs = append(paragraphs, resource)
				names = append(names, string(c))
			}
		}
	} else if topic && d.Category != chat.SmallTalkTopic {
		paragraphs = append(paragraphs, t.fixed("suicide_topic_line", locale))
		names = append(names, "suicide_topic_line")
	}
	if (foreign(context.Locale) || guess == "") && takesOver(d.Category) {
		paragraphs = append(paragraphs, t.form(name, d, f, context, spanish))
	}
	text := joined(form, paragraphs)
	if text == context.LastReply {
		text = joined(t.replies[name].words[languageOf(locale)].after(form), paragraphs)
	}
	d.Reply = sentences(text)
	d.Card = t.card(locale, names...)
}

func joined(form string, paragraphs []string) string {
	return strings.Join(append([]string{form}, paragraphs...), "\n\n")
}

// form returns the reply itself the first time, and its other forms in turn
// when the category comes again: an urgent one by the count of the session's
// urgent replies, any other by what the last messages show.
func (t *Triage) form(name string, d *Decision, f findings, context Context, locale string) string {
	w := t.replies[name].words[languageOf(locale)]
	switch {
	case len(w.forms) == 0:
	case context.LastCategory == d.Category:
		return w.forms[max(0, context.TakenOver-1)%len(w.forms)]
	case !d.Urgent && f.inARow(d.Category)%2 == 1:
		return w.forms[0]
	}
	if d.Level == chat.Indirect && w.soft != "" {
		return w.soft
	}
	return w.text
}

func (t *Triage) resource(name, locale string) string {
	r, ok := t.replies[name]
	if !ok {
		return ""
	}
	return r.words[languageOf(locale)].resource
}

// foreign says whether the client speaks neither of the two languages.
func foreign(locale string) bool {
	return locale != "" && languageOf(locale) == english && !strings.HasPrefix(strings.ToLower(locale), english)
}
