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
	var asJSON bool
	signs := &cobra.Command{
		Use:   "signs FILE...",
		Short: "Learn the signs of danger that no rule lists",
		Long: "Learn from files of examples, one a line: a label (none, topic, self, indirect, other,\n" +
			"harm, emergency, abuse or psych), a tab, the message. Each third of them is tried on\n" +
			"what the others teach, and the shares that are answered as danger are printed.",
		Args: cobra.MinimumNArgs(1),
		RunE: action(func(ctx context.Context, command *cobra.Command, args []string) error {
			ctx, stop := p.interruptible(ctx)
			defer stop()
			loaded, err := p.load(command)
			if err != nil {
				return err
			}
			var examples []triage.SignExample
			for _, name := range args {
				some, err := withFile(ctx, name, "examples", triage.ReadSignExamples)
				if err != nil {
					return err
				}
				examples = append(examples, some...)
			}
			weights, report, err := app.LearnSigns(ctx, loaded.Config, examples, triage.SignOptions{FalseAlarms: falseAlarms})
			var settings *app.SettingsError
			switch {
			case errors.As(err, &settings):
				return err
			case err != nil:
				return withCode(Usage, err)
			}
			if out != "" {
				if err := os.WriteFile(out, weights, 0o644); err != nil { //nolint:gosec // Weights are part of the program and no secret.
					return fmt.Errorf("write the weights: %w", err)
				}
			}
			if asJSON {
				return p.printJSON(report)
			}
			return p.printSigns(report)
		}),
	}
	signs.Flags().StringVar(&out, "out", "", "write the weights to this file (internal/triage/signs.weights is the one that ships)")
	signs.Flags().Float64Var(&falseAlarms, "false-alarms", 0.05, "the share of harmless examples that may be taken for danger; the threshold follows from it")
	signs.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return signs
}

// printSigns writes the shares as a table.
func (p *program) printSigns(report triage.SignReport) error {
	page := &page{w: p.stdout}
	page.raw(fmt.Sprintf("threshold %.3f, where a rule found the topic %.3f\n%-10s %9s %8s %15s\n", report.Threshold, report.Lowered, "", "examples", "rules", "rules or signs"))
	for _, s := range report.Shares {
		n := float64(s.Examples)
		page.raw(fmt.Sprintf("%-10s %9d %8.3f %15.3f\n", s.Label, s.Examples, float64(s.Rules)/n, float64(s.RulesOrSigns)/n))
	}
	if page.err != nil {
		return fmt.Errorf("write the shares: %w", page.err)
	}
	return nil
}
