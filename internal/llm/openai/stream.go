package openai

import (
	"errors"
	"io"
	"net/http"

	api "github.com/sashabaranov/go-openai"

	"bedside/internal/llm"
)

// stream reads one try.
type stream struct {
	watch   *watch
	emit    func(string) error
	maxText int

	begun   bool // something was emitted
	alive   bool // there was a chunk of an answer, were it empty
	text    int  // bytes emitted
	emitErr error
	done    llm.Completion
}

// run asks once and reads to the end.
func (s *stream) run(client *api.Client, asked api.ChatCompletionRequest) (llm.Completion, error) {
	events, err := client.CreateChatCompletionStream(s.watch.ctx, asked)
	if err != nil {
		return s.done, err
	}
	defer func() { _ = events.Close() }()
	for {
		line, err := events.RecvRaw()
		switch {
		case errors.Is(err, io.EOF) && s.done.FinishReason != "":
			if s.text == 0 && s.done.FinishReason != "content_filter" {
				return s.done, &llm.Error{Kind: llm.Garbled, Status: http.StatusOK}
			}
			return s.done, nil
		case errors.Is(err, io.EOF) && !s.alive:
			// The stream is over, and there was no answer in it.
			return s.done, &llm.Error{Kind: llm.Garbled, Status: http.StatusOK}
		case err != nil:
			return s.done, s.broken(err)
		}
		if err := s.read(line); err != nil {
			return s.done, err
		}
	}
}

// broken classifies the end of a stream that had begun.
func (s *stream) broken(err error) error {
	if _, ok := errors.AsType[*llm.Error](err); ok {
		return err
	}
	if _, ok := errors.AsType[*api.APIError](err); ok {
		return &llm.Error{Kind: llm.Garbled, Status: http.StatusOK}
	}
	return &llm.Error{Kind: llm.Cut, Status: http.StatusOK}
}

// read takes in one event.
func (s *stream) read(line []byte) error {
	e, ok := pick(line)
	if !ok || e.failed {
		return &llm.Error{Kind: llm.Garbled, Status: http.StatusOK}
	}
	s.alive = s.alive || e.choice
	if e.thought || e.text != "" {
		s.watch.spoke()
	}
	if e.usage {
		s.done.InputTokens, s.done.OutputTokens = e.inputTokens, e.outputTokens
	}
	if e.text != "" {
		if s.text += len(e.text); s.text > s.maxText {
			return &llm.Error{Kind: llm.TooBig, Status: http.StatusOK}
		}
		s.begun = true
		if s.emitErr = s.emit(e.text); s.emitErr != nil {
			return s.emitErr
		}
	}
	if e.finish != "" {
		s.done.FinishReason = e.finish
	}
	return nil
}
