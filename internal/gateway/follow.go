package gateway

import (
	"context"
	"errors"

	"bedside/internal/chat"
	"bedside/internal/transcript"
	"bedside/internal/turn"
	"bedside/internal/wire"
)

// tail follows a session for a connection, in one goroutine.
type tail struct {
	session  chat.SessionID
	follower *transcript.Follower
	stop     context.CancelFunc
	done     chan struct{}
	last     chat.Cursor // what was sent up to here stands in the log
	ahead    bool        // something was sent that did not stand there yet
	open     folds       // answers that were begun and have not ended
	// anew is the session's state, to be told once its first question is accepted: a
	// client sends what was not accepted again when it hears of a session. Nil: it is known.
	anew *transcript.State

	// asked names the answers that a plain WebSocket waits for: it gets the
	// frames of its own questions only. Nil lets all through. Guarded by socket.mu.
	asked map[chat.ResponseID]bool
}

// follow begins to follow the connection's session. The connection follows one
// at a time.
func (s *socket) follow(ctx context.Context, t *tail) {
	if t.open == nil {
		t.open = make(folds, 1)
	}
	t.done = make(chan struct{})
	ctx, t.stop = context.WithCancel(ctx)
	s.mu.Lock()
	s.tail = t
	s.mu.Unlock()
	s.gate.work.Go(func() { s.run(ctx, t) })
}

// leave stops following, and waits until nothing more comes of it.
func (s *socket) leave() {
	s.mu.Lock()
	t := s.tail
	s.tail = nil
	s.mu.Unlock()
	if t != nil {
		t.stop()
		<-t.done
	}
}

// run sends what the session's log holds, as it comes.
func (s *socket) run(ctx context.Context, t *tail) {
	defer close(t.done)
	defer t.stop()
	defer func() { t.follower.Close() }()
	defer s.nudge()
	for {
		if !t.follower.HasEntry() { // what is at hand together leaves in one write
			s.nudge()
		}
		item, err := next(ctx, t.follower)
		if errors.Is(err, transcript.ErrLost) && s.extended {
			err = s.refollow(ctx, t)
			if err == nil {
				continue
			}
		}
		if err != nil {
			s.lost(ctx, t, err)
			return
		}
		if item.Notice != nil && item.Notice.Forgotten {
			s.cutShort(t)
			s.drop(t)
			s.sayForgotten(t.session)
			return
		}
		if !s.relay(t, item) {
			return
		}
	}
}

// relay sends one item; false if there is nothing more to follow.
func (s *socket) relay(t *tail, item transcript.Item) bool {
	if item.Entry != nil {
		t.last = item.Entry.Cursor
		return s.relayEvent(t, item.Entry.Event, item.Entry.Cursor) && s.tellAnew(t, item.Entry.Event)
	}
	if status := item.Notice.Status; status != nil && s.extended {
		return s.send(wire.AppendStatus(nil, status.Head, status.Stage))
	}
	for _, event := range item.Notice.Ahead {
		t.ahead = true
		if !s.relayEvent(t, event, "") {
			return false
		}
	}
	return true
}

// tellAnew tells the client of its session again behind its first question; false if
// there is nothing more to follow.
func (s *socket) tellAnew(t *tail, event chat.Event) bool {
	if _, accepted := event.(chat.Accepted); !accepted || t.anew == nil {
		return true
	}
	s.mu.Lock()
	token := s.token
	s.mu.Unlock()
	if token.IsZero() || token.Session() != t.session {
		return false
	}
	s.sendReady(token, *t.anew, t.last, true)
	t.anew = nil
	return true
}

// relayEvent sends one event; false if there is nothing more to follow. One that
// was told while the store was away comes again with its cursor, which a plain
// WebSocket has no use for.
func (s *socket) relayEvent(t *tail, event chat.Event, cursor chat.Cursor) bool {
	if t.asked != nil && (!s.isAsked(t, event) || t.open.has(event)) {
		return true
	}
	ended := t.open.add(event)
	f := newFrame()
	var ok bool
	if f.text, ok = wire.AppendEvent(f.text, event, cursor, s.view()); !ok {
		f.free()
	} else if !s.queue(f) {
		return false
	}
	if ended && t.asked != nil {
		return !s.answered(t, event.At().Response)
	}
	return true
}

func (s *socket) view() wire.View { return wire.View{Extended: s.extended, Staff: s.caller.staff} }

// isAsked says whether a plain WebSocket asked for the answer. Its first event
// may come before the question's receipt: then the receipt is waited for.
func (s *socket) isAsked(t *tail, event chat.Event) bool {
	id := event.At().Response
	known := func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return t.asked[id]
	}
	if known() {
		return true
	}
	if _, first := event.(chat.Accepted); !first {
		return false
	}
	s.asking.Lock()
	s.asking.Unlock() //nolint:staticcheck // only to have waited.
	return known()
}

// answered notes that an answer has ended; true if no other is waited for: then
// the connection follows nothing until its next question.
func (s *socket) answered(t *tail, id chat.ResponseID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(t.asked, id)
	if len(t.asked) > 0 {
		return false
	}
	if s.tail == t {
		s.tail = nil
	}
	return true
}

// drop forgets a tail that ended by itself.
func (s *socket) drop(t *tail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tail == t {
		s.tail = nil
	}
}

// cutShort ends the answers that a forgotten session leaves open. The frames are
// stored nowhere and carry no cursor.
func (s *socket) cutShort(t *tail) {
	for id, state := range t.open {
		frame, ok := wire.AppendEvent(nil, state.cutShort(), "", s.view())
		if ok {
			s.send(frame)
		}
		delete(t.open, id)
	}
}

// lost tells the client why its session is no longer followed.
func (s *socket) lost(ctx context.Context, t *tail, err error) {
	if ctx.Err() != nil {
		return // the connection left it, or ended
	}
	s.drop(t)
	if errors.Is(err, transcript.ErrNoSession) {
		if s.lose(t.session, expired()) {
			s.refuse(expired(), "")
		}
		return
	}
	s.refuse(s.gate.refusal(err, expired()), "")
	s.shut(wire.CloseTryAgain, "try again", false)
}

// refollow begins anew on a log that was rewound or lost: the client is told to
// clear what it shows, and gets what there is, unless the log still holds all that it
// was sent.
func (s *socket) refollow(ctx context.Context, t *tail) error {
	s.mu.Lock()
	token := s.token
	s.mu.Unlock()
	if token.IsZero() || token.Session() != t.session {
		return transcript.ErrNoSession
	}
	state, err := s.gate.Turn.Session(ctx, t.session)
	if err != nil {
		return err
	}
	if t.ahead { // which will not come as it was sent
		t.last = chat.Origin
	}
	follower, recovered, end, err := s.gate.Turn.Follow(ctx, t.session, t.last)
	if err != nil {
		return err
	}
	recovered = recovered && !t.ahead
	t.ahead = false
	t.follower.Close()
	t.follower = follower
	if !recovered {
		clear(t.open)
	}
	s.gate.resumed(recovered)
	s.sendReady(token, state, end, recovered)
	return nil
}

// followExtended sees to it that the session is followed from its first question on.
func (s *socket) followExtended(ctx context.Context, receipt turn.Receipt, clientMessageID string, anew *transcript.State) error {
	s.mu.Lock()
	following := s.tail != nil
	s.mu.Unlock()
	if following {
		if receipt.Duplicate {
			s.sendAccepted(receipt, clientMessageID)
		}
		return nil
	}
	follower, _, _, err := s.gate.Turn.Follow(ctx, receipt.Session, receipt.After)
	if err != nil {
		return err
	}
	s.follow(ctx, &tail{session: receipt.Session, follower: follower, last: receipt.After, anew: anew})
	return nil
}

// sendAccepted says again that a question was accepted, without a cursor: its
// place in the log was passed long ago.
func (s *socket) sendAccepted(receipt turn.Receipt, clientMessageID string) {
	accepted := chat.Accepted{Head: chat.Head{Response: receipt.Response}, ClientMessageID: clientMessageID, Text: receipt.Text}
	if frame, ok := wire.AppendEvent(nil, accepted, "", s.view()); ok {
		s.send(frame)
	}
}

// followPlain sees to it that the question's answer is followed. The caller
// holds s.asking.
func (s *socket) followPlain(ctx context.Context, receipt turn.Receipt) error {
	s.mu.Lock()
	t := s.tail
	known := t != nil && t.asked[receipt.Response]
	if t != nil && !receipt.Duplicate {
		t.asked[receipt.Response] = true
		known = true
	}
	s.mu.Unlock()
	if known {
		return nil // a question sent twice while it is answered: the answer is on its way
	}
	if t != nil || receipt.Duplicate { // one that may have ended, or be gone
		s.followAside(ctx, receipt, s.view())
		return nil
	}
	follower, _, _, err := s.gate.Turn.Follow(ctx, receipt.Session, receipt.After)
	if err != nil {
		return err
	}
	s.follow(ctx, &tail{
		session: receipt.Session, follower: follower, last: receipt.After, asked: map[chat.ResponseID]bool{receipt.Response: true},
	})
	return nil
}

// followAside sends one answer that does not stand in the connection's session:
// one that is kept nowhere, or the reply to an emergency where there is no
// session. Its frames carry no cursor, for it would name another log's entry.
func (s *socket) followAside(ctx context.Context, receipt turn.Receipt, view wire.View) {
	asked, err := s.gate.followAnswer(ctx, receipt.Session, receipt.After, receipt.Response, view)
	if err != nil {
		s.refuse(s.gate.refusal(err, expired()), "")
		return
	}
	s.mu.Lock()
	if s.asides == nil {
		s.asides = make(map[chat.ResponseID]bool, 1)
	}
	s.asides[receipt.Response] = true
	s.mu.Unlock()
	s.gate.work.Go(func() {
		defer asked.close()
		s.runAside(ctx, &asked)
		s.mu.Lock()
		delete(s.asides, receipt.Response)
		s.mu.Unlock()
	})
}

func (s *socket) runAside(ctx context.Context, asked *answering) {
	id := asked.response
	var state fold
	for !state.ended {
		item, err := asked.next(ctx, &state)
		if err != nil {
			if ctx.Err() == nil {
				s.refuse(s.gate.refusal(err, expired()), "")
			}
			return
		}
		if item.Notice != nil && item.Notice.Status != nil {
			if status := item.Notice.Status; s.extended && status.Response == id && !s.send(wire.AppendStatus(nil, status.Head, status.Stage)) {
				return
			}
			continue
		}
		for _, event := range state.take(item, id) {
			if frame, ok := wire.AppendEvent(make([]byte, 0, 512), event, "", asked.view); ok && !s.send(frame) {
				return
			}
		}
	}
}
