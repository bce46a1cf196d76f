package cli

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bedside/internal/app"
	"bedside/internal/client"
	"bedside/internal/config"
)

func (p *program) chat() *cobra.Command {
	command := &cobra.Command{
		Use: "chat", Short: "Hold a conversation in the terminal",
		Long: "Hold a conversation: with the gateway that --server or BEDSIDE_SERVER names, else\n" +
			"in-process. Each line of standard input is a question.\n\n" + help,
		Args: noArgs,
		RunE: action(func(ctx context.Context, command *cobra.Command, _ []string) error {
			loaded, err := p.load(command)
			if err != nil {
				return err
			}
			if loaded.Config.Client.Server == "" {
				return p.chatInProcess(ctx, loaded.Config)
			}
			return p.chatWith(ctx, loaded.Config)
		}),
	}
	addSettings(command)
	addKey(command)
	return command
}

// chatWith holds a conversation with a gateway.
func (p *program) chatWith(ctx context.Context, settings config.Config) error {
	help, err := app.HelpBar(settings)
	if err != nil {
		return err
	}
	conversation, err := client.Open(ctx, client.Options{Server: settings.Client.Server, Key: settings.Client.Key, Locale: p.locale()})
	if err != nil {
		return err
	}
	defer conversation.Close()
	done := make(chan struct{})
	defer close(done)
	return p.converse(conversation, readLines(p.stdin, done), help)
}

// chatInProcess runs a gateway of its own, on loopback and behind a key that
// nobody else knows, for as long as the conversation lasts.
func (p *program) chatInProcess(ctx context.Context, settings config.Config) error {
	key := config.NewSecret(rand.Text())
	settings.Addr, settings.AdminAddr, settings.StaffKeys = "127.0.0.1:0", "", []config.Secret{key}
	settings.Drain = config.Drain{Notice: config.Unlimited, Answers: time.Second}
	ready := make(chan string, 1)
	program, err := p.inProcess(ctx, settings, func(url string) { ready <- url })
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- program.Serve(serving, ctx) }()
	select {
	case url := <-ready:
		settings.Client = config.Client{Server: url, Key: key}
		err = p.chatWith(ctx, settings)
		stop()
		err = errors.Join(err, <-served)
	case err = <-served:
		stop()
	}
	return errors.Join(err, closeProgram(ctx, program))
}

// locale is the language of the person's terminal, as BCP 47; empty: not said.
func (p *program) locale() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		text, _, _ := strings.Cut(p.variable(name), ".")
		text, _, _ = strings.Cut(text, "@")
		if text == "" {
			continue
		}
		if text == "C" || text == "POSIX" {
			return ""
		}
		return strings.ReplaceAll(text, "_", "-")
	}
	return ""
}

// readLines returns the lines of r until its end or until done is closed. The
// reader itself cannot be stopped: it ends with r.
func readLines(r io.Reader, done <-chan struct{}) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		reader := bufio.NewReader(r)
		for {
			line, err := reader.ReadString('\n')
			if line = strings.TrimSpace(line); line != "" {
				select {
				case lines <- line:
				case <-done:
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()
	return lines
}
