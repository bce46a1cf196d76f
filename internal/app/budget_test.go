package app_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"bedside/internal/app"
	"bedside/internal/config"
	"bedside/internal/llm/llmtest"
	"bedside/internal/redisdb/redistest"
)

// answerTokens is what the scripted model says that an answer took.
const answerTokens = 120 + 45

// awaitMetrics waits until the metrics hold the lines: an answer is counted just
// after its end is sent.
func awaitMetrics(t *testing.T, admin string, lines ...string) (page string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; {
		_, page = get(t, "http://"+admin+"/metrics")
		lacks := slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return strings.Contains(page, line+"\n") })
		if len(lacks) == 0 {
			return page
		}
		if time.Now().After(deadline) {
			t.Errorf("the metrics lack %q", lacks)
			return page
		}
	}
}

// TestModelBudget spends a small budget through two replicas that share a store:
// what one spends the other has not.
func TestModelBudget(t *testing.T) {
	server := redistest.Start(t)
	model := llmtest.New(t, llmtest.Honest)
	environ := []string{
		"REDIS_URL=" + server.URL(), "BEDSIDE_DATA_KEYS=" + sharedKeys.Reveal(),
		"OPENAI_BASE_URL=" + model.URL + "/v1", "BEDSIDE_MODEL=scripted", "BEDSIDE_MODEL_BUDGET=400",
	}
	one, two := launch(t, environ...), launch(t, environ...)
	session := ""
	for i, url := range []string{one.url, two.url, one.url, two.url, one.url} {
		got := post(t, url, map[string]any{"input": "how fast does it work?"}, session)
		if session == "" {
			session = got.session
		}
		mode, used := "generative", answerTokens
		if i >= 3 { // 165, 330, 495: the third began under the limit
			mode, used = "extractive", 0
		}
		if got.Metadata["outcome"] != "answered" || got.Metadata["mode"] != mode || got.Usage.Total != used {
			t.Errorf("question %d: %v, %+v", i+1, got.Metadata, got.Usage)
		}
	}
	if model.Count() != 3 {
		t.Errorf("the model was asked %d times", model.Count())
	}
	for _, p := range []*process{one, two} {
		awaitMetrics(t, p.admin, "bedside_model_tokens_today 495", "bedside_model_budget_tokens 400", `bedside_model_errors_total{kind="budget"} 1`, "bedside_model_breaker 0")
	}
	if said := one.stop(); !strings.Contains(said, "session_tokens=495") && !strings.Contains(said, `"session_tokens":495`) {
		t.Errorf("the log does not count the session's tokens:\n%s", said)
	}
}

// TestBudgetIsTheDays holds that a new day (UTC) has tokens again, and that they
// are estimated where the server names none.
func TestBudgetIsTheDays(t *testing.T) {
	model := llmtest.New(t, func(p *llmtest.Play) {
		p.Say(0, llmtest.Tokens("Some people feel better within hours [1]. ")...)
		p.Chunk(map[string]any{}, "stop")
		p.Raw("data: [DONE]\n\n")
	})
	now := time.Date(2026, 11, 23, 23, 59, 0, 0, time.UTC)
	program, err := app.New(t.Context(), config.Config{Model: config.Model{BaseURL: model.URL, Name: "scripted", Budget: 1}},
		app.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = program.Close(context.Background()) }()
	for i, want := range []int{1, 1, 2, 2} {
		if i == 2 {
			now = now.Add(time.Minute)
		}
		answer, err := program.Ask(t.Context(), "how fast does it work?", "en", nil)
		if err != nil {
			t.Fatal(err)
		}
		if model.Count() != want || len(answer.Citations) == 0 {
			t.Errorf("question %d: %d requests, %+v", i+1, model.Count(), answer)
		}
		if used := answer.Usage; i%2 == 0 && (used.InputTokens < 300 || used.OutputTokens < 8 || used.OutputTokens > 20) || i%2 == 1 && used.InputTokens != 0 {
			t.Errorf("question %d used %+v", i+1, used)
		}
	}
}

// TestRefusedKeyOpensTheBreaker asks a process whose key is refused: one request,
// then answers without the model at once, and neither answer, log, metrics nor
// doctor shows the key, which the server repeats.
func TestRefusedKeyOpensTheBreaker(t *testing.T) {
	const planted = "sk-planted-key-0123456789"
	for name, script := range map[string]llmtest.Script{"401": llmtest.Status(http.StatusUnauthorized), "403": llmtest.Status(http.StatusForbidden)} {
		t.Run(name, func(t *testing.T) {
			model := llmtest.New(t, script)
			environ := []string{"OPENAI_API_KEY=" + planted, "OPENAI_BASE_URL=" + model.URL + "/v1", "BEDSIDE_MODEL=scripted"}
			p := launch(t, environ...)
			for range 3 {
				got := post(t, p.url, map[string]any{"input": "how fast does it work?"}, "")
				if got.Metadata["outcome"] != "answered" || got.Metadata["mode"] != "extractive" || got.Usage.Total != 0 {
					t.Errorf("%v %+v", got.Metadata, got.Usage)
				}
			}
			if model.Count() != 1 {
				t.Errorf("%d requests", model.Count())
			}
			page := awaitMetrics(t, p.admin, "bedside_model_breaker 2", `bedside_model_errors_total{kind="refused"} 1`, `bedside_model_errors_total{kind="open"} 2`)
			stdout, stderr, code := run(t, append(environ, "BEDSIDE_ADMIN_ADDR="+p.admin), "doctor")
			if code != 1 || !strings.Contains(stdout, "OPENAI_API_KEY: the model's server refuses it ("+name+"): mend it; the breaker is open") ||
				!strings.Contains(stdout, "the gateway whose metrics are at "+p.admin+" does not ask its model") {
				t.Errorf("doctor ended with %d and said\n%s%s", code, stdout, stderr)
			}
			if all := p.stop() + page + stdout + stderr; strings.Contains(all, planted) {
				t.Error("the key is shown")
			}
		})
	}
}

// TestDoctorAsksTheModel holds what doctor says of each way in which a model does
// not answer, and that it says nothing of one that does.
func TestDoctorAsksTheModel(t *testing.T) {
	for name, test := range map[string]struct {
		script llmtest.Script
		want   string // empty: nothing
	}{
		"answers": {llmtest.Says("Ready."), ""},
		"429":     {llmtest.RateLimited(time.Hour), "the model's server limits the rate (429)"},
		"503":     {llmtest.Status(503), "the model does not answer (unavailable, status 503)"},
		"HTML":    {llmtest.HTML, "the model does not answer (garbled, status 200)"},
		"nothing": {llmtest.SaysNothing, "the model does not answer (garbled, status 200)"},
		"cut off": {llmtest.StopsInMidSentence(llmtest.CleanEOF), "the model does not answer (cut, status 200)"},
	} {
		t.Run(name, func(t *testing.T) {
			model := llmtest.New(t, test.script)
			findings := app.Examine(t.Context(), config.Config{Model: config.Model{BaseURL: model.URL, Name: "scripted"}}, app.Options{})
			if len(findings.Passing) > 1 || (len(findings.Passing) == 1) != (test.want != "") || test.want != "" && !strings.HasPrefix(findings.Passing[0], test.want) {
				t.Errorf("%q, want %q", findings.Passing, test.want)
			}
		})
	}
}

// TestAFailingModelIsLeftAlone asks a program whose model fails in each way more
// often than it is asked: the answers after that come at once.
func TestAFailingModelIsLeftAlone(t *testing.T) {
	for name, script := range map[string]llmtest.Script{
		"503": llmtest.Status(503), "HTML": llmtest.HTML, "garbage": llmtest.Garbage, "empty": llmtest.SaysNothing,
		"cut": llmtest.StopsInMidSentence(llmtest.Abort), "long line": llmtest.LongLine(8 << 20), "a big error": llmtest.BigBody(500, 8<<20),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			model := llmtest.New(t, script)
			var log bytes.Buffer
			program, err := app.New(t.Context(), config.Config{Model: config.Model{BaseURL: model.URL, Name: "scripted"}},
				app.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			requests := 0
			for i := range 6 {
				answer, err := program.Ask(t.Context(), "how fast does it work?", "en", nil)
				if err != nil || len(answer.Citations) == 0 {
					t.Fatalf("question %d: %v", i+1, err)
				}
				if i == 2 {
					requests = model.Count()
				}
				if i > 2 && answer.Mode != "extractive" {
					t.Errorf("question %d: %s", i+1, answer.Mode)
				}
			}
			if model.Count() != requests || requests == 0 {
				t.Errorf("%d requests, then %d", requests, model.Count())
			}
			if err := program.Close(context.Background()); err != nil {
				t.Error(err)
			}
			if !strings.Contains(log.String(), "model breaker") {
				t.Error("the log does not tell of the breaker")
			}
		})
	}
}
