package chaostest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"bedside/internal/llm/llmtest"
)

// modelFault is a way in which a model fails.
type modelFault struct {
	name   string
	script llmtest.Script
	tries  int           // at most
	within time.Duration // at most, from question to end
}

// TestModelFaults asks with each fault behind a gateway of its own: the answer is
// whole, cited and true, in time, and the key is nowhere.
func TestModelFaults(t *testing.T) {
	soon, first, idle, total := 8*time.Second, 14*time.Second, 20*time.Second, 66*time.Second
	tests := []struct {
		number int
		what   string
		long   bool // waits for a deadline of the model's
		faults []modelFault
	}{
		{7, "model answers 401, 403", false, []modelFault{
			{"401", llmtest.Status(http.StatusUnauthorized), 1, soon}, {"403", llmtest.Status(http.StatusForbidden), 1, soon},
		}},
		{8, "429 with Retry-After", false, []modelFault{
			{"at once", llmtest.RateLimited(0), 2, soon}, {"a second", llmtest.RateLimited(time.Second), 2, soon}, {"an hour", llmtest.RateLimited(time.Hour), 1, soon},
		}},
		{9, "500, 503, HTML, 50 MB error body", false, []modelFault{
			{"500", llmtest.Status(500), 2, soon}, {"503", llmtest.Status(503), 2, soon}, {"HTML", llmtest.HTML, 2, soon}, {"50 MB", llmtest.BigBody(500, 50<<20), 2, soon},
		}},
		{10, "stream cut (chunked, graceful EOF, HTTP/1.0)", false, []modelFault{
			{"chunked", llmtest.StopsInMidSentence(llmtest.Abort), 2, soon}, {"EOF", llmtest.StopsInMidSentence(llmtest.CleanEOF), 2, soon}, {"HTTP/1.0", llmtest.CloseHTTP10, 2, soon},
		}},
		{11, "garbage, HTML, JSON errors, empty choices", false, []modelFault{
			{"garbage", llmtest.Garbage, 2, soon},
			{"HTML as events", llmtest.HTMLAsEvents, 2, soon},
			{"JSON error", llmtest.JSONError, 2, soon},
			{"JSON error as events", llmtest.JSONErrorAsEvents, 2, soon},
			{"error event", llmtest.ErrorEvent(false), 2, soon},
			{"with a space", llmtest.ErrorEvent(true), 2, soon},
			{"empty choices", llmtest.EmptyChoices, 2, soon},
			{"only empty choices", llmtest.OnlyEmptyChoices, 2, soon},
		}},
		{12, "stream that never begins, stalls, or never ends", true, []modelFault{
			{"nothing", llmtest.Silence, 2, first},
			{"heartbeats", llmtest.Heartbeats(200 * time.Millisecond), 2, first},
			{"a byte a second", llmtest.Trickle(time.Second), 2, total},
			{"goes silent", llmtest.GoesSilent, 2, idle},
			{"endless", llmtest.Endless(10 * time.Millisecond), 2, total},
		}},
		{13, "a line of 64 MB", false, []modelFault{{"64 MB", llmtest.LongLine(64 << 20), 2, soon}}},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.number), func(t *testing.T) {
			r := fault(t, test.number, test.what)
			t.Parallel()
			if test.long {
				longOnly(t)
			}
			var slowest time.Duration
			var most float64
			for _, f := range test.faults {
				t.Run(f.name, func(t *testing.T) {
					took, grown := failing(t, f)
					slowest, most = max(slowest, took), max(most, grown)
				})
			}
			r.says(t, "%d kinds: a whole, cited answer each, after %.1f s at most, %+.0f MiB at most; no key shown or logged", len(test.faults), slowest.Seconds(), most)
		})
	}
}

// failing asks one question of a gateway whose model fails.
func failing(t *testing.T, f modelFault) (took time.Duration, grown float64) {
	t.Helper()
	const planted = "sk-planted-key-0123456789"
	model := llmtest.New(t, f.script)
	gate := startReplica(t, "OPENAI_BASE_URL="+model.URL+"/v1", "OPENAI_API_KEY="+planted, "BEDSIDE_MODEL=scripted", "BEDSIDE_LOG_LEVEL=debug")
	p := arrive(t, gate.url())
	p.isReady(t)
	p.hears(t, p.ask("thank you"), patience) // warms what every answer needs
	before := gate.resident()
	began := time.Now()
	id := p.ask(question)
	if !p.hears(t, id, f.within) {
		return 0, 0
	}
	took, grown = time.Since(began), gate.resident()-before
	a := p.answers[p.accepted[id]]
	if a.status != "completed" || !strings.Contains(strings.ToLower(a.final), "hours") || strings.Contains(a.final, planted) {
		t.Errorf("%s: %q", a.status, a.final)
	}
	if tries := model.Count(); tries > f.tries {
		t.Errorf("the model was asked %d times", tries)
	}
	if grown > 16 { // the line's cap, twice, with what any answer takes
		t.Errorf("%.1f MiB more", grown)
	}
	if strings.Contains(gate.printed.String(), planted) {
		t.Error("the key was logged")
	}
	gate.alive()
	return took, grown
}
