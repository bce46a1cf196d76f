package redislog

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"bedside/internal/chat"
	"bedside/internal/seal"
	"bedside/internal/transcript"
)

// Sealer encrypts what is stored, with a key for each session that is kept,
// wrapped, beside the session's state and goes with it. Without a Sealer
// entries are stored as they are.
//
// It alone holds keys between calls: the log remembers their wrapped form only,
// and unwraps it each time.
type Sealer interface {
	// New makes a session's key; wrapped is what is stored of it.
	New(session chat.SessionID) (wrapped []byte, key Key, err error)
	// Unwrap opens a stored key. A session whose key this replica cannot open is
	// unknown to it.
	Unwrap(session chat.SessionID, wrapped []byte) (Key, error)
	// Forget drops the session's key from memory.
	Forget(session chat.SessionID)
}

// Key seals the entries of one session, each bound to its place (see
// seal.Place): what was sealed at one place does not open at another, nor in
// another session.
type Key interface {
	Encrypt(plaintext, place []byte) ([]byte, error)
	Decrypt(ciphertext, place []byte) ([]byte, error)
}

// lock is the key of one session during a call.
type lock struct {
	wrapped string
	key     Key // nil: entries are not sealed
}

// lockOf finds the session's key: remembered, stored, or made where there is no
// session yet and create allows one.
func (l *Log) lockOf(ctx context.Context, session chat.SessionID, create bool) (lock, error) {
	if l.options.Sealer == nil {
		return lock{}, nil
	}
	// One that was altered is asked for anew: another may have begun by that name.
	if known, ok := l.recall.Get(session); ok && known.wrapped != "" && !known.spoiled {
		return l.unwrap(session, known.wrapped)
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
		return lock{}, l.gone(session, transcript.ErrForgotten)
	case state[0] == nil:
		return lock{}, l.gone(session, transcript.ErrNoSession)
	}
	wrapped, _ := state[1].(string)
	return l.unwrap(session, wrapped)
}

var (
	// errForeign is the ErrNoSession of a session whose key does not open here.
	errForeign = fmt.Errorf("%w: its key does not open here", transcript.ErrNoSession)
	// errAltered is the ErrNoSession of a session of which something is stored
	// that cannot be read, as when it was sealed elsewhere: none of it is believed
	// any more.
	errAltered = fmt.Errorf("%w: what is stored of it cannot be read", transcript.ErrNoSession)
)

// unwrap opens a stored key; where that fails the session is unknown here.
func (l *Log) unwrap(session chat.SessionID, wrapped string) (lock, error) {
	if l.options.Sealer == nil && wrapped == "" {
		return lock{}, nil
	}
	if l.options.Sealer != nil && wrapped != "" {
		if key, err := l.options.Sealer.Unwrap(session, []byte(wrapped)); err == nil {
			if l.recall.keep(session, wrapped) {
				return lock{}, errAltered
			}
			return lock{wrapped, key}, nil
		}
	}
	l.foreign.Do(func() {
		l.logger.Warn("a stored session's key cannot be opened here, and the session is unknown to this replica: "+
			"give all replicas the same data keys (this is said once)", "session", session)
	})
	return lock{}, errForeign
}

// altered gives a session up of which an entry does not open.
func (l *Log) altered(session chat.SessionID, cause error) error {
	if l.recall.spoil(session) {
		l.logger.Error("what is stored of a session cannot be read; the session is treated as lost", "session", session, "cause", cause)
	}
	return fmt.Errorf("%w: %w", errAltered, cause)
}

// gone drops what is kept here of a session that is not there any more.
func (l *Log) gone(session chat.SessionID, err error) error {
	l.recall.Remove(session)
	if l.options.Sealer != nil {
		l.options.Sealer.Forget(session)
	}
	return err
}

// sealAll writes the events in the form in which they are stored.
func sealAll(with lock, events []chat.Event) ([][]byte, error) {
	sealed := make([][]byte, len(events))
	for i, event := range events {
		b, err := transcript.Encode(event)
		if err != nil {
			return nil, err
		}
		if with.key != nil {
			head := event.At()
			if b, err = with.key.Encrypt(b, seal.Place(head.Response, head.Sequence)); err != nil {
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
	number, err := strconv.Atoi(sequence)
	if err != nil {
		return nil, fmt.Errorf("answer %s: an event has no number", response)
	}
	b := []byte(stored)
	if with.key != nil {
		if b, err = with.key.Decrypt(b, seal.Place(response, number)); err != nil {
			return nil, fmt.Errorf("answer %s: %w", response, err)
		}
	}
	event, err := transcript.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("answer %s: %w", response, err)
	}
	if event.At() != (chat.Head{Response: response, Sequence: number}) {
		return nil, fmt.Errorf("answer %s: an event stands in another's place", response)
	}
	return event, nil
}
