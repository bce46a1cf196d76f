package transcript

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"bedside/internal/chat"
)

// every holds one event of each kind, with all that it can hold.
func every() []chat.Event {
	head := chat.Head{Response: "resp_x", Sequence: 7}
	citation := chat.Citation{Passage: "a/b", Section: "benefits", Title: "T", URL: "https://example.org", Quote: "q", Verdict: chat.Supported, StartIndex: 1, EndIndex: 9}
	answer := chat.Answer{
		ID: "resp_x", CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), Previous: "resp_w", ClientMessageID: "m",
		Status: chat.StatusIncomplete, Reason: chat.ReasonCancelled, Error: &chat.Error{Code: chat.Busy, Message: "m", Param: "p"},
		Text: "t", Citations: []chat.Citation{citation}, Outcome: chat.Answered, Mode: chat.Mixed, KnowledgeVersion: "v",
		Usage: chat.Usage{InputTokens: 1, OutputTokens: 2},
		Trace: &chat.Trace{Rule: "r", Level: chat.Topic, Category: chat.Dosing, Withheld: []chat.Withheld{{Sentence: "s", Reason: "r"}}, Timings: map[string]float64{"a": .5}},
	}
	return []chat.Event{
		chat.Accepted{Head: head, ClientMessageID: "m", Text: "é\u2028<&>\"", Previous: "resp_w", CreatedAt: answer.CreatedAt, Urgent: true},
		chat.Triaged{Head: head, Level: chat.Explicit, Category: chat.CrisisSelf, Card: chat.Card{Lines: []string{"l"}, Links: []chat.Link{{Label: "988", URL: "tel:988"}}}},
		chat.Created{Head: head, Answer: answer},
		chat.InProgress{Head: head, Answer: answer},
		chat.ItemAdded{Head: head},
		chat.PartAdded{Head: head},
		chat.Delta{Head: head, Text: "A sentence.\n"},
		chat.Annotated{Head: head, Index: 3, Citation: citation},
		chat.TextDone{Head: head, Text: "t"},
		chat.PartDone{Head: head, Text: "t", Citations: []chat.Citation{citation}},
		chat.ItemDone{Head: head, Status: chat.StatusCompleted, Text: "t", Citations: []chat.Citation{citation}},
		chat.Suggested{Head: head, Questions: []string{"q"}},
		chat.Ended{Head: head, Answer: answer},
		chat.FeedbackAccepted{Head: head, Rating: "up", Comment: "c"},
	}
}

func TestCodecKeepsEverything(t *testing.T) {
	for _, event := range every() {
		v := reflect.ValueOf(event)
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%T.%s is zero here, so that losing it would go unseen", event, v.Type().Field(i).Name)
			}
		}
		b, err := Encode(event)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(b) {
			t.Errorf("%T is not JSON: %s", event, b)
		}
		read, err := Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(event, read); diff != "" {
			t.Errorf("%T:\n%s", event, diff)
		}
	}
	if len(every()) != len(readers) {
		t.Errorf("%d kinds can be read, %d are tested", len(readers), len(every()))
	}
}

// TestCodecReadsOldEntries holds the stored form: entries written by an earlier
// version of the program must stay readable.
func TestCodecReadsOldEntries(t *testing.T) {
	read, err := Decode([]byte(`{"v":1,"t":"delta","e":{"response_id":"resp_x","sequence_number":4,"text":"Yes. "}}`))
	want := chat.Delta{Head: chat.Head{Response: "resp_x", Sequence: 4}, Text: "Yes. "}
	if err != nil || read != want {
		t.Errorf("got %#v, %v", read, err)
	}
}

func TestCodecRefuses(t *testing.T) {
	const secret = "canary"
	for name, stored := range map[string]string{
		"nothing":            ``,
		"no JSON":            secret,
		"half":               `{"v":1,"t":"delta","e":{"text":"` + secret,
		"another version":    `{"v":2,"t":"delta","e":{"text":"` + secret + `"}}`,
		"an unknown kind":    `{"v":1,"t":"delta2","e":{"text":"` + secret + `"}}`,
		"a wrong type":       `{"v":1,"t":"delta","e":{"text":1,"x":"` + secret + `"}}`,
		"a time that is not": `{"v":1,"t":"accepted","e":{"created_at":"` + secret + `"}}`,
		"no event":           `{"v":1,"t":"delta"}`,
	} {
		event, err := Decode([]byte(stored))
		if err == nil {
			t.Errorf("%s: read as %#v", name, event)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error holds what was stored: %v", name, err)
		}
	}
	for name, event := range map[string]chat.Event{"nil": nil, "a pointer": &chat.Delta{}, "a bare head": chat.Head{}} {
		if b, err := Encode(event); err == nil {
			t.Errorf("%s was written: %s", name, b)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, event := range every() {
		b, err := Encode(event)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		event, err := Decode(b)
		if err != nil {
			return
		}
		again, err := Encode(event)
		if err != nil {
			t.Fatalf("read and not written: %v", err)
		}
		if second, err := Decode(again); err != nil || !cmp.Equal(event, second) {
			t.Fatalf("%#v was read again as %#v, %v", event, second, err)
		}
	})
}

func TestCursorHasOneSpelling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, nonce := rapid.Uint64().Draw(t, "n"), rapid.Uint64().Draw(t, "nonce")
		text := chat.Cursor(AppendCursor(nil, n, nonce))
		gotN, gotNonce, ok := ParseCursor(text)
		if !ok || gotN != n || gotNonce != nonce {
			t.Fatalf("%s is read as %d, %d, %t", text, gotN, gotNonce, ok)
		}
	})
}

func FuzzParseCursor(f *testing.F) {
	for _, s := range []string{"0-0", "1-1", "01-1", "1-", "-", "18446744073709551616-1", "+1-1", "1_0-1", "0x1-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, nonce, ok := ParseCursor(chat.Cursor(s))
		if ok && string(AppendCursor(nil, n, nonce)) != s {
			t.Fatalf("%q is read as %d-%d", s, n, nonce)
		}
	})
}
