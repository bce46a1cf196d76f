package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"bedside/internal/config"
	"bedside/internal/llm"
)

const (
	// modelPatience bounds the trial of a model, runningPatience that of a gateway's metrics.
	modelPatience, runningPatience = 10 * time.Second, 2 * time.Second
	// metricsMost bounds what is read of them.
	metricsMost = 4 << 20
)

// examine asks the model for a word, and says what came of it. A model outside the
// machine is asked only once its vendor may be told anything.
func (m *model) examine(ctx context.Context, settings config.Model) Findings {
	if m == nil {
		return Findings{}
	}
	if settings.Outside() && !settings.BAAConfirmed {
		return Findings{Unchecked: []string{"the model: it is asked only once BEDSIDE_BAA_CONFIRMED is set"}}
	}
	ctx, cancel := context.WithTimeout(ctx, modelPatience)
	defer cancel()
	_, err := m.breaker.Stream(ctx, llm.Request{
		Messages: []llm.Message{{Role: "user", Content: "Reply with the word ready."}}, MaxTokens: 200,
	}, func(string) error { return nil })
	if err == nil {
		return Findings{}
	}
	state, _ := m.breaker.State()
	return Findings{Passing: []string{fmt.Sprintf("%s; the breaker is %s and answers are extractive", modelTrouble(err), state)}}
}

// modelTrouble says what is wrong with a model and what to do.
func modelTrouble(err error) string {
	failure, ok := errors.AsType[*llm.Error](err)
	if !ok {
		failure = &llm.Error{Kind: llm.Slow}
	}
	switch failure.Kind {
	case llm.Refused:
		return fmt.Sprintf("OPENAI_API_KEY: the model's server refuses it (%d): mend it", failure.Status)
	case llm.Spent:
		return "BEDSIDE_MODEL_BUDGET: the tokens of today (UTC) are spent: raise it, or wait for tomorrow"
	case llm.RateLimited:
		return "the model's server limits the rate (429): see to the plan, or wait"
	case llm.Unavailable, llm.Garbled, llm.Cut, llm.Slow, llm.TooBig, llm.Open:
	}
	return fmt.Sprintf("the model does not answer (%s, status %d): see to OPENAI_BASE_URL, BEDSIDE_MODEL and the server", failure.Kind, failure.Status)
}

// examineRunning asks the gateway that runs with these settings, if one does,
// whether it asks its model.
func examineRunning(ctx context.Context, admin string) Findings {
	if admin == "" {
		return Findings{}
	}
	ctx, cancel := context.WithTimeout(ctx, runningPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+admin+"/metrics", nil)
	if err != nil {
		return Findings{}
	}
	transport := &http.Transport{DisableKeepAlives: true} // no proxy: it is this machine or its neighbour
	response, err := transport.RoundTrip(request)
	if err != nil {
		return Findings{} // none runs
	}
	defer func() { _ = response.Body.Close() }()
	lines := bufio.NewScanner(io.LimitReader(response.Body, metricsMost))
	for lines.Scan() {
		value, ok := strings.CutPrefix(lines.Text(), "bedside_model_breaker ")
		if ok && value != "0" {
			return Findings{Passing: []string{fmt.Sprintf("the gateway whose metrics are at %s does not ask its model: the breaker is open and answers are extractive; bedside_model_errors_total says why", admin)}}
		}
	}
	return Findings{}
}
