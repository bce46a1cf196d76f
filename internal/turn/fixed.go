package turn

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"bedside/internal/chat"
	"bedside/internal/ground"
	"bedside/internal/language"
	"bedside/internal/retrieve"
	"bedside/internal/triage"
)

// fixedReply gives the reply that triage decided on, whole.
func fixedReply(w *writer, j *job) {
	if len(j.decision.Card.Lines) > 0 {
		w.add(chat.Triaged{Head: w.head(), Level: j.decision.Level, Category: j.decision.Category, Card: j.decision.Card})
	}
	for _, line := range j.decision.Reply {
		w.sentence(line)
	}
	w.answer.Outcome, w.answer.Mode = j.decision.Outcome, chat.Fixed
	w.answer.Trace = j.trace()
	w.end(chat.StatusCompleted, "")
}

// topicCard shows the help that belongs to a question about suicide as a subject.
func topicCard(w *writer, j *job) {
	if j.decision.Level != "" && len(j.decision.Card.Lines) > 0 {
		w.add(chat.Triaged{Head: w.head(), Level: j.decision.Level, Category: j.decision.Category, Card: j.decision.Card})
	}
}

// notCovered says that the material does not answer the question, who can, and
// what the material does answer.
func (m *material) notCovered(w *writer, j *job, found retrieve.Result) {
	if word := m.answersIn(j); word != "" {
		w.sentence(word)
	}
	for _, line := range m.Triage.NotCovered(j.locale) {
		w.sentence(line)
	}
	m.endUnanswered(w, j, found)
}

// allTold says that the material says no more than was told, who knows more, and
// what else could be asked.
func (m *material) allTold(w *writer, j *job, found retrieve.Result) {
	for _, line := range m.Triage.AllTold(j.locale) {
		w.sentence(line)
	}
	found.Hits = slices.DeleteFunc(slices.Clone(found.Hits), func(hit retrieve.Hit) bool { return j.before.cites(hit.Passage.ID) })
	m.endUnanswered(w, j, found)
}

// endUnanswered ends a reply that no passage carries with what else could be asked.
func (m *material) endUnanswered(w *writer, j *job, found retrieve.Result) {
	if offered := m.offered(w, j, found); len(offered) > 1 {
		w.sentence(m.youCouldAsk(j.locale, offered))
	}
	if j.decision.Footer != "" {
		w.sentence(j.decision.Footer)
	}
	w.answer.Outcome, w.answer.Mode = chat.NotCovered, chat.Fixed
	w.answer.Trace = j.trace()
	m.suggest(w, j, found)
	w.end(chat.StatusCompleted, "")
}

// suggestionsMax is how many next questions are offered.
const suggestionsMax = 3

// suggest offers questions that the material answers: those of passages near the
// question that the answer did not use.
func (m *material) suggest(w *writer, j *job, found retrieve.Result) {
	if questions := m.offered(w, j, found); len(questions) > 0 {
		w.add(chat.Suggested{Head: w.head(), Questions: questions})
	}
}

// offered are questions in the patient's language that passages near the question
// answer and the answer did not use; where there are none, those to begin with.
func (m *material) offered(w *writer, j *job, found retrieve.Result) []string {
	wanted := cmp.Or(language.Known(j.locale), language.English)
	var questions []string
	for _, hit := range found.Hits {
		used := slices.ContainsFunc(w.answer.Citations, func(c chat.Citation) bool { return c.Passage == hit.Passage.ID })
		if used || len(questions) == suggestionsMax || cmp.Or(language.Known(hit.Passage.Language), wanted) != wanted {
			continue
		}
		o := m.offer(hit.Passage)
		if o.question != "" && (!o.touches || j.decision.Level != "") {
			questions = append(questions, o.question)
		}
	}
	if len(questions) < 2 && m.Starters != nil {
		for _, question := range m.Starters(j.locale) {
			if !slices.Contains(questions, question) {
				questions = append(questions, question)
			}
		}
	}
	return questions[:min(len(questions), suggestionsMax)]
}

// offer is the question by which a passage is offered; empty: by none.
type offer struct {
	question string
	touches  bool // on suicide, which is brought up before nobody who has not spoken of it
}

// offer is the passage's first question that may be shown: a page can hold
// questions in patients' words that no answer would use.
func (m *material) offer(passage chat.Passage) offer {
	if kept, ok := m.offers.Load(passage.ID); ok {
		o, _ := kept.(offer)
		return o
	}
	o := offer{question: Offer(passage)}
	o.touches = m.Triage.Decide(chat.NewRawText(o.question), triage.Context{}).Level != ""
	m.offers.Store(passage.ID, o)
	return o
}

// Offer returns the first of the passage's questions that may be shown as one to
// ask; empty: none may.
func Offer(passage chat.Passage) string {
	for _, question := range passage.Questions {
		if ground.Forbidden(question) == "" {
			return question
		}
	}
	return ""
}

// trace is what the staff may see of the answer.
func (j *job) trace() *chat.Trace {
	j.timings["total"] = float64(time.Since(j.started).Microseconds()) / 1000
	return &chat.Trace{
		Rule: j.decision.Rule, Level: j.decision.Level, Category: j.decision.Category,
		Withheld: j.withheld, Timings: j.timings,
	}
}

func trimmed(sentence string) string { return strings.TrimRight(sentence, " \t\n") }
