package seal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"bedside/internal/chat"
)

func TestRoundTrip(t *testing.T) {
	ring := newKeyring(t, newKeyset(t))
	rapid.Check(t, func(r *rapid.T) {
		key := begin(t, ring, chat.SessionID(rapid.String().Draw(r, "session")))
		response := chat.ResponseID(rapid.String().Draw(r, "response"))
		sequence := rapid.Int().Draw(r, "sequence")
		entry := rapid.SliceOf(rapid.Byte()).Draw(r, "entry")

		closed, err := key.Seal(response, sequence, entry)
		if err != nil {
			r.Fatal(err)
		}
		if len(closed) != len(entry)+Overhead {
			r.Errorf("%d bytes are sealed to %d", len(entry), len(closed))
		}
		if len(entry) >= 4 && bytes.Contains(closed, entry) {
			r.Error("the entry stands in what was sealed")
		}
		before := bytes.Clone(closed)
		got, err := key.Open(response, sequence, closed)
		if err != nil || !bytes.Equal(got, entry) {
			r.Errorf("opened to %x, %v; want %x", got, err, entry)
		}
		if !bytes.Equal(closed, before) {
			r.Error("opening changed what was sealed")
		}
	})
}

// TestAnEntryOpensInItsPlaceOnly draws two places, near each other on purpose.
func TestAnEntryOpensInItsPlaceOnly(t *testing.T) {
	keys := newKeyset(t)
	ring := newKeyring(t, keys)
	material := begin(t, ring, alice)
	near := rapid.StringMatching(`[ab\x00\x01\x02]{0,3}`)
	type place struct {
		session  string
		response string
		sequence int
	}
	places := rapid.Custom(func(r *rapid.T) place {
		return place{near.Draw(r, "session"), near.Draw(r, "response"), rapid.IntRange(-1, 2).Draw(r, "sequence")}
	})
	rapid.Check(t, func(r *rapid.T) {
		sealedAt, openedAt := places.Draw(r, "sealed at"), places.Draw(r, "opened at")
		// The same key for both sessions, so that the binding alone tells them apart.
		entry, err := forSession(material, sealedAt.session).Seal(chat.ResponseID(sealedAt.response), sealedAt.sequence, []byte(plainText))
		if err != nil {
			r.Fatal(err)
		}
		got, err := forSession(material, openedAt.session).Open(chat.ResponseID(openedAt.response), openedAt.sequence, entry)
		switch {
		case sealedAt == openedAt && (err != nil || string(got) != plainText):
			r.Errorf("does not open in its place: %v", err)
		case sealedAt != openedAt && (!errors.Is(err, ErrAltered) || got != nil):
			r.Errorf("sealed at %q, opened at %q: error %v", sealedAt, openedAt, err)
		}
	})
}

// forSession is the same key, bound to another session.
func forSession(key SessionKey, session string) SessionKey {
	other := *key.key
	other.bound = boundTo(chat.SessionID(session))
	return SessionKey{&other}
}

func TestSwappedEntriesDoNotOpen(t *testing.T) {
	ring := newKeyring(t, newKeyset(t))
	key := begin(t, ring, alice)
	entry := sealed(t, key, toAlice, 3, plainText)
	cases := map[string]func() ([]byte, error){
		"another place in the answer":      func() ([]byte, error) { return key.Open(toAlice, 4, entry) },
		"another answer":                   func() ([]byte, error) { return key.Open(toAlice2, 3, entry) },
		"another session":                  func() ([]byte, error) { return begin(t, ring, bob).Open(toAlice, 3, entry) },
		"the session's key, made anew":     func() ([]byte, error) { return remade(t, ring, alice).Open(toAlice, 3, entry) },
		"the wrapped key as an entry":      func() ([]byte, error) { return key.Open(toAlice, 3, []byte(key.Wrapped())) },
		"the wrapped key without its form": func() ([]byte, error) { return key.Open(toAlice, 3, []byte(key.Wrapped()[1:])) },
	}
	for name, open := range cases {
		if got, err := open(); !errors.Is(err, ErrAltered) || got != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func remade(t *testing.T, ring *Keyring, session chat.SessionID) SessionKey {
	t.Helper()
	ring.Forget(session)
	return begin(t, ring, session)
}

func TestAlteredEntriesDoNotOpen(t *testing.T) {
	key := begin(t, newKeyring(t, newKeyset(t)), alice)
	entry := sealed(t, key, toAlice, 3, plainText)
	for i := range entry {
		altered := bytes.Clone(entry)
		altered[i] ^= 1 << (i % 8)
		if got, err := key.Open(toAlice, 3, altered); !errors.Is(err, ErrAltered) || got != nil {
			t.Errorf("with byte %d altered: %q, %v", i, got, err)
		}
		if got, err := key.Open(toAlice, 3, entry[:i]); !errors.Is(err, ErrAltered) || got != nil {
			t.Errorf("cut to %d bytes: %q, %v", i, got, err)
		}
		if got, err := key.Open(toAlice, 3, entry[i+1:]); !errors.Is(err, ErrAltered) || got != nil {
			t.Errorf("without its first %d bytes: %q, %v", i+1, got, err)
		}
	}
	if _, err := key.Open(toAlice, 3, append(bytes.Clone(entry), 0)); !errors.Is(err, ErrAltered) {
		t.Errorf("with a byte more: %v", err)
	}
}

func TestTheSameEntryIsSealedDifferently(t *testing.T) {
	key := begin(t, newKeyring(t, newKeyset(t)), alice)
	seen := make(map[string]bool)
	for range 100 {
		seen[string(sealed(t, key, toAlice, 1, plainText)[prefixBytes:prefixBytes+nonceBytes])] = true
	}
	if len(seen) != 100 {
		t.Errorf("%d nonces for 100 entries", len(seen))
	}
}

// TestStoredFormsStayReadable holds what was stored by the first version: a
// change of form needs a new version, or running sessions are lost.
func TestStoredFormsStayReadable(t *testing.T) {
	const (
		keysetText = `{"primaryKeyId":KEYID,"key":[]}`
		wrapped    = ``
		entry      = ``
	)
	keys := must(t)(ParseKeyset(keysetText))
	key, err := newKeyring(t, keys).Unwrap(alice, unhex(t, wrapped))
	if err != nil {
		t.Fatal(err)
	}
	got, err := key.Open(toAlice, 7, []byte(unhex(t, entry)))
	if err != nil || string(got) != plainText {
		t.Errorf("opened to %q, %v", got, err)
	}
	if now := begin(t, newKeyring(t, keys), alice).Wrapped(); now[:1+prefixBytes] != unhex(t, wrapped)[:1+prefixBytes] {
		t.Errorf("the form of wrapped keys has changed: %x", now)
	}
	if now := sealed(t, key, toAlice, 7, plainText); string(now[:prefixBytes]) != unhex(t, entry)[:prefixBytes] {
		t.Errorf("the form of entries has changed: %x", now)
	}
}

func unhex(t *testing.T, text string) string {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestErrorsShowIdsOnly(t *testing.T) {
	key := begin(t, newKeyring(t, newKeyset(t)), alice)
	_, err := key.Open(toAlice, 3, []byte(plainText))
	if want := fmt.Sprintf("open entry 3 of %s: %v", toAlice, ErrAltered); err == nil || err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
}

func TestZeroSessionKey(t *testing.T) {
	var none SessionKey
	if !none.IsZero() || none.Wrapped() != "" {
		t.Error("the zero key is not none")
	}
	if _, err := none.Seal(toAlice, 1, nil); err == nil {
		t.Error("seals without a key")
	}
	if _, err := none.Open(toAlice, 1, nil); err == nil {
		t.Error("opens without a key")
	}
}

func TestOneKeyInManyGoroutines(t *testing.T) {
	key := begin(t, newKeyring(t, newKeyset(t)), alice)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for sequence := range 100 {
				entry := fmt.Sprintf("%d of %d", sequence, i)
				closed, err := key.Seal(toAlice, sequence, []byte(entry))
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := key.Open(toAlice, sequence, closed); err != nil || string(got) != entry {
					t.Errorf("opened to %q, %v", got, err)
				}
			}
		})
	}
	group.Wait()
}

func FuzzOpen(f *testing.F) {
	key := begin(f, newKeyring(f, newKeyset(f)), alice)
	good := sealed(f, key, toAlice, 3, plainText)
	f.Add(string(toAlice), 3, good)
	f.Add(string(toAlice), 4, good)
	f.Add(string(toAlice), 3, good[:len(good)-1])
	f.Add(string(toAlice), 3, []byte{1, 0, 0, 0, 1})
	f.Add("", 0, []byte{})
	f.Fuzz(func(t *testing.T, response string, sequence int, b []byte) {
		got, err := key.Open(chat.ResponseID(response), sequence, b)
		if bytes.Equal(b, good) && response == string(toAlice) && sequence == 3 {
			if err != nil || string(got) != plainText {
				t.Errorf("the good entry opens to %q, %v", got, err)
			}
			return
		}
		if !errors.Is(err, ErrAltered) || got != nil {
			t.Errorf("a stranger's bytes open to %q, %v", got, err)
		}
	})
}
