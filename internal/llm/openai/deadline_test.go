package openai

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"bedside/internal/llm"
	"bedside/internal/llm/llmtest"
)

// pipes is a listener whose connections are in memory, so that a client and a
// server can live in virtual time.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	p.conns <- far
	return near, nil
}

// connection is the key of a request's connection in its context.
type connection struct{}

// inVirtualTime runs a scripted model with the shipped deadlines.
func inVirtualTime(t *testing.T, script llmtest.Script, test func(t *testing.T, client *Client, model *llmtest.Model)) {
	synctest.Test(t, func(t *testing.T) {
		listener := &pipes{make(chan net.Conn), make(chan struct{})}
		model := llmtest.Handler(script)
		server := &http.Server{Handler: model, ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connection{}, c)
		}}
		served := make(chan struct{})
		go func() { defer close(served); _ = server.Serve(listener) }()
		client, err := New(Options{
			BaseURL: "http://model.test", Model: "scripted",
			HTTPClient: &http.Client{Transport: &http.Transport{DialContext: listener.dial}},
		})
		if err != nil {
			t.Fatal(err)
		}
		test(t, client, model)
		client.Close()
		_ = server.Close()
		<-served
	})
}

func TestDeadlinesGoByMeaning(t *testing.T) {
	for name, test := range map[string]struct {
		script llmtest.Script
		after  time.Duration
		text   bool
	}{
		"never answers":         {llmtest.Silence, 10 * time.Second, false},
		"head and then nothing": {llmtest.SilentStream, 10 * time.Second, false},
		"heartbeats":            {llmtest.Heartbeats(time.Second), 10 * time.Second, false},
		"empty deltas":          {llmtest.EmptyDeltas(time.Second), 10 * time.Second, false},
		"a byte a second":       {llmtest.Trickle(time.Second), 10 * time.Second, false},
		"falls silent":          {llmtest.GoesSilent, 15 * time.Second, true},
		"never stops":           {llmtest.Endless(time.Second), 60 * time.Second, true},
		"thinks for ever":       {llmtest.Thinks(5*time.Second, 1000), 60 * time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, test.script, func(t *testing.T, client *Client, model *llmtest.Model) {
				start := time.Now()
				text, _, err := ask(t.Context(), client)
				failure, ok := errors.AsType[*llm.Error](err)
				if !ok || failure.Kind != llm.Slow {
					t.Errorf("%v", err)
				}
				if took := time.Since(start); took != test.after {
					t.Errorf("after %s, want %s", took, test.after)
				}
				if (text != "") != test.text {
					t.Errorf("text %.40q", text)
				}
				if got := len(model.Requests()); got != 1 {
					t.Errorf("%d requests", got)
				}
			})
		})
	}
}

func TestSlowButAliveIsWaitedFor(t *testing.T) {
	inVirtualTime(t, llmtest.HonestPaced(3*time.Second), func(t *testing.T, client *Client, _ *llmtest.Model) {
		text, _, err := ask(t.Context(), client)
		if err != nil || text != honest {
			t.Errorf("%q, %v", text, err)
		}
	})
}

func TestRetryAfterIsHonouredIfItFits(t *testing.T) {
	for name, test := range map[string]struct {
		wait     time.Duration
		requests int
		fails    bool
	}{
		"fits":         {3 * time.Second, 2, false},
		"does not fit": {6 * time.Second, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, llmtest.First(1, llmtest.RateLimited(test.wait), llmtest.Honest), func(t *testing.T, client *Client, model *llmtest.Model) {
				start := time.Now()
				_, _, err := ask(t.Context(), client)
				if (err != nil) != test.fails || len(model.Requests()) != test.requests {
					t.Errorf("%v after %d requests", err, len(model.Requests()))
				}
				if took := time.Since(start); test.fails != (took < time.Second) || !test.fails && took < test.wait {
					t.Errorf("took %s", took)
				}
				if failure, ok := errors.AsType[*llm.Error](err); ok && failure.RetryAfter != test.wait {
					t.Errorf("retry after %s", failure.RetryAfter)
				}
			})
		})
	}
}

// The end of a stream's body comes behind its last event. Whoever does not wait for
// it opens a connection for each question; who waits for ever hangs.
func TestConnectionServesTheNextQuestion(t *testing.T) {
	for name, test := range map[string]struct {
		lingers time.Duration
		dialled int
	}{
		"ends soon":  {lingering / 2, 1},
		"ends never": {time.Hour, 2},
	} {
		t.Run(name, func(t *testing.T) {
			from := make(map[any]bool)
			ends := func(p *llmtest.Play) {
				from[p.R.Context().Value(connection{})] = true
				llmtest.Honest(p)
				p.Wait(test.lingers)
			}
			inVirtualTime(t, ends, func(t *testing.T, client *Client, _ *llmtest.Model) {
				for range 2 {
					start := time.Now()
					text, _, err := ask(t.Context(), client)
					if err != nil || text != honest {
						t.Fatalf("%q, %v", text, err)
					}
					if took := time.Since(start); took > lingering {
						t.Errorf("took %s", took)
					}
				}
				if len(from) != test.dialled {
					t.Errorf("%d connections, want %d", len(from), test.dialled)
				}
			})
		})
	}
}
