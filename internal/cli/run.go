package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"bedside/internal/config"
)

// program is one run of a command: where it reads and writes, and what tells it
// to stop.
type program struct {
	environ []string
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	signals <-chan os.Signal
	now     func() time.Time // nil: the machine's clock
}

// Run runs the command that args name (without the program's own name) and
// returns the exit code.
func Run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	p := &program{environ: environ, stdin: stdin, stdout: stdout, stderr: stderr, signals: signals}

	root := p.root()
	root.SetArgs(args)
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		return int(OK)
	}
	if known, ok := errors.AsType[*commandError](err); ok {
		code := codeOf(known.err)
		if code != Interrupted {
			fmt.Fprintf(stderr, "bedside: %s\n", clean(known.Error()))
		}
		return int(code)
	}
	fmt.Fprintf(stderr, "bedside: %s\nRun '%s --help' for usage.\n", clean(err.Error()), command.CommandPath())
	return int(Usage)
}

// commandError is the error of a command that ran; any other error of cobra's is
// one of usage.
type commandError struct{ err error }

func (e *commandError) Error() string { return e.err.Error() }
func (e *commandError) Unwrap() error { return e.err }

// action makes a command's function of one that needs no cobra.
func action(do func(ctx context.Context, flags *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(command *cobra.Command, args []string) error {
		if err := do(command.Context(), command, args); err != nil {
			return &commandError{err}
		}
		return nil
	}
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "bedside",
		Short: "Answers patients' questions from a clinic's own material",
		Long: "Bedside answers patients' questions about ketamine therapy from the clinic's own\n" +
			"material, each sentence cited. It gives general education: never advice, a\n" +
			"diagnosis or a dose.",
		SilenceErrors: true, SilenceUsage: true,
	}
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.AddCommand(p.serve(), p.chat(), p.ask(), p.eval(), p.learn(), p.keys(), p.sessions(), p.doctor(), p.bench(), p.config(), p.version())
	return root
}

// noArgs refuses arguments without repeating them: one may be a secret that was
// meant for a file.
func noArgs(command *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments", command.CommandPath())
	}
	return nil
}

// group is a command that only has others below it.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	command := &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	command.AddCommand(commands...)
	return command
}

// addSettings gives the command the flags of the settings.
func addSettings(command *cobra.Command) {
	config.AddFlags(command.Flags())
	command.Flags().String("config", "", "settings file (YAML); flags and the environment go before it")
	command.Flags().SortFlags = false
}

// load reads the settings and says on stderr what is doubtful about them.
func (p *program) load(command *cobra.Command) (*config.Loaded, error) {
	file := ""
	if flag := command.Flags().Lookup("config"); flag != nil {
		file = flag.Value.String()
	}
	loaded, err := config.Load(config.Input{Flags: command.Flags(), Environ: p.environ, File: file})
	if err != nil {
		return nil, err
	}
	for _, warning := range loaded.Warnings {
		p.say("bedside: warning: %s", warning)
	}
	return loaded, nil
}

// say writes a line to stderr. What it says may come from elsewhere.
func (p *program) say(format string, args ...any) {
	fmt.Fprintln(p.stderr, clean(fmt.Sprintf(format, args...)))
}

// interruptible returns a context that ends with the first signal; stop releases it.
func (p *program) interruptible(ctx context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-p.signals:
			cancel(errInterrupted)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil); <-done }
}

// variable returns a variable of the environment.
func (p *program) variable(name string) string {
	for i := len(p.environ) - 1; i >= 0; i-- {
		if text, ok := strings.CutPrefix(p.environ[i], name+"="); ok {
			return text
		}
	}
	return ""
}
