package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"bedside/internal/eval"
	"bedside/internal/ground"
)

const judgedLines = "The file holds JSON lines of passages, sentence and supported; source, answer and position\n" +
	"(of the sentence in its answer) where they are known."

func (p *program) evalGrounding() *cobra.Command {
	var asJSON bool
	grounding := &cobra.Command{
		Use:   "grounding FILE",
		Short: "Score the sentence check on sentences that people judged",
		Long:  "Score the product's own sentence check, with the weights it ships, on sentences that people judged.\n" + judgedLines,
		Args:  cobra.ExactArgs(1),
		RunE: action(func(ctx context.Context, _ *cobra.Command, args []string) error {
			report, err := withFile(ctx, args[0], "sentences", eval.Grounding)
			switch {
			case err != nil:
				return err
			case asJSON:
				return p.printJSON(report)
			}
			return p.printGrounding(report, fmt.Sprintf("ms per sentence %.3f, of 99 in 100 at most %.3f\n", report.MsPerSentence, report.MsP99))
		}),
	}
	grounding.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return grounding
}

func (p *program) learnGrounding() *cobra.Command {
	var out string
	grounding := &cobra.Command{
		Use:   "grounding FILE",
		Short: "Learn the score of how well passages support a sentence",
		Long: "Learn the weights from sentences that people judged, print them, and say how they do on\n" +
			"sources that they were not learned from.\n" + judgedLines,
		Args: cobra.ExactArgs(1),
		RunE: action(func(ctx context.Context, _ *cobra.Command, args []string) error {
			var report eval.GroundingReport
			learned, err := withFile(ctx, args[0], "sentences", func(file io.Reader) (learned ground.Learned, err error) {
				learned, report, err = eval.LearnGrounding(file)
				return learned, err
			})
			if err != nil {
				return err
			}
			if out != "" {
				if err := os.WriteFile(out, learned.Source(), 0o644); err != nil { //nolint:gosec // Weights are part of the program and no secret.
					return fmt.Errorf("write the weights: %w", err)
				}
			}
			return p.printGrounding(report, string(learned.Source()))
		}),
	}
	grounding.Flags().StringVar(&out, "out", "", "write the weights to this file (internal/ground/support_weights.go is the one that ships)")
	return grounding
}

// printGrounding writes the figures, and what belongs under them.
func (p *program) printGrounding(report eval.GroundingReport, more string) error {
	page := &page{w: p.stdout}
	page.raw(fmt.Sprintf("%d sentences, %d of them unsupported\n", report.Sentences, report.Unsupported))
	page.raw(fmt.Sprintf("auroc %.3f\nrecall at 5 %% false alarms %.3f\nrecall at 10 %% false alarms %.3f\n", report.AUROC, report.Recall5, report.Recall10))
	page.raw(fmt.Sprintf("shown by the whole check: %.3f of the supported, %.3f of the others\n", report.Shown, report.ShownUnsupported))
	page.raw(more)
	if page.err != nil {
		return fmt.Errorf("write the figures: %w", page.err)
	}
	return nil
}
