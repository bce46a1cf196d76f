package gateway

import (
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"bedside/internal/wire"
)

const (
	// batchBytes is how much is written at a time: a reader that takes less in
	// Limits.Stall is slow.
	batchBytes = 32 << 10
	// lingerTimeout is how long a closing connection waits for the other end.
	lingerTimeout = 3 * time.Second
	// hurriedTimeout is how long they all wait where the gateway is in a hurry.
	hurriedTimeout = 250 * time.Millisecond
	// closeGrace is how long the close frame has to leave for an end that was
	// not heard in time, before it is cut off.
	closeGrace = 500 * time.Millisecond
)

// batches hold what one write sends.
var batches = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}

// frame is one message, whose memory is at hand again once it was written.
type frame struct{ text []byte }

var frames = sync.Pool{New: func() any { return &frame{make([]byte, 0, 512)} }}

// mostKept bounds what a frame's memory is kept at.
const mostKept = 16 << 10

// newFrame returns an empty frame to append to.
func newFrame() *frame {
	f, _ := frames.Get().(*frame)
	f.text = f.text[:0]
	return f
}

func (f *frame) free() {
	if cap(f.text) <= mostKept {
		frames.Put(f)
	}
}

// outbox is what waits to be written. There is a goroutine that writes only
// while there is something to write, and never more than one.
type outbox struct {
	mu      sync.Mutex
	room    sync.Cond
	frames  []*frame
	bytes   int
	ping    bool
	pong    []byte // the latest only, as RFC 6455 allows; nil: none
	writing bool
	stall   *time.Timer // runs while the queue is full
	code    int         // close code, once it is closing
	reason  string
	dead    bool // nothing can be written any more
}

func (o *outbox) full(limits *Limits, more int) bool {
	return len(o.frames) > 0 && (len(o.frames) >= limits.QueueFrames || o.bytes+more > limits.QueueBytes)
}

// send queues a frame, which leaves as soon as it can. It reports false once the
// connection is closing.
func (s *socket) send(text []byte) bool {
	if !s.queue(&frame{text}) {
		return false
	}
	s.nudge()
	return true
}

// queue queues a frame, to leave with the next nudge. While the queue is full it
// waits: the follower stops reading the log, the reader stops reading the socket.
// It reports false once the connection is closing.
func (s *socket) queue(f *frame) bool {
	o := &s.out
	limits := &s.gate.Limits
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.full(limits, len(f.text)) && o.code == 0 && !o.dead {
		s.wake()
		if o.stall == nil {
			o.stall = time.AfterFunc(limits.Stall, func() { s.shut(wire.CloseSlowReader, "slow reader", true) })
		}
		o.room.Wait()
	}
	if o.code != 0 || o.dead {
		return false
	}
	o.frames = append(o.frames, f)
	o.bytes += len(f.text)
	return true
}

// nudge sees to it that what is queued leaves.
func (s *socket) nudge() {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	if len(s.out.frames) > 0 {
		s.wake()
	}
}

// shut closes the connection after what is queued, or instead of it.
func (s *socket) shut(code int, reason string, drop bool) {
	o := &s.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.code != 0 || o.dead {
		return
	}
	o.code, o.reason = code, reason
	if drop {
		o.frames, o.bytes = nil, 0
	}
	o.room.Broadcast()
	s.wake()
}

// wake sees to it that somebody writes. The lock is held.
func (s *socket) wake() {
	if o := &s.out; !o.writing && !o.dead {
		o.writing = true
		s.gate.work.Go(s.write)
	}
}

// write empties the outbox.
func (s *socket) write() {
	o := &s.out
	var batch outgoing
	for {
		o.mu.Lock()
		if o.dead || !o.take(&batch) {
			o.writing = false
			o.mu.Unlock()
			return
		}
		o.mu.Unlock()
		if err := s.put(&batch); err != nil || batch.code != 0 {
			s.stopWriting(err)
			return
		}
	}
}

// outgoing is what one write sends.
type outgoing struct {
	frames []*frame
	ping   bool
	pong   []byte
	code   int
	reason string
}

// take fills the batch; false if there is nothing. The lock is held.
func (o *outbox) take(batch *outgoing) bool {
	clear(batch.frames)
	*batch = outgoing{frames: batch.frames[:0], ping: o.ping, pong: o.pong}
	o.ping, o.pong = false, nil
	taken, size := 0, 0
	for taken < len(o.frames) && size < batchBytes {
		size += len(o.frames[taken].text)
		taken++
	}
	batch.frames = append(batch.frames, o.frames[:taken]...)
	o.bytes -= size
	if taken == len(o.frames) {
		o.frames = nil
		batch.code, batch.reason = o.code, o.reason
	} else {
		o.frames = o.frames[taken:]
	}
	if o.stall != nil {
		o.stall.Stop()
		o.stall = nil
	}
	o.room.Broadcast()
	return taken > 0 || batch.ping || batch.pong != nil || batch.code != 0
}

// put writes a batch in one go.
func (s *socket) put(batch *outgoing) error {
	buffer, _ := batches.Get().(*[]byte)
	defer batches.Put(buffer)
	deadline := time.Now().Add(s.gate.Limits.WriteTimeout)
	s.raw.cork(*buffer)
	err := s.frame(batch, deadline)
	s.raw.SetWriteDeadline(deadline) //nolint:errcheck // the write says so too.
	written, flushed := s.raw.uncork()
	if cap(written) <= 2*batchBytes {
		*buffer = written
	}
	if err != nil {
		return err
	}
	return flushed
}

func (s *socket) frame(batch *outgoing, deadline time.Time) error {
	if batch.pong != nil {
		if err := s.conn.WriteControl(websocket.PongMessage, batch.pong, deadline); err != nil {
			return err
		}
	}
	for _, f := range batch.frames {
		s.sent.Add(1)
		if err := s.conn.WriteMessage(websocket.TextMessage, f.text); err != nil {
			return err
		}
		f.free()
	}
	if batch.ping {
		if err := s.conn.WriteControl(websocket.PingMessage, nil, deadline); err != nil {
			return err
		}
	}
	if batch.code != 0 {
		return s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(batch.code, batch.reason), deadline)
	}
	return nil
}

// stopWriting ends the outbox. After a close frame the reader waits a little for
// the other end's; after an error there is nothing to wait for, unless the error
// is that the reader has sent a close frame itself.
func (s *socket) stopWriting(err error) {
	o := &s.out
	o.mu.Lock()
	o.dead, o.writing = true, false
	o.frames, o.bytes = nil, 0
	o.room.Broadcast()
	if o.stall != nil {
		o.stall.Stop()
	}
	o.mu.Unlock()
	wait := time.Duration(0)
	if err == nil || err == websocket.ErrCloseSent { //nolint:errorlint // gorilla returns it bare.
		wait = lingerTimeout
		s.raw.closeWrite()
	}
	s.conn.SetReadDeadline(time.Now().Add(wait)) //nolint:errcheck // a closed connection needs no deadline.
}

// extend gives the other end its time again, unless the connection is closing:
// the tick closes it when that is over, and the deadline cuts it soon after.
func (s *socket) extend() {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	if !s.out.dead {
		s.heard.Store(int64(time.Since(s.opened)))
		s.conn.SetReadDeadline(time.Now().Add(s.gate.Limits.ReadTimeout + closeGrace)) //nolint:errcheck // a closed connection needs no deadline.
	}
}
