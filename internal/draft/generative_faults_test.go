package draft_test

import (
	"strings"
	"testing"
	"time"

	"bedside/internal/chat"
	"bedside/internal/draft"
	"bedside/internal/ground"
	"bedside/internal/llm/llmtest"
	"bedside/internal/llm/openai"
	"bedside/prompts"
)

var material = []chat.Passage{
	{ID: "speed", Language: "en", Heading: "How fast it works", Text: "Ketamine can ease low mood within 24 hours for some people. Older pills may take 6 weeks."},
	{ID: "lasting", Language: "en", Heading: "How long it lasts", Text: "The effect often fades in two weeks.\nMost people need more treatments."},
	{ID: "approval", Language: "en", Heading: "Approval", Text: "The FDA has not approved it for depression.", Qualifiers: []chat.Qualifier{{Text: "It may still be used."}}},
}

// Whatever the model does, what comes out of drafting and checking is true: each
// sentence that passes stands in the material. The turn completes the rest.
func TestNoFaultLetsAnythingUntrueThrough(t *testing.T) {
	elsewhere := llmtest.New(t, llmtest.Honest)
	const key = "sk-planted-0123456789"
	for name, test := range map[string]struct {
		script llmtest.Script
		passed int // sentences that pass the check
		failed bool
	}{
		"honest":         {llmtest.Honest, 3, false},
		"markers after":  {llmtest.MarkersAfter, 3, false},
		"split markers":  {llmtest.SplitMarkers, 3, false},
		"markdown":       {llmtest.Markdown, 3, false},
		"empty choices":  {llmtest.EmptyChoices, 3, false},
		"thinks":         {llmtest.Thinks(0, 3), 3, false},
		"thinks aloud":   {llmtest.ThinksAloud, 3, false},
		"lies":           {llmtest.LiesAboutNumbers, 0, false},
		"invents":        {llmtest.Invents, 1, false},
		"cites unknown":  {llmtest.CitesUnknown, 0, false},
		"cites wrong":    {llmtest.CitesWrong, 0, false},
		"cites nothing":  {llmtest.CitesNothing, 0, false},
		"forbidden":      {llmtest.Forbidden, 0, false},
		"says nothing":   {llmtest.SaysNothing, 0, true},
		"clean end":      {llmtest.StopsInMidSentence(llmtest.CleanEOF), 1, true},
		"abort":          {llmtest.StopsInMidSentence(llmtest.Abort), 1, true},
		"out of tokens":  {llmtest.StopsInMidSentence(llmtest.OutOfTokens), 1, false},
		"HTTP/1.0 close": {llmtest.CloseHTTP10, 1, true},
		"401":            {llmtest.Status(401), 0, true},
		"403":            {llmtest.Status(403), 0, true},
		"429":            {llmtest.RateLimited(-1), 0, true},
		"500":            {llmtest.Status(500), 0, true},
		"HTML":           {llmtest.HTML, 0, true},
		"JSON error":     {llmtest.JSONError, 0, true},
		"error event":    {llmtest.ErrorEvent(true), 0, true},
		"redirect":       {llmtest.Redirect(elsewhere.URL + "/v1/chat/completions"), 0, true},
		"silence":        {llmtest.Silence, 0, true},
		"heartbeats":     {llmtest.Heartbeats(20 * time.Millisecond), 0, true},
		"goes silent":    {llmtest.GoesSilent, 1, true},
		"long line":      {llmtest.LongLine(8 << 20), 0, true},
		"big error":      {llmtest.BigBody(500, 8<<20), 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			server := llmtest.New(t, test.script)
			client, err := openai.New(openai.Options{
				BaseURL: server.URL, APIKey: key, Model: "scripted",
				FirstToken: 400 * time.Millisecond, Idle: 400 * time.Millisecond, Total: 5 * time.Second, Backoff: time.Millisecond,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			generative, err := draft.NewGenerative(client, prompts.Files(), draft.GenerativeOptions{})
			if err != nil {
				t.Fatal(err)
			}
			passed := 0
			evidence := ground.New(material)
			_, err = generative.Draft(t.Context(), draft.Request{Question: "does it work?", Language: "en", Passages: material}, func(s draft.Sentence) error {
				result := evidence.Check(s.Text, s.Cites)
				if result.Verdict == "" {
					return nil
				}
				passed++
				text := strings.TrimSpace(s.Text)
				if cited := material[result.Passages[0]-1]; !strings.Contains(cited.Text, text) {
					t.Errorf("%q passed and does not stand in %s", text, cited.ID)
				}
				if strings.ContainsAny(text, "[]*#") {
					t.Errorf("%q holds markers or decoration", text)
				}
				return nil
			})
			if passed != test.passed {
				t.Errorf("%d sentences passed, want %d", passed, test.passed)
			}
			if (err != nil) != test.failed {
				t.Errorf("error %v", err)
			}
			if err != nil && strings.Contains(err.Error(), key) {
				t.Errorf("the key stands in %q", err)
			}
		})
	}
	if len(elsewhere.Requests()) > 0 {
		t.Error("a redirect was followed")
	}
}
