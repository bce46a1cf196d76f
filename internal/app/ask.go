package app

import (
	"context"
	"fmt"

	"bedside/internal/chat"
	"bedside/internal/turn"
)

// Ask answers one question in-process, as a member of the staff would see it,
// and keeps nothing of it. Watch, if it is not nil, is told of each event of the
// answer as it comes.
func (a *App) Ask(ctx context.Context, question, locale string, watch func(chat.Event)) (chat.Answer, error) {
	asked := turn.Question{Raw: chat.NewRawText(question), Transient: true, Locale: locale}
	if most := a.settings.Limits.QuestionCharacters; asked.Raw.Characters() > most {
		asked.Refusal = chat.Refuse(chat.TooLong, fmt.Sprintf("Please keep your question under %d characters.", most))
	}
	return a.ask(ctx, asked, watch)
}

// ask asks, and follows the answer to its end.
func (a *App) ask(ctx context.Context, asked turn.Question, watch func(chat.Event)) (chat.Answer, error) {
	receipt, err := a.turn.Ask(ctx, asked)
	if err != nil {
		return chat.Answer{}, err
	}
	follower, _, _, err := a.turn.Follow(ctx, receipt.Session, receipt.After)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("follow %s: %w", receipt.Response, err)
	}
	defer follower.Close()
	for {
		item, err := follower.Next(ctx)
		if err != nil {
			return chat.Answer{}, fmt.Errorf("follow %s: %w", receipt.Response, err)
		}
		if item.Entry == nil {
			continue
		}
		if watch != nil {
			watch(item.Entry.Event)
		}
		if ended, ok := item.Entry.Event.(chat.Ended); ok {
			if ended.Answer.Error != nil {
				return ended.Answer, ended.Answer.Error
			}
			return ended.Answer, nil
		}
	}
}
