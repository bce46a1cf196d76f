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
	"bedside/internal/recent"
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
	Idle     time.Duration // dropped when not used for so long (2 minutes); to unwrap one again takes microseconds
}

func (o Options) withDefaults() Options {
	if o.Sessions <= 0 {
		o.Sessions = 8192
	}
	if o.Idle <= 0 {
		o.Idle = 2 * time.Minute
	}
	return o
}

// Keyring makes and unwraps the keys of sessions, and keeps those in use. Its
// methods may be called from many goroutines.
type Keyring struct {
	wrapping tink.AEAD
	ids      []uint32
	cache    *recent.Cache[chat.SessionID, cached]
}

// cached is a session's key with what it was unwrapped from.
type cached struct {
	wrapped string
	key     SessionKey
}

// NewKeyring returns the keyring of a process.
func NewKeyring(keys Keyset, options Options) (*Keyring, error) {
	if keys.IsZero() {
		return nil, fmt.Errorf("open the keyring: %w", errNoKeyset)
	}
	wrapping, err := aead.New(keys.keys)
	if err != nil {
		return nil, fmt.Errorf("open the keyring: %w", err)
	}
	options = options.withDefaults()
	return &Keyring{
		wrapping: wrapping, ids: keys.IDs(), cache: recent.New[chat.SessionID, cached](options.Sessions, options.Idle),
	}, nil
}

// New makes a key for a session that has none. It is the session's key once its
// wrapped form stands in the session's record; if another writer's stands there
// by then, that one is to be unwrapped and this one's entries sealed anew.
func (k *Keyring) New(session chat.SessionID) (wrapped []byte, key SessionKey, err error) {
	material, err := secretdata.NewBytesFromRand(keyBytes)
	if err != nil {
		return nil, SessionKey{}, fmt.Errorf("make a key for session %s: %w", session, err)
	}
	closed, err := k.wrapping.Encrypt(material.Data(insecuresecretdataaccess.Token{}), owner(session))
	if err != nil {
		return nil, SessionKey{}, fmt.Errorf("wrap the key of session %s: %w", session, err)
	}
	if key, err = newSessionKey(session, material); err != nil {
		return nil, SessionKey{}, fmt.Errorf("make a key for session %s: %w", session, err)
	}
	wrapped = append([]byte{wrapVersion}, closed...)
	k.cache.Change(session, func(kept *cached) { *kept = cached{string(wrapped), key} })
	return wrapped, key, nil
}

// Unwrap returns the session's key, given what its record holds. Any failure is
// ErrUnknownKey: to this process there is no such session. It also wraps
// ErrAltered where the keyset holds the key that should open it.
func (k *Keyring) Unwrap(session chat.SessionID, wrapped []byte) (SessionKey, error) {
	if kept, ok := k.cache.Get(session); ok && kept.wrapped == string(wrapped) {
		return kept.key, nil
	}
	material, err := k.unwrap(session, wrapped)
	if err != nil {
		return SessionKey{}, fmt.Errorf("session %s: %w: %w", session, ErrUnknownKey, err)
	}
	key, err := newSessionKey(session, material)
	if err != nil {
		return SessionKey{}, fmt.Errorf("session %s: %w: %w", session, ErrUnknownKey, err)
	}
	k.cache.Change(session, func(kept *cached) { *kept = cached{string(wrapped), key} })
	return key, nil
}

func (k *Keyring) unwrap(session chat.SessionID, wrapped []byte) (secretdata.Bytes, error) {
	switch {
	case len(wrapped) == 0:
		return secretdata.Bytes{}, errors.New("there is none")
	case wrapped[0] != wrapVersion:
		return secretdata.Bytes{}, fmt.Errorf("its form %d is not known", wrapped[0])
	case len(wrapped) != wrappedBytes:
		return secretdata.Bytes{}, fmt.Errorf("%w: %d bytes instead of %d", ErrAltered, len(wrapped), wrappedBytes)
	}
	closed := wrapped[1:]
	material, err := k.wrapping.Decrypt(closed, owner(session))
	if err == nil {
		return secretdata.NewBytesFromData(material, insecuresecretdataaccess.Token{}), nil
	}
	if id := binary.BigEndian.Uint32(closed[1:prefixBytes]); !slices.Contains(k.ids, id) {
		return secretdata.Bytes{}, fmt.Errorf("it was wrapped with key %d", id)
	}
	return secretdata.Bytes{}, ErrAltered
}

// Forget drops the session's key from memory.
func (k *Keyring) Forget(session chat.SessionID) { k.cache.Remove(session) }

// owner encodes whose key is wrapped.
func owner(session chat.SessionID) []byte {
	b := appendField(nil, wrapLabel)
	b = append(b, wrapVersion)
	return appendField(b, string(session))
}
