package openai

import (
	"net/http"
	"strings"
	"testing"

	"bedside/internal/llm"
)

type recorder struct{ request *http.Request }

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	r.request = request
	return nil, http.ErrHandlerTimeout
}

func TestEndpoints(t *testing.T) {
	for base, want := range map[string]string{
		"":                                     "https://api.openai.com/v1/chat/completions",
		"http://127.0.0.1:11434":               "http://127.0.0.1:11434/v1/chat/completions",
		"http://127.0.0.1:11434/":              "http://127.0.0.1:11434/v1/chat/completions",
		"http://127.0.0.1:11434/v1":            "http://127.0.0.1:11434/v1/chat/completions",
		"http://127.0.0.1:11434/v1/":           "http://127.0.0.1:11434/v1/chat/completions",
		"https://x.test/v1/chat/completions":   "https://x.test/v1/chat/completions",
		"https://x.test/api/v3":                "https://x.test/api/v3/chat/completions",
		"https://x.openai.azure.com":           "https://x.openai.azure.com/openai/deployments/gpt-4.1/chat/completions?api-version=" + defaultAzureVersion,
		"https://x.openai.azure.com/openai/":   "https://x.openai.azure.com/openai/deployments/gpt-4.1/chat/completions?api-version=" + defaultAzureVersion,
		"https://x.openai.azure.com/openai/v1": "https://x.openai.azure.com/openai/v1/chat/completions",
		"https://x.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2025-01-01-preview": "https://x.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2025-01-01-preview",
	} {
		seen := &recorder{}
		client, err := New(Options{BaseURL: base, APIKey: planted, Model: "gpt-4.1", MaxTries: 1, HTTPClient: &http.Client{Transport: seen}})
		if err != nil {
			t.Errorf("%s: %v", base, err)
			continue
		}
		_, _ = client.Stream(t.Context(), llm.Request{}, func(string) error { return nil })
		if seen.request == nil {
			t.Errorf("%s: nothing was sent", base)
			continue
		}
		if got := seen.request.URL.String(); got != want {
			t.Errorf("%s: asked %s, want %s", base, got, want)
		}
		azure := strings.Contains(want, "/deployments/")
		if got := seen.request.Header.Get("Api-Key") == planted; got != azure {
			t.Errorf("%s: key in Azure's header: %v", base, got)
		}
		if got := seen.request.Header.Get("Authorization") != ""; got == azure {
			t.Errorf("%s: key as a bearer: %v", base, got)
		}
	}
}

func TestBadOptions(t *testing.T) {
	for name, options := range map[string]Options{
		"no model":   {},
		"scheme":     {Model: "m", BaseURL: "ftp://x.test"},
		"no host":    {Model: "m", BaseURL: "http:///v1"},
		"a password": {Model: "m", BaseURL: "https://user:" + planted + "@x.test/v1"},
		"control":    {Model: "m", BaseURL: "http://x\x7f" + planted},
	} {
		if _, err := New(options); err == nil {
			t.Errorf("%s: taken", name)
		} else if strings.Contains(err.Error(), planted) {
			t.Errorf("%s: the error repeats a secret: %v", name, err)
		}
	}
}
