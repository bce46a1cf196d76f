package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"bedside/internal/app"
	"bedside/internal/chat"
	"bedside/internal/mutation"
)

func (p *program) evalMutations() *cobra.Command {
	var faults, asJSON bool
	mutations := &cobra.Command{
		Use:   "mutations [FILE]",
		Short: "Try the sentence check on answers that were made wrong on purpose",
		Long: "Make answers wrong on purpose, always the same ones, and count how many the sentence check\n" +
			"stops, and how many true sentences it withholds. They are made from the material's own\n" +
			"passages, or from a file of JSON lines: text and title, or passages, a list of texts.",
		Args: cobra.MaximumNArgs(1),
		RunE: action(func(ctx context.Context, command *cobra.Command, args []string) error {
			loaded, err := p.load(command)
			if err != nil {
				return err
			}
			ctx, stop := p.interruptible(ctx)
			defer stop()
			var passages []chat.Passage
			if len(args) > 0 {
				if passages, err = withFile(ctx, args[0], "passages", mutation.ReadPassages); err != nil {
					return err
				}
			}
			report, err := app.EvaluateMutations(ctx, loaded.Config, passages)
			switch {
			case errors.Is(context.Cause(ctx), errInterrupted):
				return errInterrupted
			case err != nil:
				return err
			}
			if !faults {
				report.Faults = nil
			}
			if asJSON {
				return p.printJSON(report)
			}
			return p.printMutations(report)
		}),
	}
	mutations.Flags().BoolVar(&faults, "faults", false, "also list what was let through, and the true sentences that were withheld")
	mutations.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return mutations
}

// printMutations writes the table as it stands in the README.
func (p *program) printMutations(report mutation.Report) error {
	page := &page{w: p.stdout}
	page.raw(report.Table())
	for _, fault := range report.Faults {
		page.raw(fmt.Sprintf("%s: %s (%s)\n", fault.Kind, fault.Sentence, fault.Reason))
	}
	if page.err != nil {
		return fmt.Errorf("write the table: %w", page.err)
	}
	return nil
}
