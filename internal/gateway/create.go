package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"bedside/internal/chat"
	"bedside/internal/transcript"
	"bedside/internal/wire"
)

// createResponse answers POST /v1/responses.
func (g *Gateway) createResponse(w http.ResponseWriter, r *http.Request, c caller) {
	g.create(w, r, c, wire.DecodeAsk, func(asked *answering) {
		if asked.Stream {
			g.stream(w, r, asked, &responseStream{view: asked.view, after: -1})
			return
		}
		g.await(w, r, asked, func(a chat.Answer) { writeJSON(w, http.StatusOK, wire.AppendResponse(nil, a, asked.view)) })
	})
}

// createCompletion answers POST /v1/chat/completions.
func (g *Gateway) createCompletion(w http.ResponseWriter, r *http.Request, c caller) {
	g.create(w, r, c, wire.DecodeCompletion, func(asked *answering) {
		if asked.Stream {
			g.stream(w, r, asked, &completionStream{usage: asked.IncludeUsage})
			return
		}
		g.await(w, r, asked, func(a chat.Answer) {
			if a.Status == chat.StatusFailed && a.Text == "" {
				g.writeError(w, failure(a))
				return
			}
			writeJSON(w, http.StatusOK, wire.AppendCompletion(nil, a, c.staff))
		})
	})
}

// answering is a question that was taken, and the answer on its way.
type answering struct {
	wire.Ask
	response chat.ResponseID
	view     wire.View
	follower *transcript.Follower
	at, end  chat.Cursor // how far the log was read, and where its replay ends
	until    time.Time   // when a question that its log has lost is to be there again; zero: it is there
}

func (a *answering) close() { a.follower.Close() }

// followAnswer begins to follow an answer from the cursor. Close it.
func (g *Gateway) followAnswer(ctx context.Context, session chat.SessionID, after chat.Cursor, response chat.ResponseID, view wire.View) (answering, error) {
	follower, recovered, end, err := g.Turn.Follow(ctx, session, after)
	if !recovered {
		after = chat.Origin
	}
	return answering{response: response, view: view, follower: follower, at: after, end: end}, err
}

// next waits for the next item. An answer is in the log before anybody follows
// it: one of which the replay holds nothing was trimmed away, and nothing will
// ever come of it.
func (a *answering) next(ctx context.Context, state *fold) (transcript.Item, error) {
	if a.at == a.end && !state.seen && a.until.IsZero() {
		return transcript.Item{}, notFound()
	}
	within, cancel := ctx, func() {}
	if !a.until.IsZero() && !state.seen {
		within, cancel = context.WithDeadline(ctx, a.until)
	}
	defer cancel()
	item, err := next(within, a.follower)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return item, fmt.Errorf("%w: its question did not come again", transcript.ErrUnavailable)
	}
	if err == nil && item.Entry != nil {
		a.at = item.Entry.Cursor
	}
	return item, err
}

// restorePatience is how long a question that its log has lost may be missing: longer
// than a model is silent, after whose next sentence the loss is noticed at the latest.
const restorePatience = 20 * time.Second

// followAnew follows the answer again where its log was rewound, for a client that was
// sent nothing of it.
func (g *Gateway) followAnew(ctx context.Context, a *answering, state *fold) error {
	session, _ := a.response.Session()
	for {
		again, err := g.followAnswer(ctx, session, chat.Origin, a.response, a.view)
		switch {
		case err == nil:
			a.close()
			a.follower, a.at, a.end, a.until = again.follower, again.at, again.end, time.Now().Add(restorePatience)
			*state = fold{}
			return nil
		case !errors.Is(err, transcript.ErrUnavailable):
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(retryEvery):
		}
	}
}

// create takes the question in a request's body and hands on its answer.
func (g *Gateway) create(w http.ResponseWriter, r *http.Request, c caller, decode func([]byte) (wire.Ask, error), answer func(*answering)) {
	release, refusal := g.hold(c)
	defer release()
	patience := g.Limits.WriteTimeout
	if refusal != nil {
		patience = min(patience, crowdedPatience)
	}
	body, bad := g.readBody(w, r, patience)
	if bad != nil {
		g.writeError(w, cmp.Or(refusal, bad))
		return
	}
	ask, err := decode(body)
	if key := r.Header.Get(wire.HeaderIdempotency); err == nil && ask.ClientMessageID == "" {
		if err = wire.CheckID(key, wire.HeaderIdempotency); err == nil {
			ask.ClientMessageID = key
		}
	}
	if err != nil && ask.IsZero() {
		g.writeError(w, chat.AsError(err))
		return
	}

	p, token := g.placeOf(r, c, ask)
	if err != nil {
		p.refusal = chat.AsError(err)
	}
	if p.refusal == nil {
		p.refusal = refusal
	}
	receipt, err := g.ask(r.Context(), ask, c, p, "")
	if err != nil {
		g.writeError(w, g.refusal(err, expired()))
		return
	}
	if !token.IsZero() && receipt.Session == token.Session() {
		if !receipt.Duplicate {
			g.Observer.SessionOpened("started")
		}
		w.Header().Set(wire.HeaderSession, token.Reveal())
	}
	view := wire.View{Staff: c.staff, Transient: receipt.Session != p.session}
	asked, err := g.followAnswer(r.Context(), receipt.Session, receipt.After, receipt.Response, view)
	if err != nil {
		g.writeError(w, g.refusal(err, expired()))
		return
	}
	defer asked.close()
	asked.Ask = ask
	answer(&asked)
}

// placeOf says in which session a request's question stands. The token is that
// of the session that the request starts, if it does.
func (g *Gateway) placeOf(r *http.Request, c caller, ask wire.Ask) (place, chat.Token) {
	var p place
	var token chat.Token
	given := r.Header.Get(wire.HeaderSession)
	switch {
	case given != "":
		old, err := chat.ParseToken(given)
		if err != nil {
			return place{refusal: malformedToken()}, token
		}
		p.session = old.Session()
	default:
		token = newToken(c, ask.ClientMessageID)
		p.session, p.create = token.Session(), true
	}
	if p = p.continuing(ask.Previous, c.staff); !p.create {
		token = chat.Token{}
	}
	return p, token
}

// hold counts the request among its address's connections, and among all. The
// release may be called where it is refused as well.
func (g *Gateway) hold(c caller) (release func(), refusal *chat.Error) {
	address, all := func() {}, func() {}
	if g.Connections != nil {
		held, ok := g.Connections.Hold(c.address)
		if !ok {
			return address, tooMany()
		}
		address = held
	}
	if g.AllConnections != nil {
		held, ok := g.AllConnections.Hold("")
		if !ok {
			address()
			return all, errFull
		}
		all = held
	}
	return func() { address(); all() }, nil
}

func malformedToken() *chat.Error {
	return &chat.Error{Code: chat.Malformed, Message: "This is not a session token.", Param: wire.HeaderSession}
}

// failure is what a failed answer is to a client that knows no failed answers.
func failure(a chat.Answer) *chat.Error {
	if a.Error != nil {
		return a.Error
	}
	return chat.AsError(errFailed)
}
