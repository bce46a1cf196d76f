package seal

import (
	"bytes"
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
		key, _ := begin(t, ring, chat.SessionID(rapid.String().Draw(r, "session")))
		response := chat.ResponseID(rapid.String().Draw(r, "response"))
		sequence := rapid.Int().Draw(r, "sequence")
		entry := rapid.SliceOf(rapid.Byte()).Draw(r, "entry")

		closed, err := key.Encrypt(entry, Place(response, sequence))
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
		got, err := key.Decrypt(closed, Place(response, sequence))
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
	key, _ := begin(t, newKeyring(t, newKeyset(t)), alice)
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
		entry, err := forSession(key, sealedAt.session).Encrypt([]byte(plainText), Place(chat.ResponseID(sealedAt.response), sealedAt.sequence))
		if err != nil {
			r.Fatal(err)
		}
		got, err := forSession(key, openedAt.session).Decrypt(entry, Place(chat.ResponseID(openedAt.response), openedAt.sequence))
		switch {
		case sealedAt == openedAt && (err != nil || string(got) != plainText):
			r.Errorf("does not open in its place: %v", err)
		case sealedAt != openedAt && (!errors.Is(err, ErrAltered) || got != nil):
			r.Errorf("sealed at %+v, opened at %+v: error %v", sealedAt, openedAt, err)
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
	key, wrapped := begin(t, ring, alice)
	ofBob, _ := begin(t, ring, bob)
	again, _ := begin(t, ring, alice)
	entry := sealed(t, key, toAlice, 3, plainText)
	here := Place(toAlice, 3)
	cases := map[string]struct {
		key           SessionKey
		sealed, place []byte
	}{
		"another place in the answer":      {key, entry, Place(toAlice, 4)},
		"another answer":                   {key, entry, Place(toAlice2, 3)},
		"no place":                         {key, entry, nil},
		"another session":                  {ofBob, entry, here},
		"the session begun anew":           {again, entry, here},
		"the wrapped key as an entry":      {key, wrapped, here},
		"the wrapped key without its form": {key, wrapped[1:], here},
	}
	for name, c := range cases {
		if got, err := c.key.Decrypt(c.sealed, c.place); !errors.Is(err, ErrAltered) || got != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestAlteredEntriesDoNotOpen(t *testing.T) {
	key, _ := begin(t, newKeyring(t, newKeyset(t)), alice)
	entry := sealed(t, key, toAlice, 3, plainText)
	for i := range entry {
		altered := bytes.Clone(entry)
		altered[i] ^= 1 << (i % 8)
		if got, err := key.Decrypt(altered, Place(toAlice, 3)); !errors.Is(err, ErrAltered) || got != nil {
			t.Errorf("with byte %d altered: %q, %v", i, got, err)
		}
		if got, err := key.Decrypt(entry[:i], Place(toAlice, 3)); !errors.Is(err, ErrAltered) || got != nil {
			t.Errorf("cut to %d bytes: %q, %v", i, got, err)
		}
		if got, err := key.Decrypt(entry[i+1:], Place(toAlice, 3)); !errors.Is(err, ErrAltered) || got != nil {
			t.Errorf("without its first %d bytes: %q, %v", i+1, got, err)
		}
	}
	if _, err := key.Decrypt(append(bytes.Clone(entry), 0), Place(toAlice, 3)); !errors.Is(err, ErrAltered) {
		t.Errorf("with a byte more: %v", err)
	}
}

func TestTheSameEntryIsSealedDifferently(t *testing.T) {
	key, _ := begin(t, newKeyring(t, newKeyset(t)), alice)
	seen := make(map[string]bool)
	for range 100 {
		seen[string(sealed(t, key, toAlice, 1, plainText)[prefixBytes:prefixBytes+nonceBytes])] = true
	}
	if len(seen) != 100 {
		t.Errorf("%d nonces for 100 entries", len(seen))
	}
}

func TestErrorsDoNotShowWhatWasRead(t *testing.T) {
	key, _ := begin(t, newKeyring(t, newKeyset(t)), alice)
	_, err := key.Decrypt([]byte(plainText), Place(toAlice, 3))
	if want := "open an entry: " + ErrAltered.Error(); err == nil || err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
}

func TestZeroSessionKey(t *testing.T) {
	var none SessionKey
	if !none.IsZero() {
		t.Error("the zero key is not none")
	}
	if _, err := none.Encrypt(nil, nil); err == nil {
		t.Error("seals without a key")
	}
	if _, err := none.Decrypt(nil, nil); err == nil {
		t.Error("opens without a key")
	}
}

func TestOneKeyInManyGoroutines(t *testing.T) {
	key, _ := begin(t, newKeyring(t, newKeyset(t)), alice)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for sequence := range 100 {
				entry := fmt.Sprintf("%d of %d", sequence, i)
				closed, err := key.Encrypt([]byte(entry), Place(toAlice, sequence))
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := key.Decrypt(closed, Place(toAlice, sequence)); err != nil || string(got) != entry {
					t.Errorf("opened to %q, %v", got, err)
				}
			}
		})
	}
	group.Wait()
}

func FuzzDecrypt(f *testing.F) {
	key, _ := begin(f, newKeyring(f, newKeyset(f)), alice)
	good := sealed(f, key, toAlice, 3, plainText)
	f.Add(string(toAlice), 3, good)
	f.Add(string(toAlice), 4, good)
	f.Add(string(toAlice), 3, good[:len(good)-1])
	f.Add(string(toAlice), 3, []byte{1, 0, 0, 0, 1})
	f.Add("", 0, []byte{})
	f.Fuzz(func(t *testing.T, response string, sequence int, b []byte) {
		got, err := key.Decrypt(b, Place(chat.ResponseID(response), sequence))
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
