package gateway

import (
	"context"
	"errors"
	"time"

	"bedside/internal/chat"
	"bedside/internal/transcript"
	"bedside/internal/turn"
	"bedside/internal/wire"
)

// handle does what a frame asks for. Only the goroutine that reads calls it.
func (s *socket) handle(ctx context.Context, frame wire.Frame) {
	if ask, isQuestion := frame.(wire.Ask); isQuestion { // has limits of its own
		s.valid.Store(true)
		s.ask(ctx, ask, nil)
		return
	}
	if retry, ok := s.pace.take(); !ok {
		s.fail(tooFast(retry), "")
		return
	}
	switch f := frame.(type) {
	case wire.Cancel:
		s.valid.Store(true)
		s.cancel(ctx, f)
		return
	case wire.SessionStart, wire.SessionResume, wire.SessionForget, wire.Feedback, wire.Passage:
		if !s.extended {
			s.strike(&chat.Error{Code: chat.Malformed, Message: "This frame needs the subprotocol " + wire.Subprotocol + ".", Param: "type"})
			return
		}
	}
	s.valid.Store(true)
	switch f := frame.(type) {
	case wire.SessionStart:
		s.startSession(ctx, f)
	case wire.SessionResume:
		s.resumeSession(ctx, f)
	case wire.SessionForget:
		s.forgetSession(ctx)
	case wire.Feedback:
		s.feedback(ctx, f)
	case wire.Passage:
		s.passage(f)
	}
}

// passage tells what an answer's source says in full. The material is the same for
// everybody, so that it needs no session.
func (s *socket) passage(f wire.Passage) {
	passage, found := s.gate.Passage(f.ID)
	if !found {
		e := chat.Refuse(chat.NotFound, "There is no such passage.")
		e.Param = "passage_id"
		s.fail(e, "")
		return
	}
	s.send(wire.EncodePassage(passage))
}

// startSession gives the connection a new session. Its record begins with the
// first question.
func (s *socket) startSession(ctx context.Context, f wire.SessionStart) {
	s.leave()
	token := chat.NewToken()
	s.locale = f.Locale
	s.mu.Lock()
	s.token, s.session, s.fresh, s.absent = token, token.Session(), true, nil
	s.mu.Unlock()
	s.gate.Observer.SessionOpened("started")
	s.sendReady(token, transcript.State{ExpiresAt: time.Now().Add(s.gate.SessionIdle), Durable: s.gate.Turn.Durable(ctx)}, chat.Origin, true)
}

// begun returns the session's state where the client is to be told of it anew: the
// store went away between its start and its first question, and it lasts less long
// than was said. Else it is nil.
func (s *socket) begun(ctx context.Context, session chat.SessionID) *transcript.State {
	s.mu.Lock()
	durable := s.durable
	s.fresh = false
	s.mu.Unlock()
	if !s.extended || !durable {
		return nil
	}
	if state, err := s.gate.Turn.Session(ctx, session); err == nil && !state.Durable {
		return &state
	}
	return nil
}

// resumeSession goes on with a session where the client left it.
func (s *socket) resumeSession(ctx context.Context, f wire.SessionResume) {
	token, err := chat.ParseToken(f.Token)
	if err != nil {
		s.shut(wire.CloseMalformedToken, "malformed token", false)
		return
	}
	s.leave()
	s.mu.Lock()
	s.token, s.session, s.fresh, s.absent = token, token.Session(), false, nil
	s.mu.Unlock()
	if refusal := s.attach(ctx, token, f.Cursor); refusal != nil {
		s.lose(token.Session(), refusal)
		s.fail(refusal, "")
	}
}

// attach follows the session from the cursor, with a ready frame before it.
func (s *socket) attach(ctx context.Context, token chat.Token, cursor chat.Cursor) *chat.Error {
	session := token.Session()
	within, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	state, err := s.gate.Turn.Session(within, session)
	if err != nil {
		return s.gate.refusal(err, expired())
	}
	follower, recovered, end, err := s.gate.Turn.Follow(within, session, cursor)
	if err != nil {
		return s.gate.refusal(err, expired())
	}
	open := s.gate.openAt(within, session, cursor, recovered)
	s.gate.resumed(recovered)
	s.sendReady(token, state, end, recovered)
	if !recovered {
		cursor = chat.Origin
	}
	s.follow(ctx, &tail{session: session, follower: follower, last: cursor, open: open})
	return nil
}

func (s *socket) sendReady(token chat.Token, state transcript.State, end chat.Cursor, recovered bool) {
	g := s.gate
	s.mu.Lock()
	s.durable = state.Durable
	s.mu.Unlock()
	s.send(wire.EncodeReady(wire.Ready{
		Session: token.Session(), Token: token.Reveal(), Cursor: end, Recovered: recovered, Durable: state.Durable,
		ExpiresAt: state.ExpiresAt.Unix(), Disclosure: g.Disclosure(s.locale), Starters: g.Starters(s.locale),
		Clinic: g.Clinic, HelpBar: state.HelpBar,
	}))
}

// forgetSession destroys the connection's session.
func (s *socket) forgetSession(ctx context.Context) {
	session, refusal := s.current()
	if refusal != nil {
		s.fail(refusal, "")
		return
	}
	ctx, cancel := outliving(ctx, askTimeout)
	defer cancel()
	if err := s.gate.Turn.Forget(ctx, session); err != nil {
		s.fail(s.gate.refusal(err, expired()), "")
		return
	}
	s.mu.Lock()
	following := s.tail
	s.mu.Unlock()
	if following != nil { // it ends what was being answered before it says so
		select {
		case <-following.done:
		case <-time.After(forgetWait):
			following.stop()
		}
	}
	s.sayForgotten(session)
}

// forgetWait is how long a follower may take to hear that its session is gone.
const forgetWait = time.Second

// current returns the connection's session, or why there is none.
func (s *socket) current() (chat.SessionID, *chat.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.session != "":
		return s.session, nil
	case s.absent != nil:
		return "", s.absent
	}
	return "", noSession()
}

// lose takes a session that is gone from the connection, which stays open.
func (s *socket) lose(session chat.SessionID, why *chat.Error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session != session {
		return false
	}
	s.token, s.session, s.fresh, s.absent = chat.Token{}, "", false, why
	return true
}

// sayForgotten tells the client, once, that its session was destroyed.
func (s *socket) sayForgotten(session chat.SessionID) {
	if !s.lose(session, nil) {
		return
	}
	if s.extended {
		s.send(wire.EncodeForgotten(session))
	} else {
		s.send(wire.EncodeError(expired(), ""))
	}
}

// owns says whether the connection may touch an answer.
func (s *socket) owns(response chat.ResponseID) bool {
	session, ok := response.Session()
	if !ok {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.caller.staff || session == s.session || s.asides[response]
}

func (s *socket) cancel(ctx context.Context, f wire.Cancel) {
	if !s.owns(f.Response) {
		s.fail(notFound(), "")
		return
	}
	// Apart, because an answer that waits ends when its turn comes, and whoever
	// is in danger meanwhile must be read.
	s.gate.work.Go(func() {
		ctx, cancel := outliving(ctx, cancelPatience)
		defer cancel()
		err := s.gate.Turn.Cancel(ctx, f.Response)
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			s.refuse(s.gate.refusal(err, notFound()), "")
		}
	})
}

// cancelPatience is how long a WebSocket's cancellation is worked at. It bounds
// how long it can keep the gateway from closing.
const cancelPatience = 4 * time.Second

func (s *socket) feedback(ctx context.Context, f wire.Feedback) {
	if !s.owns(f.Response) {
		s.fail(notFound(), "")
		return
	}
	if f.Comment.Characters() > s.gate.Limits.QuestionCharacters {
		s.fail(&chat.Error{Code: chat.TooLong, Message: "Please keep your comment shorter.", Param: "comment"}, "")
		return
	}
	ctx, cancel := outliving(ctx, askTimeout)
	defer cancel()
	err := s.gate.Turn.Feedback(ctx, turn.Feedback{Response: f.Response, Rating: f.Rating, Comment: f.Comment})
	if err != nil {
		s.fail(s.gate.refusal(err, notFound()), "")
	}
}

// ask takes a question and sees to it that its answer is followed. One in whose
// frame something else is malformed is refused for that, unless it is urgent.
func (s *socket) ask(ctx context.Context, ask wire.Ask, malformed *chat.Error) {
	s.mu.Lock()
	p := place{session: s.session, create: s.fresh}
	s.mu.Unlock()
	if p.session == "" {
		_, p.refusal = s.current()
	}
	mine := p.session
	if p.session != "" {
		p = p.continuing(ask.Previous, s.caller.staff)
	}
	if malformed != nil {
		p.refusal = malformed
	}

	if !s.extended {
		s.asking.Lock()
		defer s.asking.Unlock()
	}
	receipt, err := s.gate.ask(ctx, ask, s.caller, p, s.locale)
	if err != nil {
		e := s.gate.refusal(err, expired())
		if e == malformed {
			s.strike(e)
			return
		}
		if e.Code == chat.SessionExpired {
			s.lose(mine, e)
		}
		s.fail(e, ask.ClientMessageID)
		return
	}
	if receipt.Session != mine {
		view := s.view()
		view.Transient = receipt.Session != p.session
		s.followAside(ctx, receipt, view)
		return
	}
	var anew *transcript.State
	if p.create {
		anew = s.begun(ctx, mine)
	}
	if s.extended {
		err = s.followExtended(ctx, receipt, ask.ClientMessageID, anew)
	} else {
		err = s.followPlain(ctx, receipt)
	}
	if errors.Is(err, transcript.ErrNoSession) {
		s.sayForgotten(mine)
	} else if err != nil {
		// The answer goes on; whoever comes back finds it.
		s.shut(wire.CloseTryAgain, "try again", false)
	}
}
