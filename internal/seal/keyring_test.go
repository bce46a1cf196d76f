package seal

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bedside/internal/chat"
)

// kept says whether the session's key is in memory.
func kept(ring *Keyring, session chat.SessionID) bool {
	_, ok := ring.cache.Get(session)
	return ok
}

func TestAWrappedKeyOpensForItsSession(t *testing.T) {
	keys := newKeyset(t)
	key, wrapped := begin(t, newKeyring(t, keys), alice)
	entry := sealed(t, key, toAlice, 1, plainText)
	if len(wrapped) != wrappedBytes || wrappedBytes != 66 || Overhead != 33 {
		t.Errorf("a wrapped key has %d bytes, an entry %d more: not what the package's doc says", len(wrapped), Overhead)
	}
	ring := newKeyring(t, keys)
	for range 2 { // read, and from memory
		unwrapped, err := ring.Unwrap(alice, wrapped)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := unwrapped.Decrypt(entry, Place(toAlice, 1)); err != nil || string(got) != plainText {
			t.Errorf("opened to %q, %v", got, err)
		}
	}
	if _, err := ring.Unwrap(bob, wrapped); !errors.Is(err, ErrUnknownKey) || !errors.Is(err, ErrAltered) {
		t.Errorf("unwrapped for another session: %v", err)
	}
}

func TestKeysThatCannotBeUnwrapped(t *testing.T) {
	keys := newKeyset(t)
	key, wrapped := begin(t, newKeyring(t, keys), alice)
	_, foreign := begin(t, newKeyring(t, newKeyset(t)), alice)
	ring := newKeyring(t, keys)
	if _, err := ring.Unwrap(alice, wrapped); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		wrapped []byte
		altered bool
		want    string
	}{
		"of another keyset": {foreign, false, "it was wrapped with key"},
		"none":              {nil, false, "there is none"},
		"of a later form":   {slices.Replace(slices.Clone(wrapped), 0, 1, 2), false, "its form 2 is not known"},
		"cut off":           {wrapped[:wrappedBytes-1], true, "65 bytes instead of 66"},
		"the form alone":    {wrapped[:1], true, "1 bytes instead of 66"},
		"too long":          {append(slices.Clone(wrapped), 0), true, "67 bytes instead of 66"},
		"altered":           {slices.Replace(slices.Clone(wrapped), 20, 21, wrapped[20]^1), true, ErrAltered.Error()},
		"an entry":          {slices.Concat([]byte{wrapVersion}, sealed(t, key, toAlice, 1, plainText[:keyBytes])), false, "wrapped with key 1"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := ring.Unwrap(alice, c.wrapped)
			if !errors.Is(err, ErrUnknownKey) || errors.Is(err, ErrAltered) != c.altered || !got.IsZero() {
				t.Fatalf("error %v; ErrAltered: %v, want %v", err, !c.altered, c.altered)
			}
			if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), string(alice)) {
				t.Errorf("error %q, want the session and %q", err, c.want)
			}
		})
	}
	if _, err := ring.Unwrap(alice, wrapped); err != nil {
		t.Errorf("after all that the good key is refused: %v", err)
	}
}

func TestEachKeyIsNew(t *testing.T) {
	ring := newKeyring(t, newKeyset(t))
	first, _ := begin(t, ring, alice)
	second, wrapped := begin(t, ring, alice)
	if _, err := second.Decrypt(sealed(t, first, toAlice, 1, plainText), Place(toAlice, 1)); !errors.Is(err, ErrAltered) {
		t.Errorf("a session that begins again has its old key: %v", err)
	}
	again, err := ring.Unwrap(alice, wrapped)
	if err != nil || again != second {
		t.Errorf("a key that was just made is unwrapped anew: %v", err)
	}
}

func TestForget(t *testing.T) {
	ring := newKeyring(t, newKeyset(t))
	begin(t, ring, alice)
	begin(t, ring, bob)
	ring.Forget(alice)
	if kept(ring, alice) || !kept(ring, bob) {
		t.Error("not the key of the forgotten session was dropped")
	}
	ring.Forget(alice)
	ring.Forget("ses_unknown")
}

// TestTheRecordDecides is two replicas that begin a session at once: the record
// holds the first one's key, and the other takes that.
func TestTheRecordDecides(t *testing.T) {
	keys := newKeyset(t)
	one, two := newKeyring(t, keys), newKeyring(t, keys)
	winner, record := begin(t, one, alice)
	_, refused := begin(t, two, alice)
	if bytes.Equal(record, refused) {
		t.Fatal("two replicas made the same key")
	}
	key, err := two.Unwrap(alice, record)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := winner.Decrypt(sealed(t, key, toAlice, 1, plainText), Place(toAlice, 1)); err != nil || string(got) != plainText {
		t.Errorf("opened to %q, %v", got, err)
	}
}

func TestTheKeyringIsBounded(t *testing.T) {
	ring, err := NewKeyring(newKeyset(t), Options{Sessions: 3})
	if err != nil {
		t.Fatal(err)
	}
	_, first := begin(t, ring, "0")
	begin(t, ring, "1")
	begin(t, ring, "2")
	if _, err := ring.Unwrap("0", first); err != nil { // 1 is now the one used longest ago
		t.Fatal(err)
	}
	begin(t, ring, "3")
	for session, want := range map[chat.SessionID]bool{"0": true, "1": false, "2": true, "3": true} {
		if kept(ring, session) != want {
			t.Errorf("session %s is kept: %v, want %v", session, !want, want)
		}
	}
	if keys := ring.cache.Len(); keys != 3 {
		t.Errorf("%d keys are kept, want 3", keys)
	}
}

func TestIdleKeysAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring, err := NewKeyring(newKeyset(t), Options{Idle: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		_, wrapped := begin(t, ring, alice)
		begin(t, ring, bob)
		for range 2 {
			time.Sleep(50 * time.Second)
			if _, err := ring.Unwrap(alice, wrapped); err != nil {
				t.Fatal(err)
			}
		}
		if kept(ring, bob) {
			t.Error("a key that was idle for too long is kept")
		}
		if !kept(ring, alice) {
			t.Error("a key in use was dropped")
		}
	})
}

// TestManyGoroutines is for the race detector, and sees to it that whoever
// drops or replaces a key takes it from nobody.
func TestManyGoroutines(t *testing.T) {
	ring, err := NewKeyring(newKeyset(t), Options{Sessions: 2})
	if err != nil {
		t.Fatal(err)
	}
	key, wrapped := begin(t, ring, alice)
	entry := sealed(t, key, toAlice, 1, plainText)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 50 {
				got, err := ring.Unwrap(alice, wrapped)
				if err != nil {
					t.Error(err)
					return
				}
				if text, err := got.Decrypt(entry, Place(toAlice, 1)); err != nil || string(text) != plainText {
					t.Errorf("opened to %q, %v", text, err)
				}
				if _, _, err := ring.New(chat.SessionID(fmt.Sprint(i % 3))); err != nil {
					t.Error(err)
				}
				ring.Forget(alice)
			}
		})
	}
	group.Wait()
}

func FuzzUnwrap(f *testing.F) {
	ring := newKeyring(f, newKeyset(f))
	_, good := begin(f, ring, alice)
	f.Add(good)
	f.Add(good[:10])
	f.Add([]byte{})
	f.Add([]byte{wrapVersion})
	f.Add(bytes.Repeat([]byte{1}, wrappedBytes))
	f.Fuzz(func(t *testing.T, wrapped []byte) {
		ring.Forget(alice)
		key, err := ring.Unwrap(alice, wrapped)
		if bytes.Equal(wrapped, good) {
			if err != nil {
				t.Errorf("the good key is refused: %v", err)
			}
			return
		}
		if !errors.Is(err, ErrUnknownKey) || !key.IsZero() {
			t.Errorf("a stranger's bytes are a key: %v", err)
		}
	})
}
