package llmtest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
)

// TB is what New needs of a *testing.T; the package itself stays free of testing.
type TB interface {
	Helper()
	Cleanup(func())
}

// Script plays one request.
type Script func(*Play)

// Request is one request that arrived.
type Request struct {
	Path   string // with its query
	Header http.Header
	Body   string
	Prompt Prompt
}

// Model is a scripted model. It is an http.Handler.
type Model struct {
	mu       sync.Mutex
	script   Script
	requests []Request
}

// Server is a Model that listens on loopback.
type Server struct {
	*Model
	URL string // without /v1
}

// Handler returns a scripted model for any HTTP server.
func Handler(script Script) *Model { return &Model{script: script} }

// New starts a scripted model that ends with the test.
func New(t TB, script Script) *Server {
	t.Helper()
	model := Handler(script)
	server := httptest.NewServer(model)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return &Server{Model: model, URL: server.URL}
}

// Play changes the script for the requests to come.
func (m *Model) Play(script Script) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.script = script
}

// Requests returns the requests so far.
func (m *Model) Requests() []Request {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.requests)
}

// Count returns how many requests there were so far.
func (m *Model) Count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.requests)
}

// ServeHTTP records the request and plays the script.
func (m *Model) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	if err != nil {
		return // the caller went away
	}
	var asked struct {
		Model    string `json:"model"`
		Stream   bool   `json:"stream"`
		Input    any    `json:"input"`
		Messages []struct {
			Role    string `json:"role"`
			Content string `json:"content"`
		} `json:"messages"`
	}
	if r.Method == http.MethodGet {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"object":"list","data":[{"id":"scripted","object":"model","owned_by":"llmtest"}]}`)
		return
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		http.Error(w, "the body is not JSON", http.StatusBadRequest)
		return
	}
	var prompt Prompt
	for _, message := range asked.Messages {
		switch message.Role {
		case "system", "developer":
			prompt.System += message.Content
		case "user":
			prompt.read(message.Content)
		}
	}
	m.mu.Lock()
	m.requests = append(m.requests, Request{Path: r.URL.RequestURI(), Header: r.Header.Clone(), Body: string(body), Prompt: prompt})
	number, script := len(m.requests), m.script
	m.mu.Unlock()
	script(&Play{W: w, R: r, Prompt: prompt, Inputs: inputs(asked.Input), Model: asked.Model, Streaming: asked.Stream, Number: number})
}
