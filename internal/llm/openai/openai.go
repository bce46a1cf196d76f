// Package openai asks any server that speaks the OpenAI API, for answers (Client)
// and for vectors (Embedder): OpenAI, Azure, Ollama, vLLM, LocalAI. It is the only
// importer of go-openai.
//
// It promises what llm.Model promises, against servers and networks that fail in
// any way: an answer counts as finished only after a finish reason and then the
// end of the stream; whatever else happens is an *llm.Error of a kind, which
// never carries the provider's words or the key; deadlines go by meaning, so that
// a server which keeps the line alive without saying anything is not waited for;
// lines, bodies and answers have caps; redirects are not followed; no goroutine
// outlives a call. It stores nothing and logs nothing.
package openai

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	api "github.com/sashabaranov/go-openai"

	"bedside/internal/llm"
)

// Options are the settings of a Client. Zero values take the defaults that
// stand behind them.
type Options struct {
	BaseURL    string // with or without /v1; empty: api.openai.com
	APIKey     string // may be empty: many servers want none
	Model      string // at Azure, the deployment
	APIVersion string // at Azure; empty: the one in BaseURL's query, or defaultAzureVersion

	// HTTPClient is used instead of the client's own, for tests. Its
	// CheckRedirect and Timeout are not obeyed.
	HTTPClient *http.Client

	FirstToken time.Duration // until the model says something, all tries together (10 s)
	Idle       time.Duration // between two things it says (15 s)
	Total      time.Duration // of an answer (60 s)
	Backoff    time.Duration // before a second try where the server names no time (250 ms)

	MaxLine  int   // bytes of one line of the stream (1 MiB)
	MaxBody  int64 // bytes of the whole stream (16 MiB)
	MaxText  int   // bytes of the answer's text (64 KiB)
	MaxTries int   // for 429, 5xx and a lost connection (2)

	// ownDeployment: at Azure, Model is asked for even where BaseURL names another
	// deployment.
	ownDeployment bool
}

func (o *Options) defaults() {
	for _, d := range []struct {
		value    *time.Duration
		fallback time.Duration
	}{{&o.FirstToken, 10 * time.Second}, {&o.Idle, 15 * time.Second}, {&o.Total, time.Minute}, {&o.Backoff, 250 * time.Millisecond}} {
		if *d.value <= 0 {
			*d.value = d.fallback
		}
	}
	if o.MaxLine <= 0 {
		o.MaxLine = 1 << 20
	}
	if o.MaxBody <= 0 {
		o.MaxBody = 16 << 20
	}
	if o.MaxText <= 0 {
		o.MaxText = 64 << 10
	}
	if o.MaxTries <= 0 {
		o.MaxTries = 2
	}
}

// Client is a model behind the OpenAI chat API.
type Client struct{ server }

var _ llm.Model = (*Client)(nil)

// New returns a client. It does not connect.
func New(options Options) (*Client, error) {
	s, err := serverOf(options)
	if err != nil {
		return nil, err
	}
	return &Client{s}, nil
}

// Stream implements llm.Model. The error is the caller's own when ctx ended or
// emit failed, and otherwise an *llm.Error.
func (c *Client) Stream(ctx context.Context, request llm.Request, emit func(string) error) (llm.Completion, error) {
	watch := newWatch(ctx, c.options)
	defer watch.stop()
	asked := c.request(request)
	for try := 1; ; try++ {
		s := stream{watch: watch, emit: emit, maxText: c.options.MaxText}
		completion, err := s.run(c.config, c.doer, asked)
		if err == nil {
			return completion, nil
		}
		if s.emitErr != nil {
			return completion, s.emitErr
		}
		if ctx.Err() != nil {
			return completion, context.Cause(ctx)
		}
		failure := watch.classify(err)
		if s.begun || try >= c.options.MaxTries || !again(failure) || !watch.pause(c.pauseBefore(failure)) {
			return completion, failure
		}
	}
}

func (c *Client) request(request llm.Request) api.ChatCompletionRequest {
	asked := api.ChatCompletionRequest{
		Model:               c.options.Model,
		MaxCompletionTokens: request.MaxTokens,
		Stream:              true,
		StreamOptions:       &api.StreamOptions{IncludeUsage: true},
	}
	for _, message := range request.Messages {
		asked.Messages = append(asked.Messages, api.ChatCompletionMessage{Role: message.Role, Content: message.Content})
	}
	return asked
}

// again says whether a second try may help.
func again(failure *llm.Error) bool {
	switch failure.Kind {
	case llm.RateLimited:
		return true
	case llm.Unavailable:
		return failure.Status == 0 || failure.Status >= 500
	case llm.Refused, llm.Garbled, llm.Cut, llm.Slow, llm.TooBig, llm.Open, llm.Spent:
	}
	return false
}

// pauseBefore is how long to wait before a second try.
func (c *Client) pauseBefore(failure *llm.Error) time.Duration {
	if failure.RetryAfter > 0 {
		return failure.RetryAfter
	}
	return c.options.Backoff + rand.N(c.options.Backoff)
}
