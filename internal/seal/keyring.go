package seal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/secretdata"
	"github.com/tink-crypto/tink-go/v2/tink"

	"bedside/internal/chat"
)

const (
	// wrapVersion is the form in which session keys are wrapped.
	wrapVersion  = 1
	wrappedBytes = 1 + Overhead + keyBytes
	wrapLabel    = "bedside session key"
)

// Options say how many session keys a process keeps unwrapped. The zero value
// is good.
type Options struct {
	Sessions int           // at most so many (8,192, which is about 10 MB)
	Idle     time.Duration // dropped when not used for so long (1 hour)
}

func (o Options) withDefaults() Options {
	if o.Sessions <= 0 {
		o.Sessions = 8192
	}
	if o.Idle <= 0 {
		o.Idle = time.Hour
	}
	return o
}

// Keyring makes and unwraps the keys of sessions, and keeps those in use. Its
// methods may be called from many goroutines.
type Keyring struct {
	wrapping tink.AEAD
	ids      []uint32
	cache    *cache
}

// NewKeyring returns the keyring of a process.
func NewKeyring(keys Keyset, options Options) (*Keyring, error) {
	if keys.IsZero() {
		return nil, fmt.Errorf("open the keyring: %w", errNoKeyset)
	}
	wrapping, err := aead.New(keys.keys.handle)
	if err != nil {
		return nil, fmt.Errorf("open the keyring: %w", err)
	}
	return &Keyring{wrapping: wrapping, ids: keys.IDs(), cache: newCache(options.withDefaults())}, nil
}

// Begin returns the key of a session that may have no record yet: the one that
// this process has in use for it, or a new one. A new key is the session's only
// if its wrapped form is what its record holds in the end; if another writer's
// stands there, Unwrap that one and seal anew.
func (k *Keyring) Begin(session chat.SessionID) (SessionKey, error) {
	if key, ok := k.cache.get(session); ok {
		return key, nil
	}
	material, err := secretdata.NewBytesFromRand(keyBytes)
	if err != nil {
		return SessionKey{}, fmt.Errorf("make a key for %s: %w", session, err)
	}
	wrapped, err := k.wrapping.Encrypt(material.Data(insecuresecretdataaccess.Token{}), owner(session))
	if err != nil {
		return SessionKey{}, fmt.Errorf("wrap the key of %s: %w", session, err)
	}
	key, err := newSessionKey(session, material, string(append([]byte{wrapVersion}, wrapped...)))
	if err != nil {
		return SessionKey{}, fmt.Errorf("make a key for %s: %w", session, err)
	}
	return k.cache.add(session, key), nil
}

// Cached returns the key that this process has in use for the session, if any.
// Whether it is still the session's shows in its record; see Unwrap.
func (k *Keyring) Cached(session chat.SessionID) (SessionKey, bool) {
	return k.cache.get(session)
}

// Unwrap returns the session's key, given what its record holds. Any failure is
// ErrUnknownKey: to this process there is no such session. It also wraps
// ErrAltered where the keyset holds the key that should open it.
func (k *Keyring) Unwrap(session chat.SessionID, wrapped string) (SessionKey, error) {
	if key, ok := k.cache.get(session); ok && key.Wrapped() == wrapped {
		return key, nil
	}
	material, err := k.unwrap(session, wrapped)
	if err != nil {
		return SessionKey{}, fmt.Errorf("unwrap the key of %s: %w: %w", session, ErrUnknownKey, err)
	}
	key, err := newSessionKey(session, material, wrapped)
	if err != nil {
		return SessionKey{}, fmt.Errorf("unwrap the key of %s: %w: %w", session, ErrUnknownKey, err)
	}
	k.cache.put(session, key)
	return key, nil
}

func (k *Keyring) unwrap(session chat.SessionID, wrapped string) (secretdata.Bytes, error) {
	switch {
	case wrapped == "":
		return secretdata.Bytes{}, errors.New("there is none")
	case wrapped[0] != wrapVersion:
		return secretdata.Bytes{}, fmt.Errorf("its form %d is not known", wrapped[0])
	case len(wrapped) != wrappedBytes:
		return secretdata.Bytes{}, fmt.Errorf("%d bytes instead of %d: %w", len(wrapped), wrappedBytes, ErrAltered)
	}
	sealed := []byte(wrapped[1:])
	material, err := k.wrapping.Decrypt(sealed, owner(session))
	if err == nil {
		return secretdata.NewBytesFromData(material, insecuresecretdataaccess.Token{}), nil
	}
	if id := binary.BigEndian.Uint32(sealed[1:prefixBytes]); !slices.Contains(k.ids, id) {
		return secretdata.Bytes{}, fmt.Errorf("it was wrapped with key %d", id)
	}
	return secretdata.Bytes{}, ErrAltered
}

// Forget drops the session's key from memory.
func (k *Keyring) Forget(session chat.SessionID) { k.cache.remove(session) }

// owner encodes whose key is wrapped.
func owner(session chat.SessionID) []byte {
	b := appendField(nil, wrapLabel)
	b = append(b, wrapVersion)
	return appendField(b, string(session))
}
