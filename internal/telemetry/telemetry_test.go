package telemetry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	m.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	if recorder.Code != http.StatusOK {
		t.Fatalf("GET /metrics: %d", recorder.Code)
	}
	return recorder.Body.String()
}

func TestWhatHappensIsCounted(t *testing.T) {
	m := New()
	m.TurnEnded(Turn{
		Outcome: "answered", Mode: "generative", Status: "completed", Withheld: []string{"number", "number"}, ModelError: "cut",
		Sentences: 3, InputTokens: 100, OutputTokens: 20, Seconds: map[string]float64{"retrieve": .002},
	})
	m.TurnEnded(Turn{Outcome: "crisis", Mode: "fixed", Status: "completed", Category: "crisis_self", Level: "explicit", Sentences: 2})
	closed := m.ConnectionOpened("bedside")
	m.ConnectionOpened("bedside")
	closed(4008)
	m.SessionOpened("started")
	m.Refused("rate_limited")
	m.StoreFailed("append")
	m.Watch("answers_running", "Answers being written.", func() float64 { return 7 })
	page := scrape(t, m)
	for _, line := range []string{
		`bedside_turns_total{mode="generative",outcome="answered",status="completed"} 1`,
		`bedside_turns_total{mode="fixed",outcome="crisis",status="completed"} 1`,
		`bedside_triage_total{category="crisis_self",level="explicit"} 1`,
		`bedside_withheld_total{reason="number"} 2`,
		`bedside_model_errors_total{kind="cut"} 1`,
		`bedside_model_tokens_total{direction="input"} 100`,
		`bedside_sentences_total 5`,
		`bedside_step_seconds_bucket{step="retrieve",le="0.005"} 1`,
		`bedside_connections{door="bedside"} 1`,
		`bedside_connections_closed_total{code="4008",door="bedside"} 1`,
		`bedside_sessions_total{how="started"} 1`,
		`bedside_refused_total{code="rate_limited"} 1`,
		`bedside_store_errors_total{operation="append"} 1`,
		`bedside_answers_running 7`,
	} {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("the page lacks %s", line)
		}
	}
}

func TestLabelsAreNoPlaceForText(t *testing.T) {
	m := New()
	m.Refused("My name is Canary")
	m.TurnEnded(Turn{Outcome: strings.Repeat("a", longestLabel+1), Seconds: map[string]float64{"a canary\nx": 1}})
	page := scrape(t, m)
	if strings.Contains(strings.ToLower(page), "canary") || !strings.Contains(page, `bedside_refused_total{code="other"} 1`) {
		t.Error("text became a label")
	}
	for i := range 10 * mostLabels {
		m.Refused(fmt.Sprintf("code_%d", i))
	}
	if got := strings.Count(scrape(t, m), "bedside_refused_total{"); got != mostLabels+1 {
		t.Errorf("a label took %d values, want at most %d", got, mostLabels+1)
	}
}

func TestNilCountsNothing(t *testing.T) {
	var m *Metrics
	m.TurnEnded(Turn{})
	m.ConnectionOpened("bedside")(1000)
	m.SessionOpened("started")
	m.Refused("busy")
	m.StoreFailed("append")
	m.Watch("answers", "", func() float64 { return 0 })
	recorder := httptest.NewRecorder()
	m.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/debug/pprof/", nil))
	if recorder.Code != http.StatusOK {
		t.Errorf("profiles: %d", recorder.Code)
	}
}

func TestLoggerFormats(t *testing.T) {
	for format, isJSON := range map[string]bool{"json": true, "text": false, "auto": true, "": true} {
		var b bytes.Buffer
		logger := NewLogger(&b, format, slog.LevelWarn)
		logger.Info("unseen")
		logger.Warn("seen", "id", "a")
		if strings.Contains(b.String(), "unseen") || json.Valid(b.Bytes()) != isJSON || !strings.Contains(b.String(), "seen") {
			t.Errorf("%q: %s", format, b.String())
		}
	}
}

func TestProfilesAreServed(t *testing.T) {
	server := httptest.NewServer(New().Handler())
	defer server.Close()
	response, err := http.Get(server.URL + "/debug/pprof/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("%d %v", response.StatusCode, err)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New()
	}
}

func BenchmarkTurnEnded(b *testing.B) {
	m := New()
	turn := Turn{Outcome: "answered", Mode: "extractive", Status: "completed", Sentences: 4, Seconds: map[string]float64{"retrieve": .001, "total": .002}}
	for b.Loop() {
		m.TurnEnded(turn)
	}
}
