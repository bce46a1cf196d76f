package cli

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bedside/internal/chat"
)

func citation(passage string, start, end int) chat.Citation {
	return chat.Citation{
		Passage: chat.PassageID(passage), Title: "T", Section: "history", URL: "https://c.example", Quote: "q", Verdict: chat.Quoted,
		StartIndex: start, EndIndex: end,
	}
}

func TestMarksFollowTheirSentences(t *testing.T) {
	for name, c := range map[string]struct {
		text      string
		citations []chat.Citation
		want      string
	}{
		"each sentence":          {"One. Two.", []chat.Citation{citation("p/a", 0, 4), citation("p/b", 5, 9)}, "One. [1] Two. [2]"},
		"the end with its space": {"One.\n\nTwo.", []chat.Citation{citation("p/a", 0, 6), citation("p/a", 6, 10)}, "One. [1]\n\nTwo. [1]"},
		"two for one":            {"One.", []chat.Citation{citation("p/a", 0, 4), citation("p/b", 0, 4), citation("p/b", 0, 4)}, "One. [1] [2]"},
		"code points":            {"¿Qué? Sí.", []chat.Citation{citation("p/a", 0, 5)}, "¿Qué? [1] Sí."},
		"outside of the text":    {"One.", []chat.Citation{citation("p/a", 0, 99), citation("p/b", 0, -1)}, " [2]One. [1]"},
		"none":                   {"One.", nil, "One."},
	} {
		if got := marked(chat.Answer{Text: c.text, Citations: c.citations}, &sources{}); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestSourcesAreOneLineEach(t *testing.T) {
	c := citation("history/first-use", 0, 4)
	c.Title, c.Quote = "A\x1b[2J title\nof two", "words\nof it"
	s := sources{}
	s.number(c)
	s.number(citation("other", 0, 4))
	var b bytes.Buffer
	s.print(&page{w: &b})
	want := "[1] A[2J title of two (first use), history, https://c.example\n[2] T, history, https://c.example\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	b.Reset()
	s.printQuotes(&page{w: &b})
	want = "[1] A[2J title of two (first use), history, https://c.example\n    “words of it”\n[2] T, history, https://c.example\n    “q”\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

// The names that ask --json promises, for the fullest answer and for an empty one.
func TestReportsHaveAllTheirMembers(t *testing.T) {
	full := chat.Answer{
		ID: "resp_1", Outcome: chat.Answered, Mode: chat.Mixed, Text: "A <b>\u009b.", Citations: []chat.Citation{citation("p/a", 0, 1), citation("p/a", 0, 1)},
		Trace: &chat.Trace{
			Rule: "r", Level: chat.Topic, Category: chat.SuicideTopic, Withheld: []chat.Withheld{{Sentence: "s", Reason: "number"}},
			Timings: map[string]float64{"total": 1.5},
		},
	}
	for name, c := range map[string]struct {
		answer chat.Answer
		want   string
	}{
		"full": {full, `{"response_id":"resp_1","outcome":"answered","mode":"mixed","text":"A <b>\u009b.",` +
			`"citations":[{"n":1,"passage_id":"p/a","section":"history","title":"T","url":"https://c.example","quote":"q","verdict":"quoted"}],` +
			`"triage":{"level":"topic","category":"suicide_topic","rule":"r"},"withheld":[{"sentence":"s","reason":"number"}],"timings_ms":{"total":1.5}}` + "\n"},
		"empty": {chat.Answer{}, `{"response_id":"","outcome":"","mode":"","text":"","citations":[],` +
			`"triage":{"level":"","category":"","rule":""},"withheld":[],"timings_ms":{}}` + "\n"},
	} {
		var b, compact bytes.Buffer
		if err := (&program{stdout: &b}).printJSON(reportOf(c.answer)); err != nil {
			t.Fatal(err)
		}
		if err := json.Compact(&compact, b.Bytes()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, compact.String()+"\n"); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
