package seal

import (
	"testing"

	"bedside/internal/chat"
)

const (
	alice     = chat.SessionID("ses_0123456789abcdefghjkmnpqrs")
	bob       = chat.SessionID("ses_zyxwvtsrqpnmkjhgfedcba9876")
	toAlice   = chat.ResponseID("resp_0123456789abcdefghjkmnpqrs0000000000000001")
	toAlice2  = chat.ResponseID("resp_0123456789abcdefghjkmnpqrs0000000000000002")
	plainText = "Most people feel well again within a day."
)

func newKeyset(t testing.TB) Keyset {
	t.Helper()
	return must(t)(NewKeyset())
}

func newKeyring(t testing.TB, keys Keyset) *Keyring {
	t.Helper()
	ring, err := NewKeyring(keys, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// begin is a session's key and its wrapped form.
func begin(t testing.TB, ring *Keyring, session chat.SessionID) (SessionKey, []byte) {
	t.Helper()
	wrapped, key, err := ring.New(session)
	if err != nil {
		t.Fatal(err)
	}
	return key, wrapped
}

func sealed(t testing.TB, key SessionKey, response chat.ResponseID, sequence int, entry string) []byte {
	t.Helper()
	b, err := key.Encrypt([]byte(entry), Place(response, sequence))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// must takes a keyset from a call that may not fail.
func must(t testing.TB) func(Keyset, error) Keyset {
	t.Helper()
	return func(keys Keyset, err error) Keyset {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return keys
	}
}

func reveal(t testing.TB, keys Keyset) string {
	t.Helper()
	text, err := keys.Reveal()
	if err != nil {
		t.Fatal(err)
	}
	return text
}
