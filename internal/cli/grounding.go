package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"bedside/internal/eval"
	"bedside/internal/ground"
)

const judgedLines = "The file holds JSON lines of passages, sentence and supported; source, answer and position\n" +
	"(of the sentence in its answer) where they are known."

func (p *program) evalGrounding() *cobra.Command {
	grounding := &cobra.Command{
		Use:   "grounding FILE",
		Short: "Score the sentence check on sentences that people judged",
		Long:  "Score the product's own sentence check, with the weights it ships, on sentences that people judged.\n" + judgedLines,
		Args:  cobra.ExactArgs(1),
	}
	return reporting(p, grounding, func(ctx context.Context, _ *cobra.Command, args []string) (eval.GroundingReport, error) {
		return withFile(ctx, args[0], "sentences", eval.Grounding)
	}, func(page *page, report eval.GroundingReport) {
		showGrounding(page, report)
		page.rawf("ms per sentence %.3f, of 99 in 100 at most %.3f\n", report.MsPerSentence, report.MsP99)
	})
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
			if err := writeWeights(out, learned.Source()); err != nil {
				return err
			}
			return p.print("weights", func(page *page) {
				showGrounding(page, report)
				page.raw(string(learned.Source()))
			})
		}),
	}
	grounding.Flags().StringVar(&out, "out", "", "write the weights to this file (internal/ground/support_weights.go is the one that ships)")
	return grounding
}

// showGrounding writes the figures.
func showGrounding(page *page, report eval.GroundingReport) {
	page.rawf("%d sentences, %d of them unsupported\n", report.Sentences, report.Unsupported)
	page.rawf("auroc %.3f\nrecall at 5 %% false alarms %.3f\nrecall at 10 %% false alarms %.3f\n", report.AUROC, report.Recall5, report.Recall10)
	page.rawf("shown by the whole check: %.3f of the supported, %.3f of the others\n", report.Shown, report.ShownUnsupported)
}
