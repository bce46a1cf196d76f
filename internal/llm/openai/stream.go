package openai

import (
	"errors"
	"io"
	"net/http"
	"time"

	api "github.com/sashabaranov/go-openai"

	"bedside/internal/llm"
)

// stream reads one try.
type stream struct {
	watch   *watch
	emit    func(string) error
	maxText int

	like    likeness
	begun   bool // something was emitted
	alive   bool // there was a chunk of an answer, were it empty
	text    int  // bytes emitted
	emitErr error
	done    llm.Completion
}

// lingering is how long the end of the connection's part in an answer may take to
// come behind the answer's.
const lingering = 10 * time.Millisecond

// run asks once and reads to the end.
func (s *stream) run(config api.ClientConfig, d *doer, asked api.ChatCompletionRequest) (llm.Completion, error) {
	once := &asking{doer: d}
	config.HTTPClient = once
	reply, err := api.NewClientWithConfig(config).CreateChatCompletionStream(s.watch.ctx, asked)
	if err != nil {
		return s.done, err
	}
	defer func() { _ = reply.Close() }()
	events := readLines(once.body)
	defer events.close()
	for {
		line, err := events.next()
		switch {
		case errors.Is(err, io.EOF) && s.done.FinishReason != "":
			if s.text == 0 && s.done.FinishReason != "content_filter" {
				return s.done, &llm.Error{Kind: llm.Garbled, Status: http.StatusOK}
			}
			s.watch.leave(lingering)
			events.drain()
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
	return &llm.Error{Kind: llm.Cut, Status: http.StatusOK}
}

// read takes in one event.
func (s *stream) read(line []byte) error {
	e, ok := s.like.pick(line)
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
