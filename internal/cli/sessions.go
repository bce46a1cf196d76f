package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"bedside/internal/app"
	"bedside/internal/chat"
)

func (p *program) sessions() *cobra.Command {
	forget := &cobra.Command{
		Use: "forget SESSION", Short: "Destroy a session in the store",
		Long: "Destroy a session (ses_…, as the logs name it) in the store of REDIS_URL: its key and\n" +
			"its data are deleted at once, running answers end, and every connection is told. It\n" +
			"needs no data keys. Redis is asked to rewrite its append-only file, which holds the\n" +
			"sealed data until then; snapshots and backups are yours to let go.",
		Args: func(command *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("%s expects one session, ses_… as the logs name it, and was given %d", command.CommandPath(), len(args))
			}
			return nil
		},
		RunE: action(func(ctx context.Context, command *cobra.Command, args []string) error {
			loaded, err := p.load(command)
			if err != nil {
				return err
			}
			session := chat.SessionID(args[0])
			if !session.Valid() {
				return withCode(Usage, errors.New("this is not a session's id: ses_ and 26 digits and small letters, among which there is no i, l, o or u"))
			}
			ctx, stop := p.interruptible(ctx)
			defer stop()
			existed, err := app.ForgetSession(ctx, loaded.Config, session)
			switch {
			case errors.Is(context.Cause(ctx), errInterrupted):
				return errInterrupted
			case err != nil:
				return err
			case !existed:
				return withCode(NotFound, fmt.Errorf("there is no session %s", session))
			}
			p.say("bedside: session %s is forgotten", session)
			return nil
		}),
	}
	addSettings(forget)
	return group("sessions", "Look after stored sessions", forget)
}
