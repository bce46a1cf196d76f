package seal

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// opens says whether a process with these keys reads the session.
func opens(t testing.TB, keys Keyset, wrapped, entry []byte) bool {
	t.Helper()
	unwrapped, err := newKeyring(t, keys).Unwrap(alice, wrapped)
	if err != nil {
		if !errors.Is(err, ErrUnknownKey) {
			t.Fatalf("error %v, want ErrUnknownKey", err)
		}
		return false
	}
	got, err := unwrapped.Decrypt(entry, Place(toAlice, 1))
	if err != nil || string(got) != plainText {
		t.Fatalf("the key was unwrapped and its entry does not open: %v", err)
	}
	return true
}

func TestTheOldKeyOpensAfterRotation(t *testing.T) {
	old := newKeyset(t)
	key, wrapped := begin(t, newKeyring(t, old), alice)
	entry := sealed(t, key, toAlice, 1, plainText)

	rotated := must(t)(old.Rotate())
	if rotated.Primary() == old.Primary() || !slices.Equal(rotated.IDs(), []uint32{old.Primary(), rotated.Primary()}) {
		t.Fatalf("keys %v with primary %d, after %v", rotated.IDs(), rotated.Primary(), old.IDs())
	}
	if !opens(t, rotated, wrapped, entry) || !opens(t, must(t)(rotated.Rotate()), wrapped, entry) {
		t.Error("the old key does not open after rotation")
	}
	key, wrappedSince := begin(t, newKeyring(t, rotated), alice)
	entrySince := sealed(t, key, toAlice, 1, plainText)
	if opens(t, old, wrappedSince, entrySince) {
		t.Error("what is sealed after rotation opens with the keyset from before")
	}

	pruned := must(t)(rotated.Prune())
	if !slices.Equal(pruned.IDs(), []uint32{rotated.Primary()}) || pruned.Primary() != rotated.Primary() {
		t.Fatalf("pruning left %v of %v", pruned.IDs(), rotated.IDs())
	}
	if opens(t, pruned, wrapped, entry) {
		t.Error("a key that was rotated away still opens")
	}
	if !opens(t, pruned, wrappedSince, entrySince) {
		t.Error("pruning took the primary key")
	}
	if len(old.IDs()) != 1 || len(rotated.IDs()) != 2 {
		t.Error("rotating or pruning changed the keyset that it was called on")
	}
}

// TestAPreparedRotationLosesNoSession is a roll-out over two replicas: at each
// step one has the keyset from before and the other the one after.
func TestAPreparedRotationLosesNoSession(t *testing.T) {
	first := newKeyset(t)
	prepared := must(t)(first.Prepare())
	rotated := must(t)(prepared.Rotate())
	if prepared.Primary() != first.Primary() || !slices.Equal(rotated.IDs(), prepared.IDs()) || rotated.Primary() != prepared.IDs()[1] {
		t.Fatalf("keys %v/%d, prepared %v/%d, rotated %v/%d",
			first.IDs(), first.Primary(), prepared.IDs(), prepared.Primary(), rotated.IDs(), rotated.Primary())
	}
	if again := must(t)(prepared.Prepare()); !slices.Equal(again.IDs(), prepared.IDs()) {
		t.Error("preparing twice adds two keys")
	}
	for _, step := range [][2]Keyset{{first, prepared}, {prepared, rotated}} {
		for _, writer := range step {
			for _, reader := range step {
				key, wrapped := begin(t, newKeyring(t, writer), alice)
				if !opens(t, reader, wrapped, sealed(t, key, toAlice, 1, plainText)) {
					t.Errorf("a replica with keys %v/%d does not know a session of one with %v/%d",
						reader.IDs(), reader.Primary(), writer.IDs(), writer.Primary())
				}
			}
		}
	}
}

// TestRotationsInAnyOrder keeps what holds whatever an operator does: there is
// one primary key, and a session opens exactly while its wrapping key is there.
func TestRotationsInAnyOrder(t *testing.T) {
	start := newKeyset(t)
	rapid.Check(t, func(r *rapid.T) {
		keys := start
		type session struct {
			wrapped, entry []byte
			wrapper        uint32
		}
		var sessions []session
		for range rapid.IntRange(1, 8).Draw(r, "steps") {
			before := keys
			switch rapid.SampledFrom([]string{"rotate", "prepare", "prune", "print", "begin"}).Draw(r, "step") {
			case "rotate":
				if keys = must(t)(keys.Rotate()); keys.Primary() == before.Primary() {
					r.Fatal("rotation kept the primary key")
				}
			case "prepare":
				if keys = must(t)(keys.Prepare()); keys.Primary() != before.Primary() {
					r.Fatal("preparing changed the primary key")
				}
			case "prune":
				if keys = must(t)(keys.Prune()); keys.IDs()[0] != before.Primary() || keys.Primary() != before.Primary() {
					r.Fatal("pruning left an older key or took the primary one")
				}
			case "print":
				keys = must(t)(ParseKeyset(reveal(t, keys)))
			case "begin":
				key, wrapped := begin(t, newKeyring(t, keys), alice)
				sessions = append(sessions, session{wrapped, sealed(t, key, toAlice, 1, plainText), keys.Primary()})
			}
			if !slices.Contains(keys.IDs(), keys.Primary()) {
				r.Fatalf("primary key %d is not among %v", keys.Primary(), keys.IDs())
			}
			for _, s := range sessions {
				if want := slices.Contains(keys.IDs(), s.wrapper); opens(t, keys, s.wrapped, s.entry) != want {
					r.Fatalf("a session wrapped by %d opens with keys %v: %v", s.wrapper, keys.IDs(), !want)
				}
			}
		}
	})
}
