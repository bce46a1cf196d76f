package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gorilla/websocket"

	"bedside/internal/chat"
	"bedside/internal/wire"
)

// talk is one connection of a conversation.
type talk struct {
	*Client
	conn    *websocket.Conn
	session *session

	opening bool // session.start or session.resume waits for its answer
	resumed bool // it is session.resume
	ready   bool // there is a session
	refused int  // tries again after the store was away
	retry   time.Duration
	again   *time.Timer // when to try again what was refused for now
	held    []string    // questions that wait for that
}

// run talks until the connection ends and returns why.
func (t *talk) run(ctx context.Context) error {
	frames := make(chan []byte)
	broken := make(chan error, 1)
	over := make(chan struct{})
	t.again = time.NewTimer(time.Hour)
	t.again.Stop()
	defer t.again.Stop()
	go func() {
		defer close(frames)
		broken <- t.read(frames, over)
	}()
	defer func() {
		closeQuietly(t.conn)
		close(over)
		for range frames { // the reader closes it when it has ended
		}
	}()

	t.unsend("")
	if err := t.open(); err != nil {
		return lastWord(err, frames, broken)
	}
	for {
		var err error
		select {
		case <-ctx.Done():
			t.bye()
			return ctx.Err()
		case data, ok := <-frames:
			if !ok {
				return <-broken
			}
			err = t.take(ctx, data)
		case <-t.wake:
			if t.takeRenew() {
				t.bye()
				return errRenew
			}
		case <-t.again.C:
			t.release()
			if !t.opening && !t.ready {
				err = t.open()
			}
		}
		if err == nil {
			err = t.flush()
		}
		if err != nil {
			return lastWord(err, frames, broken)
		}
	}
}

// lastWord prefers the close frame that the gateway may have sent to the error
// of writing to a connection that it closed.
func lastWord(err error, frames <-chan []byte, broken <-chan error) error {
	if _, ok := errors.AsType[*writeError](err); !ok {
		return err
	}
	patience := time.NewTimer(time.Second)
	defer patience.Stop()
	for {
		select {
		case _, ok := <-frames:
			if !ok {
				return <-broken
			}
		case <-patience.C:
			return err
		}
	}
}

// read hands the connection's frames on until it ends.
func (t *talk) read(frames chan<- []byte, over <-chan struct{}) error {
	alive := func() error { return t.conn.SetReadDeadline(time.Now().Add(readTimeout)) }
	pong := t.conn.PingHandler()
	t.conn.SetPingHandler(func(text string) error {
		if err := alive(); err != nil {
			return err
		}
		return pong(text)
	})
	for {
		if err := alive(); err != nil {
			return err
		}
		kind, data, err := t.conn.ReadMessage()
		if err != nil {
			return err
		}
		if kind != websocket.TextMessage {
			continue
		}
		select {
		case frames <- data:
		case <-over:
			return nil
		}
	}
}

// writeError is the error of a write, after which the connection is of no use.
type writeError struct{ err error }

func (e *writeError) Error() string { return "write to the gateway: " + e.err.Error() }
func (e *writeError) Unwrap() error { return e.err }

func (t *talk) write(data []byte) error {
	if err := t.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return &writeError{err}
	}
	if err := t.conn.WriteMessage(websocket.TextMessage, data); err != nil {
		return &writeError{err}
	}
	return nil
}

func (t *talk) send(frame map[string]any) error {
	data, err := json.Marshal(frame)
	if err != nil {
		return fmt.Errorf("write a frame: %w", err)
	}
	return t.write(data)
}

// bye tells the gateway that all is done.
func (t *talk) bye() {
	message := websocket.FormatCloseMessage(wire.CloseDone, "")
	_ = t.conn.WriteControl(websocket.CloseMessage, message, time.Now().Add(time.Second))
}

// open begins a session or goes on with the one there is.
func (t *talk) open() error {
	t.opening, t.resumed = true, t.session.token != ""
	if !t.resumed {
		start := map[string]any{"type": wire.TypeSessionStart}
		if t.options.Locale != "" {
			start["locale"] = t.options.Locale
		}
		return t.send(start)
	}
	resume := map[string]any{"type": wire.TypeSessionResume, "token": t.session.token}
	if t.session.cursor != "" {
		resume["cursor"] = t.session.cursor
	}
	return t.send(resume)
}

// flush sends what waits. Without a session questions go out all the same once
// the gateway has answered: it answers people in danger in any case.
func (t *talk) flush() error {
	for _, data := range t.takeOrders(!t.opening, t.ready) {
		if err := t.write(data); err != nil {
			return err
		}
	}
	return nil
}

// take handles one frame. A frame that cannot be read ends the connection, since
// what follows it could not be trusted.
func (t *talk) take(ctx context.Context, data []byte) error {
	var f frame
	if err := json.Unmarshal(data, &f); err != nil {
		return fmt.Errorf("read a frame: %w", err)
	}
	switch f.Type {
	case wire.TypeSessionReady:
		return t.takeReady(ctx, data)
	case wire.TypeSessionForgotten:
		t.session.forget()
		t.keepToken("")
		t.ready = false
		t.emit(ctx, Forgotten{})
		return t.open()
	case wire.TypeDraining:
		t.retry = max(time.Millisecond, time.Duration(f.RetryMS)*time.Millisecond)
		return nil
	case wire.TypeError:
		return t.takeError(ctx, f)
	}
	if id := acknowledgedBy(f); id != "" {
		t.settle(id)
	}
	if f.Response == "" {
		return nil // a kind of frame that this client does not know
	}
	event, err := t.session.apply(f)
	if err == nil && event != nil {
		t.emit(ctx, event)
	}
	return err
}

func (t *talk) takeReady(ctx context.Context, data []byte) error {
	var ready wire.Ready
	if err := json.Unmarshal(data, &ready); err != nil {
		return fmt.Errorf("read a frame: %w", err)
	}
	t.opening, t.ready, t.refused = false, true, 0
	t.session.token = ready.Token
	t.keepToken(ready.Token)
	t.release()
	if ready.Recovered {
		t.session.rewind()
	} else {
		t.session.clear()
	}
	t.emit(ctx, Ready{ready, t.resumed})
	return nil
}

// takeError handles an error that belongs to no answer.
func (t *talk) takeError(ctx context.Context, f frame) error {
	bad := f.refusal()
	if t.opening && f.ClientMessageID == "" {
		return t.refusedToOpen(ctx, bad)
	}
	switch bad.Code {
	case chat.StoreUnavailable, chat.Busy, chat.RateLimited:
		// What is refused for now is sent again, once the gateway has had its time.
		kept := t.hold(f.ClientMessageID, bad.RetryAfter)
		t.emit(ctx, Refused{bad, f.ClientMessageID, kept})
		return nil
	case chat.NoSession, chat.SessionExpired:
		if t.ready {
			return t.expire(ctx)
		}
		t.hold(f.ClientMessageID, bad.RetryAfter)
		return nil
	case chat.Malformed, chat.NotFound, chat.TooLong, chat.Unauthorized, chat.Internal:
	}
	t.settle(f.ClientMessageID)
	t.emit(ctx, Refused{bad, f.ClientMessageID, false})
	return nil
}

// refusedToOpen handles an error that answers session.start or session.resume.
func (t *talk) refusedToOpen(ctx context.Context, bad *chat.Error) error {
	t.opening = false
	switch bad.Code {
	case chat.SessionExpired, chat.NoSession:
		if t.resumed {
			return t.expire(ctx)
		}
	case chat.StoreUnavailable, chat.Busy, chat.RateLimited, chat.Internal:
		if t.refused == 0 {
			t.emit(ctx, Refused{bad, "", true})
		}
		t.tryAgain(bad.RetryAfter)
		return nil
	case chat.Malformed, chat.NotFound, chat.TooLong, chat.Unauthorized:
	}
	return bad
}

// expire begins another session in place of the one that is gone.
func (t *talk) expire(ctx context.Context) error {
	t.session.forget()
	t.keepToken("")
	t.ready = false
	t.unsend("")
	t.emit(ctx, Expired{})
	return t.open()
}

// hold keeps a question, to be sent again after a while, and says whether there
// is such a question.
func (t *talk) hold(id string, after time.Duration) bool {
	if !t.waiting(id) {
		return false
	}
	t.held = append(t.held, id)
	t.tryAgain(after)
	return true
}

// release lets the held questions go out.
func (t *talk) release() {
	for _, id := range t.held {
		t.unsend(id)
	}
	t.held = nil
}

// tryAgain sets when what was refused for now is sent again.
func (t *talk) tryAgain(after time.Duration) {
	if after == 0 {
		after = wire.ReconnectBase + delay(t.refused, t.options.Random)
	}
	t.refused++
	t.again.Reset(after)
}
