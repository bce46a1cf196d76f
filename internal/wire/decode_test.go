package wire

import (
	"errors"
	"os"
	"strings"
	"testing"

	"bedside/internal/chat"
)

func TestMalformedFrames(t *testing.T) {
	cases, err := os.ReadFile("testdata/malformed.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(cases)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		data, want, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if want == "-" {
			want = ""
		}
		frame, err := DecodeFrame([]byte(data))
		refused, ok := errors.AsType[*chat.Error](err)
		ask, readable := frame.(Ask) // whose question is "x"
		if !ok || frame != nil && (!readable || ask.Question.Reveal() != "x") || refused.Code != chat.Malformed || refused.Param != want || refused.Message == "" {
			t.Errorf("%s: frame %v, error %v with param %q; want param %q", data, frame, err, refused.Param, want)
		}
	}
}

func TestDeepFrames(t *testing.T) {
	for _, open := range []string{"[", `{"a":`} {
		data := `{"type":"bedside:session.start","x":` + strings.Repeat(open, 10_000)
		if _, err := DecodeFrame([]byte(data)); err == nil || !strings.Contains(err.Error(), "deep") {
			t.Errorf("10,000 × %q: %v", open, err)
		}
	}
	if _, err := DecodeFrame([]byte(`{"type":"bedside:session.start","x":"` + strings.Repeat("[", 10_000) + `"}`)); err != nil {
		t.Errorf("brackets in a text: %v", err)
	}
}

func TestFrames(t *testing.T) {
	for data, want := range map[string]Frame{
		`{"type":"bedside:session.start"}`:                                             SessionStart{},
		`{"type":"bedside:session.start","locale":"es-MX","later":{"a":[1]}}`:          SessionStart{"es-MX"},
		`{"type":"bedside:session.resume","token":"t","cursor":"1-2"}`:                 SessionResume{"t", "1-2"},
		`{"type":"bedside:session.resume","token":"t","cursor":null}`:                  SessionResume{"t", chat.Origin},
		`{"type":"bedside:session.resume","token":"t"}`:                                SessionResume{"t", chat.Origin},
		`{"type":"bedside:session.resume","token":"t","cursor":""}`:                    SessionResume{"t", noEntry},
		`{"type":"bedside:session.forget"}`:                                            SessionForget{},
		`{"type":"bedside:passage","passage_id":"page/one"}`:                           Passage{"page/one"},
		`{"type":"response.cancel","response_id":"resp_1"}`:                            Cancel{"resp_1"},
		"\n{\"type\" : \"response.cancel\" , \"response_id\" : \"resp_1\"}\n":          Cancel{"resp_1"},
		`{"type":"bedside:session.start","locale":"en","locale":"es"}`:                 SessionStart{"es"},
		`{"type":"response.cancel","response_id":"\u0072esp_\ud83d","extra":"\u0000"}`: Cancel{"resp_\ufffd"},
	} {
		got, err := DecodeFrame([]byte(data))
		if err != nil || got != want {
			t.Errorf("%s: %#v, %v; want %#v", data, got, err, want)
		}
	}
	got, err := DecodeFrame([]byte(`{"type":"bedside:feedback","response_id":"r","rating":"down","comment":"no"}`))
	if f, ok := got.(Feedback); err != nil || !ok || f.Response != "r" || f.Rating != "down" || f.Comment.Reveal() != "no" {
		t.Errorf("feedback: %#v, %v", got, err)
	}
}

func TestQuestions(t *testing.T) {
	for input, want := range map[string]string{
		`"how?"`:                             "how?",
		`[{"role":"user","content":"how?"}]`: "how?",
		`[{"type":"message","role":"user","content":[{"type":"input_text","text":"how?"}]}]`:                                     "how?",
		`[{"role":"user","content":[{"type":"text","text":"a"},{"type":"input_image"},{"type":"input_text","text":"b"}]}]`:       "a\nb",
		`[{"role":"user","content":"first"},{"role":"assistant","content":"x"},{"role":"user","content":"second"}]`:              "second",
		`[{"role":"user","content":"mine"},{"role":"system","content":"obey"},{"role":"developer","content":"obey"}]`:            "mine",
		`[{"role":"user","content":"mine"},{"type":"function_call_output","output":"x"},{"type":"item_reference","id":"x"}]`:     "mine",
		`[{"role":"user","content":"mine"},{"role":"assistant","content":[{"type":"output_text","text":"x","annotations":[]}]}]`: "mine",
	} {
		for _, decode := range []func([]byte) (Ask, error){
			DecodeAsk,
			func(b []byte) (Ask, error) {
				frame, err := DecodeFrame(append([]byte(`{"type":"response.create",`), b[1:]...))
				if err != nil {
					return Ask{}, err
				}
				return frame.(Ask), nil
			},
		} {
			ask, err := decode([]byte(`{"input":` + input + `,"previous_response_id":"resp_1","store":false,"metadata":{"client_message_id":"id","other":[7]},"model":{},"tools":7}`))
			if err != nil || ask.Question.Reveal() != want || ask.Previous != "resp_1" || !ask.Transient || ask.ClientMessageID != "id" {
				t.Errorf("%s: %q %+v %v", input, ask.Question.Reveal(), ask, err)
			}
		}
	}
}

// TestQuestionsWithoutWords says what it is that cannot be read.
func TestQuestionsWithoutWords(t *testing.T) {
	for content, want := range map[string]string{
		`""`:                                 "The question is empty.",
		`[]`:                                 "The question is empty.",
		`[{"type":"input_text","text":" "}]`: "The question is empty.",
		`[{"type":"input_image","image_url":"x"}]`:                    "Only text can be read here. Please ask in words.",
		`[{"type":"image_url","image_url":{}},{"type":"input_file"}]`: "Only text can be read here. Please ask in words.",
		`[{"type":"text","text":"\n"},{"type":"input_audio"}]`:        "Only text can be read here. Please ask in words.",
	} {
		messages := `[{"role":"user","content":` + content + `}]`
		_, asked := DecodeAsk([]byte(`{"input":` + messages + `}`))
		_, completed := DecodeCompletion([]byte(`{"messages":` + messages + `}`))
		for _, err := range []error{asked, completed} {
			if e, ok := errors.AsType[*chat.Error](err); !ok || e.Code != chat.Malformed || e.Message != want || e.Param == "" {
				t.Errorf("%s: %v, want %q", content, err, want)
			}
		}
	}
}

func TestCompletionRequests(t *testing.T) {
	ask, err := DecodeCompletion([]byte(`{"messages":[{"role":"user","content":"how?"}],"stream":true,"stream_options":{"include_usage":true}}`))
	if err != nil || ask.Question.Reveal() != "how?" || !ask.Stream || !ask.IncludeUsage || ask.Transient {
		t.Errorf("%+v %v", ask, err)
	}
	for data, want := range map[string]string{
		`{}`:                           "messages",
		`{"messages":"x"}`:             "messages",
		`{"messages":[{"role":"x"}]}`:  "messages",
		`{"messages":[{"content":1}]}`: "messages[0].role",
		`{"messages":[{"role":"user","content":"x"}],"stream_options":1}`:                       "stream_options",
		`{"messages":[{"role":"user","content":"x"}],"stream_options":{"include_usage":"yes"}}`: "stream_options.include_usage",
	} {
		_, err := DecodeCompletion([]byte(data))
		if e, ok := errors.AsType[*chat.Error](err); !ok || e.Param != want {
			t.Errorf("%s: %v, want param %q", data, err, want)
		}
	}
}

func FuzzDecodeFrame(f *testing.F) {
	cases, err := os.ReadFile("testdata/malformed.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(cases)) {
		data, _, _ := strings.Cut(line, "\t")
		f.Add([]byte(data))
	}
	f.Add([]byte(`{"type":"response.create","input":[{"role":"user","content":[{"type":"input_text","text":"x"}]}],"metadata":{"client_message_id":"1"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, decode := range []func([]byte) (any, error){
			func(b []byte) (any, error) { return DecodeFrame(b) },
			func(b []byte) (any, error) { return DecodeAsk(b) },
			func(b []byte) (any, error) { return DecodeCompletion(b) },
		} {
			value, err := decode(data)
			if err != nil {
				if e, ok := errors.AsType[*chat.Error](err); !ok || e.Code != chat.Malformed || e.Message == "" {
					t.Errorf("%q: error %v", data, err)
				}
				continue
			}
			if ask, ok := value.(Ask); ok && strings.TrimSpace(ask.Question.Reveal()) == "" {
				t.Errorf("%q: an empty question", data)
			}
		}
	})
}
