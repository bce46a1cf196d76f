package app

import (
	"context"
	"fmt"

	"bedside/internal/chat"
	"bedside/internal/turn"
)

// Ask answers one question in-process, as a member of the staff would see it,
// and keeps nothing of it.
func (a *App) Ask(ctx context.Context, question, locale string) (chat.Answer, error) {
	receipt, err := a.turn.Ask(ctx, turn.Question{Raw: chat.NewRawText(question), Transient: true, Locale: locale})
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
		if ended, ok := item.Entry.Event.(chat.Ended); ok {
			if ended.Answer.Error != nil {
				return ended.Answer, ended.Answer.Error
			}
			return ended.Answer, nil
		}
	}
}
