package turn

import (
	"context"
	"time"

	"bedside/internal/chat"
	"bedside/internal/draft"
	"bedside/internal/language"
	"bedside/internal/llm"
	"bedside/internal/retrieve"
)

// rewritePatience bounds a model's rewriting or translating of a question. After it the question
// is searched with as the rules understand it.
const rewritePatience = 2500 * time.Millisecond

// subject is what an answer is about: the question itself, or, where a message
// only asks to be told in another way, the question before it.
type subject struct {
	question chat.Text
	previous []chat.Text // before that question, oldest first
	wish     draft.Wish
	told     string // what was answered to the question before
	english  string // the question, where a model translated it
}

// subject reads what a message asks for.
func (j *job) subject() subject {
	all := j.before.questions()
	own := subject{question: j.accepted.Text, previous: all}
	wish, alone := draft.ReadWish(string(j.accepted.Text))
	own.wish = wish
	if !alone {
		return own
	}
	told := ""
	for i := len(j.before.answers) - 1; i >= 0; i-- {
		p := j.before.answers[i]
		_, also := draft.ReadWish(string(p.accepted.Text))
		answered := p.answer.Outcome == chat.Answered
		switch {
		case p.accepted.Urgent:
			own.wish = ""
			return own
		case answered && !also:
			return subject{
				question: p.accepted.Text, previous: history{j.before.answers[:i]}.questions(), wish: wish, told: p.answer.Text + " " + told,
			}
		case answered:
			told = p.answer.Text + " " + told
		case !also && p.answer.Outcome != chat.SmallTalk:
			own.wish = "" // there is no answer to tell in another way
			return own
		}
	}
	own.wish = ""
	return own
}

// search looks for passages. A question that leans on what was said before is
// searched with as the rules understand it, and where a model is there, as that
// words it, if it does so in time and without straying; the rules' passages stand
// where the other search finds no answer. One in a language that the material is
// not in is searched with word by word, and as a model translates it.
func search(ctx context.Context, j *job, w *writer) (subject, retrieve.Result) {
	about := j.subject()
	previous := make([]string, len(about.previous))
	for i, text := range about.previous {
		previous[i] = string(text)
	}
	found := j.material.find(ctx, retrieve.Query{Text: string(about.question), Previous: previous, Limit: searchDepth})
	j.lap("retrieve")
	switch {
	case j.material.Generative == nil:
	case language.Foreign(string(about.question)) != "":
		if translated := restate(ctx, j, w, about, j.material.Generative.Translate); translated != "" {
			about.english = translated
			found = j.material.find(ctx, retrieve.Query{Text: translated, Limit: searchDepth})
		}
	case len(previous) > 0 && j.material.Index.Leans(string(about.question)):
		if rewritten := restate(ctx, j, w, about, j.material.Generative.Rewrite); rewritten != "" {
			if better := j.material.find(ctx, retrieve.Query{Text: rewritten, Limit: searchDepth}); better.Covered {
				found = better
			}
		}
	}
	return about, found
}

// nearestDepth is how many passages near in meaning are fused with those of the words.
const nearestDepth = 50

func (m *material) find(ctx context.Context, query retrieve.Query) retrieve.Result {
	if m.Nearest != nil {
		query.Near = m.Nearest(ctx, m.Index.Whole(query), nearestDepth)
	}
	return m.Index.Search(query)
}

// restate asks the model for the question in other words, as it stands by itself;
// empty: there is no such question to rely on.
func restate(ctx context.Context, j *job, w *writer, about subject,
	ask func(context.Context, draft.Leaning) (string, llm.Completion, error),
) string {
	within, cancel := context.WithTimeout(ctx, rewritePatience)
	defer cancel()
	lang := language.Known(language.Guess(string(about.question)))
	if lang == "" {
		lang = language.Known(j.locale)
	}
	if lang == "" {
		lang = language.English
	}
	told := ""
	if n := len(j.before.answers); n > 0 && j.before.answers[n-1].answer.Outcome == chat.Answered {
		told = j.before.answers[n-1].answer.Text
	}
	rewritten, completion, err := ask(within, draft.Leaning{
		Question: about.question, Previous: about.previous, Told: told, Language: lang, Knows: j.material.Index.Knows,
	})
	w.answer.Usage.InputTokens += completion.InputTokens
	w.answer.Usage.OutputTokens += completion.OutputTokens
	j.lap("rewrite")
	if err != nil {
		return "" // the rules' understanding stands; the answer's own request tells of a model that fails
	}
	return rewritten
}
