package openai

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var chunks = []string{
	`{"id":"chatcmpl-9","object":"chat.completion.chunk","created":1712,"model":"gpt","system_fingerprint":"fp","choices":[{"index":0,"delta":{"content":" hours"},"logprobs":null,"finish_reason":null}]}`,
	`{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}`,
	`{"choices":[{"index":0,"delta":{"content":"a\"b\\c\n\u00e9\ud83d\ude00\/ é"},"finish_reason":null}]}`,
	`{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`,
	`{"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15,"details":{"x":[1,2,{"y":null}]}}}`,
	`{"choices":null}`,
	`{}`,
	` { "choices" : [ { "delta" : { "content" : "x" } , "index" : 0 } ] } `,
	`{"error":{"message":"no"}}`,
	`{"error":null,"choices":[{"index":0,"delta":{"content":"x"}}]}`,
	`{ "error" : "overloaded" }`,
	`{"choices":[{"index":1,"delta":{"content":"second"}},{"index":0,"delta":{"content":"first"}}]}`,
	`{"choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]}`,
	`{"choices":[{"index":0,"delta":{"reasoning":"hm","content":null}}]}`,
	`{"choices":[{"index":0,"delta":{"content":7}}]}`,
	`{"choices":[{"index":0,"delta":{"content":"x"}}]`,
	`{"choices":[{"index":0,"delta":{"content":"x}}]}`,
	`{"choices":[{"index":0,"delta":null}]}`,
	`{"choices":{"index":0}}`,
	`[]`, `null`, `"x"`, `12`, ``, `{"a":tru}`, `{"a":01}`, `{"a":1e5,"b":-0.5,"c":false}`, `{"a":"\ud800"}`, "{\"a\":\"\x01\"}", `{"a":"\q"}`,
	`{"Choices":[{"index":0,"delta":{"content":"x"}}]}`, `{"choices":[{"index":0,"delta":{"content":"x"}}],"choices":[]}`,
	`{"usage":{"prompt_tokens":1.5}}`, `{"usage":{"prompt_tokens":99999999999999999999}}`, `{"a":{}}x`,
}

func TestPick(t *testing.T) {
	for chunk, want := range map[string]event{
		chunks[0]:  {text: " hours", choice: true},
		chunks[2]:  {text: "a\"b\\c\né😀/ é", choice: true},
		chunks[3]:  {finish: "stop", choice: true},
		chunks[4]:  {usage: true, inputTokens: 12, outputTokens: 3},
		chunks[8]:  {failed: true},
		chunks[9]:  {text: "x", choice: true},
		chunks[10]: {failed: true},
		chunks[11]: {text: "first", choice: true},
		chunks[12]: {thought: true, choice: true},
	} {
		got, ok := new(likeness).pick([]byte(chunk))
		if !ok || got != want {
			t.Errorf("%s: %+v %v, want %+v", chunk, got, ok, want)
		}
	}
}

// The quick way is only ever a quicker way to what encoding/json finds.
func FuzzQuickEqualsDecoded(f *testing.F) {
	for _, chunk := range chunks {
		f.Add([]byte(chunk))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		quick, at, ok := quickly(line)
		if !ok {
			return // left to encoding/json
		}
		if !json.Valid(line) {
			t.Fatalf("%q is no JSON and was read as %+v", line, quick)
		}
		if quick.text != "" && !bytes.HasPrefix(line[at:], []byte(quick.text)) {
			t.Fatalf("%q: the text %q does not stand at %d", line, quick.text, at)
		}
		want, ok := decoded(line)
		if !ok {
			t.Fatalf("%q is refused by encoding/json and was read as %+v", line, quick)
		}
		if diff := cmp.Diff(want, quick, cmp.AllowUnexported(event{})); diff != "" {
			t.Fatalf("%q (-decoded +quick):\n%s", line, diff)
		}
	})
}

// A chunk that is read by its likeness to the one before it is what it would be by itself.
func FuzzLikenessEqualsDecoded(f *testing.F) {
	for _, chunk := range chunks {
		f.Add([]byte(chunks[0]), []byte(chunk), []byte(" weeks"))
		f.Add([]byte(chunk), []byte(chunks[0]), []byte("a\"b"))
	}
	f.Fuzz(func(t *testing.T, first, second, text []byte) {
		var like likeness
		lines := [][]byte{first, second, bytes.Replace(first, []byte("hours"), text, 1), bytes.Replace(second, []byte("x"), text, 1), second}
		for _, line := range lines {
			got, ok := like.pick(line)
			want, whole := decoded(line)
			if ok != whole || got != want {
				t.Fatalf("%q: %+v %v, want %+v %v", line, got, ok, want, whole)
			}
		}
	})
}

func TestLikeChunksAreNotReadAgain(t *testing.T) {
	var like likeness
	first, second := []byte(chunks[0]), []byte(strings.Replace(chunks[0], " hours", " días", 1))
	if _, ok := like.text(first); ok {
		t.Error("the first is like none")
	}
	like.pick(first)
	if text, ok := like.text(second); !ok || text != " días" {
		t.Errorf("%q, %v", text, ok)
	}
}

// The chunks that servers send for nearly all tokens take the quick way.
func TestUsualChunksAreQuick(t *testing.T) {
	for _, i := range []int{0, 1, 3, 7} {
		if _, _, ok := quickly([]byte(chunks[i])); !ok {
			t.Errorf("%s takes the slow way", chunks[i])
		}
	}
}

func BenchmarkPick(b *testing.B) {
	line := []byte(chunks[0])
	b.Run("quick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			quickly(line)
		}
	})
	b.Run("like", func(b *testing.B) {
		var like likeness
		b.ReportAllocs()
		for b.Loop() {
			like.pick(line)
		}
	})
	b.Run("decoded", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			decoded(line)
		}
	})
}
