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

// sessionKey holds what must not show behind pointers of its own: given a verb
// that does not fit a pointer, fmt prints the struct it points to.
type sessionKey struct {
	aead    tink.AEAD
	wrapped *string
	bound   []byte // what is bound to all the session's entries
}

// newSessionKey makes a session's key of its bytes.
func newSessionKey(session chat.SessionID, material secretdata.Bytes, wrapped string) (SessionKey, error) {
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
	return SessionKey{&sessionKey{aead: aead, wrapped: &wrapped, bound: boundTo(session)}}, nil
}

// boundTo encodes what is bound to all entries of a session.
func boundTo(session chat.SessionID) []byte {
	b := appendField(nil, entryLabel)
	b = binary.BigEndian.AppendUint32(b, entryVersion)
	return appendField(b, string(session))
}

// IsZero says whether there is no key.
func (k SessionKey) IsZero() bool { return k.key == nil }

// Wrapped returns the key as it is stored in the session's record. A key has
// one wrapped form for its life, so that two keys of a session can be told
// apart by it. It is not text.
func (k SessionKey) Wrapped() string {
	if k.IsZero() {
		return ""
	}
	return *k.key.wrapped
}

// Seal encrypts an entry for its place: the answer it belongs to and its number
// there.
func (k SessionKey) Seal(response chat.ResponseID, sequence int, entry []byte) ([]byte, error) {
	if k.IsZero() {
		return nil, errors.New("seal an entry: no session key")
	}
	sealed, err := k.key.aead.Encrypt(entry, k.key.place(response, sequence))
	if err != nil {
		return nil, fmt.Errorf("seal entry %d of %s: %w", sequence, response, err)
	}
	return sealed, nil
}

// Open decrypts what Seal gave for the same place; of anything else the error
// is ErrAltered. It does not change sealed.
func (k SessionKey) Open(response chat.ResponseID, sequence int, sealed []byte) ([]byte, error) {
	if k.IsZero() {
		return nil, errors.New("open an entry: no session key")
	}
	entry, err := k.key.aead.Decrypt(sealed, k.key.place(response, sequence))
	if err != nil {
		return nil, fmt.Errorf("open entry %d of %s: %w", sequence, response, ErrAltered)
	}
	return entry, nil
}

// place encodes where an entry belongs. Each field has its length before it, so
// that no two places have the same code.
func (k *sessionKey) place(response chat.ResponseID, sequence int) []byte {
	b := make([]byte, 0, len(k.bound)+binary.MaxVarintLen64+len(response)+8)
	b = append(b, k.bound...)
	b = appendField(b, string(response))
	return binary.BigEndian.AppendUint64(b, uint64(sequence))
}

func appendField(b []byte, field string) []byte {
	b = binary.AppendUvarint(b, uint64(len(field)))
	return append(b, field...)
}

// Format hides the key from every verb of fmt.
func (k SessionKey) Format(f fmt.State, _ rune) { fmt.Fprint(f, hiddenSessionKey) }

// LogValue hides the key from slog.
func (k SessionKey) LogValue() slog.Value { return slog.StringValue(hiddenSessionKey) }

// MarshalText refuses: of a session key only Wrapped leaves the process.
func (k SessionKey) MarshalText() ([]byte, error) {
	return nil, errors.New("a session key is not marshalled")
}
