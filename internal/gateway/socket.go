package gateway

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"bedside/internal/chat"
	"bedside/internal/wire"
)

// socket is one WebSocket connection.
type socket struct {
	gate     *Gateway
	conn     *websocket.Conn
	raw      *corked
	caller   caller
	extended bool // speaks the subprotocol
	release  func()
	closed   func(code int) // counts its end

	out  outbox
	tick *time.Timer
	// pinged is when a ping was last sent; of the tick.
	pinged time.Time

	opened   time.Time
	active   atomic.Int64 // when a frame last came, in nanoseconds since it opened
	heard    atomic.Int64 // when anything last came, pongs included
	busy     atomic.Bool  // a frame is being handled: nothing else can be heard
	valid    atomic.Bool  // something valid was sent
	received atomic.Int64
	sent     atomic.Int64

	// Of the goroutine that reads.
	strikes  counter // malformed frames
	warnings counter // refusals for speed
	pace     pace    // of frames that are no questions
	pings    pace
	paused   bool // the frame was refused for speed: the next is not read at once
	locale   string

	asking sync.Mutex // held while a question of a plain WebSocket is taken

	mu      sync.Mutex // guards what follows
	token   chat.Token
	session chat.SessionID // "": none
	fresh   bool           // the session has no record yet: its first question begins it
	durable bool           // as the client was told
	absent  *chat.Error    // why there is no session, if something ended it
	tail    *tail          // follows the session
	asides  map[chat.ResponseID]bool
}

// inbound holds one frame while it is read.
var inbound = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

func (s *socket) start() {
	s.opened = time.Now()
	s.out.room.L = &s.out.mu
	s.pace, s.pings = newPace(s.gate.Limits.FramesPerSecond), newPace(s.gate.Limits.FramesPerSecond)
	s.conn.SetReadLimit(int64(s.gate.Limits.FrameBytes))
	s.conn.SetPongHandler(func(string) error { s.extend(); return nil })
	s.conn.SetPingHandler(func(payload string) error {
		s.extend()
		s.pong([]byte(payload))
		return nil
	})
	s.extend()
	s.pinged = s.opened
	s.out.mu.Lock() // beat may come before tick is set
	defer s.out.mu.Unlock()
	s.tick = time.AfterFunc(s.untilBeat(s.opened), s.beat)
}

// beat is the connection's only clock: it closes one that said nothing valid,
// has been idle or cannot be heard, and asks whether the other end lives.
func (s *socket) beat() {
	now, limits := time.Now(), &s.gate.Limits
	switch {
	case s.extended && !s.valid.Load() && now.Sub(s.opened) >= limits.FirstFrame:
		s.shut(wire.CloseSilent, "nothing valid was sent", false)
		return
	case s.since(&s.active, now) >= s.gate.SessionIdle:
		s.shut(wire.CloseIdle, "idle", false)
		return
	case !s.busy.Load() && s.since(&s.heard, now) >= limits.ReadTimeout:
		s.shut(wire.CloseIdle, "not heard", false)
		return
	}
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	if s.out.dead || s.out.code != 0 {
		return
	}
	if now.Sub(s.pinged) >= limits.PingInterval {
		s.pinged, s.out.ping = now, true
		s.wake()
	}
	s.tick.Reset(s.untilBeat(now))
}

// untilBeat is how long nothing has to be looked at: at most until the next ping.
func (s *socket) untilBeat(now time.Time) time.Duration {
	limits := &s.gate.Limits
	wait := min(limits.PingInterval-now.Sub(s.pinged), s.gate.SessionIdle-s.since(&s.active, now))
	if s.extended && !s.valid.Load() {
		wait = min(wait, limits.FirstFrame-now.Sub(s.opened))
	}
	if !s.busy.Load() {
		wait = min(wait, limits.ReadTimeout-s.since(&s.heard, now))
	}
	return max(wait, time.Millisecond)
}

// since is how long before now a moment of the connection was.
func (s *socket) since(moment *atomic.Int64, now time.Time) time.Duration {
	return now.Sub(s.opened) - time.Duration(moment.Load())
}

// pong answers a ping, and of several that wait the last. One of too many is
// answered with what is written next.
func (s *socket) pong(payload []byte) {
	_, soon := s.pings.take()
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	if s.out.code != 0 || s.out.dead {
		return
	}
	s.out.pong = append([]byte{}, payload...)
	if soon {
		s.wake()
	}
}

// read reads the connection to its end, and then ends everything else of it.
func (s *socket) read() {
	defer s.gate.dismiss(s)
	ctx, end := context.WithCancel(context.Background()) // the handshake's is over
	err := s.readFrames(ctx)
	end()
	s.finish(err)
}

func (s *socket) readFrames(ctx context.Context) error {
	for {
		kind, r, err := s.conn.NextReader()
		if err != nil {
			return err
		}
		s.extend()
		if err := s.readFrame(ctx, kind, r); err != nil {
			return err
		}
	}
}

func (s *socket) readFrame(ctx context.Context, kind int, r io.Reader) error {
	buffer, _ := inbound.Get().(*[]byte)
	defer inbound.Put(buffer)
	data, err := readAll(r, (*buffer)[:0])
	*buffer = data[:0]
	if err != nil {
		return err
	}
	s.received.Add(1)
	if s.isClosing() {
		return nil // only the other end's close frame is waited for
	}
	s.active.Store(int64(time.Since(s.opened)))
	if kind != websocket.TextMessage {
		s.strike(&chat.Error{Code: chat.Malformed, Message: "Frames are text, not binary."})
		return nil
	}
	if !utf8.Valid(data) {
		s.shut(wire.CloseInvalidUTF8, "invalid UTF-8", false)
		return nil
	}
	// Apart, because a stack that once grew to decode a frame stays large while
	// this goroutine waits for the next, for as long as the connection lasts.
	s.busy.Store(true)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.take(ctx, data)
	}()
	<-done
	if s.paused {
		s.paused = false
		time.Sleep(refusedPause)
	}
	s.extend()
	s.busy.Store(false)
	return nil
}

// take does what a frame's text asks for.
func (s *socket) take(ctx context.Context, data []byte) {
	frame, err := wire.DecodeFrame(data)
	if err != nil {
		malformed := chat.AsError(err)
		if ask, readable := frame.(wire.Ask); readable {
			s.ask(ctx, ask, malformed)
		} else {
			s.strike(malformed)
		}
		return
	}
	s.strikes.reset()
	s.handle(ctx, frame)
}

// readAll reads r into buffer, which grows.
func readAll(r io.Reader, buffer []byte) ([]byte, error) {
	for {
		if len(buffer) == cap(buffer) {
			buffer = append(buffer, 0)[:len(buffer)]
		}
		n, err := r.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		if errors.Is(err, io.EOF) {
			return buffer, nil
		}
		if err != nil {
			return buffer, err
		}
	}
}

func (s *socket) isClosing() bool {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	return s.out.code != 0
}

// strike answers a malformed frame; the third in a row within a minute is the last.
func (s *socket) strike(e *chat.Error) {
	s.refuse(e, "")
	if s.strikes.add() >= mostStrikes {
		s.shut(wire.CloseMalformed, "repeated malformed frames", false)
	}
}

// refuse says what is refused, and counts it.
func (s *socket) refuse(e *chat.Error, clientMessageID string) {
	s.gate.Observer.Refused(string(e.Code))
	s.send(wire.EncodeError(e, clientMessageID))
}

// fail answers a frame that was refused; who is refused for speed too often is closed.
func (s *socket) fail(e *chat.Error, clientMessageID string) {
	s.refuse(e, clientMessageID)
	if e.Code != chat.RateLimited {
		return
	}
	s.paused = true
	if s.warnings.add() >= mostWarnings {
		s.shut(wire.CloseRateLimited, "too fast", false)
	}
}

// drain asks the client to come back after a while.
func (s *socket) drain(retry time.Duration) {
	if s.extended {
		s.sendNow(wire.EncodeDraining(retry))
	}
	s.shut(wire.CloseRestart, "restarting", false)
}

// sendNow queues a frame even where the queue is full.
func (s *socket) sendNow(text []byte) {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	if s.out.code == 0 && !s.out.dead {
		s.out.frames = append(s.out.frames, &frame{text})
		s.out.bytes += len(text)
		s.wake()
	}
}

// cut ends the connection without a word.
func (s *socket) cut() { s.raw.Close() } //nolint:errcheck // nothing is left to do about it.

// finish ends what belongs to the connection. A close frame that was sent while
// bytes of the other end lay unread would be lost in a reset, so these are read.
func (s *socket) finish(err error) {
	s.tick.Stop()
	code := s.closeCode(err)
	s.out.mu.Lock()
	closing := (s.out.code != 0 && !isTimeout(err)) || errors.Is(err, websocket.ErrReadLimit) || isProtocolError(err)
	s.out.dead = true
	s.out.frames = nil
	s.out.room.Broadcast()
	if s.out.stall != nil {
		s.out.stall.Stop()
	}
	s.out.mu.Unlock()
	if errors.Is(err, websocket.ErrReadLimit) {
		// The library has said so, but not where the length is no number at all.
		tooLarge := websocket.FormatCloseMessage(wire.CloseTooLarge, "")
		s.conn.WriteControl(websocket.CloseMessage, tooLarge, time.Now().Add(time.Second)) //nolint:errcheck // see above.
	}
	if closing {
		s.raw.closeWrite()
		s.raw.SetReadDeadline(time.Now().Add(lingerTimeout)) //nolint:errcheck // a closed connection needs no deadline.
		io.Copy(io.Discard, s.raw.Conn)                      //nolint:errcheck // only to have read it.
	}
	s.raw.Close() //nolint:errcheck // nothing is left to do about it.
	s.leave()
	s.release()
	s.closed(code)
	s.mu.Lock()
	session := s.session
	s.mu.Unlock()
	s.gate.Logger.LogAttrs(context.Background(), slog.LevelInfo, "connection closed",
		slog.String("session", string(session)), slog.Bool("extended", s.extended), slog.Bool("staff", s.caller.staff),
		slog.Int("code", code), slog.Int64("received", s.received.Load()), slog.Int64("sent", s.sent.Load()),
		slog.Duration("took", time.Since(s.opened)))
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}

// closeCode says how the connection ended, for the record.
func (s *socket) closeCode(err error) int {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	if s.out.code != 0 {
		return s.out.code
	}
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
		return closed.Code
	}
	switch {
	case errors.Is(err, websocket.ErrReadLimit):
		return wire.CloseTooLarge
	case isProtocolError(err):
		return websocket.CloseProtocolError
	}
	return websocket.CloseAbnormalClosure
}

// isProtocolError says whether gorilla has answered the error with close code
// 1002. Its errors for that have no type of their own: they are neither the
// connection's nor a close frame's.
func isProtocolError(err error) bool {
	var timeout interface{ Timeout() bool }
	_, closed := errors.AsType[*websocket.CloseError](err)
	return err != nil && !closed && !errors.As(err, &timeout) && !errors.Is(err, io.EOF) &&
		!errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.ErrClosedPipe) && !errors.Is(err, websocket.ErrReadLimit)
}
