package draft

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"

	"bedside/internal/language"
	"bedside/internal/llm"
)

// GenerativeOptions are the settings of Generative; zero values take the defaults.
type GenerativeOptions struct {
	// Words is how many words the model is asked to stay under (120).
	Words int
	// MaxTokens is the most tokens of an answer, thoughts of a reasoning model
	// included (2,000).
	MaxTokens int
}

// Generative drafts answers with a model. What it hands on is unchecked: a model
// may write anything, and only a sentence that the check lets through is for a
// patient's eyes. A sentence that repeats the prompt is handed on without its
// citations: it rests on none of the passages, so no check lets it through.
type Generative struct {
	model      llm.Model
	prompt     *prompt
	rewriter   *rewriter
	translator *rewriter
	options    GenerativeOptions

	told  sync.Map     // a system message to its runs of words
	texts atomic.Int32 // in told
}

// NewGenerative loads the prompt from a folder and returns a drafter. Errors in
// a template name its file and line.
func NewGenerative(model llm.Model, prompts fs.FS, options GenerativeOptions) (*Generative, error) {
	if model == nil {
		return nil, errors.New("draft: no model")
	}
	if options.Words <= 0 {
		options.Words = 120
	}
	if options.MaxTokens <= 0 {
		options.MaxTokens = 2000
	}
	p, err := loadPrompt(prompts)
	if err != nil {
		return nil, fmt.Errorf("load the prompts: %w", err)
	}
	g := &Generative{model: model, prompt: p, options: options}
	for file, into := range map[string]**rewriter{rewriteFile: &g.rewriter, translateFile: &g.translator} {
		if *into, err = loadRewriter(prompts, file); err != nil {
			return nil, fmt.Errorf("load the prompts: %w", err)
		}
	}
	return g, nil
}

// Draft asks the model and calls emit with each sentence the moment it is
// complete. An error from emit stops the model and is returned. When the stream
// breaks off, what the model had not finished is dropped. A model that finished
// without a sentence is an *llm.Error of kind Garbled.
func (g *Generative) Draft(ctx context.Context, request Request, emit func(Sentence) error) (llm.Completion, error) {
	messages, err := g.prompt.messages(request, g.options.Words)
	if err != nil {
		return llm.Completion{}, fmt.Errorf("write the prompt: %w", err)
	}
	var (
		thoughts thoughts
		cutter   language.Cutter
		writer   = writer{emit: emit, told: echo{g.runsOf(messages[0].Content), request.Passages}}
	)
	completion, err := g.model.Stream(ctx, llm.Request{Messages: messages, MaxTokens: g.options.MaxTokens}, func(piece string) error {
		if piece = thoughts.strip(piece); piece == "" {
			return nil
		}
		return cutter.PushEager(piece, writer.write)
	})
	if err != nil {
		return completion, err
	}
	if !fragment(completion.FinishReason) {
		if err := cutter.Push(thoughts.rest(), writer.write); err != nil {
			return completion, err
		}
		if err := cutter.Flush(writer.write); err != nil {
			return completion, err
		}
	}
	if writer.count == 0 {
		return completion, &llm.Error{Kind: llm.Garbled}
	}
	return completion, nil
}

// fragment says whether a model that finished for this reason was cut off, so
// that what it said last is the beginning of something else.
func fragment(finishReason string) bool {
	switch finishReason {
	case "length", "max_tokens", "content_filter":
		return true
	}
	return false
}
