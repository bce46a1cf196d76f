package app

import (
	"fmt"
	"log/slog"

	"bedside/internal/chat"
	"bedside/internal/config"
	"bedside/internal/seal"
	"bedside/internal/transcript/redislog"
)

// sealer is the keyring as the log in Redis asks for it.
type sealer struct{ *seal.Keyring }

func (s sealer) New(session chat.SessionID) ([]byte, redislog.Key, error) {
	wrapped, key, err := s.Keyring.New(session)
	if err != nil {
		return nil, nil, err
	}
	return wrapped, key, nil
}

func (s sealer) Unwrap(session chat.SessionID, wrapped []byte) (redislog.Key, error) {
	key, err := s.Keyring.Unwrap(session, wrapped)
	if err != nil {
		return nil, err
	}
	return key, nil
}

// dataKeys reads the keyset that the settings give; the zero one where they give
// none. The error is a *SettingsError.
func dataKeys(settings config.Config) (seal.Keyset, error) {
	if settings.DataKeys.IsZero() {
		return seal.Keyset{}, nil
	}
	keys, err := seal.ParseKeyset(settings.DataKeys.Reveal())
	if err != nil {
		return seal.Keyset{}, &SettingsError{fmt.Errorf("%s: %w", settings.DataKeys.Name("BEDSIDE_DATA_KEYS"), err)}
	}
	return keys, nil
}

// openKeyring returns what seals the sessions in the store. Without a keyset it
// makes one that ends with the process.
func openKeyring(keys seal.Keyset, logger *slog.Logger) (sealer, error) {
	if keys.IsZero() {
		logger.Warn("BEDSIDE_DATA_KEYS is not set: what is stored is sealed with a keyset of this process alone, " +
			"and other replicas and later runs cannot read it; make one with: bedside keys new")
		var err error
		if keys, err = seal.NewKeyset(); err != nil {
			return sealer{}, err
		}
	}
	ring, err := seal.NewKeyring(keys, seal.Options{})
	return sealer{ring}, err
}
