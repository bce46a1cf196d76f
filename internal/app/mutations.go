package app

import (
	"context"
	"fmt"

	"bedside/internal/chat"
	"bedside/internal/config"
	"bedside/internal/mutation"
)

// EvaluateMutations tries the sentence check on mutated answers from the given
// passages, or without any from the material. See mutation.Run.
func EvaluateMutations(ctx context.Context, settings config.Config, passages []chat.Passage) (mutation.Report, error) {
	if passages == nil {
		m, err := loadMaterial(settings)
		if err != nil {
			return mutation.Report{}, &SettingsError{err}
		}
		passages = m.corpus.Passages
	}
	report, err := mutation.Run(ctx, mutation.Sets(passages))
	if err != nil {
		return mutation.Report{}, fmt.Errorf("evaluate the check: %w", err)
	}
	return report, nil
}
