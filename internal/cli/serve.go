package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"bedside/internal/app"
	"bedside/internal/telemetry"
)

// closeTimeout bounds the end of a program that has nothing left to do.
const closeTimeout = 5 * time.Second

// ballastBytes is what the collector takes to be held beside what is: as much more
// garbage may lie about before it runs.
const ballastBytes = 16 << 20

func (p *program) serve() *cobra.Command {
	command := &cobra.Command{
		Use: "serve", Short: "Run the gateway", Args: noArgs,
		RunE: action(func(ctx context.Context, command *cobra.Command, _ []string) error {
			loaded, err := p.load(command)
			if err != nil {
				return err
			}
			settings := loaded.Config
			hangups := make(chan os.Signal, 1) // one that waits stands for all that follow
			signal.Notify(hangups, syscall.SIGHUP)
			defer signal.Stop(hangups)
			if settings.AdminAddr == "" {
				runtime.MemProfileRate = 0 // nobody can ask for the profile
			}
			// Touched by nobody, it takes no memory. The little that the gateway
			// holds would else be gone over for each few dozen answers, and while
			// that is done sentences wait.
			ballast := make([]byte, ballastBytes)
			defer runtime.KeepAlive(ballast)
			// Collecting garbage while the material is read takes a quarter of
			// the start; it is collected, and given back, once serving has begun.
			collect := debug.SetGCPercent(-1)
			program, err := app.New(ctx, settings, app.Options{
				Logger:  telemetry.NewLogger(p.stderr, settings.Log.Format, settings.Log.Level),
				Version: version(), Now: p.now, Reload: hangups,
				Ready: func(url string) {
					p.say("bedside: ready on %s", url)
					debug.SetGCPercent(collect)
				},
			})
			if err != nil {
				debug.SetGCPercent(collect)
				return err
			}
			return p.serveUntilStopped(ctx, program)
		}),
	}
	addSettings(command)
	return command
}

// serveUntilStopped drains at the first signal and stops at once at the second.
func (p *program) serveUntilStopped(ctx context.Context, program *app.App) error {
	stop, cancel := context.WithCancel(ctx)
	hurry, now := context.WithCancel(context.WithoutCancel(ctx))
	served := make(chan struct{})
	listening := make(chan struct{})
	go func() {
		defer close(listening)
		for _, then := range []func(){cancel, now} {
			select {
			case <-p.signals:
				then()
			case <-served:
				return
			}
		}
	}()
	err := program.Serve(stop, hurry)
	close(served)
	<-listening
	now()
	cancel()
	return errors.Join(err, closeProgram(ctx, program))
}

// closeProgram closes what app.New opened; at once where ctx has ended.
func closeProgram(ctx context.Context, program *app.App) error {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	if err := program.Close(ctx); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}
