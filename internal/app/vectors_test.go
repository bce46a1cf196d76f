package app_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bedside/internal/config"
	"bedside/internal/llm/llmtest"
)

// chatAnd plays the model's part honestly, and a script where vectors are asked for.
func chatAnd(vectors llmtest.Script) llmtest.Script {
	return func(p *llmtest.Play) {
		if strings.HasSuffix(p.R.URL.Path, "/embeddings") {
			vectors(p)
			return
		}
		llmtest.Honest(p)
	}
}

// awaitPrinted waits until the process printed something.
func (p *process) awaitPrinted(want string) {
	p.t.Helper()
	deadline := time.After(20 * time.Second)
	for !strings.Contains(p.printed.String(), want) {
		select {
		case <-p.printed.More():
		case <-deadline:
			p.t.Fatalf("%q was not said:\n%s", want, p.printed)
		}
	}
}

// TestVectors builds the material's vectors after the start, keeps them for the
// next one, and asks for a question's with its redacted words only.
func TestVectors(t *testing.T) {
	model := llmtest.New(t, chatAnd(llmtest.HonestVectors))
	folder := filepath.Join(t.TempDir(), "vectors")
	environ := []string{"OPENAI_BASE_URL=" + model.URL, "BEDSIDE_MODEL=scripted", "BEDSIDE_EMBEDDING_MODEL=small", "BEDSIDE_VECTORS=" + folder}
	p := launch(t, environ...)
	p.awaitPrinted("vectors are ready")
	built := model.Count()
	got := post(t, p.url, map[string]any{"input": "My name is Wilhelmina Quist, 555-867-5309, how fast does it work?"}, "")
	if got.Metadata["outcome"] != "answered" {
		t.Errorf("%v", got.Metadata)
	}
	asked := ""
	for _, request := range model.Requests()[built:] {
		if request.Path == "/v1/embeddings" {
			asked += request.Body
		}
	}
	if !strings.Contains(asked, "how fast does it work") || strings.Contains(asked, "Quist") || strings.Contains(asked, "5309") {
		t.Errorf("asked for the vector of %s", asked)
	}
	p.stop()
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	before := model.Count()
	again := launch(t, environ...)
	again.awaitPrinted("vectors are ready")
	if model.Count() != before {
		t.Errorf("%d requests although all is kept", model.Count()-before)
	}
	again.stop()
}

// TestAnswersDoNotNeedVectors holds that answers stand in the words' own ranking
// whatever the embedding model does.
func TestAnswersDoNotNeedVectors(t *testing.T) {
	for name, script := range map[string]llmtest.Script{
		"slow": llmtest.Silence, "500": llmtest.Status(http.StatusInternalServerError), "NaN": llmtest.RawVectors("NaN"),
		"fewer": llmtest.FewerVectors, "another length": llmtest.MixedVectors, "zero": llmtest.ZeroVectors,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			model := llmtest.New(t, chatAnd(llmtest.HonestVectors))
			p := launch(t, "OPENAI_BASE_URL="+model.URL, "BEDSIDE_MODEL=scripted", "BEDSIDE_EMBEDDING_MODEL=small", "BEDSIDE_VECTORS="+t.TempDir())
			p.awaitPrinted("vectors are ready")
			model.Play(chatAnd(script))
			for range 2 {
				begun := time.Now()
				got := post(t, p.url, map[string]any{"input": "how fast does it work?"}, "")
				if got.Metadata["outcome"] != "answered" || !strings.Contains(got.text(), "within hours") {
					t.Errorf("%v: %s", got.Metadata, got.text())
				}
				if took := time.Since(begun); took > 3*time.Second {
					t.Errorf("took %s", took)
				}
			}
			p.stop()
		})
	}
}

// TestVectorsNeedTheAgreementToo holds that a name for vectors opens no way around
// the agreement with the vendor.
func TestVectorsNeedTheAgreementToo(t *testing.T) {
	settings := config.Config{Model: config.Model{BaseURL: "https://vendor.example/v1", Embedding: "small"}}
	if !strings.Contains(strings.Join(settings.Findings(), "\n"), "BEDSIDE_BAA_CONFIRMED") {
		t.Error("vectors may be asked for without an agreement")
	}
}
