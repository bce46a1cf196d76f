package cli

import (
	"context"

	"github.com/spf13/cobra"

	"bedside/internal/app"
	"bedside/internal/chat"
	"bedside/internal/mutation"
)

func (p *program) evalMutations() *cobra.Command {
	mutations := &cobra.Command{
		Use:   "mutations [FILE]",
		Short: "Try the sentence check on answers that were made wrong on purpose",
		Long: "Make answers wrong on purpose, always the same ones, and count how many the sentence check\n" +
			"stops, and how many true sentences it withholds. They are made from the material's own\n" +
			"passages, or from a file of JSON lines: text and title, or passages, a list of texts.",
		Args: cobra.MaximumNArgs(1),
	}
	faults := mutations.Flags().Bool("faults", false, "also list what was let through, and the true sentences that were withheld")
	return reporting(p, mutations, func(ctx context.Context, command *cobra.Command, args []string) (mutation.Report, error) {
		loaded, err := p.load(command)
		if err != nil {
			return mutation.Report{}, err
		}
		var passages []chat.Passage
		if len(args) > 0 {
			if passages, err = withFile(ctx, args[0], "passages", mutation.ReadPassages); err != nil {
				return mutation.Report{}, err
			}
		}
		report, err := app.EvaluateMutations(ctx, loaded.Config, passages)
		if !*faults {
			report.Faults = nil
		}
		return report, err
	}, showMutations)
}

// showMutations writes the table as it stands in the README.
func showMutations(page *page, report mutation.Report) {
	page.raw(report.Table())
	for _, fault := range report.Faults {
		page.rawf("%s: %s (%s)\n", fault.Kind, fault.Sentence, fault.Reason)
	}
}
