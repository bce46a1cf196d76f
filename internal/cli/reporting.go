package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

// reporting has a command make a report and print it: as JSON with --json, and
// otherwise as show writes it. An interruption is no fault of the report.
func reporting[T any](
	p *program, command *cobra.Command, report func(ctx context.Context, command *cobra.Command, args []string) (T, error), show func(page *page, report T),
) *cobra.Command {
	asJSON := command.Flags().Bool("json", false, "print JSON")
	command.RunE = action(func(ctx context.Context, command *cobra.Command, args []string) error {
		ctx, stop := p.interruptible(ctx)
		defer stop()
		made, err := report(ctx, command, args)
		switch {
		case errors.Is(context.Cause(ctx), errInterrupted):
			return errInterrupted
		case err != nil:
			return err
		case *asJSON:
			return p.printJSON(made)
		}
		return p.print("report", func(page *page) { show(page, made) })
	})
	return command
}

// print writes text for people whose lines are left as they are. what it is stands in
// the error.
func (p *program) print(what string, write func(page *page)) error {
	page := &page{w: p.stdout}
	write(page)
	if page.err != nil {
		return fmt.Errorf("write the %s: %w", what, page.err)
	}
	return nil
}
