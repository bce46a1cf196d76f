package gateway

import (
	"context"
	"errors"

	"bedside/internal/chat"
	"bedside/internal/transcript"
	"bedside/internal/turn"
)

// blind observes nothing.
type blind struct{}

func (blind) ConnectionOpened(string) func(int) { return func(int) {} }
func (blind) SessionOpened(string)              {}
func (blind) Refused(string)                    {}
func (blind) StoreFailed(string)                {}

// observedTurn counts for which operations the store was not there.
type observedTurn struct {
	Turn
	observer Observer
}

func (t observedTurn) count(operation string, err error) {
	refused, _ := errors.AsType[*chat.Error](err)
	if errors.Is(err, transcript.ErrUnavailable) || (refused != nil && refused.Code == chat.StoreUnavailable) {
		t.observer.StoreFailed(operation)
	}
}

func (t observedTurn) Ask(ctx context.Context, q turn.Question) (turn.Receipt, error) {
	receipt, err := t.Turn.Ask(ctx, q)
	t.count("ask", err)
	return receipt, err
}

func (t observedTurn) Cancel(ctx context.Context, response chat.ResponseID) error {
	err := t.Turn.Cancel(ctx, response)
	t.count("cancel", err)
	return err
}

func (t observedTurn) Feedback(ctx context.Context, f turn.Feedback) error {
	err := t.Turn.Feedback(ctx, f)
	t.count("feedback", err)
	return err
}

func (t observedTurn) Forget(ctx context.Context, session chat.SessionID) error {
	err := t.Turn.Forget(ctx, session)
	t.count("forget", err)
	return err
}

func (t observedTurn) Session(ctx context.Context, session chat.SessionID) (transcript.State, error) {
	state, err := t.Turn.Session(ctx, session)
	t.count("session", err)
	return state, err
}

func (t observedTurn) Follow(ctx context.Context, session chat.SessionID, after chat.Cursor) (*transcript.Follower, bool, chat.Cursor, error) {
	follower, recovered, end, err := t.Turn.Follow(ctx, session, after)
	t.count("follow", err)
	return follower, recovered, end, err
}

// resumed counts a session that was gone on with.
func (g *Gateway) resumed(recovered bool) {
	if recovered {
		g.Observer.SessionOpened("resumed")
	} else {
		g.Observer.SessionOpened("cleared")
	}
}
