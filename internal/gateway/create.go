package gateway

import (
	"net/http"

	"bedside/internal/chat"
	"bedside/internal/transcript"
	"bedside/internal/wire"
)

// createResponse answers POST /v1/responses.
func (g *Gateway) createResponse(w http.ResponseWriter, r *http.Request, c caller) {
	g.create(w, r, c, wire.DecodeAsk, func(asked answering) {
		if asked.Stream {
			g.stream(w, r, asked, &responseStream{staff: c.staff, after: -1})
			return
		}
		g.await(w, r, asked, func(a chat.Answer) { writeJSON(w, http.StatusOK, wire.AppendResponse(nil, a, c.staff)) })
	})
}

// createCompletion answers POST /v1/chat/completions.
func (g *Gateway) createCompletion(w http.ResponseWriter, r *http.Request, c caller) {
	g.create(w, r, c, wire.DecodeCompletion, func(asked answering) {
		if asked.Stream {
			g.stream(w, r, asked, &completionStream{usage: asked.IncludeUsage})
			return
		}
		g.await(w, r, asked, func(a chat.Answer) {
			if a.Status == chat.StatusFailed && a.Text == "" {
				writeError(w, failure(a))
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
	follower *transcript.Follower
}

// create takes the question in a request's body and hands on its answer.
func (g *Gateway) create(w http.ResponseWriter, r *http.Request, c caller, decode func([]byte) (wire.Ask, error), answer func(answering)) {
	body, bad := g.readBody(w, r)
	if bad != nil {
		writeError(w, bad)
		return
	}
	ask, err := decode(body)
	if err == nil && ask.ClientMessageID == "" {
		ask.ClientMessageID = r.Header.Get(wire.HeaderIdempotency)
		err = wire.CheckID(ask.ClientMessageID, wire.HeaderIdempotency)
	}
	if err != nil {
		writeError(w, chat.AsError(err))
		return
	}

	p, token := g.placeOf(r, c, ask)
	release, ok := g.hold(c)
	if !ok && p.refusal == nil {
		p.refusal = tooMany()
	}
	defer release()

	receipt, err := g.ask(r.Context(), ask, c, p, "")
	if err != nil {
		writeError(w, g.refusal(err, expired()))
		return
	}
	if !token.IsZero() && receipt.Session == token.Session() {
		w.Header().Set(wire.HeaderSession, token.Reveal())
	}
	follower, _, _, err := g.Turn.Follow(r.Context(), receipt.Session, receipt.After)
	if err != nil {
		writeError(w, g.refusal(err, expired()))
		return
	}
	defer follower.Close()
	answer(answering{ask, receipt.Response, follower})
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

// hold counts the request among its address's connections.
func (g *Gateway) hold(c caller) (release func(), ok bool) {
	if g.Connections == nil {
		return func() {}, true
	}
	release, ok = g.Connections.Hold(c.address)
	if !ok {
		return func() {}, false
	}
	return release, true
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
