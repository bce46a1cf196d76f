package draft

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"text/template"
	"unicode"

	"bedside/internal/chat"
	"bedside/internal/language"
	"bedside/internal/llm"
)

// Leaning is a question that leans on what was said before it.
type Leaning struct {
	Question chat.Text
	Previous []chat.Text // earlier questions, oldest first
	Told     string      // the answer to the last of them
	Language string
	// Knows says whether a word is one of the material's.
	Knows func(word string) bool
}

const (
	// rewriteTokens bounds what a model may write, thoughts included.
	rewriteTokens = 600
	// rewriteMost bounds a rewritten question, in runes; rewriteWords in words.
	rewriteMost, rewriteWords = 240, 40
)

// errDrift means that a rewritten question is not the one that was asked.
var errDrift = errors.New("the rewritten question strays from the one asked")

// rewriter is the prompt for questions that are put in other words to be searched
// with. Nil is none.
type rewriter struct{ template *template.Template }

// loadRewriter reads the template and tries it. A folder without one has none.
func loadRewriter(prompts fs.FS, file string) (*rewriter, error) {
	parsed, err := parsePrompt(prompts, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // a folder may do without: nil is no rewriter, as its type says
	}
	if err != nil {
		return nil, err
	}
	r := &rewriter{parsed}
	messages, err := r.messages(Leaning{Question: "Sample question?", Previous: []chat.Text{"Sample before?"}, Told: "Sample answer.", Language: "en"})
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(messages[1].Content, "\n\nSample question?") {
		return nil, fault(parsed, "user", `"{{.Question}}" must be the last paragraph`)
	}
	return r, nil
}

func (r *rewriter) messages(l Leaning) ([]llm.Message, error) {
	return execute(r.template, promptData{
		Language: languageName(l.Language), Question: oneLine(string(l.Question)),
		Previous: previousLines(l.Previous), Told: shortened(oneLine(l.Told), toldMost),
	})
}

// Rewrite asks the model for the question as it would stand by itself. What comes
// back is for a search alone. It is refused, with an error, where it may not be the
// question that was asked: every content word, number and negation of that has to
// be in it, and every further content word and number has to be the conversation's
// or (words only) the material's; and it is one question of bounded length.
func (g *Generative) Rewrite(ctx context.Context, l Leaning) (string, llm.Completion, error) {
	return g.restate(ctx, g.rewriter, l, l.drifted)
}

// Translate asks the model for the question in English, as it would stand by
// itself. What comes back is for a search alone. Its words cannot be compared with
// those of the question, so that less is promised than of Rewrite: it is one
// English question of bounded length, whose numbers are the conversation's.
func (g *Generative) Translate(ctx context.Context, l Leaning) (string, llm.Completion, error) {
	l.Language = language.English
	return g.restate(ctx, g.translator, l, l.strayed)
}

// restate asks for the question in other words, and refuses those that stray.
func (g *Generative) restate(ctx context.Context, prompt *rewriter, l Leaning, strays func(string) bool) (string, llm.Completion, error) {
	if prompt == nil {
		return "", llm.Completion{}, errors.New("draft: no prompt to put questions in other words with")
	}
	messages, err := prompt.messages(l)
	if err != nil {
		return "", llm.Completion{}, fmt.Errorf("write the prompt: %w", err)
	}
	var said strings.Builder
	var thoughts thoughts
	completion, err := g.model.Stream(ctx, llm.Request{Messages: messages, MaxTokens: rewriteTokens}, func(piece string) error {
		said.WriteString(thoughts.strip(piece))
		if said.Len() > 4*rewriteMost {
			return errDrift
		}
		return nil
	})
	if err != nil {
		return "", completion, err
	}
	said.WriteString(thoughts.rest())
	rewritten := strings.Trim(strings.TrimSpace(said.String()), "\"“”«»'`* ")
	if !oneQuestion(rewritten) || strays(rewritten) {
		return "", completion, errDrift
	}
	return rewritten, completion, nil
}

// oneQuestion says whether a text can be a question of bounded length and nothing else.
func oneQuestion(text string) bool {
	return text != "" && len(language.Words(text)) <= rewriteWords && len([]rune(text)) <= rewriteMost &&
		!strings.ContainsFunc(text, unicode.IsControl) && oneLine(text) == text &&
		len(language.Sentences(text)) == 1 && strings.Count(text, "?") <= 1
}

// strayed says whether a translated question may not be the one that was asked.
func (l Leaning) strayed(translated string) bool {
	conversation := language.Words(string(l.Question) + "\n" + l.Told)
	for _, previous := range l.Previous {
		conversation = append(conversation, language.Words(string(previous))...)
	}
	words := language.Words(translated)
	return language.Guess(translated) != language.English ||
		slices.ContainsFunc(words, func(word string) bool { return hasDigit(word) && !slices.Contains(conversation, word) }) ||
		slices.ContainsFunc(language.Words(string(l.Question)), func(word string) bool { return hasDigit(word) && !slices.Contains(words, word) })
}

// drifted says whether a rewritten question may not be the one that was asked.
func (l Leaning) drifted(rewritten string) bool {
	words := language.Words(rewritten)
	asked := language.Words(string(l.Question))
	if slices.ContainsFunc(asked, negates) != slices.ContainsFunc(words, negates) {
		return true
	}
	conversation := l.stems(asked)
	for _, previous := range l.Previous {
		conversation = append(conversation, l.stems(language.Words(string(previous)))...)
	}
	conversation = append(conversation, l.stems(language.Words(l.Told))...)
	kept := l.stems(words)
	for _, word := range asked {
		if l.carries(word) && !slices.Contains(kept, language.Stem(l.Language, word)) {
			return true
		}
	}
	return slices.ContainsFunc(words, func(word string) bool {
		if language.Stop(l.Language, word) && !hasDigit(word) || slices.Contains(conversation, language.Stem(l.Language, word)) {
			return false
		}
		return hasDigit(word) || l.Knows == nil || !l.Knows(word)
	})
}

func (l Leaning) stems(words []string) []string {
	stems := make([]string, len(words))
	for i, word := range words {
		stems[i] = language.Stem(l.Language, word)
	}
	return stems
}

// carries says whether a word of a question has to be kept: it says something, and
// does not only point.
func (l Leaning) carries(word string) bool {
	if hasDigit(word) {
		return true
	}
	switch word {
	case "first", "second", "third", "last", "former", "latter", "other", "another", "one", "ones", "thing", "things",
		"primero", "primera", "segundo", "segunda", "tercero", "tercera", "ultimo", "ultima", "otro", "otra", "cosa":
		return false
	}
	return !language.Stop(l.Language, word)
}

func hasDigit(word string) bool { return strings.ContainsFunc(word, unicode.IsDigit) }

// negates says whether a word turns a question round.
func negates(word string) bool {
	switch word {
	case "not", "no", "never", "without", "none", "nobody", "nothing", "cannot", "stop", "sin", "nunca", "jamas", "nada", "nadie", "ningun", "ninguna", "ninguno", "tampoco":
		return true
	}
	return strings.HasSuffix(word, "nt") && slices.Contains([]string{
		"dont", "doesnt", "didnt", "isnt", "arent", "wasnt", "werent", "cant", "couldnt", "wont", "wouldnt", "shouldnt", "hasnt", "havent", "hadnt",
	}, word)
}
