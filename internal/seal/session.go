package seal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"

	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/secretdata"
	"github.com/tink-crypto/tink-go/v2/tink"

	"bedside/internal/chat"
)

const (
	// entryVersion is the form in which entries are sealed. It stands in Tink's
	// prefix as the key's id, which a key outside a keyset has no other use for.
	entryVersion = 1
	// Overhead is how much longer an entry is when it is sealed.
	Overhead = prefixBytes + nonceBytes + tagBytes

	prefixBytes = 5
	nonceBytes  = 12
	tagBytes    = 16

	entryLabel       = "bedside entry"
	hiddenSessionKey = "[session key]"
)

// SessionKey seals and opens the entries of one session. It hides itself from
// printing, logging and encoding. Its methods may be called from many
// goroutines.
type SessionKey struct{ key *sessionKey }

type sessionKey struct {
	aead  tink.AEAD
	bound []byte // what is bound to all the session's entries
}

func newSessionKey(session chat.SessionID, material secretdata.Bytes) (SessionKey, error) {
	parameters, err := aesgcm.NewParameters(aesgcm.ParametersOpts{
		KeySizeInBytes: keyBytes,
		IVSizeInBytes:  nonceBytes,
		TagSizeInBytes: tagBytes,
		Variant:        aesgcm.VariantTink,
	})
	if err != nil {
		return SessionKey{}, err
	}
	key, err := aesgcm.NewKey(material, entryVersion, parameters)
	if err != nil {
		return SessionKey{}, err
	}
	aead, err := aesgcm.NewAEAD(key)
	if err != nil {
		return SessionKey{}, err
	}
	return SessionKey{&sessionKey{aead: aead, bound: boundTo(session)}}, nil
}

// IsZero says whether there is no key.
func (k SessionKey) IsZero() bool { return k.key == nil }

// Encrypt seals an entry for its place in the session; see Place.
func (k SessionKey) Encrypt(entry, place []byte) ([]byte, error) {
	if k.IsZero() {
		return nil, errors.New("seal an entry: no session key")
	}
	sealed, err := k.key.aead.Encrypt(entry, k.key.at(place))
	if err != nil {
		return nil, fmt.Errorf("seal an entry: %w", err)
	}
	return sealed, nil
}

// Decrypt opens what Encrypt gave for the same place, and leaves it as it is. Of
// anything else the error is ErrAltered.
func (k SessionKey) Decrypt(sealed, place []byte) ([]byte, error) {
	if k.IsZero() {
		return nil, errors.New("open an entry: no session key")
	}
	entry, err := k.key.aead.Decrypt(sealed, k.key.at(place))
	if err != nil {
		// Tink says no more than that it does not open.
		return nil, fmt.Errorf("open an entry: %w", ErrAltered)
	}
	return entry, nil
}

// Place encodes where in its session an entry belongs: the answer, and the
// entry's number there. No two places have the same code.
func Place(response chat.ResponseID, sequence int) []byte {
	b := make([]byte, 0, binary.MaxVarintLen64+len(response)+8)
	b = appendField(b, string(response))
	return binary.BigEndian.AppendUint64(b, uint64(sequence))
}

// at joins what is bound to the session with the place in it. What comes before
// the place says where it ends, so that no place can imitate a session.
func (k *sessionKey) at(place []byte) []byte {
	b := make([]byte, 0, len(k.bound)+len(place))
	b = append(b, k.bound...)
	return append(b, place...)
}

// boundTo encodes what is bound to all entries of a session.
func boundTo(session chat.SessionID) []byte {
	b := appendField(nil, entryLabel)
	b = binary.BigEndian.AppendUint32(b, entryVersion)
	return appendField(b, string(session))
}

// appendField writes a field with its length before it.
func appendField(b []byte, field string) []byte {
	b = binary.AppendUvarint(b, uint64(len(field)))
	return append(b, field...)
}

// Format hides the key from every verb of fmt.
func (k SessionKey) Format(f fmt.State, _ rune) { fmt.Fprint(f, hiddenSessionKey) }

// LogValue hides the key from slog.
func (k SessionKey) LogValue() slog.Value { return slog.StringValue(hiddenSessionKey) }

// MarshalText refuses: a session key leaves the process only wrapped.
func (k SessionKey) MarshalText() ([]byte, error) {
	return nil, errors.New("a session key is not marshalled")
}
