package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// hiddenKeyset is what a keyset shows of itself.
const hiddenKeyset = "[data keyset]"

// Keyset is the keys that wrap session keys, oldest first: a primary one that
// wraps, and others that only unwrap. It does not change; Prepare, Rotate and
// Prune return another. The zero Keyset is none.
//
// It hides itself from printing, logging and encoding; Reveal gives the text.
// The keys are behind a pointer because fmt prints the unexported fields of a
// struct without asking their types.
type Keyset struct{ keys *keyset.Handle }

// NewKeyset returns a keyset with one new key.
func NewKeyset() (Keyset, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return Keyset{}, fmt.Errorf("make a data keyset: %w", err)
	}
	return Keyset{handle}, nil
}

// IsZero says whether there is no keyset.
func (k Keyset) IsZero() bool { return k.keys == nil }

// Primary returns the id of the key that wraps. Ids are no secret: they stand in
// what is stored.
func (k Keyset) Primary() uint32 {
	if k.IsZero() {
		return 0
	}
	return k.keys.KeysetInfo().GetPrimaryKeyId()
}

// IDs returns the ids of all keys, oldest first; see Primary.
func (k Keyset) IDs() []uint32 {
	if k.IsZero() {
		return nil
	}
	infos := k.keys.KeysetInfo().GetKeyInfo()
	ids := make([]uint32, len(infos))
	for i, info := range infos {
		ids[i] = info.GetKeyId()
	}
	return ids
}

// Reveal returns the keyset as one line of JSON with the keys in clear text, as
// ParseKeyset reads it and Tink's own tools do.
func (k Keyset) Reveal() (string, error) {
	if k.IsZero() {
		return "", errors.New("print the data keyset: there is none")
	}
	var long, line bytes.Buffer
	if err := insecurecleartextkeyset.Write(k.keys, keyset.NewJSONWriter(&long)); err != nil {
		return "", fmt.Errorf("print the data keyset: %w", err)
	}
	// The encoder varies its spaces on purpose; the same keyset is the same line.
	if err := json.Compact(&line, long.Bytes()); err != nil {
		return "", errors.New("print the data keyset: Tink wrote no JSON")
	}
	return line.String(), nil
}

// Format hides the keyset from every verb of fmt.
func (k Keyset) Format(f fmt.State, _ rune) { fmt.Fprint(f, hiddenKeyset) }

// LogValue hides the keyset from slog.
func (k Keyset) LogValue() slog.Value { return slog.StringValue(hiddenKeyset) }

// MarshalText refuses: a keyset is written out only where Reveal is called.
func (k Keyset) MarshalText() ([]byte, error) {
	return nil, errors.New("a data keyset is not marshalled")
}
