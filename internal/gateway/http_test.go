package gateway_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bedside/internal/chat"
	"bedside/internal/gateway"
	"bedside/internal/limit"
	"bedside/internal/transcript"
	"bedside/internal/transcript/memlog"
	"bedside/internal/turn"
	"bedside/internal/wire"
)

// public is the row of standard frames.
var public = slices.DeleteFunc(slices.Clone(standard), func(kind string) bool { return strings.HasPrefix(kind, "bedside:") })

// events reads a stream of server-sent events.
func events(t *testing.T, body []byte) []frame {
	t.Helper()
	var all []frame
	blocks := strings.Split(strings.TrimSuffix(string(body), "\n\n"), "\n\n")
	for i, block := range blocks {
		if i == len(blocks)-1 {
			if block != "data: [DONE]" {
				t.Fatalf("the stream ends with %q", block)
			}
			return all
		}
		if strings.HasPrefix(block, ":") {
			continue
		}
		name, data, ok := strings.Cut(block, "\n")
		if !ok || !strings.HasPrefix(name, "event: ") || !strings.HasPrefix(data, "data: ") {
			t.Fatalf("not an event with data: %q", block)
		}
		var f frame
		if err := json.Unmarshal([]byte(strings.TrimPrefix(data, "data: ")), &f); err != nil {
			t.Fatalf("%v in %q", err, data)
		}
		if f.text("type") != strings.TrimPrefix(name, "event: ") {
			t.Errorf("event %q carries type %q", name, f.text("type"))
		}
		all = append(all, f)
	}
	return nil
}

func outputText(t *testing.T, response map[string]any) string {
	t.Helper()
	output, _ := response["output"].([]any)
	if len(output) != 1 {
		t.Fatalf("%d output items", len(output))
	}
	part := output[0].(map[string]any)["content"].([]any)[0].(map[string]any)
	return part["text"].(string)
}

const answerTo = "First “sentence” — of one. Second."

func TestPostJSON(t *testing.T) {
	d := open(t, nil)
	got := d.do("POST", "/v1/responses", `{"model":"gpt-9","input":"one","temperature":2,"tools":[{"type":"function"}],"instructions":"obey"}`, d.own())
	response := got.json(t)
	if got.status != 200 || response["object"] != "response" || response["status"] != "completed" || response["model"] != "bedside" || outputText(t, response) != answerTo {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if metadata := response["metadata"].(map[string]any); metadata["outcome"] != "answered" || metadata["trace"] != nil {
		t.Errorf("metadata: %v", metadata)
	}
	token := got.header.Get(wire.HeaderSession)
	if _, err := chat.ParseToken(token); err != nil {
		t.Fatalf("token %q", token)
	}
	session := http.Header{wire.HeaderSession: {token}}
	again := d.do("POST", "/v1/responses", fmt.Sprintf(`{"input":"two","previous_response_id":%q}`, response["id"]), d.own(), session)
	if again.status != 200 || again.json(t)["previous_response_id"] != response["id"] || again.header.Get(wire.HeaderSession) != "" {
		t.Errorf("a second question: %d %s", again.status, again.body)
	}
	q := d.turn.questions()
	if !q[0].Create || q[1].Create || q[1].Session != q[0].Session || q[1].Previous == "" {
		t.Errorf("asked: %+v, %+v", q[0], q[1])
	}
}

func TestPostSSE(t *testing.T) {
	d := open(t, nil)
	got := d.do("POST", "/v1/responses", `{"input":"one","stream":true}`, d.own())
	if kind := got.header.Get("Content-Type"); got.status != 200 || kind != "text/event-stream" || got.header.Get(wire.HeaderSession) == "" {
		t.Fatalf("%d %v", got.status, got.header)
	}
	frames := events(t, got.body)
	if diff := cmp.Diff(public, types(frames)); diff != "" {
		t.Fatal(diff)
	}
	text, sequence := "", -1
	for _, f := range frames {
		if f.number("sequence_number") <= sequence || f["cursor"] != nil || f["response_id"] != nil {
			t.Errorf("frame %v", f)
		}
		sequence = f.number("sequence_number")
		text += f.text("delta")
	}
	final := last(frames)["response"].(map[string]any)
	if text != answerTo || outputText(t, final) != text {
		t.Errorf("deltas %q, final %q", text, outputText(t, final))
	}

	id, session := final["id"].(string), http.Header{wire.HeaderSession: {got.header.Get(wire.HeaderSession)}}
	for after := -1; after <= sequence+1; after++ {
		path := fmt.Sprintf("/v1/responses/%s?stream=true", id)
		if after >= 0 {
			path += fmt.Sprintf("&starting_after=%d", after)
		}
		var want []frame
		for _, f := range frames {
			if f.number("sequence_number") > after {
				want = append(want, f)
			}
		}
		if diff := cmp.Diff(want, events(t, d.do("GET", path, "", d.own(), session).body)); diff != "" {
			t.Errorf("starting after %d: %s", after, diff)
		}
	}
	for _, bad := range []string{"x", "-2", "1.5"} {
		if got := d.do("GET", "/v1/responses/"+id+"?stream=true&starting_after="+bad, "", d.own(), session); got.status != 400 {
			t.Errorf("starting_after=%s: %d", bad, got.status)
		}
	}
}

func TestStreamInMidAnswer(t *testing.T) {
	d := open(t, nil)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.base+"/v1/responses", strings.NewReader(`{"input":"hang","stream":true}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", d.base)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(response.Body)
	id := ""
	for lines.Scan() {
		if _, data, ok := strings.Cut(lines.Text(), "data: "); ok {
			var f frame
			if err := json.Unmarshal([]byte(data), &f); err != nil {
				t.Fatal(err)
			}
			if r, ok := f["response"].(map[string]any); ok {
				id, _ = r["id"].(string)
			}
			if f.text("type") == wire.TypeAnnotation {
				break // the first sentence is here while the answer is still written
			}
		}
	}
	_ = response.Body.Close() // the client goes away, which cancels nothing
	session := http.Header{wire.HeaderSession: {response.Header.Get(wire.HeaderSession)}}
	now := d.do("GET", "/v1/responses/"+id, "", d.own(), session).json(t)
	if now["status"] != "in_progress" || outputText(t, now) != "First “sentence” — of hang. " || now["usage"] != nil {
		t.Errorf("in mid-answer: %v", now)
	}
	close(d.turn.release)
	frames := events(t, d.do("GET", "/v1/responses/"+id+"?stream=true&starting_after=7", "", d.own(), session).body)
	if last(frames).text("type") != wire.TypeCompleted {
		t.Errorf("resumed: %v", types(frames))
	}
}

func TestAccess(t *testing.T) {
	d := open(t, nil)
	first := d.do("POST", "/v1/responses", `{"input":"one"}`, d.own())
	id := first.json(t)["id"].(string)
	mine := http.Header{wire.HeaderSession: {first.header.Get(wire.HeaderSession)}}
	other := http.Header{wire.HeaderSession: {d.do("POST", "/v1/responses", `{"input":"two"}`, d.own()).header.Get(wire.HeaderSession)}}
	truncated := http.Header{wire.HeaderSession: {first.header.Get(wire.HeaderSession)[:20]}}
	unknown := http.Header{wire.HeaderSession: {chat.NewToken().Reveal()}}
	unknownID := string(chat.NewResponseID(chat.NewToken().Session()))

	for _, tt := range []struct {
		name   string
		header http.Header
		want   int
	}{
		{"its token", mine, 200},
		{"the staff", staffHeader(), 200},
		{"another's token", other, 404},
		{"a truncated token", truncated, 404},
		{"an unknown token", unknown, 404},
		{"no token", nil, 404},
	} {
		for _, path := range []string{"/v1/responses/" + id, "/v1/responses/" + id + "?stream=true"} {
			if got := d.do("GET", path, "", d.own(), tt.header); got.status != tt.want {
				t.Errorf("GET with %s: %d", tt.name, got.status)
			}
		}
		if got := d.do("POST", "/v1/responses/"+id+"/cancel", "", d.own(), tt.header); got.status != tt.want {
			t.Errorf("cancel with %s: %d", tt.name, got.status)
		}
		body := fmt.Sprintf(`{"input":"more","previous_response_id":%q}`, id)
		if got := d.do("POST", "/v1/responses", body, d.own(), tt.header); got.status != tt.want && tt.name != "a truncated token" {
			t.Errorf("continued with %s: %d", tt.name, got.status)
		}
	}
	for _, missing := range []string{unknownID, "resp_x", "x", "%2e%2e"} {
		if got := d.do("GET", "/v1/responses/"+missing, "", staffHeader()); got.status != 404 || got.code(t) != "not_found" {
			t.Errorf("GET %s: %d %s", missing, got.status, got.body)
		}
		if got := d.do("POST", "/v1/responses/"+missing+"/cancel", "", staffHeader()); got.status != 404 {
			t.Errorf("cancel %s: %d", missing, got.status)
		}
	}
	if got := d.do("POST", "/v1/responses", `{"input":"one"}`, d.own(), unknown); got.status != 401 || got.code(t) != "session_expired" {
		t.Errorf("a question with an unknown token: %d %s", got.status, got.body)
	}
	if got := d.do("POST", "/v1/responses", `{"input":"one"}`, d.own(), truncated); got.status != 400 || got.code(t) != "malformed" {
		t.Errorf("a question with a truncated token: %d %s", got.status, got.body)
	}
	if got := d.do("POST", "/v1/responses", `{"input":"help"}`, d.own(), truncated); got.status != 200 {
		t.Errorf("an emergency with a truncated token: %d %s", got.status, got.body)
	}
}

func TestStaffContinueInThePatientsSession(t *testing.T) {
	d := open(t, nil)
	first := d.do("POST", "/v1/responses", `{"input":"one"}`, d.own())
	id := chat.ResponseID(first.json(t)["id"].(string))
	got := d.do("POST", "/v1/responses", fmt.Sprintf(`{"input":"more","previous_response_id":%q}`, id), staffHeader())
	next := chat.ResponseID(got.json(t)["id"].(string))
	a, _ := id.Session()
	if b, _ := next.Session(); got.status != 200 || a != b || got.header.Get(wire.HeaderSession) != "" {
		t.Errorf("%d, session %s continued in %s", got.status, a, b)
	}
	if metadata := got.json(t)["metadata"].(map[string]any); metadata["trace"] == nil {
		t.Error("no trace for the staff")
	}
}

func TestHTTPCancel(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, d.own())
	token := p.start().text("token")
	p.ask("hang", "1")
	id := p.until(wire.TypeAnnotation)[0].text("response_id")
	got := d.do("POST", "/v1/responses/"+id+"/cancel", "", d.own(), http.Header{wire.HeaderSession: {token}})
	response := got.json(t)
	if got.status != 200 || response["status"] != "incomplete" || !strings.HasPrefix(outputText(t, response), "First") {
		t.Errorf("%d %s", got.status, got.body)
	}
	p.until(wire.TypeIncomplete)
}

func TestHTTPForget(t *testing.T) {
	d := open(t, nil)
	first := d.do("POST", "/v1/responses", `{"input":"one"}`, d.own())
	token := http.Header{wire.HeaderSession: {first.header.Get(wire.HeaderSession)}}
	p := d.dial(wire.Subprotocol, d.own())
	p.resume(token.Get(wire.HeaderSession), "")
	p.until(wire.TypeCompleted)
	if got := d.do("DELETE", "/v1/session", "", d.own(), token); got.status != 204 {
		t.Errorf("%d %s", got.status, got.body)
	}
	p.until(wire.TypeSessionForgotten)
	if got := d.do("GET", "/v1/responses/"+first.json(t)["id"].(string), "", d.own(), token); got.status != 404 {
		t.Errorf("read after it: %d", got.status)
	}
	if got := d.do("POST", "/v1/responses", `{"input":"one"}`, d.own(), token); got.code(t) != "session_expired" {
		t.Errorf("asked after it: %s", got.body)
	}
	if got := d.do("DELETE", "/v1/session", "", d.own()); got.status != 401 || got.code(t) != "no_session" {
		t.Errorf("without a token: %d", got.status)
	}
	if got := d.do("DELETE", "/v1/session", "", d.own(), http.Header{wire.HeaderSession: {"x"}}); got.status != 400 {
		t.Errorf("a malformed token: %d", got.status)
	}
}

func TestIdempotency(t *testing.T) {
	d := open(t, nil)
	first := d.do("POST", "/v1/responses", `{"input":"one","metadata":{"client_message_id":"k"}}`, d.own())
	token := http.Header{wire.HeaderSession: {first.header.Get(wire.HeaderSession)}}
	for name, again := range map[string]reply{
		"the same id":     d.do("POST", "/v1/responses", `{"input":"one","metadata":{"client_message_id":"k"}}`, d.own(), token),
		"the same header": d.do("POST", "/v1/responses", `{"input":"one"}`, d.own(), token, http.Header{wire.HeaderIdempotency: {"k"}}),
	} {
		if again.json(t)["id"] != first.json(t)["id"] {
			t.Errorf("%s: another answer", name)
		}
	}
	stream := d.do("POST", "/v1/responses", `{"input":"one","stream":true}`, d.own(), token, http.Header{wire.HeaderIdempotency: {"k"}})
	if diff := cmp.Diff(public, types(events(t, stream.body))); diff != "" {
		t.Errorf("streamed again: %s", diff)
	}
	if again := d.do("POST", "/v1/responses", `{"input":"one"}`, d.own(), http.Header{wire.HeaderIdempotency: {"k"}}); again.json(t)["id"] == first.json(t)["id"] {
		t.Error("a stranger with the same key got the answer")
	}

	// Staff whose first answer was lost know no session.
	key := http.Header{wire.HeaderIdempotency: {"lost"}}
	a, b := d.do("POST", "/v1/responses", `{"input":"one"}`, staffHeader(), key), d.do("POST", "/v1/responses", `{"input":"one"}`, staffHeader(), key)
	if a.json(t)["id"] != b.json(t)["id"] || a.header.Get(wire.HeaderSession) != b.header.Get(wire.HeaderSession) {
		t.Error("the staff's second try got another answer")
	}
	if long := d.do("POST", "/v1/responses", `{"input":"one"}`, d.own(), http.Header{wire.HeaderIdempotency: {strings.Repeat("k", 200)}}); long.status != 400 {
		t.Errorf("a key of 200 bytes: %d", long.status)
	}
}

func TestTransientPost(t *testing.T) {
	d := open(t, nil)
	got := d.do("POST", "/v1/responses", `{"input":"one","store":false}`, d.own())
	if got.status != 200 || outputText(t, got.json(t)) != answerTo || got.header.Get(wire.HeaderSession) != "" {
		t.Errorf("%d %v %s", got.status, got.header, got.body)
	}
}

func TestRefusedRequests(t *testing.T) {
	d := open(t, func(o *gateway.Options) { o.Questions = limit.NewQuestions(limit.Rates{Address: 2}, nil) })
	for _, tt := range []struct {
		name, method, path, body, code, param string
		status                                int
	}{
		{"no JSON", "POST", "/v1/responses", `{`, "malformed", "", 400},
		{"no UTF-8", "POST", "/v1/responses", "{\"input\":\"a\xff\"}", "malformed", "", 400},
		{"no UTF-8", "POST", "/v1/chat/completions", "{\"messages\":[{\"role\":\"user\",\"content\":\"\xc3\"}]}", "malformed", "", 400},
		{"no input", "POST", "/v1/responses", `{}`, "malformed", "input", 400},
		{"no messages", "POST", "/v1/chat/completions", `{}`, "malformed", "messages", 400},
		{"too large", "POST", "/v1/responses", `{"input":"` + strings.Repeat("x", 64<<10) + `"}`, "too_long", "", 413},
		{"too long", "POST", "/v1/responses", `{"input":"` + strings.Repeat("x", 4001) + `"}`, "too_long", "input", 413},
		{"unknown address", "GET", "/v1/nothing", "", "not_found", "", 404},
		{"unknown method", "PUT", "/v1/responses", "", "malformed", "method", 405},
		{"a socket's address", "GET", "/v1/responses", "", "malformed", "method", 426},
		{"unknown model", "GET", "/v1/models/gpt-9", "", "not_found", "", 404},
	} {
		got := d.do(tt.method, tt.path, tt.body, d.own())
		e, _ := got.json(t)["error"].(map[string]any)
		if got.status != tt.status || got.code(t) != tt.code || frame(e).text("param") != tt.param || frame(e).text("message") == "" {
			t.Errorf("%s: %d %s", tt.name, got.status, got.body)
		}
	}
	d.do("POST", "/v1/responses", `{"input":"one"}`, d.own())
	d.do("POST", "/v1/responses", `{"input":"one"}`, d.own())
	got := d.do("POST", "/v1/responses", `{"input":"one"}`, d.own())
	if got.status != 429 || got.code(t) != "rate_limited" || frame(got.json(t)).number("retry_after_ms") < 1 || got.header.Get("Retry-After") == "" || got.header.Get(wire.HeaderSession) != "" {
		t.Errorf("over the rate: %d %v %s", got.status, got.header, got.body)
	}
	if got := d.do("POST", "/v1/responses", `{"input":"help"}`, d.own()); got.status != 200 {
		t.Errorf("an emergency over the rate: %d", got.status)
	}
}

func TestInternalErrorsAreNotShown(t *testing.T) {
	var log lockedBuffer
	d := open(t, func(o *gateway.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	d.turn.mu.Lock()
	d.turn.ask = func(turn.Question) error { return fmt.Errorf("dial 10.0.0.1: refused") }
	d.turn.mu.Unlock()
	got := d.do("POST", "/v1/responses", `{"input":"canary words"}`, d.own())
	if got.status != 500 || got.code(t) != "internal" || bytes.Contains(got.body, []byte("10.0.0.1")) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if !strings.Contains(log.String(), "10.0.0.1") || strings.Contains(log.String(), "canary") {
		t.Errorf("the log: %s", log.String())
	}
}

func TestCompletions(t *testing.T) {
	d := open(t, nil)
	const body = `{"model":"gpt-9","messages":[{"role":"system","content":"obey"},{"role":"user","content":"zero"},{"role":"assistant","content":"no"},{"role":"user","content":[{"type":"text","text":"one"}]}]`
	const want = answerTo + "\n\n1. A page: https://clinic.example/page"
	got := d.do("POST", "/v1/chat/completions", body+"}", d.own())
	response := got.json(t)
	choice := response["choices"].([]any)[0].(map[string]any)
	if got.status != 200 || response["object"] != "chat.completion" || choice["finish_reason"] != "stop" ||
		choice["message"].(map[string]any)["content"] != want || got.header.Get(wire.HeaderSession) == "" {
		t.Errorf("%d %s", got.status, got.body)
	}

	got = d.do("POST", "/v1/chat/completions", body+`,"stream":true,"stream_options":{"include_usage":true}}`, d.own())
	lines := strings.Split(strings.TrimSpace(string(got.body)), "\n\n")
	if lines[len(lines)-1] != "data: [DONE]" {
		t.Fatalf("ends with %q", lines[len(lines)-1])
	}
	text, finish, usage := "", "", false
	for _, line := range lines[:len(lines)-1] {
		var chunk struct {
			Object  string
			Choices []struct {
				Delta        struct{ Content string }
				FinishReason string `json:"finish_reason"`
			}
			Usage *struct{}
		}
		if err := json.Unmarshal([]byte(strings.TrimPrefix(line, "data: ")), &chunk); err != nil || chunk.Object != "chat.completion.chunk" {
			t.Fatalf("%v in %q", err, line)
		}
		usage = usage || chunk.Usage != nil
		if len(chunk.Choices) > 0 {
			text += chunk.Choices[0].Delta.Content
			finish = chunk.Choices[0].FinishReason
		}
	}
	if text != want || finish != "stop" || !usage {
		t.Errorf("%q, %q, usage %v", text, finish, usage)
	}
}

func TestPages(t *testing.T) {
	d := open(t, func(o *gateway.Options) {
		page := func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/nope" {
				http.NotFound(w, r)
				return
			}
			fmt.Fprint(w, r.URL.Path)
		}
		o.Page, o.Safety = http.HandlerFunc(page), http.HandlerFunc(page)
	})
	for _, path := range []string{"/", "/widget.js", "/safety", "/healthz", "/readyz", "/v1/models"} {
		got := d.do("GET", path, "", staffHeader())
		if got.status != 200 {
			t.Errorf("%s: %d", path, got.status)
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Permissions-Policy": "microphone=()",
		} {
			if !strings.Contains(got.header.Get(name), want) {
				t.Errorf("%s: %s is %q", path, name, got.header.Get(name))
			}
		}
		if !strings.Contains(got.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s may be framed", path)
		}
		if got.header.Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie", path)
		}
	}
	for path, want := range map[string]int{"/": 405, "/healthz": 405, "/safety": 405, "/nope": 404, "/v1/nope": 404} {
		if got := d.do("PUT", path, "", staffHeader()); got.status != want || (want == 405) != (got.header.Get("Allow") == "GET, HEAD") {
			t.Errorf("PUT %s: %d, allowed %q; want %d", path, got.status, got.header.Get("Allow"), want)
		}
	}
	if got := d.do("GET", "/readyz", ""); got.json(t)["store"] != "embedded" {
		t.Errorf("readyz: %s", got.body)
	}
}

// TestPostOnARewoundLog has the log lose a question that is being answered, which is
// stored again a moment later: whoever was sent nothing of it gets the whole answer.
func TestPostOnARewoundLog(t *testing.T) {
	for path, body := range map[string]string{
		"/v1/responses":        `{"input": "hang one"}`,
		"/v1/chat/completions": `{"messages": [{"role": "user", "content": "hang one"}]}`,
	} {
		t.Run(path, func(t *testing.T) {
			d := open(t, nil)
			left := memlog.New(memlog.Options{})
			defer func() { _ = left.Close() }()
			looks, anew := 0, make(chan struct{})
			d.turn.rewound = func() transcript.Log {
				if looks++; looks == 1 {
					return d.turn.log
				}
				if looks == 2 {
					close(anew)
				}
				return left
			}
			got := make(chan reply, 1)
			go func() { got <- d.do(http.MethodPost, path, body, staffHeader()) }()
			eventually(t, "the question", func() bool { return len(d.turn.questions()) > 0 })
			session := d.turn.questions()[0].Session
			stored := func() (events []chat.Event) {
				entries, _, _ := d.turn.log.Read(t.Context(), session, chat.Origin, 0)
				for _, entry := range entries {
					events = append(events, entry.Event)
				}
				return events
			}
			eventually(t, "the answer's beginning", func() bool { return len(stored()) >= 5 })

			earlier := chat.Accepted{Head: chat.Head{Response: chat.NewResponseID(session)}}
			if _, err := left.Append(t.Context(), transcript.Batch{Session: session, Create: true, Events: []chat.Event{earlier}}); err != nil {
				t.Fatal(err)
			}
			for looked := false; !looked; { // it may not be followed yet
				d.turn.log.Announce(session, transcript.Notice{Rewound: true})
				select {
				case <-anew:
					looked = true
				case r := <-got:
					t.Fatalf("%d: %s", r.status, r.body)
				case <-time.After(time.Millisecond):
				}
			}
			close(d.turn.release)
			d.turn.answers.Wait()
			if _, err := left.Append(t.Context(), transcript.Batch{Session: session, Events: stored()}); err != nil {
				t.Fatal(err)
			}
			if r := <-got; r.status != http.StatusOK || !strings.Contains(string(r.body), "Second.") {
				t.Errorf("%d: %s", r.status, r.body)
			}
		})
	}
}
