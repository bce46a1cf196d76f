package app

import (
	"context"
	"errors"
	"io"

	"bedside/internal/chat"
	"bedside/internal/config"
	"bedside/internal/eval"
	"bedside/internal/turn"
)

// EvaluateAnswers asks the product the questions of a file in-process, each in a
// session of its own that is kept in memory, with the material and the model that
// the settings name. See eval.Answers.
func EvaluateAnswers(ctx context.Context, settings config.Config, questions io.Reader, options Options) (report eval.AnswersReport, err error) {
	settings.RedisURL, settings.Production = config.Secret{}, false
	program, err := New(ctx, settings, options)
	if err != nil {
		return eval.AnswersReport{}, err
	}
	defer func() { err = errors.Join(err, program.Close(context.WithoutCancel(ctx))) }()
	return eval.Answers(ctx, questions, program.converse)
}

// converse asks one question after the other in a new session, and returns the
// last answer with the questions that are offered after it.
func (a *App) converse(ctx context.Context, questions []string) (answer chat.Answer, offered []string, err error) {
	session := chat.NewToken().Session()
	watch := func(event chat.Event) {
		if s, ok := event.(chat.Suggested); ok {
			offered = s.Questions
		}
	}
	for _, question := range questions {
		offered = nil
		answer, err = a.ask(ctx, turn.Question{Session: session, Raw: chat.NewRawText(question), Create: true}, watch)
		if err != nil {
			return chat.Answer{}, nil, err
		}
	}
	return answer, offered, nil
}
