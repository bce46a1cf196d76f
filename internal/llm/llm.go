// Package llm says what is asked of a language model: one small interface.
//
// It promises that an implementation reports a completion only when the model
// really finished; whatever else happens is an *Error that says of which kind,
// and never carries the provider's words. It stores nothing.
package llm

import (
	"context"
	"fmt"
	"time"
)

// Message is one turn of the prompt. Role is "system", "user" or "assistant".
type Message struct{ Role, Content string }

// Request is a prompt and the most tokens that the answer may have.
type Request struct {
	Messages  []Message
	MaxTokens int
}

// Completion is how a finished stream ended. Usage is zero where the model
// does not report it.
type Completion struct {
	FinishReason string // "stop", "length", …
	InputTokens  int
	OutputTokens int
}

// Model writes text. Stream calls emit with each piece as it arrives, in order,
// from one goroutine; an error from emit stops the stream and is returned.
// Cancelling ctx closes the model's connection. A nil error means that the
// model said it was done.
type Model interface {
	Stream(ctx context.Context, request Request, emit func(piece string) error) (Completion, error)
}

// Kind classifies a model's failure.
type Kind string

// The kinds of failure.
const (
	Refused     Kind = "refused"     // 401, 403: the key is wrong
	RateLimited Kind = "rate"        // 429
	Unavailable Kind = "unavailable" // 5xx, no connection, a redirect
	Garbled     Kind = "garbled"     // HTML, a JSON error, a line that is no event, no text at all
	Cut         Kind = "cut"         // the stream ended before the model was done
	Slow        Kind = "slow"        // a deadline passed: first token, idle or total
	TooBig      Kind = "too_big"     // a line, body or answer over its cap
	Open        Kind = "open"        // not asked, since it failed too often of late
	Spent       Kind = "budget"      // not asked, since the day's tokens are spent
)

// Error is a model's failure. It holds no text from the provider, since
// providers echo keys and prompts.
type Error struct {
	Kind       Kind
	Status     int           // HTTP, 0 if there was none
	RetryAfter time.Duration // 0 if not said
}

func (e *Error) Error() string { return fmt.Sprintf("model: %s (status %d)", e.Kind, e.Status) }
