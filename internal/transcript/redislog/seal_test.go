package redislog

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"bedside/internal/chat"
	"bedside/internal/redisdb/redistest"
	"bedside/internal/seal"
	"bedside/internal/transcript"
	"bedside/internal/transcript/transcripttest"
)

// ring is the product's own Sealer, with a keyset that nobody else has.
type ring struct{ *seal.Keyring }

func newRing() ring {
	keys, err := seal.NewKeyset()
	if err != nil {
		panic(err) // no randomness
	}
	keyring, err := seal.NewKeyring(keys, seal.Options{})
	if err != nil {
		panic(err)
	}
	return ring{keyring}
}

func (r ring) New(session chat.SessionID) ([]byte, Key, error) { return r.Keyring.New(session) }

func (r ring) Unwrap(session chat.SessionID, wrapped []byte) (Key, error) {
	return r.Keyring.Unwrap(session, wrapped)
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
	if _, known := log.recall.Get(session); known {
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
	var said bytes.Buffer
	options := log.options
	options.Logger = slog.New(slog.NewTextHandler(&said, nil))
	log = newLog(t, client, options)
	for range 2 {
		if _, _, err := log.Read(t.Context(), session, "", 0); !errors.Is(err, transcript.ErrNoSession) {
			t.Errorf("a moved entry was read: %v", err)
		}
		wantUnknown(t, log, session, answer)
	}
	if errors := strings.Count(said.String(), "level=ERROR"); errors != 1 || strings.Contains(said.String(), "within hours") {
		t.Errorf("%d records:\n%s", errors, &said)
	}

	// The same name with another key is another session.
	if err := client.Del(t.Context(), log.stateKey(session)).Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := log.Append(t.Context(), transcript.Batch{Session: session, Create: true, Events: []chat.Event{answer.Accepted("anew")}}); err != nil {
		t.Fatal(err)
	}
	if n := count(t, log, session); n != 1 {
		t.Errorf("%d entries, want 1", n)
	}
}

// wantUnknown sees to it that the session does not exist to the log.
func wantUnknown(t *testing.T, log *Log, session chat.SessionID, answer *transcripttest.Answer) {
	t.Helper()
	_, stateErr := log.State(t.Context(), session)
	_, appendErr := log.Append(t.Context(), transcript.Batch{Session: session, Create: true, Events: []chat.Event{answer.Delta()}})
	_, claimErr := log.Claim(t.Context(), answer.Response)
	last, _, readErr := log.Read(t.Context(), session, "", 1)
	for what, err := range map[string]error{"state": stateErr, "append": appendErr, "claim": claimErr, "read": readErr} {
		if !errors.Is(err, transcript.ErrNoSession) {
			t.Errorf("%s: %v (%d entries), want ErrNoSession", what, err, len(last))
		}
	}
}

// TestForeignClaimLeavesTheWriterAlone asks a replica that cannot read a session
// to take one of its answers over.
func TestForeignClaimLeavesTheWriterAlone(t *testing.T) {
	server := redistest.Memory(t)
	own := newLog(t, server.Open(), Options{Sealer: newRing()})
	foreign := newLog(t, server.Open(), Options{Sealer: newRing()})
	session, answer := begin(t, own)
	fence, err := own.Claim(t.Context(), answer.Response)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := foreign.Claim(t.Context(), answer.Response); !errors.Is(err, transcript.ErrNoSession) {
		t.Errorf("claim: %v, want ErrNoSession", err)
	}
	batch := sentence(session, answer)
	batch.Fences = map[chat.ResponseID]transcript.Fence{answer.Response: fence}
	if _, err := own.Append(t.Context(), batch); err != nil {
		t.Errorf("the writer was refused: %v", err)
	}
	if existed, err := foreign.Destroy(t.Context(), session); err != nil || !existed {
		t.Errorf("forgetting needs no key: %v, %v", existed, err)
	}
}

// forgetful counts what a ring was told to forget.
type forgetful struct {
	ring
	forgot map[chat.SessionID]int
}

func (f forgetful) Forget(session chat.SessionID) { f.forgot[session]++ }

// TestKeysAreForgotten ends a session in each way that a replica can hear of.
func TestKeysAreForgotten(t *testing.T) {
	server := redistest.Memory(t)
	keys := newRing()
	other := newLog(t, server.Open(), Options{Sealer: keys})
	for name, end := range map[string]func(*Log, chat.SessionID) error{
		"forgotten here": func(log *Log, session chat.SessionID) error { return log.Forget(t.Context(), session) },
		"forgotten elsewhere": func(log *Log, session chat.SessionID) error {
			if err := other.Forget(t.Context(), session); err != nil {
				return err
			}
			_, _, err := log.Read(t.Context(), session, "", 0)
			return err
		},
		"expired": func(log *Log, session chat.SessionID) error {
			server.Del(log.stateKey(session))
			_, err := log.State(t.Context(), session)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			sealer := forgetful{keys, map[chat.SessionID]int{}}
			log := newLog(t, server.Open(), Options{Sealer: sealer})
			session, _ := begin(t, log)
			before := sealer.forgot[session]
			if err := end(log, session); err != nil && !errors.Is(err, transcript.ErrNoSession) {
				t.Fatal(err)
			}
			if _, remembered := log.recall.Get(session); remembered || sealer.forgot[session] == before {
				t.Errorf("still remembered: %v; the key was forgotten %d times", remembered, sealer.forgot[session]-before)
			}
		})
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
				wantUnknown(t, foreign, session, answer)
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
