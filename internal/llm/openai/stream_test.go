package openai

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"bedside/internal/llm"
	"bedside/internal/llm/llmtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const planted = "sk-planted-0123456789"

const userMessage = "[1] It works within hours. It may fade.\n\n[2] Older pills may take weeks.\n\nhow fast does it work?"

var asked = llm.Request{Messages: []llm.Message{{Role: "system", Content: "Answer."}, {Role: "user", Content: userMessage}}, MaxTokens: 300}

const honest = "It works within hours [1]. Older pills may take weeks [2]."

// quick are deadlines for tests over real connections.
func quick(url string) Options {
	return Options{
		BaseURL: url, APIKey: planted, Model: "scripted",
		FirstToken: 2 * time.Second, Idle: 2 * time.Second, Total: 5 * time.Second, Backoff: time.Millisecond,
	}
}

func newClient(t testing.TB, options Options) *Client {
	t.Helper()
	client, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// ask streams and returns the text that was emitted.
func ask(ctx context.Context, client *Client) (string, llm.Completion, error) {
	var text strings.Builder
	completion, err := client.Stream(ctx, asked, func(piece string) error { text.WriteString(piece); return nil })
	return text.String(), completion, err
}

func TestStreamOfAnHonestModel(t *testing.T) {
	for name, script := range map[string]llmtest.Script{
		"plain": llmtest.Honest, "split": llmtest.SplitMarkers, "empty choices": llmtest.EmptyChoices,
		"thinks": llmtest.Thinks(0, 5), "second try": llmtest.First(1, llmtest.Status(500), llmtest.Honest),
		"after a limit": llmtest.First(1, llmtest.RateLimited(0), llmtest.Honest),
	} {
		t.Run(name, func(t *testing.T) {
			server := llmtest.New(t, script)
			text, completion, err := ask(t.Context(), newClient(t, quick(server.URL)))
			if err != nil || text != honest {
				t.Fatalf("%q, %v", text, err)
			}
			want := llm.Completion{FinishReason: "stop", InputTokens: 120, OutputTokens: 45}
			if completion != want {
				t.Errorf("completion %+v, want %+v", completion, want)
			}
		})
	}
}

func TestRequestAsItIsSent(t *testing.T) {
	server := llmtest.New(t, llmtest.Honest)
	if _, _, err := ask(t.Context(), newClient(t, quick(server.URL+"/v1/"))); err != nil {
		t.Fatal(err)
	}
	request := server.Requests()[0]
	for _, want := range []string{`"stream":true`, `"include_usage":true`, `"max_completion_tokens":300`, `"model":"scripted"`} {
		if !strings.Contains(request.Body, want) {
			t.Errorf("no %s in %s", want, request.Body)
		}
	}
	for _, no := range []string{"temperature", "max_tokens\"", "top_p", planted} {
		if strings.Contains(request.Body, no) {
			t.Errorf("%s in %s", no, request.Body)
		}
	}
	if request.Path != "/v1/chat/completions" || request.Header.Get("Authorization") != "Bearer "+planted {
		t.Errorf("path %s", request.Path)
	}
}

func TestFaults(t *testing.T) {
	elsewhere := llmtest.New(t, llmtest.Honest)
	for name, test := range map[string]struct {
		script   llmtest.Script
		kind     llm.Kind
		status   int
		requests int
		text     bool // some text came before the failure
	}{
		"401":                    {llmtest.Status(401), llm.Refused, 401, 1, false},
		"403":                    {llmtest.Status(403), llm.Refused, 403, 1, false},
		"404":                    {llmtest.Status(404), llm.Unavailable, 404, 1, false},
		"429":                    {llmtest.RateLimited(-1), llm.RateLimited, 429, 2, false},
		"429 that is too long":   {llmtest.RateLimited(time.Hour), llm.RateLimited, 429, 1, false},
		"500":                    {llmtest.Status(500), llm.Unavailable, 500, 2, false},
		"503":                    {llmtest.Status(503), llm.Unavailable, 503, 2, false},
		"307":                    {llmtest.Redirect(elsewhere.URL + "/v1/chat/completions"), llm.Unavailable, 307, 1, false},
		"HTML":                   {llmtest.HTML, llm.Garbled, 200, 1, false},
		"HTML as events":         {llmtest.HTMLAsEvents, llm.Garbled, 200, 1, false},
		"JSON error":             {llmtest.JSONError, llm.Garbled, 200, 1, false},
		"JSON error as events":   {llmtest.JSONErrorAsEvents, llm.Garbled, 200, 1, false},
		"error event":            {llmtest.ErrorEvent(false), llm.Garbled, 200, 1, false},
		"error event, spaced":    {llmtest.ErrorEvent(true), llm.Garbled, 200, 1, false},
		"garbage":                {llmtest.Garbage, llm.Garbled, 200, 1, false},
		"success without a word": {llmtest.SaysNothing, llm.Garbled, 200, 1, false},
		"thoughts and no word": {func(p *llmtest.Play) {
			p.Begin()
			p.Chunk(map[string]any{"reasoning_content": "Hm."}, nil)
			p.Finish("length")
		}, llm.Garbled, 200, 1, false},
		"only empty choices":      {llmtest.OnlyEmptyChoices, llm.Cut, 200, 1, false},
		"clean end in mid-answer": {llmtest.StopsInMidSentence(llmtest.CleanEOF), llm.Cut, 200, 1, true},
		"aborted in mid-answer":   {llmtest.StopsInMidSentence(llmtest.Abort), llm.Cut, 200, 1, true},
		"HTTP/1.0 close":          {llmtest.CloseHTTP10, llm.Cut, 200, 1, true},
		"long line":               {llmtest.LongLine(64 << 20), llm.TooBig, 200, 1, false},
		"endless":                 {llmtest.Endless(0), llm.TooBig, 200, 1, true},
		"big error":               {llmtest.BigBody(500, 50<<20), llm.Unavailable, 500, 2, false},
		"big page":                {llmtest.BigBody(200, 50<<20), llm.TooBig, 200, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			server := llmtest.New(t, test.script)
			text, completion, err := ask(t.Context(), newClient(t, quick(server.URL)))
			failure, ok := errors.AsType[*llm.Error](err)
			if !ok {
				t.Fatalf("%v (completion %+v)", err, completion)
			}
			if failure.Kind != test.kind || failure.Status != test.status {
				t.Errorf("%v, want %s (status %d)", failure, test.kind, test.status)
			}
			if got := len(server.Requests()); got != test.requests {
				t.Errorf("%d requests, want %d", got, test.requests)
			}
			if (text != "") != test.text {
				t.Errorf("text %.60q", text)
			}
			if strings.Contains(err.Error(), planted) {
				t.Errorf("the key stands in %q", err)
			}
		})
	}
	if len(elsewhere.Requests()) > 0 {
		t.Error("a redirect was followed")
	}
}

func TestNobodyThere(t *testing.T) {
	server := llmtest.New(t, llmtest.Honest)
	client := newClient(t, quick("http://127.0.0.1:1"))
	_, _, err := ask(t.Context(), client)
	if failure, ok := errors.AsType[*llm.Error](err); !ok || failure.Kind != llm.Unavailable || failure.Status != 0 {
		t.Errorf("%v", err)
	}
	_ = server
}

// A long line and a big body cost the caps, not their size.
func TestBigAnswersCostLittleMemory(t *testing.T) {
	for name, script := range map[string]llmtest.Script{
		"line": llmtest.LongLine(64 << 20), "error": llmtest.BigBody(500, 50<<20), "page": llmtest.BigBody(200, 50<<20),
	} {
		server := llmtest.New(t, script)
		client := newClient(t, quick(server.URL))
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, _, _ = ask(t.Context(), client)
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
			t.Errorf("%s: %d KiB were allocated", name, grown>>10)
		}
	}
}

func TestCancelClosesTheConnection(t *testing.T) {
	gone := make(chan time.Time, 1)
	server := llmtest.New(t, func(p *llmtest.Play) {
		llmtest.SilentStream(p)
		gone <- time.Now()
	})
	client := newClient(t, quick(server.URL))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, _, err := ask(ctx, client)
	returned := time.Now()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if at := <-gone; at.Sub(returned) > 100*time.Millisecond {
		t.Errorf("the server noticed %s later", at.Sub(returned))
	}
}

func TestErrorFromEmitStopsTheStream(t *testing.T) {
	server := llmtest.New(t, llmtest.Endless(0))
	enough := errors.New("enough")
	pieces := 0
	_, err := newClient(t, quick(server.URL)).Stream(t.Context(), asked, func(string) error {
		if pieces++; pieces == 3 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || pieces != 3 {
		t.Errorf("%v after %d pieces", err, pieces)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "3": 3 * time.Second, "0": 0, "-4": 0, "1.5": 1500 * time.Millisecond, "soon": 0, "1e99": 24 * time.Hour,
		now.Add(5 * time.Second).Format(http.TimeFormat): 5 * time.Second,
		now.Add(-time.Hour).Format(http.TimeFormat):      0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
	if got := retryAfter(http.Header{"Retry-After-Ms": {"250"}, "Retry-After": {"9"}}, now); got != 250*time.Millisecond {
		t.Errorf("milliseconds: %s", got)
	}
}
