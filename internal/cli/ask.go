package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"bedside/internal/app"
	"bedside/internal/chat"
	"bedside/internal/client"
	"bedside/internal/config"
	"bedside/internal/telemetry"
)

// longestInput bounds what is read from stdin as one question; the gateway's own
// limit is far below.
const longestInput = 1 << 20

func (p *program) ask() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   `ask "question"`,
		Short: "Ask one question",
		Long: "Ask one question: of the gateway that --server or BEDSIDE_SERVER names, else\n" +
			"in-process, with nothing running. The question - is read from standard input.",
		Args: cobra.MinimumNArgs(1),
		RunE: action(func(ctx context.Context, command *cobra.Command, args []string) error {
			loaded, err := p.load(command)
			if err != nil {
				return err
			}
			question, err := p.question(args)
			if err != nil {
				return err
			}
			ctx, stop := p.interruptible(ctx)
			defer stop()
			v := p.newView()
			watched := v
			if asJSON {
				watched = nil
			}
			answer, err := p.answer(ctx, loaded.Config, question, watched)
			if errors.Is(context.Cause(ctx), errInterrupted) {
				return errInterrupted
			}
			if err != nil {
				return err
			}
			if asJSON {
				return p.printJSON(reportOf(answer))
			}
			if v.shown == "" {
				return v.whole(answer)
			}
			v.last(answer)
			return v.err()
		}),
	}
	addSettings(command)
	addKey(command)
	command.Flags().BoolVar(&asJSON, "json", false, "print the answer and how it came about as JSON")
	return command
}

// addKey adds the flag that holds a key itself.
func addKey(command *cobra.Command) {
	command.Flags().String("key", "", "staff key; others on this machine can read it: prefer BEDSIDE_KEY or BEDSIDE_KEY_FILE")
}

// question joins the arguments, or reads standard input where they are "-".
func (p *program) question(args []string) (string, error) {
	question := strings.Join(args, " ")
	if question == "-" {
		data, err := io.ReadAll(io.LimitReader(p.stdin, longestInput))
		if err != nil {
			return "", withCode(Usage, fmt.Errorf("read the question: %w", err))
		}
		question = string(data)
	}
	if strings.TrimSpace(question) == "" {
		return "", withCode(Usage, errors.New("the question is empty"))
	}
	return question, nil
}

// answer asks the gateway that the settings name, or answers in-process. The view, if
// there is one, shows each event as it comes.
func (p *program) answer(ctx context.Context, settings config.Config, question string, v *view) (chat.Answer, error) {
	if settings.Client.Server != "" {
		options := client.Options{Server: settings.Client.Server, Key: settings.Client.Key}
		var answer chat.Answer
		var err error
		if v == nil {
			answer, err = client.Once(ctx, options, question)
		} else {
			answer, err = client.Live(ctx, options, question, v.tell)
		}
		if err == nil && answer.Error != nil {
			err = answer.Error
		}
		return answer, err
	}
	var watch func(chat.Event)
	if v != nil {
		watch = v.watch
	}
	program, err := p.inProcess(ctx, settings, nil)
	if err != nil {
		return chat.Answer{}, err
	}
	answer, err := program.Ask(ctx, question, "", watch)
	return answer, errors.Join(err, closeProgram(ctx, program))
}

// inProcess builds the program for one command: nothing of it outlives the
// command, so it needs no store, and it logs only what a person should see.
func (p *program) inProcess(ctx context.Context, settings config.Config, ready func(url string)) (*app.App, error) {
	settings.RedisURL, settings.Production = config.Secret{}, false
	level := settings.Log.Level
	if level == slog.LevelInfo {
		level = slog.LevelWarn
	}
	return app.New(ctx, settings, app.Options{
		Logger: telemetry.NewLogger(p.stderr, settings.Log.Format, level), Version: version(), Ready: ready,
	})
}

// whole shows an answer of which nothing came by itself, with its numbered sources.
func (v *view) whole(answer chat.Answer) error {
	s := sources{words: wordsIn(languageOf(answer.Text, v.locale))}
	v.out.write(marked(answer, &s))
	v.out.end()
	if len(s.cited) > 0 {
		v.out.gap()
		s.print(v.out)
	}
	return v.err()
}

// tell shows the events of one answer as a gateway tells them.
func (v *view) tell(event client.Event) {
	switch e := event.(type) {
	case client.Triaged:
		v.card(e.Card)
	case client.Sentence:
		v.sentence(e)
	case client.Cited:
		v.cite(e)
	case client.Ready, client.Lost, client.Accepted, client.Status, client.Suggested, client.Ended, client.Refused,
		client.Expired, client.Forgotten, client.FeedbackAccepted:
	}
}

// watch shows an answer's events as they come.
func (v *view) watch(event chat.Event) {
	response := event.At().Response
	switch e := event.(type) {
	case chat.Delta:
		v.sentence(client.Sentence{Response: response, Offset: len(v.shown), Text: e.Text})
	case chat.Annotated:
		v.cite(client.Cited{Response: response, Citation: e.Citation})
	case chat.Triaged:
		v.card(e.Card)
	case chat.Accepted, chat.Created, chat.InProgress, chat.ItemAdded, chat.PartAdded, chat.TextDone,
		chat.PartDone, chat.ItemDone, chat.Suggested, chat.Ended, chat.FeedbackAccepted:
	}
}
