package wire

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	openai "github.com/sashabaranov/go-openai"

	"bedside/internal/chat"
)

var (
	response = chat.NewResponseID(chat.NewToken().Session())
	citation = chat.Citation{
		Passage: "page/heading", Section: "history", Title: `A "page"`, URL: "https://clinic.example/page?a=1&b=2",
		Quote: "line\nbreak", Verdict: chat.Supported, StartIndex: 0, EndIndex: 9,
	}
	answer = chat.Answer{
		ID: response, CreatedAt: time.Unix(1_700_000_000, 0), Previous: "resp_before", ClientMessageID: "id-1", Status: chat.StatusCompleted,
		Text: "It works. ", Citations: []chat.Citation{citation}, Outcome: chat.Answered, Mode: chat.Extractive, KnowledgeVersion: "v1",
		Usage: chat.Usage{InputTokens: 3, OutputTokens: 4}, Trace: &chat.Trace{Rule: "r", Withheld: []chat.Withheld{{Sentence: "canary", Reason: "uncited"}}},
	}
)

func head(n int) chat.Head { return chat.Head{Response: response, Sequence: n} }

// every is one event of each type.
var every = []chat.Event{
	chat.Accepted{Head: head(0), ClientMessageID: "id-1", Text: "how?"},
	chat.Triaged{Head: head(1), Level: chat.Explicit, Category: chat.CrisisSelf, Card: chat.Card{Lines: []string{"Call 988."}, Links: []chat.Link{{Label: "Call", URL: "tel:988"}}}},
	chat.Created{Head: head(2), Answer: answer},
	chat.InProgress{Head: head(3), Answer: answer},
	chat.ItemAdded{Head: head(4)},
	chat.PartAdded{Head: head(5)},
	chat.Delta{Head: head(6), Text: "It works. "},
	chat.Annotated{Head: head(7), Index: 0, Citation: citation},
	chat.TextDone{Head: head(8), Text: "It works. "},
	chat.PartDone{Head: head(9), Text: "It works. ", Citations: []chat.Citation{citation}},
	chat.ItemDone{Head: head(10), Status: chat.StatusCompleted, Text: "It works. ", Citations: []chat.Citation{citation}},
	chat.Suggested{Head: head(11), Questions: []string{"And then?"}},
	chat.Ended{Head: head(12), Answer: answer},
	chat.FeedbackAccepted{Head: head(13), Rating: "up", Comment: "canary"},
}

func decode(t *testing.T, data []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return m
}

func TestExtendedFrames(t *testing.T) {
	for _, event := range every {
		data, ok := AppendEvent(nil, event, "7-nonce", View{Extended: true})
		if !ok {
			t.Fatalf("%T is not written", event)
		}
		f := decode(t, data)
		if f["type"] != TypeOf(event) || f["sequence_number"] != float64(event.At().Sequence) || f["response_id"] != string(response) || f["cursor"] != "7-nonce" {
			t.Errorf("%T: %s", event, data)
		}
		if strings.Contains(string(data), "\n") || strings.Contains(string(data), "canary") {
			t.Errorf("%T holds a line break or what no patient may see: %s", event, data)
		}
		if data, _ = AppendEvent(nil, event, "", View{Extended: true}); decode(t, data)["cursor"] != nil {
			t.Errorf("%T without a cursor: %s", event, data)
		}
	}
}

func TestStandardFrames(t *testing.T) {
	for _, event := range every {
		data, ok := AppendEvent(nil, event, "7-nonce", View{})
		if ok == IsExtension(event) || ok == (len(data) == 0) {
			t.Errorf("%T: written %v: %s", event, ok, data)
		}
		if !ok {
			continue
		}
		if f := decode(t, data); f["cursor"] != nil || f["response_id"] != nil || !strings.HasPrefix(f["type"].(string), "response.") {
			t.Errorf("%T: %s", event, data)
		}
	}
}

func TestFrameOfADelta(t *testing.T) {
	data, _ := AppendEvent(nil, chat.Delta{Head: chat.Head{Response: "resp_1", Sequence: 6}, Text: "It “works”.\n"}, "7-n", View{Extended: true})
	want := `{"type":"response.output_text.delta","sequence_number":6,"response_id":"resp_1","cursor":"7-n",` +
		`"item_id":"msg_1","output_index":0,"content_index":0,"delta":"It “works”.\n","logprobs":[]}`
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Error(diff)
	}
}

func TestStaffSeeTheTrace(t *testing.T) {
	staff := decode(t, AppendResponse(nil, answer, View{Staff: true}))["metadata"].(map[string]any)
	var trace chat.Trace
	if err := json.Unmarshal([]byte(staff["trace"].(string)), &trace); err != nil || trace.Rule != "r" || trace.Withheld[0].Sentence != "canary" {
		t.Errorf("%v: %v", err, staff["trace"])
	}
	if patient := decode(t, AppendResponse(nil, answer, View{}))["metadata"].(map[string]any); patient["trace"] != nil {
		t.Error("a patient sees the trace")
	}
}

// required are the members that Open Responses wants in every response object,
// with an example of their type.
var required = map[string]any{
	"id": "", "object": "", "created_at": 0.0, "completed_at": nil, "status": "", "incomplete_details": nil, "model": "",
	"previous_response_id": "", "instructions": nil, "output": []any{}, "error": nil, "tools": []any{}, "tool_choice": "",
	"truncation": "", "parallel_tool_calls": false, "text": map[string]any{}, "top_p": 0.0, "presence_penalty": 0.0,
	"frequency_penalty": 0.0, "top_logprobs": 0.0, "temperature": 0.0, "reasoning": nil, "usage": map[string]any{},
	"max_output_tokens": nil, "max_tool_calls": nil, "store": false, "background": false, "service_tier": "",
	"metadata": map[string]any{}, "safety_identifier": nil, "prompt_cache_key": nil, "user": nil,
}

func TestResponseObject(t *testing.T) {
	got := decode(t, AppendResponse(nil, answer, View{}))
	for name, example := range required {
		value, ok := got[name]
		if !ok {
			t.Errorf("%s is missing", name)
			continue
		}
		if a, b := kind(value), kind(example); a != b {
			t.Errorf("%s is %s, want %s", name, a, b)
		}
	}
	usage := got["usage"].(map[string]any)
	if usage["total_tokens"] != 7.0 || usage["input_tokens_details"] == nil || usage["output_tokens_details"] == nil {
		t.Errorf("usage: %v", usage)
	}

	failed := answer
	failed.Status, failed.Error = chat.StatusFailed, chat.Refuse(chat.Internal, "sorry")
	failed.Text, failed.Citations = "", nil
	f := decode(t, AppendResponse(nil, failed, View{}))
	if e := f["error"].(map[string]any); e["code"] != "internal" || e["message"] != "sorry" || len(f["output"].([]any)) != 0 {
		t.Errorf("failed: %v", f)
	}
	cut := answer
	cut.Status, cut.Reason = chat.StatusIncomplete, chat.ReasonCancelled
	c := decode(t, AppendResponse(nil, cut, View{}))
	if details := c["incomplete_details"].(map[string]any); details["reason"] != "cancelled" {
		t.Errorf("incomplete: %v", c)
	}
	begun := answer
	begun.Status = chat.StatusInProgress
	data, _ := AppendEvent(nil, chat.Created{Head: head(1), Answer: answer}, "", View{})
	b := decode(t, data)["response"].(map[string]any)
	if len(b["output"].([]any)) != 0 || b["usage"] != nil || b["status"] != "in_progress" {
		t.Errorf("created: %v", b)
	}
}

func kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "boolean"
	case []any:
		return "list"
	default:
		return "object"
	}
}

func TestGoOpenAIReadsTheFrames(t *testing.T) {
	var text string
	var final *openai.CreateResponseResponse
	for _, event := range every {
		data, ok := AppendEvent(nil, event, "", View{})
		if !ok {
			continue
		}
		var got openai.ResponseStreamEvent
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatalf("%T: %v", event, err)
		}
		text += got.Delta
		if got.Type == openai.ResponseStreamEventCompleted {
			final = got.Response
		}
	}
	if final == nil || final.GetOutputText() != text || text != answer.Text {
		t.Errorf("deltas %q, final %+v", text, final)
	}
}

func TestCompletion(t *testing.T) {
	a := answer
	second := citation
	second.Passage, second.Title, second.URL = "other", "Other", ""
	a.Citations = []chat.Citation{citation, second, citation}
	var got openai.ChatCompletionResponse
	if err := json.Unmarshal(AppendCompletion(nil, a, false), &got); err != nil {
		t.Fatal(err)
	}
	want := a.Text + "\n\n1. A \"page\": https://clinic.example/page?a=1&b=2\n2. Other"
	if got.Choices[0].Message.Content != want || got.Choices[0].FinishReason != openai.FinishReasonStop || got.Usage.TotalTokens != 7 {
		t.Errorf("%+v", got)
	}
	if Sources(nil) != "" {
		t.Error("a list of no sources")
	}
}

func TestErrors(t *testing.T) {
	e := &chat.Error{Code: chat.RateLimited, Message: "Wait.", Param: "input", RetryAfter: 1500 * time.Millisecond}
	want := `{"type":"error","status":429,"error":{"code":"rate_limited","message":"Wait.","param":"input"},"client_message_id":"id","retry_after_ms":1500}`
	if got := string(EncodeError(e, "id")); got != want {
		t.Errorf("%s", got)
	}
	want = `{"error":{"code":"not_found","message":"None.","param":null}}`
	if got := string(EncodeErrorBody(chat.Refuse(chat.NotFound, "None."))); got != want {
		t.Errorf("%s", got)
	}
	for code, status := range map[chat.Code]int{
		chat.Malformed: 400, chat.NoSession: 401, chat.SessionExpired: 401, chat.NotFound: 404, chat.TooLong: 413,
		chat.Busy: 429, chat.RateLimited: 429, chat.StoreUnavailable: 503, chat.Unauthorized: 401, CodeOrigin: 403, chat.Internal: 500, "new": 500,
	} {
		if got := HTTPStatus(code); got != status {
			t.Errorf("%s: %d, want %d", code, got, status)
		}
	}
}

func TestComesBack(t *testing.T) {
	for code, want := range map[int]bool{1000: false, 1001: true, 1007: false, 1009: false, 1012: true, 1013: true, 4000: true, 4008: true, 4499: true, 4500: false, 4999: false} {
		if ComesBack(code) != want {
			t.Errorf("%d: %v", code, !want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "plain", `"\/`, "\x00\x1f\x7f", "é “ ” \u2028 \u2029 😀", "\xff\xfe cut \xe2\x82", "<img onerror=x>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		data := appendText(nil, s)
		var got string
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatalf("%q: %v in %s", s, err, data)
		}
		if utf8.ValidString(s) && got != s {
			t.Errorf("%q became %q", s, got)
		}
		if !utf8.Valid(data) || strings.ContainsAny(string(data), "\n\r") {
			t.Errorf("%q is written as %q", s, data)
		}
	})
}

func BenchmarkEncodeDelta(b *testing.B) {
	event := chat.Delta{Head: head(6), Text: "Many people notice a change within hours, and some only after several visits. "}
	buffer := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buffer, _ = AppendEvent(buffer[:0], event, "7-12345678901234567890", View{Extended: true})
	}
}

func BenchmarkEncodeAnswer(b *testing.B) {
	buffer := make([]byte, 0, 8192)
	b.ReportAllocs()
	for b.Loop() {
		buffer = buffer[:0]
		for _, event := range every {
			buffer, _ = AppendEvent(buffer, event, "7-12345678901234567890", View{Extended: true})
		}
	}
}

func BenchmarkDecodeQuestion(b *testing.B) {
	data := []byte(`{"type":"response.create","input":"how fast does it work?","metadata":{"client_message_id":"5b0e9d0c-8a5a-4d0a-9a53-6a4f5f0e8f3e"}}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeFrame(data); err != nil {
			b.Fatal(err)
		}
	}
}
