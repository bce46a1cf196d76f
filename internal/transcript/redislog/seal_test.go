package redislog

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"bedside/internal/chat"
	"bedside/internal/redisdb/redistest"
	"bedside/internal/transcript"
	"bedside/internal/transcript/transcripttest"
)

// ring is a Sealer that wraps each session's key with one of its own.
type ring struct{ cipher.AEAD }

func newRing() ring {
	key := make([]byte, 32)
	rand.Read(key)
	return ring{aead(key)}
}

func (r ring) New(session chat.SessionID) ([]byte, Key, error) {
	key := make([]byte, 32)
	rand.Read(key)
	return r.seal(key, []byte(session)), sessionKey{ring{aead(key)}}, nil
}

func (r ring) Unwrap(session chat.SessionID, wrapped []byte) (Key, error) {
	key, err := r.open(wrapped, []byte(session))
	if err != nil {
		return nil, err
	}
	return sessionKey{ring{aead(key)}}, nil
}

func (r ring) seal(plaintext, place []byte) []byte {
	return r.Seal(nil, nil, plaintext, place)
}

func (r ring) open(sealed, place []byte) ([]byte, error) { return r.Open(nil, nil, sealed, place) }

type sessionKey struct{ ring }

func (k sessionKey) Encrypt(plaintext, place []byte) ([]byte, error) {
	return k.seal(plaintext, place), nil
}

func (k sessionKey) Decrypt(sealed, place []byte) ([]byte, error) { return k.open(sealed, place) }

func aead(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return gcm
}

func sealedInMemory(t testing.TB, options transcripttest.Options) transcripttest.Store {
	return openOn(redistest.Memory(t).Open, newRing())(t, options)
}

func TestSealedLog(t *testing.T)        { transcripttest.Run(t, sealedInMemory) }
func TestSealedLogVirtual(t *testing.T) { transcripttest.RunVirtual(t, sealedInMemory) }

func TestSealedLogHidesWords(t *testing.T) {
	server := redistest.Memory(t)
	log := newLog(t, server.Open(), Options{Sealer: newRing()})
	session := transcripttest.Session()
	answer := transcripttest.NewAnswer(session)
	accepted := chat.Accepted{Head: answer.Head(), ClientMessageID: "canary id", Text: "canary question"}
	delta := chat.Delta{Head: answer.Head(), Text: "canary answer"}
	if _, err := log.Append(t.Context(), transcript.Batch{Session: session, Create: true, Events: []chat.Event{accepted, delta}}); err != nil {
		t.Fatal(err)
	}
	if dump := server.Dump(); strings.Contains(dump, "canary") || !strings.Contains(dump, own(answer.Response)) {
		t.Errorf("the dump:\n%s", dump)
	}
	if err := log.Forget(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	if fields, err := server.HKeys(log.stateKey(session)); err != nil || len(fields) != 1 || server.Exists(log.logKey(session)) {
		t.Errorf("forgotten, and left: %v, %v", fields, err)
	}
	if _, known := log.recent.get(session); known {
		t.Error("the key of a forgotten session is still held")
	}
}

// TestSealedEntriesKeepTheirPlace moves a sealed entry to another's place.
func TestSealedEntriesKeepTheirPlace(t *testing.T) {
	server := redistest.Memory(t)
	client := server.Open()
	log := newLog(t, client, Options{Sealer: newRing()})
	session, answer := begin(t, log)
	if _, err := log.Append(t.Context(), sentence(session, answer)); err != nil {
		t.Fatal(err)
	}
	entries, err := client.XRange(t.Context(), log.logKey(session), "-", "+").Result()
	if err != nil {
		t.Fatal(err)
	}
	swapped := entries[1].Values
	swapped["q"] = "2"
	if err := client.XAdd(t.Context(), &redis.XAddArgs{Stream: log.logKey(session), ID: "3-1", Values: swapped}).Err(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := log.Read(t.Context(), session, "", 0); err == nil || errors.Is(err, transcript.ErrNoSession) {
		t.Errorf("a moved entry was read: %v", err)
	}
	if kept, _, err := log.Read(t.Context(), session, "", 2); err != nil || len(kept) != 2 {
		t.Errorf("those before it: %d, %v", len(kept), err)
	}
}

// TestForeignKey opens a session whose key this replica cannot unwrap, or for
// which it has no Sealer at all: it is unknown here, and said once.
func TestForeignKey(t *testing.T) {
	server := redistest.Memory(t)
	client := server.Open()
	sealed := newLog(t, client, Options{Sealer: newRing()})
	plain := newLog(t, client, Options{})
	for name, test := range map[string]struct {
		owner  *Log
		sealer Sealer
	}{
		"another ring":       {sealed, newRing()},
		"no ring":            {sealed, nil},
		"a ring, and no key": {plain, newRing()},
	} {
		t.Run(name, func(t *testing.T) {
			session, answer := begin(t, test.owner)
			var said bytes.Buffer
			foreign := newLog(t, client, Options{Sealer: test.sealer, Logger: slog.New(slog.NewTextHandler(&said, nil))})
			for range 2 {
				if _, _, err := foreign.Read(t.Context(), session, "", 0); !errors.Is(err, transcript.ErrNoSession) {
					t.Errorf("read: %v, want ErrNoSession", err)
				}
				if _, err := foreign.State(t.Context(), session); !errors.Is(err, transcript.ErrNoSession) {
					t.Errorf("state: %v, want ErrNoSession", err)
				}
				if _, err := foreign.Append(t.Context(), transcript.Batch{Session: session, Create: true, Events: []chat.Event{answer.Delta()}}); !errors.Is(err, transcript.ErrNoSession) {
					t.Errorf("append: %v, want ErrNoSession", err)
				}
			}
			if warnings := strings.Count(said.String(), "data keys"); warnings != 1 {
				t.Errorf("%d warnings:\n%s", warnings, &said)
			}
			if n := count(t, test.owner, session); n != 1 {
				t.Errorf("%d entries, want 1", n)
			}
		})
	}
}
