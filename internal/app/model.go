package app

import (
	"fmt"

	"bedside/internal/config"
	"bedside/internal/draft"
	"bedside/internal/limit"
	"bedside/internal/llm"
	"bedside/internal/llm/breaker"
	"bedside/internal/llm/meter"
	"bedside/internal/llm/openai"
)

// model is a language model with what keeps it from being asked in vain or too
// often. Nil is none.
type model struct {
	breaker *breaker.Breaker
	meter   *meter.Meter
	vectors vectorsOf // nil: there is no model for them
}

// openModel opens the model, and the one for vectors, where the settings name them.
func (a *App) openModel() error {
	settings := a.settings
	if !settings.Model.Enabled() {
		return nil
	}
	client, err := openai.New(openai.Options{
		BaseURL: settings.Model.BaseURL, APIKey: settings.Model.Key.Reveal(), Model: settings.Model.Name,
	})
	if err != nil {
		return fmt.Errorf("model: %w", err)
	}
	a.closers = append(a.closers, func() error { client.Close(); return nil })
	metered := meter.Options{Ledger: limit.NewLedger(), Now: a.options.Now}
	if settings.Model.Budget > 0 && settings.Model.Budget != config.Unlimited {
		metered.Ledger, metered.Limit = a.store.ledger, settings.Model.Budget
	}
	m := &model{meter: meter.New(client, metered)}
	m.breaker = breaker.New(m.meter, breaker.Options{Logger: a.options.Logger})
	a.model = m
	if err := a.openVectors(); err != nil {
		return err
	}
	a.metrics.Watch("model_breaker", "Whether the model is asked: 0 it is, 1 one question tries it, 2 it is not.", func() float64 {
		state, _ := m.breaker.State()
		return float64(state)
	})
	a.metrics.Watch("model_tokens_today", "Tokens of the model on this day (UTC), of all replicas where there is a budget and a store.", func() float64 {
		return float64(m.meter.Spent())
	})
	a.metrics.Watch("model_budget_tokens", "Tokens a day after which answers are extractive; 0: no limit.", func() float64 {
		return float64(metered.Limit)
	})
	return nil
}

// equip gives material the model's half of drafting and of search: the prompts, read
// anew, and vectors, which are yet to be built.
func (m *model) equip(material *material, settings config.Config) (err error) {
	if m == nil {
		if settings.PromptsDir == "" {
			return nil
		}
		// Bad prompts are told before the day on which a model is added.
		_, err := readPrompts(breaker.New(nil, breaker.Options{}), settings)
		return err
	}
	if material.generative, err = readPrompts(m.breaker, settings); err != nil {
		return err
	}
	if m.vectors != nil {
		material.vectors = m.vectors(material.corpus.Passages)
	}
	return nil
}

// readPrompts reads the prompts that the settings name for a model.
func readPrompts(model llm.Model, settings config.Config) (*draft.Generative, error) {
	generative, err := draft.NewGenerative(model, promptFiles(settings), draft.GenerativeOptions{})
	switch {
	case err == nil:
		return generative, nil
	case settings.PromptsDir == "":
		return nil, fmt.Errorf("prompts: %w", err)
	}
	if noFolder := isFolder(settings.PromptsDir); noFolder != nil {
		return nil, fmt.Errorf("BEDSIDE_PROMPTS: %w", noFolder)
	}
	return nil, fmt.Errorf("BEDSIDE_PROMPTS: %s: %w", settings.PromptsDir, err)
}
