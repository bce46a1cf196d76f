package app_test

import (
	"strings"
	"testing"
	"time"

	"bedside/internal/config"
	"bedside/internal/llm/llmtest"
)

// TestEveryFaultOfTheModelEndsInATrueAnswer asks the whole program with each
// scripted fault behind it: the answer is complete, cited and true.
func TestEveryFaultOfTheModelEndsInATrueAnswer(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for real deadlines")
	}
	const planted = "sk-planted-key-0123456789"
	elsewhere := llmtest.New(t, llmtest.Says("You should stop your medicine today [1]."))
	tests := map[string]llmtest.Script{
		"honest":                      llmtest.Honest,
		"markers after the stop":      llmtest.MarkersAfter,
		"split markers":               llmtest.SplitMarkers,
		"markdown":                    llmtest.Markdown,
		"lies about numbers":          llmtest.LiesAboutNumbers,
		"invents":                     llmtest.Invents,
		"cites what it was not given": llmtest.CitesUnknown,
		"cites the wrong passage":     llmtest.CitesWrong,
		"cites nothing":               llmtest.CitesNothing,
		"says nothing":                llmtest.SaysNothing,
		"says what is forbidden":      llmtest.Forbidden,
		"401":                         llmtest.Status(401),
		"403":                         llmtest.Status(403),
		"429":                         llmtest.RateLimited(0),
		"500":                         llmtest.Status(500),
		"503":                         llmtest.Status(503),
		"HTML":                        llmtest.HTML,
		"HTML as events":              llmtest.HTMLAsEvents,
		"JSON error":                  llmtest.JSONError,
		"JSON error as events":        llmtest.JSONErrorAsEvents,
		"error event":                 llmtest.ErrorEvent(false),
		"error event with a space":    llmtest.ErrorEvent(true),
		"garbage":                     llmtest.Garbage,
		"empty choices":               llmtest.EmptyChoices,
		"only empty choices":          llmtest.OnlyEmptyChoices,
		"redirect":                    llmtest.Redirect(elsewhere.URL + "/v1/chat/completions"),
		"64 MB line":                  llmtest.LongLine(64 << 20),
		"50 MB error":                 llmtest.BigBody(500, 50<<20),
		"cut off":                     llmtest.StopsInMidSentence((*llmtest.Play).Abort),
		"HTTP/1.0 close":              llmtest.CloseHTTP10,
		"thinks aloud":                llmtest.ThinksAloud,
		"nothing for ever":            llmtest.Silence,
	}
	for name, script := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			model := llmtest.New(t, script)
			url := start(t, config.Config{Model: config.Model{BaseURL: model.URL + "/v1", Key: config.NewSecret(planted), Name: "scripted"}})
			begun := time.Now()
			got := post(t, url, map[string]any{"input": "how fast does it work?"}, "")
			if got.Status != "completed" || got.Metadata["outcome"] != "answered" {
				t.Errorf("%s, %s", got.Status, got.Metadata["outcome"])
			}
			if got.cited() == 0 || !strings.Contains(strings.ToLower(got.text()), "hours") {
				t.Errorf("not a cited, true answer: %q", got.text())
			}
			for _, wrong := range []string{planted, "stop your medicine", " mg", "[1]", "**"} {
				if strings.Contains(got.text(), wrong) {
					t.Errorf("%q in %q", wrong, got.text())
				}
			}
			t.Logf("%s after %s: %s", got.Metadata["mode"], time.Since(begun).Round(time.Millisecond), got.text())
		})
	}
	if len(elsewhere.Requests()) > 0 {
		t.Error("a redirect was followed")
	}
}
