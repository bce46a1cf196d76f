package seal

import (
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

var errNoKeyset = errors.New("there is no keyset")

// Prepare adds a key that only unwraps until the next Rotate, so that every
// replica can know it before one of them wraps with it. A keyset that has a
// prepared key is returned as it is.
func (k Keyset) Prepare() (Keyset, error) {
	if k.IsZero() {
		return Keyset{}, fmt.Errorf("prepare a rotation: %w", errNoKeyset)
	}
	if _, prepared := k.prepared(); prepared {
		return k, nil
	}
	changed, _, err := k.add()
	if err != nil {
		return Keyset{}, fmt.Errorf("prepare a rotation: %w", err)
	}
	return k.with(changed, "prepare a rotation")
}

// Rotate gives the keyset a new primary key: the prepared one, or a fresh one
// if none was prepared. The others stay and unwrap what they wrapped.
func (k Keyset) Rotate() (Keyset, error) {
	if k.IsZero() {
		return Keyset{}, fmt.Errorf("rotate the data keyset: %w", errNoKeyset)
	}
	changed := keyset.NewManagerFromHandle(k.keys)
	next, prepared := k.prepared()
	if !prepared {
		var err error
		if changed, next, err = k.add(); err != nil {
			return Keyset{}, fmt.Errorf("rotate the data keyset: %w", err)
		}
	}
	if err := changed.SetPrimary(next); err != nil {
		return Keyset{}, fmt.Errorf("rotate the data keyset: %w", err)
	}
	return k.with(changed, "rotate the data keyset")
}

// Prune drops the keys that are older than the primary one. Sessions whose keys
// they wrapped become unknown.
func (k Keyset) Prune() (Keyset, error) {
	if k.IsZero() {
		return Keyset{}, fmt.Errorf("prune the data keyset: %w", errNoKeyset)
	}
	changed := keyset.NewManagerFromHandle(k.keys)
	primary := k.Primary()
	for _, id := range k.IDs() {
		if id == primary {
			break
		}
		if err := changed.Delete(id); err != nil {
			return Keyset{}, fmt.Errorf("prune the data keyset: %w", err)
		}
	}
	return k.with(changed, "prune the data keyset")
}

// prepared returns the key that waits to become primary: the newest one, where
// that is not the primary and not disabled.
func (k Keyset) prepared() (id uint32, ok bool) {
	handle := k.keys
	newest, err := handle.Entry(handle.Len() - 1)
	if err != nil || newest.IsPrimary() || newest.KeyStatus() != keyset.Enabled {
		return 0, false
	}
	return newest.KeyID(), true
}

// add returns a manager of the keyset's keys and a fresh one, and its id.
func (k Keyset) add() (*keyset.Manager, uint32, error) {
	manager := keyset.NewManagerFromHandle(k.keys)
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	return manager, id, err
}

func (k Keyset) with(manager *keyset.Manager, attempted string) (Keyset, error) {
	handle, err := manager.Handle()
	if err != nil {
		return Keyset{}, fmt.Errorf("%s: %w", attempted, err)
	}
	return Keyset{handle}, nil
}
