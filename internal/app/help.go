package app

import (
	"bedside/internal/chat"
	"bedside/internal/config"
)

// HelpBar returns what makes the card of the help lines, in a locale's language, from
// the fixed texts that the settings name. It needs no gateway, store or network.
func HelpBar(settings config.Config) (card func(locale string) chat.Card, err error) {
	rules, err := loadTriage(fixedFolder(settings), settings)
	if err != nil {
		return nil, &SettingsError{err}
	}
	return rules.HelpBar, nil
}
