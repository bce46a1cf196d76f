package redislog

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// Sealer encrypts what is stored, with a key for each session that is kept,
// wrapped, beside the session's state and goes with it. Without a Sealer
// entries are stored as they are.
type Sealer interface {
	// New makes a session's key; wrapped is what is stored of it.
	New(session chat.SessionID) (wrapped []byte, key Key, err error)
	// Unwrap opens a stored key. A session whose key this replica cannot open is
	// unknown to it.
	Unwrap(session chat.SessionID, wrapped []byte) (Key, error)
}

// Key seals entries, each bound to its place: what was sealed at one place does
// not open at another.
type Key interface {
	Encrypt(plaintext, place []byte) ([]byte, error)
	Decrypt(ciphertext, place []byte) ([]byte, error)
}

// lock is the key of one session as this replica knows it.
type lock struct {
	wrapped string
	key     Key // nil: entries are not sealed
}

// place names an entry for its seal: session, answer and number.
func place(session chat.SessionID, response chat.ResponseID, sequence string) []byte {
	b := make([]byte, 0, len(session)+len(response)+len(sequence)+2)
	b = append(b, session...)
	b = append(b, '\n')
	b = append(b, response...)
	b = append(b, '\n')
	return append(b, sequence...)
}

// lockOf finds the session's key: known, stored, or made where there is no
// session yet and create allows one.
func (l *Log) lockOf(ctx context.Context, session chat.SessionID, create bool) (lock, error) {
	if l.options.Sealer == nil {
		return lock{}, nil
	}
	if known, ok := l.recent.get(session); ok && known.lock.key != nil {
		return known.lock, nil
	}
	stored, err := l.storedLock(ctx, session)
	if !create || !errors.Is(err, transcript.ErrNoSession) || errors.Is(err, errForeign) || errors.Is(err, transcript.ErrForgotten) {
		return stored, err
	}
	wrapped, key, err := l.options.Sealer.New(session)
	if err != nil {
		return lock{}, fmt.Errorf("make a key for session %s: %w", session, err)
	}
	return lock{string(wrapped), key}, nil
}

// storedLock opens the key that is stored.
func (l *Log) storedLock(ctx context.Context, session chat.SessionID) (lock, error) {
	state, err := l.client.HMGet(ctx, l.stateKey(session), "created", "key", "forgotten").Result()
	switch {
	case err != nil:
		return lock{}, l.failed("read the key", session, err)
	case state[2] != nil:
		return lock{}, transcript.ErrForgotten
	case state[0] == nil:
		return lock{}, transcript.ErrNoSession
	}
	wrapped, _ := state[1].(string)
	return l.unwrap(session, wrapped)
}

// errForeign is the ErrNoSession of a session whose key does not open here.
var errForeign = fmt.Errorf("%w: its key does not open here", transcript.ErrNoSession)

// unwrap opens a stored key; where that fails the session is unknown here.
func (l *Log) unwrap(session chat.SessionID, wrapped string) (lock, error) {
	if l.options.Sealer == nil && wrapped == "" {
		return lock{}, nil
	}
	if l.options.Sealer != nil && wrapped != "" {
		if key, err := l.options.Sealer.Unwrap(session, []byte(wrapped)); err == nil {
			found := lock{wrapped, key}
			l.recent.setLock(session, found)
			return found, nil
		}
	}
	l.warnForeign(session)
	return lock{}, errForeign
}

// warnForeign says once per process that sessions are stored here whose keys
// this replica does not have.
func (l *Log) warnForeign(session chat.SessionID) {
	l.foreign.Do(func() {
		l.logger.Warn("a stored session's key cannot be opened here: replicas need the same data keys", "session", session)
	})
}

// seal writes the events in the form in which they are stored.
func (l *Log) seal(session chat.SessionID, with lock, events []chat.Event) ([][]byte, error) {
	sealed := make([][]byte, len(events))
	for i, event := range events {
		b, err := transcript.Encode(event)
		if err != nil {
			return nil, err
		}
		if with.key != nil {
			head := event.At()
			if b, err = with.key.Encrypt(b, place(session, head.Response, strconv.Itoa(head.Sequence))); err != nil {
				return nil, fmt.Errorf("seal an event of answer %s: %w", head.Response, err)
			}
		}
		sealed[i] = b
	}
	return sealed, nil
}

// open reads a stored event and sees to it that it stands where it belongs.
func (l *Log) open(session chat.SessionID, with lock, answer, sequence, stored string) (chat.Event, error) {
	response := responseOf(session, answer)
	b := []byte(stored)
	if with.key != nil {
		var err error
		if b, err = with.key.Decrypt(b, place(session, response, sequence)); err != nil {
			return nil, fmt.Errorf("open an event of answer %s: %w", response, err)
		}
	}
	event, err := transcript.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("answer %s: %w", response, err)
	}
	if head := event.At(); head.Response != response || strconv.Itoa(head.Sequence) != sequence {
		return nil, fmt.Errorf("answer %s: an event stands in another's place", response)
	}
	return event, nil
}
