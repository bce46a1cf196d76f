package app

import (
	"context"

	"bedside/internal/config"
	"bedside/internal/triage"
)

// LearnSigns learns triage's signs of danger from examples, beside the rules that
// the settings name. See triage.LearnSigns.
func LearnSigns(ctx context.Context, settings config.Config, examples []triage.SignExample, options triage.SignOptions) ([]byte, triage.SignReport, error) {
	rules, err := loadTriage(fixedFolder(settings), settings)
	if err != nil {
		return nil, triage.SignReport{}, &SettingsError{err}
	}
	return rules.LearnSigns(ctx, examples, options)
}
