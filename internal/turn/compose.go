package turn

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"bedside/internal/chat"
	"bedside/internal/draft"
	"bedside/internal/ground"
	"bedside/internal/language"
	"bedside/internal/llm"
	"bedside/internal/retrieve"
)

const (
	// searchDepth is how many passages are looked at, givenMax how many an answer
	// may be drawn from; the rest serve as suggestions.
	searchDepth, givenMax = 10, 5
	// enough is the fewest words of a model that stand as an answer of their own
	// after some of its sentences were withheld.
	enough = 20
)

// errEnough stops a model that has said as much as an answer may hold.
var errEnough = errors.New("the answer is long enough")

// composer lets sentences through to one answer, whoever drafted them.
type composer struct {
	*writer
	job       *job
	passages  []chat.Passage
	evidence  *ground.Evidence
	language  string
	answersIn string // a word in another language that goes before the answer; empty: none
	said      draft.Said
	told      *draft.Said // what is not to be said again
	cited     []int       // passage numbers in the order of their first citation
	model     int         // sentences that came from the model
}

// compose writes the answer's sentences: a model's where there is one, completed
// with the material's own where it fails or says too little; then what must be
// said beside them.
func compose(ctx context.Context, j *job, w *writer, about subject, found retrieve.Result) error {
	c := &composer{writer: w, job: j, answersIn: j.material.answersIn(j)}
	request := draft.Request{
		Question: about.question, English: about.english, Previous: about.previous, Terms: found.Terms, Wish: about.wish, Told: about.told,
		Leads: found.Leads,
	}
	for _, subject := range found.Subjects {
		request.Subjects = append(request.Subjects, draft.Subject(subject))
	}
	given := found.Hits[:min(len(found.Hits), givenMax)]
	request.Passages = make([]chat.Passage, 0, len(given))
	for i, hit := range given {
		request.Passages = append(request.Passages, hit.Passage)
		share := fit(hit, found.Hits[0])
		if i == 0 || i < found.Leads {
			share = 1
		}
		request.Fit = append(request.Fit, share)
	}
	request.Passages = c.withCited(request.Passages)
	request.Fit = append(request.Fit, make([]float64, len(request.Passages)-len(request.Fit))...)
	if len(request.Passages) == 0 {
		return errNothingStands
	}
	c.passages, c.evidence = request.Passages, c.material.evidence.Evidence(request.Passages)
	c.language = request.Passages[0].Language
	request.Language = c.language
	c.told = c.material.extractor.Told(request)
	c.keep()

	complete := true
	if c.material.Generative != nil {
		w.answer.Mode = chat.Generative // known from the start, should the answer be cut short
		w.open()
		if err := w.pass(ctx); err != nil {
			return err
		}
		w.announce(stageWriting)
		c.material.extractor.Read(c.passages)
		failed, err := c.generate(ctx, request)
		j.lap("model")
		if err != nil {
			return err
		}
		complete = failed || c.model == 0 || (len(j.withheld) > 0 && c.said.Words() < enough)
	}
	if complete {
		c.offerAll(c.material.extractor.Extract(request, c.said))
	}
	if len(c.cited) == 0 {
		return errNothingStands
	}
	mode := c.mode()
	for _, sentence := range c.material.extractor.Qualifiers(c.passages, c.cited, &c.said) {
		if !c.say(sentence, c.material.extractor.Words(c.language, sentence)) {
			return errQualifier
		}
	}
	c.footers(found)
	j.lap("draft")

	j.sentences = c.said.Sentences()
	w.answer.Outcome, w.answer.Mode = chat.Answered, mode
	w.answer.Trace = j.trace()
	return nil
}

// withCited adds the passages that an answer which is gone on with cites already.
func (c *composer) withCited(passages []chat.Passage) []chat.Passage {
	for _, citation := range c.answer.Citations {
		if numberOf(passages, citation.Passage) > 0 {
			continue
		}
		if passage, found := c.material.Passage(citation.Passage); found {
			passages = append(passages, passage)
		}
	}
	return passages
}

// numberOf is the passage's number, from 1; 0 where it is not among them.
func numberOf(passages []chat.Passage, id chat.PassageID) int {
	return 1 + slices.IndexFunc(passages, func(p chat.Passage) bool { return p.ID == id })
}

// keep takes what was said before this process went on with the answer as said:
// it stands, and is not said again.
func (c *composer) keep() {
	at := 0 // in code points, as the citations count
	for _, sentence := range language.Sentences(c.answer.Text) {
		end := at + utf8.RuneCountInString(sentence)
		var cites []int
		for _, citation := range c.answer.Citations {
			number := numberOf(c.passages, citation.Passage)
			if number == 0 || citation.StartIndex < at || citation.StartIndex >= end {
				continue
			}
			cites = append(cites, number)
			if !c.said.Cites(number) {
				c.cited = append(c.cited, number)
			}
		}
		c.said.Add(c.material.extractor.Words(c.language, draft.Sentence{Text: sentence, Cites: cites}), cites...)
		at = end
		if c.answer.Mode == chat.Generative {
			c.model++
		}
	}
}

// errQualifier means that what has to be said beside a claim was withheld: the
// answer fails rather than stand without it.
var errQualifier = errors.New("a qualifier did not pass its check")

// errNothingStands means that every sentence was withheld, the material's own
// included: the question counts as not covered rather than be answered uncited.
var errNothingStands = errors.New("no sentence passed its check")

// generate lets a model word the answer. failed says that it did not finish; the
// error is the log's.
func (c *composer) generate(ctx context.Context, request draft.Request) (failed bool, err error) {
	within, done := c.untilFailure(ctx)
	defer done()
	completion, err := c.material.Generative.Draft(within, request, func(sentence draft.Sentence) error {
		if let, err := c.offer(sentence); err != nil || !let {
			return err
		}
		c.model++
		return c.pass(ctx)
	})
	c.answer.Usage.InputTokens += completion.InputTokens
	c.answer.Usage.OutputTokens += completion.OutputTokens
	failure := c.failure()
	switch {
	case failure != nil:
		return true, failure
	case ctx.Err() != nil:
		return true, ctx.Err()
	case err == nil || errors.Is(err, errEnough):
		return false, nil
	}
	c.job.modelKind = "other"
	if e, ok := errors.AsType[*llm.Error](err); ok {
		c.job.modelKind = string(e.Kind)
	}
	return true, nil
}

// offerAll offers sentences of the material.
func (c *composer) offerAll(sentences []draft.Sentence) {
	for _, sentence := range sentences {
		if _, err := c.offer(sentence); err != nil {
			return
		}
	}
}

// offer lets a sentence through if it fits, adds something, its passages carry it
// and it may be said, and says whether it did. errEnough means that the answer
// holds as much as it may.
func (c *composer) offer(sentence draft.Sentence) (let bool, err error) {
	words := c.material.extractor.Words(c.language, sentence)
	if c.said.Sentences() > 0 && c.said.Words()+words.Count() > draft.WordsMax {
		return false, errEnough
	}
	if words.Count() > draft.WordsMax {
		c.withhold(sentence, "too_long")
		return false, nil
	}
	if c.said.Repeats(words) || c.told.Repeats(words) {
		return false, nil
	}
	return c.say(sentence, words), nil
}

// say lets a sentence through if its passages carry it and it may be said.
func (c *composer) say(sentence draft.Sentence, words *draft.Words) bool {
	text := strings.TrimSpace(sentence.Text)
	if text == "" {
		return false
	}
	result := c.evidence.Check(text, sentence.Cites)
	if result.Verdict == "" {
		c.withhold(sentence, result.Reason)
		return false
	}
	citations := make([]chat.Citation, 0, len(result.Passages))
	for _, number := range result.Passages {
		citations = append(citations, citationOf(c.passages[number-1], result.Quote, result.Verdict))
		if !c.said.Cites(number) {
			c.cited = append(c.cited, number)
		}
	}
	if c.answer.Text == "" {
		c.line(c.answersIn)
	}
	c.said.Add(words, result.Passages...)
	c.sentence(sentence.Text, citations...)
	return true
}

func (c *composer) withhold(sentence draft.Sentence, reason string) {
	c.job.withheld = append(c.job.withheld, chat.Withheld{Sentence: strings.TrimSpace(sentence.Text), Reason: reason})
}

func citationOf(passage chat.Passage, quote string, verdict chat.Verdict) chat.Citation {
	return chat.Citation{
		Passage: passage.ID, Section: passage.Section, Title: passage.Title, URL: passage.URL,
		Quote: quote, Verdict: verdict,
	}
}

// footers adds the fixed lines that belong to the answer, uncited.
func (c *composer) footers(found retrieve.Result) {
	if found.Partly && c.model == 0 {
		c.line(c.material.Triage.PartlyCovered(c.language))
	}
	for _, number := range c.cited {
		if c.passages[number-1].Pending && c.material.PendingNotice != nil {
			c.line(c.material.PendingNotice(c.job.locale))
			break
		}
	}
	c.line(c.job.decision.Footer)
}

// line adds a fixed line, unless it stands there already.
func (c *composer) line(text string) {
	if text != "" && !strings.Contains(c.answer.Text, trimmed(text)) {
		c.sentence(text)
	}
}

// mode says who worded what was said so far. Qualifiers come later and do not
// count: they are added whoever words the answer.
func (c *composer) mode() chat.Mode {
	switch {
	case c.model == 0:
		return chat.Extractive
	case c.model == c.said.Sentences():
		return chat.Generative
	default:
		return chat.Mixed
	}
}

// modeOf is the mode of an answer that was cut short: the one that it was begun
// in, if a sentence was said.
func modeOf(w *writer) chat.Mode {
	switch {
	case w.answer.Text == "":
		return chat.Fixed
	case w.answer.Mode == "":
		return chat.Extractive
	default:
		return w.answer.Mode
	}
}

// fit is how well a passage answers beside the best one: by its score, and by how
// much of the question's subject it covers.
func fit(hit, best retrieve.Hit) float64 {
	if best.Score == 0 {
		return 0
	}
	share := hit.Score / best.Score
	if best.Coverage > 0 {
		share *= min(1, hit.Coverage/best.Coverage)
	}
	return share
}
