package app

import (
	"fmt"

	"bedside/internal/draft"
	"bedside/internal/llm/openai"
)

// openModel gives the program the model's half of drafting, where the settings
// name a model.
func (a *App) openModel() error {
	settings := a.settings
	if !settings.Model.Enabled() {
		return nil
	}
	model, err := openai.New(openai.Options{
		BaseURL: settings.Model.BaseURL, APIKey: settings.Model.Key.Reveal(), Model: settings.Model.Name,
	})
	if err != nil {
		return fmt.Errorf("model: %w", err)
	}
	a.closers = append(a.closers, func() error { model.Close(); return nil })
	a.generative, err = draft.NewGenerative(model, promptFiles(settings), draft.GenerativeOptions{})
	if err != nil {
		return fmt.Errorf("prompts: %w", err)
	}
	return nil
}
