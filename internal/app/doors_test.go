package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// door is one way in.
type door struct {
	name string
	open func(v *visitor, c canary)
}

// visitor feeds the program.
type visitor struct {
	t      *testing.T
	url    string
	tokens []string // of sessions that were begun
}

// doors are all ways in. None of their clients looks at what comes back closer
// than it must: what is written is what counts.
var doors = []door{
	{"bedsidewebsocket", func(v *visitor, c canary) {
		s := v.socket("bedside.v1", nil)
		s.send(map[string]any{"type": "bedside:session.start", "locale": c.word})
		v.tokens = append(v.tokens, s.until("bedside:session.ready").Token)
		s.send(map[string]any{"type": "response.create", "input": c.question(), "metadata": map[string]string{"client_message_id": c.word, "more": c.name}})
		answer := s.until("response.completed")
		s.send(map[string]any{"type": "bedside:feedback", "response_id": answer.Response.ID, "rating": "up", "comment": c.question()})
		s.until("bedside:feedback.accepted")
		s.send(map[string]any{"type": "bedside:feedback", "response_id": c.word, "rating": c.name})
		s.until("error")
	}},
	{"websocket", func(v *visitor, c canary) {
		s := v.socket("", nil)
		s.send(map[string]any{"type": "response.create", "input": c.question(), "user": c.name, "instructions": c.word})
		s.until("response.completed")
	}},
	{"crisis", func(v *visitor, c canary) {
		s := v.socket("bedside.v1", nil)
		s.send(map[string]any{"type": "bedside:session.start"})
		v.tokens = append(v.tokens, s.until("bedside:session.ready").Token)
		s.send(map[string]any{"type": "response.create", "input": "I want to kill myself. " + c.question()})
		if got := s.until("response.completed"); got.Response.Metadata["outcome"] != "crisis" {
			v.t.Errorf("a crisis came to %v", got.Response.Metadata)
		}
	}},
	{"crisiswithoutsession", func(v *visitor, c canary) {
		s := v.socket("bedside.v1", nil)
		s.send(map[string]any{"type": "response.create", "input": "I want to kill myself. " + c.question()})
		s.until("response.completed")
	}},
	{"json", func(v *visitor, c canary) {
		v.post("/v1/responses", map[string]any{
			"input": []any{
				map[string]any{"role": "system", "content": c.word},
				map[string]any{"role": "developer", "content": c.name},
				map[string]any{"role": "user", "content": []any{map[string]any{"type": "input_text", "text": c.question()}}},
			},
			"model": c.word, "user": c.address, "metadata": map[string]string{"note": c.phone}, "instructions": c.name,
		}, http.Header{"Idempotency-Key": {c.word}})
	}},
	{"sse", func(v *visitor, c canary) {
		v.post("/v1/responses", map[string]any{"input": c.question(), "stream": true}, nil)
	}},
	{"notstored", func(v *visitor, c canary) {
		v.post("/v1/responses", map[string]any{"input": c.question(), "store": false}, nil)
	}},
	{"completions", func(v *visitor, c canary) {
		body := map[string]any{"model": c.word, "user": c.name, "messages": []any{
			map[string]any{"role": "system", "content": c.word}, map[string]any{"role": "user", "content": c.question()},
		}}
		v.post("/v1/chat/completions", body, nil)
		body["stream"] = true
		v.post("/v1/chat/completions", body, nil)
	}},
	{"modelwords", func(v *visitor, c canary) {
		v.post("/v1/responses", map[string]any{"input": "How fast does ketamine work? " + c.word}, nil)
	}},
	{"modelidentifiers", func(v *visitor, c canary) {
		v.post("/v1/responses", map[string]any{"input": fmt.Sprintf("How fast does ketamine work for depression? My name is %s, %s, %s", c.name, c.phone, c.address)}, nil)
	}},
	{"identifiers", func(v *visitor, c canary) {
		for _, identifier := range identifying {
			v.post("/v1/responses", map[string]any{"input": "How fast does ketamine work for depression? " + identifier}, nil)
		}
		v.post("/v1/responses", map[string]any{"input": "I want to kill myself. " + c.word + strings.Join(identifying, ", ")}, nil)
	}},
	{"toolong", func(v *visitor, c canary) {
		v.post("/v1/responses", map[string]any{"input": strings.Repeat(c.question()+" ", 40)}, nil)
		v.post("/v1/responses", map[string]any{"input": strings.Repeat(c.question()+" ", 600)}, nil)
	}},
	{"limited", func(v *visitor, c canary) {
		s := v.socket("bedside.v1", nil)
		s.send(map[string]any{"type": "bedside:session.start"})
		v.tokens = append(v.tokens, s.until("bedside:session.ready").Token)
		for range 24 { // over BEDSIDE_RATE_SESSION
			s.send(map[string]any{"type": "response.create", "input": c.question()})
		}
		s.until("error")
	}},
	{"nosession", func(v *visitor, c canary) {
		s := v.socket("bedside.v1", nil)
		s.send(map[string]any{"type": "response.create", "input": c.question()})
		s.until("error")
	}},
	{"malformedframes", func(v *visitor, c canary) {
		for _, frame := range []string{
			c.question(), `{"type":"` + c.word + `"}`, `{"type":"response.create","input":{"` + c.word + `":"` + c.question() + `"}}`,
			`{"type":"response.create","input":["` + c.question() + `"`, `{"type":"bedside:session.resume","token":"` + c.word + `"}`,
			`{"type":"response.cancel","response_id":"` + c.word + `"}`, c.word + "\xff" + c.name,
		} {
			s := v.socket("bedside.v1", nil)
			if err := s.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
				v.t.Error(err)
			}
			_, _, _ = s.ReadMessage() // an error, or the end
		}
	}},
	{"malformedbodies", func(v *visitor, c canary) {
		for _, path := range []string{"/v1/responses", "/v1/chat/completions"} {
			for _, body := range []string{c.question(), `{"input":{"` + c.word + `":1}}`, `{"messages":"` + c.question() + `"}`, `{"` + c.word + `":`, c.word + "\xff"} {
				v.do(http.MethodPost, path, strings.NewReader(body), nil)
			}
		}
	}},
	{"addresses", func(v *visitor, c canary) {
		for _, path := range []string{
			"/" + c.word, "/v1/" + c.word, "/v1/responses/" + c.word, "/v1/responses/resp_" + c.word + "/cancel", "/v1/models/" + c.word,
			"/?q=" + c.word + ";x=" + c.address, "/v1/responses?input=" + c.word, "/v1/responses/x?starting_after=" + c.word + "&stream=true",
			"/readyz?" + c.address, "/safety/" + c.word, "/widget.js?" + c.word,
		} {
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete, "ZORBLEX" + strings.ToUpper("addresses")} {
				v.do(method, path, nil, nil)
			}
		}
	}},
	{"headers", func(v *visitor, c canary) {
		for _, name := range []string{
			"User-Agent", "Referer", "Cookie", "Accept-Language", "X-Forwarded-For", "Forwarded", "X-Request-Id", "Traceparent",
			"Bedside-Session", "Idempotency-Key", "Content-Type", "Last-Event-Id", "Origin", "Authorization", "Sec-Websocket-Protocol", "X-" + c.word,
		} {
			header := http.Header{name: {c.word + " " + c.address + " " + c.phone}}
			v.do(http.MethodPost, "/v1/responses", strings.NewReader(`{"input":"thanks"}`), header)
			v.do(http.MethodGet, "/v1/models", nil, header)
			v.do(http.MethodDelete, "/v1/session", nil, header)
		}
		for _, protocol := range []string{c.word, "bedside.v1, " + c.word} {
			s := v.socket(protocol, http.Header{"User-Agent": {c.question()}})
			_ = s.Close()
		}
	}},
}

// away are the doors while the store is away; the first token is that of a
// stored session.
var away = []door{
	{"awaystored", func(v *visitor, c canary) {
		header := http.Header{"Bedside-Session": {v.tokens[0]}}
		if status, body := v.post("/v1/responses", map[string]any{"input": c.question()}, header); status != http.StatusServiceUnavailable {
			v.t.Errorf("a stored session's question: %d %s", status, body)
		}
	}},
	{"awaycrisis", func(v *visitor, c canary) {
		header := http.Header{"Bedside-Session": {v.tokens[0]}}
		status, body := v.post("/v1/responses", map[string]any{"input": "I want to kill myself. " + c.question()}, header)
		if status != http.StatusOK || !strings.Contains(body, "988") {
			v.t.Errorf("a crisis: %d %s", status, body)
		}
	}},
	{"awaysocket", func(v *visitor, c canary) {
		s := v.socket("", nil)
		s.send(map[string]any{"type": "response.create", "input": c.question()})
		s.until("")
	}},
	{"awayresume", func(v *visitor, c canary) {
		s := v.socket("bedside.v1", nil)
		s.send(map[string]any{"type": "bedside:session.resume", "token": v.tokens[0], "cursor": c.word})
		s.until("")
		v.do(http.MethodDelete, "/v1/session", nil, http.Header{"Bedside-Session": {v.tokens[0]}})
	}},
}

// socket is a client's WebSocket.
type socket struct {
	*websocket.Conn
	t *testing.T
}

func (v *visitor) socket(protocol string, header http.Header) socket {
	v.t.Helper()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Authorization", "Bearer "+staffKey)
	if protocol != "" {
		header.Set("Sec-WebSocket-Protocol", protocol)
	}
	conn, response, err := websocket.DefaultDialer.DialContext(v.t.Context(), "ws"+strings.TrimPrefix(v.url, "http")+"/v1/responses", header)
	if err != nil {
		v.t.Fatal(err)
	}
	_ = response.Body.Close()
	if token := response.Header.Get("Bedside-Session"); token != "" {
		v.tokens = append(v.tokens, token)
	}
	v.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	return socket{conn, v.t}
}

func (s socket) send(frame any) {
	s.t.Helper()
	if err := s.WriteJSON(frame); err != nil {
		s.t.Fatal(err)
	}
}

// until reads up to the first frame of the type; "" is any.
func (s socket) until(kind string) frame {
	s.t.Helper()
	for {
		_, text, err := s.ReadMessage()
		if err != nil {
			s.t.Fatalf("waiting for %q: %v", kind, err)
		}
		var f frame
		if err := json.Unmarshal(text, &f); err != nil {
			s.t.Fatalf("%v: %s", err, text)
		}
		if kind == "" || f.Type == kind {
			return f
		}
	}
}

func (v *visitor) post(path string, body map[string]any, header http.Header) (status int, text string) {
	v.t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.do(http.MethodPost, path, bytes.NewReader(encoded), header)
}

func (v *visitor) do(method, path string, body io.Reader, header http.Header) (status int, text string) {
	v.t.Helper()
	request, err := http.NewRequestWithContext(v.t.Context(), method, v.url+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+staffKey)
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	if token := response.Header.Get("Bedside-Session"); token != "" {
		v.tokens = append(v.tokens, token)
	}
	return response.StatusCode, string(got)
}
