package seal

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bedside/internal/chat"
)

func TestAWrappedKeyOpensForItsSession(t *testing.T) {
	keys := newKeyset(t)
	key := begin(t, newKeyring(t, keys), alice)
	entry := sealed(t, key, toAlice, 1, plainText)
	if len(key.Wrapped()) != wrappedBytes {
		t.Errorf("a wrapped key has %d bytes, the package says %d", len(key.Wrapped()), wrappedBytes)
	}

	other := newKeyring(t, keys)
	unwrapped, err := other.Unwrap(alice, key.Wrapped())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := unwrapped.Open(toAlice, 1, entry); err != nil || string(got) != plainText {
		t.Errorf("opened to %q, %v", got, err)
	}
	if unwrapped.Wrapped() != key.Wrapped() {
		t.Error("unwrapping changed the wrapped form")
	}
	if _, err := other.Unwrap(bob, key.Wrapped()); !errors.Is(err, ErrUnknownKey) || !errors.Is(err, ErrAltered) {
		t.Errorf("unwrapped for another session: %v", err)
	}
}

func TestKeysThatCannotBeUnwrapped(t *testing.T) {
	keys := newKeyset(t)
	key := begin(t, newKeyring(t, keys), alice)
	wrapped := key.Wrapped()
	foreign := begin(t, newKeyring(t, must(t)(Fresh())), alice).Wrapped()
	ring := newKeyring(t, keys)

	cases := map[string]struct {
		wrapped string
		altered bool
		want    string
	}{
		"of another keyset": {foreign, false, "it was wrapped with key"},
		"none":              {"", false, "there is none"},
		"of a later form":   {"\x02" + wrapped[1:], false, "its form 2 is not known"},
		"cut off":           {wrapped[:wrappedBytes-1], true, "65 bytes instead of 66"},
		"the form alone":    {wrapped[:1], true, "1 bytes instead of 66"},
		"too long":          {wrapped + "x", true, "67 bytes instead of 66"},
		"altered":           {wrapped[:20] + string(wrapped[20]^1) + wrapped[21:], true, "altered"},
		"an entry":          {"\x01" + string(sealed(t, key, toAlice, 1, plainText[:keyBytes])), false, "wrapped with key 1"},
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
			if _, ok := ring.Cached(alice); ok {
				t.Error("a key that was refused is kept")
			}
		})
	}
}

func TestBeginKeepsTheKey(t *testing.T) {
	ring := newKeyring(t, newKeyset(t))
	if _, ok := ring.Cached(alice); ok {
		t.Error("there is a key before the first")
	}
	key := begin(t, ring, alice)
	if begin(t, ring, alice).Wrapped() != key.Wrapped() {
		t.Error("a second writer of the process got another key")
	}
	if kept, ok := ring.Cached(alice); !ok || kept.Wrapped() != key.Wrapped() {
		t.Error("the key is not kept")
	}
	if begin(t, ring, bob).Wrapped() == key.Wrapped() {
		t.Error("two sessions have the same key")
	}
	ring.Forget(alice)
	if _, ok := ring.Cached(alice); ok {
		t.Error("a forgotten key is kept")
	}
	if begin(t, ring, alice).Wrapped() == key.Wrapped() {
		t.Error("a session that was forgotten got its old key")
	}
	ring.Forget("ses_unknown")
}

// TestTheRecordDecides is two replicas that begin a session at once: the record
// holds the first one's key, and the other takes that.
func TestTheRecordDecides(t *testing.T) {
	keys := newKeyset(t)
	one, two := newKeyring(t, keys), newKeyring(t, keys)
	winner, loser := begin(t, one, alice), begin(t, two, alice)
	if winner.Wrapped() == loser.Wrapped() {
		t.Fatal("two replicas made the same key")
	}
	key, err := two.Unwrap(alice, winner.Wrapped())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := winner.Open(toAlice, 1, sealed(t, key, toAlice, 1, plainText)); err != nil || string(got) != plainText {
		t.Errorf("opened to %q, %v", got, err)
	}
	if begin(t, two, alice).Wrapped() != winner.Wrapped() {
		t.Error("the other replica goes on with its own key")
	}
}

func TestTheKeyringIsBounded(t *testing.T) {
	ring, err := NewKeyring(newKeyset(t), Options{Sessions: 3})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		begin(t, ring, chat.SessionID(fmt.Sprint(i)))
	}
	begin(t, ring, "0") // used again: 1 is now the one used longest ago
	begin(t, ring, "3")
	for session, want := range map[chat.SessionID]bool{"0": true, "1": false, "2": true, "3": true} {
		if _, ok := ring.Cached(session); ok != want {
			t.Errorf("session %s is kept: %v, want %v", session, ok, want)
		}
	}
	if kept := ring.cache.order.Len(); kept != 3 || len(ring.cache.sessions) != 3 {
		t.Errorf("%d and %d keys are kept, want 3", kept, len(ring.cache.sessions))
	}
}

func TestIdleKeysAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring, err := NewKeyring(newKeyset(t), Options{Idle: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		begin(t, ring, alice)
		begin(t, ring, bob)
		time.Sleep(50 * time.Second)
		begin(t, ring, alice)
		time.Sleep(50 * time.Second)
		if _, ok := ring.Cached(bob); ok {
			t.Error("a key that was idle for too long is kept")
		}
		if _, ok := ring.Cached(alice); !ok {
			t.Error("a key in use was dropped")
		}
		if kept := len(ring.cache.sessions); kept != 1 {
			t.Errorf("%d keys in memory, want 1", kept)
		}
	})
}

// TestManyWritersBeginOneSession runs under -race: whoever comes first, all of
// the process end with one key.
func TestManyWritersBeginOneSession(t *testing.T) {
	ring := newKeyring(t, newKeyset(t))
	other := newKeyring(t, newKeyset(t))
	foreign := begin(t, other, bob).Wrapped()
	var mu sync.Mutex
	got := make(map[string]bool)
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			key, err := ring.Begin(alice)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := ring.Unwrap(alice, key.Wrapped()); err != nil {
				t.Error(err)
			}
			if _, err := ring.Unwrap(bob, foreign); !errors.Is(err, ErrUnknownKey) {
				t.Error(err)
			}
			ring.Forget(bob)
			mu.Lock()
			defer mu.Unlock()
			got[key.Wrapped()] = true
		})
	}
	group.Wait()
	if len(got) != 1 {
		t.Errorf("%d keys for one session", len(got))
	}
}

func FuzzUnwrap(f *testing.F) {
	ring := newKeyring(f, newKeyset(f))
	good := begin(f, ring, alice).Wrapped()
	f.Add(good)
	f.Add(good[:10])
	f.Add("")
	f.Add("\x01")
	f.Add(strings.Repeat("\x01", wrappedBytes))
	f.Fuzz(func(t *testing.T, wrapped string) {
		ring.Forget(alice)
		key, err := ring.Unwrap(alice, wrapped)
		if wrapped == good {
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
