package llmtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"time"
)

// Play is one request being answered.
type Play struct {
	W         http.ResponseWriter
	R         *http.Request
	Prompt    Prompt
	Inputs    []string // of a request for vectors
	Model     string
	Streaming bool
	Number    int // of the request, from 1

	begun bool
}

type object = map[string]any

// Begin sends the head of a stream and its first chunk, which has a role and no text.
func (p *Play) Begin() {
	if p.begun {
		return
	}
	p.begun = true
	p.W.Header().Set("Content-Type", "text/event-stream")
	p.W.WriteHeader(http.StatusOK)
	p.Chunk(object{"role": "assistant", "content": ""}, nil)
}

// Chunk sends one event with a delta and a finish reason (nil: none).
func (p *Play) Chunk(delta object, finish any) {
	p.Event(object{
		"id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 1, "model": p.Model,
		"choices": []object{{"index": 0, "delta": delta, "finish_reason": finish}},
	})
}

// Event sends one event.
func (p *Play) Event(data any) {
	encoded, err := json.Marshal(data)
	if err != nil {
		panic(fmt.Sprintf("llmtest: a script made an event that is no JSON: %v", err))
	}
	p.Raw("data: " + string(encoded) + "\n\n")
}

// Raw sends bytes as they are.
func (p *Play) Raw(s string) {
	_, _ = io.WriteString(p.W, s)
	_ = http.NewResponseController(p.W).Flush()
}

// Say sends text, a delta for each token, with a pause before each.
func (p *Play) Say(pause time.Duration, tokens ...string) {
	p.Begin()
	for _, token := range tokens {
		if !p.Wait(pause) {
			return
		}
		p.Chunk(object{"content": token}, nil)
	}
}

// Finish ends the stream as the API does: finish reason, usage, [DONE].
func (p *Play) Finish(reason string) {
	p.Begin()
	p.Chunk(object{}, reason)
	p.Event(object{
		"id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 1, "model": p.Model,
		"choices": []object{}, "usage": object{"prompt_tokens": 120, "completion_tokens": 45, "total_tokens": 165},
	})
	p.Raw("data: [DONE]\n\n")
}

// Answer says text to the end, streamed or, if the request asked for that, whole.
func (p *Play) Answer(text string, pause time.Duration) {
	if !p.Streaming {
		p.W.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(p.W).Encode(object{
			"id": "chatcmpl-scripted", "object": "chat.completion", "created": 1, "model": p.Model,
			"choices": []object{{"index": 0, "message": object{"role": "assistant", "content": text}, "finish_reason": "stop"}},
			"usage":   object{"prompt_tokens": 120, "completion_tokens": 45, "total_tokens": 165},
		})
		return
	}
	p.Say(pause, Tokens(text)...)
	p.Finish("stop")
}

// Wait passes time; false means that the client went away.
func (p *Play) Wait(d time.Duration) bool {
	if d <= 0 {
		return p.R.Context().Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-p.R.Context().Done():
		return false
	}
}

// Hang waits until the client goes away.
func (p *Play) Hang() { <-p.R.Context().Done() }

// Abort breaks the connection off.
func (p *Play) Abort() { panic(http.ErrAbortHandler) }

var token = regexp.MustCompile(`\s*(?:[\pL\pN]+|[^\s\pL\pN]|$)`)

// Tokens cuts text as models do: a word with the space before it, or one mark;
// so a citation marker comes in three pieces.
func Tokens(text string) []string {
	tokens := token.FindAllString(text, -1)
	if n := len(tokens); n > 0 && tokens[n-1] == "" {
		tokens = tokens[:n-1]
	}
	return tokens
}
