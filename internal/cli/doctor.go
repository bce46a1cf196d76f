package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"bedside/internal/app"
)

func (p *program) doctor() *cobra.Command {
	command := &cobra.Command{
		Use: "doctor", Short: "Say what is missing for production",
		Long: "Say what these settings, the material and the store lack for production, one line\n" +
			"each with what to do, and end with 1 if there is anything. bedside serve --production\n" +
			"does not start with what is listed, but for what may mend by itself, as a store that\n" +
			"is away: that it warns of.",
		Args: noArgs,
		RunE: action(func(ctx context.Context, command *cobra.Command, _ []string) error {
			loaded, err := p.load(command)
			if err != nil {
				return err
			}
			ctx, stop := p.interruptible(ctx)
			defer stop()
			findings := app.Examine(ctx, loaded.Config, app.Options{Version: version(), Now: p.now})
			if errors.Is(context.Cause(ctx), errInterrupted) {
				return errInterrupted
			}
			for _, what := range findings.Unchecked {
				p.say("bedside: not checked: %s", what)
			}
			for _, finding := range findings.All() {
				if _, err := fmt.Fprintln(p.stdout, cleanLine(finding)); err != nil {
					return fmt.Errorf("print the findings: %w", err)
				}
			}
			if n := len(findings.All()); n > 0 {
				return withCode(Failed, fmt.Errorf("not ready for production (%d findings)", n))
			}
			p.say("bedside: ready for production")
			return nil
		}),
	}
	addSettings(command)
	return command
}
