package cli

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"bedside/internal/app"
	"bedside/internal/eval"
)

func (p *program) evalAnswers() *cobra.Command {
	answers := &cobra.Command{
		Use:   "answers FILE",
		Short: "Answer a file of questions and measure the answers",
		Long: "Answer the questions of a file, with nothing running, and print each answer with its\n" +
			"reading grade (Flesch-Kincaid) and its words. One question a line: plain words, or JSON\n" +
			"with text and history (the questions before it, oldest first).",
		Args: cobra.ExactArgs(1),
	}
	return reporting(p, answers, func(ctx context.Context, command *cobra.Command, args []string) (eval.AnswersReport, error) {
		loaded, err := p.load(command)
		if err != nil {
			return eval.AnswersReport{}, err
		}
		return withFile(ctx, args[0], "questions", func(file io.Reader) (eval.AnswersReport, error) {
			return app.EvaluateAnswers(ctx, loaded.Config, file, app.Options{Version: version(), Now: p.now})
		})
	}, showAnswers)
}

// showAnswers writes each answer under its question, and the medians at the end.
func showAnswers(page *page, report eval.AnswersReport) {
	for _, a := range report.Answers {
		page.line("# " + strings.Join(append(a.History, a.Question), " > "))
		page.rawf("%s, %s, %d words, grade %.1f\n", a.Outcome, a.Mode, a.Words, a.Grade)
		for _, passage := range a.Passages {
			page.write("[" + string(passage) + "] ")
		}
		page.end()
		for line := range strings.Lines(a.Text) {
			page.line(strings.TrimRight(line, "\n"))
		}
		for _, question := range a.Suggestions {
			page.line("> " + question)
		}
		page.raw("\n")
	}
	page.rawf("%d questions, %d answered from the material: median grade %.1f, median %d words, at most %d\n",
		report.Asked, report.Answered, report.MedianGrade, report.MedianWords, report.MostWords)
}
