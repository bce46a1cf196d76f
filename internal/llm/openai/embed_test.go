package openai

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"bedside/internal/llm"
	"bedside/internal/llm/llmtest"
)

func newEmbedder(t *testing.T, options Options) *Embedder {
	t.Helper()
	options.Model, options.APIKey = "small", planted
	embedder, err := NewEmbedder(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(embedder.Close)
	return embedder
}

func TestVectorsComeInTheOrderOfTheirTexts(t *testing.T) {
	model := llmtest.New(t, llmtest.HonestVectors)
	texts := []string{"how fast does it work", "was it used in the war", "fast"}
	vectors, err := newEmbedder(t, Options{BaseURL: model.URL}).Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		if !slices.Equal(vectors[i], llmtest.VectorOf(text)) {
			t.Errorf("the vector of %q is another text's", text)
		}
	}
	request := model.Requests()[0]
	if request.Path != "/v1/embeddings" || !strings.Contains(request.Body, `"model":"small"`) {
		t.Errorf("asked %s: %s", request.Path, request.Body)
	}
}

func TestVectorsThatCannotBeBelieved(t *testing.T) {
	for name, test := range map[string]struct {
		script llmtest.Script
		want   llm.Kind
	}{
		"fewer than asked": {llmtest.FewerVectors, llm.Garbled},
		"zero":             {llmtest.ZeroVectors, llm.Garbled},
		"two lengths":      {llmtest.MixedVectors, llm.Garbled},
		"repeated numbers": {llmtest.RepeatedVectors, llm.Garbled},
		"NaN":              {llmtest.RawVectors("NaN"), llm.Garbled},
		"null":             {llmtest.RawVectors("null,0"), llm.Garbled},
		"infinite":         {llmtest.RawVectors("1e999"), llm.Garbled},
		"empty":            {llmtest.Vectors(func(texts []string) [][]float32 { return make([][]float32, len(texts)) }), llm.Garbled},
		"an error as 200":  {llmtest.JSONError, llm.Garbled},
		"HTML":             {llmtest.HTML, llm.Garbled},
		"a stream":         {llmtest.Honest, llm.Garbled},
		"401":              {llmtest.Status(401), llm.Refused},
		"500":              {llmtest.Status(500), llm.Unavailable},
		"429":              {llmtest.RateLimited(time.Minute), llm.RateLimited},
		"cut": {func(p *llmtest.Play) {
			p.W.Header().Set("Content-Type", "application/json")
			p.Raw(`{"data":[`)
			p.Abort()
		}, llm.Garbled},
		"endless": {func(p *llmtest.Play) {
			p.W.Header().Set("Content-Type", "application/json")
			p.Raw(`{"data":"`)
			for p.R.Context().Err() == nil {
				p.Raw(strings.Repeat("x", 1<<16))
			}
		}, llm.TooBig},
	} {
		t.Run(name, func(t *testing.T) {
			model := llmtest.New(t, test.script)
			_, err := newEmbedder(t, Options{BaseURL: model.URL, MaxBody: 1 << 20}).Embed(t.Context(), []string{"one", "two"})
			failure, ok := errors.AsType[*llm.Error](err)
			if !ok || failure.Kind != test.want {
				t.Errorf("%v, want %s", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), planted) {
				t.Error("the key is shown")
			}
		})
	}
}

func TestSlowVectorsEndWithTheCaller(t *testing.T) {
	model := llmtest.New(t, llmtest.Silence)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := newEmbedder(t, Options{BaseURL: model.URL}).Embed(ctx, []string{"one"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestAzureHasADeploymentForVectors(t *testing.T) {
	seen := &recorder{}
	embedder := newEmbedder(t, Options{BaseURL: "https://x.openai.azure.com/openai/deployments/chat", HTTPClient: &http.Client{Transport: seen}})
	_, _ = embedder.Embed(t.Context(), []string{"one"})
	if want := "https://x.openai.azure.com/openai/deployments/small/embeddings?api-version=" + defaultAzureVersion; seen.request.URL.String() != want {
		t.Errorf("asked %s, want %s", seen.request.URL, want)
	}
}
