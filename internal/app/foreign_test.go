package app_test

import (
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	openai "github.com/sashabaranov/go-openai"

	"bedside/internal/config"
	"bedside/internal/llm/llmtest"
)

const (
	foreignQuestion = "how fast does it work?"
	slowQuestion    = "what was it first made for?"
)

// startForForeign runs the program with an honest model that takes its time over
// the slow question.
func startForForeign(t *testing.T) string {
	t.Helper()
	model := llmtest.New(t, func(p *llmtest.Play) {
		if strings.Contains(p.Prompt.Question, slowQuestion) {
			p.Begin()
			p.Hang()
			return
		}
		llmtest.Honest(p)
	})
	return start(t, config.Config{Model: config.Model{BaseURL: model.URL + "/v1", Name: "scripted"}})
}

// reference is the question's text as the plain JSON door gives it.
func reference(t *testing.T, url string) string {
	t.Helper()
	a := post(t, url, map[string]any{"input": foreignQuestion}, "")
	if a.Metadata["outcome"] != "answered" || a.cited() == 0 {
		t.Fatalf("%v with %d citations", a.Metadata, a.cited())
	}
	return a.text()
}

func TestGoOpenAIStreams(t *testing.T) {
	url := startForForeign(t)
	want := reference(t, url)
	settings := openai.DefaultConfig(staffKey)
	settings.BaseURL = url + "/v1"
	client := openai.NewClientWithConfig(settings)

	stream, err := client.CreateResponseStream(t.Context(), openai.CreateResponseRequest{Model: "bedside", Input: foreignQuestion})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stream.Close() }()
	var deltas, final string
	last := -1
	for {
		event, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if event.SequenceNumber <= last {
			t.Errorf("sequence %d after %d", event.SequenceNumber, last)
		}
		last = event.SequenceNumber
		deltas += event.Delta
		if event.Response != nil && event.Type == "response.completed" {
			final = event.Response.GetOutputText()
		}
	}
	if deltas != want || final != want {
		t.Errorf("deltas %q, final %q, wanted %q", deltas, final, want)
	}

	chat, err := client.CreateChatCompletionStream(t.Context(), openai.ChatCompletionRequest{
		Model: "gpt-5", Messages: []openai.ChatCompletionMessage{{Role: "user", Content: foreignQuestion}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = chat.Close() }()
	var said, reason string
	for {
		chunk, err := chat.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, choice := range chunk.Choices {
			said += choice.Delta.Content
			reason += string(choice.FinishReason)
		}
	}
	checkChat(t, said, want)
	if reason != "stop" {
		t.Errorf("finish reason %q", reason)
	}
}

// checkChat holds that a chat completion is the answer with its sources after it.
func checkChat(t *testing.T, said, want string) {
	t.Helper()
	if !strings.HasPrefix(said, strings.TrimSpace(want)) {
		t.Errorf("chat said %q, wanted %q first", said, want)
	}
	if !strings.Contains(strings.TrimPrefix(said, want), "1. ") && !strings.Contains(strings.TrimPrefix(said, want), "[1]") {
		t.Errorf("no numbered sources in %q", said)
	}
}

func TestPlainWebSocket(t *testing.T) {
	url := startForForeign(t)
	want := reference(t, url)
	socket, response, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(url, "http")+"/v1/responses",
		map[string][]string{"Authorization": {"Bearer " + staffKey}})
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	defer func() { _ = socket.Close() }()
	if response.Header.Get("Bedside-Session") == "" {
		t.Error("no session token in the headers of the 101")
	}
	c := &conversation{socket: socket}
	c.send(t, map[string]any{"type": "response.create", "model": "bedside", "input": []any{map[string]any{"role": "user", "content": []any{map[string]any{"type": "input_text", "text": foreignQuestion}}}}})
	deltas := ""
	for _, f := range c.until(t, "response.completed") {
		deltas += f.Delta
		if strings.HasPrefix(f.Type, "bedside:") || f.Cursor != "" {
			t.Errorf("an extension nobody asked for: %+v", f)
		}
	}
	if deltas != want {
		t.Errorf("got %q, wanted %q", deltas, want)
	}
}

func TestOpenAINode(t *testing.T) {
	folder, paths := foreignTool(t, "openai", "node")
	url := startForForeign(t)
	want := reference(t, url)
	var got struct {
		JSON struct {
			Text, Outcome string
			Citations     int
		}
		Stream struct{ Text, Deltas, Status string }
		Resume struct {
			Text  string
			First int
		}
		StartingAfter struct {
			First  int
			Rising bool
		}
		Retrieved  string
		CancelLast string
		Cancel     struct{ Status, Reason string }
		Websocket  struct {
			Text       string
			Extensions []string
		}
		Chat       struct{ Text, Finish, Model string }
		ChatStream string
		Models     []string
	}
	runNode(t, 3*time.Minute, paths[0], filepath.Join(folder, "openai-node.mjs"), &got, url+"/v1", staffKey, foreignQuestion, slowQuestion)
	for door, text := range map[string]string{
		"JSON": got.JSON.Text, "stream": got.Stream.Text, "deltas": got.Stream.Deltas, "resume": got.Resume.Text,
		"retrieved": got.Retrieved, "WebSocket": got.Websocket.Text,
	} {
		if text != want {
			t.Errorf("%s: %q, wanted %q", door, text, want)
		}
	}
	checkChat(t, got.Chat.Text, want)
	checkChat(t, got.ChatStream, want)
	if got.JSON.Citations == 0 || got.JSON.Outcome != "answered" || got.Stream.Status != "completed" || got.Chat.Finish != "stop" || got.Chat.Model != "bedside" {
		t.Errorf("%+v", got)
	}
	if got.Resume.First <= 5 || got.StartingAfter.First <= 5 || !got.StartingAfter.Rising {
		t.Errorf("resumed at %d and %d", got.Resume.First, got.StartingAfter.First)
	}
	if got.Cancel.Status != "incomplete" || got.Cancel.Reason != "cancelled" || got.CancelLast != "response.incomplete" {
		t.Errorf("cancelled: %+v, last %s", got.Cancel, got.CancelLast)
	}
	if len(got.Websocket.Extensions) > 0 || len(got.Models) != 1 || got.Models[0] != "bedside" {
		t.Errorf("extensions %v, models %v", got.Websocket.Extensions, got.Models)
	}
}
