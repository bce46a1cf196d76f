package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"bedside/internal/app"
	"bedside/internal/triage"
)

// learn makes the numbers that the program ships from files of examples.
func (p *program) learn() *cobra.Command {
	return group("learn", "Learn the numbers that the program ships from examples", p.learnSigns(), p.learnGrounding())
}

func (p *program) learnSigns() *cobra.Command {
	var out string
	var falseAlarms float64
	signs := &cobra.Command{
		Use:   "signs FILE...",
		Short: "Learn the signs of danger that no rule lists",
		Long: "Learn from files of examples, one a line: a label (none, topic, self, indirect, other,\n" +
			"harm, emergency, abuse or psych), a tab, the message. Each third of them is tried on\n" +
			"what the others teach, and the shares that are answered as danger are printed.",
		Args: cobra.MinimumNArgs(1),
	}
	signs.Flags().StringVar(&out, "out", "", "write the weights to this file (internal/triage/signs.weights is the one that ships)")
	signs.Flags().Float64Var(&falseAlarms, "false-alarms", 0.05, "the share of harmless examples that may be taken for danger; the threshold follows from it")
	return reporting(p, signs, func(ctx context.Context, command *cobra.Command, args []string) (report triage.SignReport, err error) {
		loaded, err := p.load(command)
		if err != nil {
			return report, err
		}
		var examples []triage.SignExample
		for _, name := range args {
			some, err := withFile(ctx, name, "examples", triage.ReadSignExamples)
			if err != nil {
				return report, err
			}
			examples = append(examples, some...)
		}
		weights, report, err := app.LearnSigns(ctx, loaded.Config, examples, triage.SignOptions{FalseAlarms: falseAlarms})
		var settings *app.SettingsError
		switch {
		case errors.As(err, &settings):
			return report, err
		case err != nil:
			return report, withCode(Usage, err)
		}
		return report, writeWeights(out, weights)
	}, showSigns)
}

// writeWeights writes what was learned to the file, if there is to be one.
func writeWeights(name string, weights []byte) error {
	if name == "" {
		return nil
	}
	if err := os.WriteFile(name, weights, 0o644); err != nil { //nolint:gosec // Weights are part of the program and no secret.
		return fmt.Errorf("write the weights: %w", err)
	}
	return nil
}

// showSigns writes the shares as a table.
func showSigns(page *page, report triage.SignReport) {
	page.rawf("threshold %.3f, where a rule found the topic %.3f\n%-10s %9s %8s %15s\n", report.Threshold, report.Lowered, "", "examples", "rules", "rules or signs")
	for _, s := range report.Shares {
		n := float64(s.Examples)
		page.rawf("%-10s %9d %8.3f %15.3f\n", s.Label, s.Examples, float64(s.Rules)/n, float64(s.RulesOrSigns)/n)
	}
}
