package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"bedside/internal/load"
)

// benchTimeout bounds a run, whatever goes wrong in it.
const benchTimeout = 5 * time.Minute

func (p *program) bench() *cobra.Command {
	var options load.Options
	var asJSON, check bool
	command := &cobra.Command{
		Use: "bench", Short: "Measure the gateway against a bare relay and go-openai alone",
		Long: "Measure the gateway under load, against a bare relay (WebSocket in, go-openai stream,\n" +
			"WebSocket out) and go-openai alone, on a scripted model, all on this machine's loopback\n" +
			"and in one run of about a minute: absolute times move with the machine, ratios hold.",
		Args: noArgs,
		RunE: action(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			path, err := os.Executable()
			if err != nil {
				return fmt.Errorf("find this program: %w", err)
			}
			ctx, stop := p.interruptible(ctx)
			defer stop()
			ctx, cancel := context.WithTimeout(ctx, benchTimeout)
			defer cancel()
			options.Path, options.Name = path, os.Args[0]
			options.Say = func(what string) { p.say("bedside: measuring %s", what) }
			report, err := load.Run(ctx, options)
			switch {
			case errors.Is(context.Cause(ctx), errInterrupted):
				return errInterrupted
			case err != nil:
				return withCode(Unreachable, fmt.Errorf("measure: %w", err))
			}
			if asJSON {
				err = p.printJSON(report)
			} else {
				err = p.print("figures", func(page *page) { showLoad(page, report) })
			}
			if err == nil && check && !report.Held() {
				err = withCode(Failed, errors.New("not all goals are met"))
			}
			return err
		}),
	}
	flags := command.Flags()
	flags.StringVar(&options.Redis, "redis", "", "also measure with sessions in this Redis (they are gone a minute later)")
	flags.IntVar(&options.Streams, "streams", 100, "patients at a time")
	flags.IntVar(&options.Rate, "rate", 50, "tokens a second of the paced model")
	flags.DurationVar(&options.Stretch, "stretch", time.Second, "length of each measurement at full speed")
	flags.IntVar(&options.Rounds, "rounds", 3, "how many of them there are; the median counts")
	flags.IntVar(&options.Idle, "idle", 1000, "idle sessions whose memory is measured")
	flags.DurationVar(&options.Settle, "settle", 2*time.Second, "how long they are left alone before that")
	flags.BoolVar(&check, "check", false, "end with 1 if a goal is not met")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	flags.SortFlags = false
	command.AddCommand(p.benchRelay())
	return command
}

// benchRelay is the relay that bench measures against, as a process of its own.
func (p *program) benchRelay() *cobra.Command {
	return &cobra.Command{
		Use: "relay URL", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: action(func(ctx context.Context, _ *cobra.Command, args []string) error {
			ctx, stop := p.interruptible(ctx)
			defer stop()
			return load.ServeRelay(ctx, args[0], func(url string) { p.say("%s", load.Ready(url)) })
		}),
	}
}

// showLoad writes the figures as a table, and the goals under it.
func showLoad(page *page, report load.Report) {
	page.rawf("%d streams, %d tokens and %d sentences an answer\n\n", report.Streams, report.Tokens, report.Sentences)
	page.rawf("%-20s %10s %14s %17s %9s %10s %10s %9s\n", "",
		"1 token ms", "1st sentence", "lag p50, p99 ms", "tokens/s", "CPU us/tok", "paced", "idle KiB")
	for _, m := range report.Subjects {
		page.rawf("%-20s %10.3f %14.1f %8.2f %8.2f %9.0f %10.1f %10.1f %9.1f\n", m.Name,
			m.OneTokenMs, m.FirstSentenceMs, m.SentenceLagP50Ms, m.SentenceLagP99Ms, m.TokensPerSecond, m.CPUMicros, m.PacedCPUMicros, m.IdleKiB)
	}
	page.raw("\n")
	for _, g := range report.Goals {
		sign, verdict := "at most", "met"
		if g.Least {
			sign = "at least"
		}
		if !g.Held {
			verdict = "missed"
		}
		page.rawf("%s %-46s %8.3f  %-8s %6.3f  %s\n", g.ID, g.What, g.Value, sign, g.Bound, verdict)
	}
}
