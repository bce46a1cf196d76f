package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"bedside/internal/config"
	"bedside/internal/llm/llmtest"
)

// dial opens a raw bedside.v1 connection without a session.
func dial(t *testing.T, url string) *conversation {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{"bedside.v1"}}
	socket, response, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(url, "http")+"/v1/responses", http.Header{"Authorization": {"Bearer " + staffKey}})
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	t.Cleanup(func() { _ = socket.Close() })
	return &conversation{socket: socket}
}

// TestClosedInMidAnswerAndOpenedAgain closes the connection while a model writes
// and comes back with the last cursor: what is shown is the whole answer, once.
func TestClosedInMidAnswerAndOpenedAgain(t *testing.T) {
	model := llmtest.New(t, llmtest.HonestPaced(3*time.Millisecond))
	url := start(t, config.Config{Model: config.Model{BaseURL: model.URL + "/v1", Name: "scripted"}})
	first := dial(t, url)
	first.send(t, map[string]any{"type": "bedside:session.start"})
	ready := first.until(t, "bedside:session.ready")[0]
	first.send(t, map[string]any{"type": "response.create", "input": "how fast does it work?", "metadata": map[string]string{"client_message_id": "6f1f9d34-64f3-4a57-8bd2-06f37d0f6c11"}})
	seen := first.until(t, "response.output_text.delta")
	_ = first.socket.Close()

	shown, cursor := "", ""
	for _, f := range seen {
		shown += f.Delta
		if f.Cursor != "" {
			cursor = f.Cursor
		}
	}
	second := dial(t, url)
	second.send(t, map[string]any{"type": "bedside:session.resume", "token": ready.Token, "cursor": cursor})
	var final string
	for _, f := range second.until(t, "response.output_text.done") {
		if f.Type == "bedside:session.ready" && !f.Recovered {
			t.Error("continuity was not recovered")
		}
		shown += f.Delta
		final = f.Text
	}
	if final == "" || shown != final {
		t.Errorf("shown %q, the answer is %q", shown, final)
	}
}

// TestCursorThatNeverWas gets the whole log again and is told that continuity
// cannot be proved.
func TestCursorThatNeverWas(t *testing.T) {
	url := start(t, config.Config{})
	first := dial(t, url)
	first.send(t, map[string]any{"type": "bedside:session.start"})
	ready := first.until(t, "bedside:session.ready")[0]
	first.send(t, map[string]any{"type": "response.create", "input": "how fast does it work?"})
	whole := first.until(t, "response.completed")

	for _, cursor := range []string{"3-999", "9999-1", "nonsense", "-1-1", "1-1-1"} {
		again := dial(t, url)
		again.send(t, map[string]any{"type": "bedside:session.resume", "token": ready.Token, "cursor": cursor})
		frames := again.until(t, "response.completed")
		if frames[0].Type != "bedside:session.ready" || frames[0].Recovered {
			t.Errorf("%s: first %+v", cursor, frames[0])
		}
		var then, now []string
		for _, f := range whole {
			if f.Cursor != "" {
				then = append(then, f.Cursor)
			}
		}
		for _, f := range frames[1:] {
			now = append(now, f.Cursor)
		}
		if strings.Join(then, " ") != strings.Join(now, " ") {
			t.Errorf("%s: replayed %v, the log is %v", cursor, now, then)
		}
	}
}
