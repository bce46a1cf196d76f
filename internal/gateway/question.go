package gateway

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"bedside/internal/chat"
	"bedside/internal/turn"
	"bedside/internal/wire"
)

// askTimeout bounds taking a question, storing it included.
const askTimeout = 10 * time.Second

// place is where a question is to stand, and why it may not.
type place struct {
	session  chat.SessionID
	create   bool
	previous chat.ResponseID
	refusal  *chat.Error
}

// continuing moves a question to the session of the answer that it continues.
// To whoever may not read that answer it does not exist.
func (p place) continuing(previous chat.ResponseID, staff bool) place {
	if previous == "" {
		return p
	}
	session, ok := previous.Session()
	switch {
	case !ok, session != p.session && !staff:
		p.refusal = notFound()
		p.refusal.Param = "previous_response_id"
	case session != p.session:
		p = place{session: session, previous: previous}
	default:
		p.previous = previous
	}
	return p
}

// ask hands a question to the turn, with what the door would refuse it with. The
// client may go away meanwhile: that cancels nothing.
func (g *Gateway) ask(ctx context.Context, ask wire.Ask, c caller, p place, locale string) (turn.Receipt, error) {
	ctx, cancel := outliving(ctx, askTimeout)
	defer cancel()
	if p.refusal == nil && ask.Question.Characters() > g.Limits.QuestionCharacters {
		p.refusal = chat.Refuse(chat.TooLong, fmt.Sprintf("Please keep your question under %d characters.", g.Limits.QuestionCharacters))
		p.refusal.Param = "input"
	}
	if p.refusal == nil {
		p.refusal = g.overRate(ctx, p.session, c.address)
	}
	return g.Turn.Ask(ctx, turn.Question{
		Session: p.session, Raw: ask.Question, ClientMessageID: ask.ClientMessageID, Previous: p.previous,
		Transient: ask.Transient, Create: p.create, Locale: locale, Refusal: p.refusal, From: c.address, Connection: c.connection,
	})
}

// outliving returns a context for work that goes on when its client is gone.
func outliving(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), timeout)
}

// overRate counts a question.
func (g *Gateway) overRate(ctx context.Context, session chat.SessionID, address string) *chat.Error {
	if g.Questions == nil {
		return nil
	}
	if retry, ok := g.Questions.Take(ctx, string(session), address); !ok {
		return tooFast(retry)
	}
	return nil
}

func tooFast(retry time.Duration) *chat.Error {
	return &chat.Error{Code: chat.RateLimited, Message: "You are asking faster than we can answer. Please wait a moment.", RetryAfter: retry}
}

// errFull refuses a connection for which the process has no room. It is busy, and
// unlike other busy ones no fault of whoever asks: on HTTP it is 503.
var errFull = &chat.Error{Code: chat.Busy, Message: "Too many people are using this chat right now. Please try again in a moment.", RetryAfter: 5 * time.Second}

func tooMany() *chat.Error {
	return &chat.Error{Code: chat.RateLimited, Message: "There are too many connections from your network. Please try again in a moment.", RetryAfter: 2 * time.Second}
}

// newToken returns the token of a session that a request starts. Staff who send
// a question again under the same idempotency key and know no session, because
// the first answer was lost on its way, come to the same session again.
func newToken(c caller, idempotency string) chat.Token {
	if !c.staff || idempotency == "" {
		return chat.NewToken()
	}
	mac := hmac.New(sha256.New, c.key[:])
	mac.Write([]byte("session of a request\x00" + idempotency))
	token, err := chat.ParseToken("bst_" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)))
	if err != nil {
		return chat.NewToken()
	}
	return token
}
