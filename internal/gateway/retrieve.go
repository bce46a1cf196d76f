package gateway

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bedside/internal/chat"
	"bedside/internal/transcript"
	"bedside/internal/wire"
)

// mayOpen returns the response that a request names, and its session; false to
// whom it does not exist: to everyone without its session's token or a staff key.
func mayOpen(r *http.Request, c caller) (chat.ResponseID, chat.SessionID, bool) {
	response := chat.ResponseID(r.PathValue("id"))
	session, ok := response.Session()
	if !ok {
		return "", "", false
	}
	if c.staff {
		return response, session, true
	}
	token, err := chat.ParseToken(r.Header.Get(wire.HeaderSession))
	return response, session, err == nil && token.Session() == session
}

// responseIn returns the well-formed response id in an address, if there is one.
func responseIn(path string) string {
	rest, ok := strings.CutPrefix(path, "/v1/responses/")
	if !ok {
		return ""
	}
	id, _, _ := strings.Cut(rest, "/")
	if _, ok := chat.ResponseID(id).Session(); !ok {
		return ""
	}
	return id
}

// retrieve answers GET /v1/responses/{id}.
func (g *Gateway) retrieve(w http.ResponseWriter, r *http.Request, c caller) {
	response, session, ok := mayOpen(r, c)
	if !ok {
		g.writeError(w, notFound())
		return
	}
	query := r.URL.Query()
	after, bad := startingAfter(query.Get("starting_after"))
	if bad != nil {
		g.writeError(w, bad)
		return
	}
	release, refusal := g.hold(c)
	if refusal != nil {
		g.writeError(w, refusal)
		return
	}
	defer release()
	state, bad := g.stateOf(r.Context(), session, response)
	switch {
	case bad != nil:
		g.writeError(w, bad)
	case query.Get("stream") != "true":
		writeJSON(w, http.StatusOK, wire.AppendResponse(nil, state.standing(), g.viewOf(r.Context(), c, session)))
	default:
		asked, err := g.followAnswer(r.Context(), session, chat.Origin, response, g.viewOf(r.Context(), c, session))
		if err != nil {
			g.writeError(w, g.refusal(err, notFound()))
			return
		}
		defer asked.close()
		g.stream(w, r, &asked, &responseStream{view: asked.view, after: after})
	}
}

func startingAfter(s string) (int, *chat.Error) {
	if s == "" {
		return -1, nil
	}
	after, err := strconv.Atoi(s)
	if err != nil || after < 0 {
		return 0, &chat.Error{Code: chat.Malformed, Message: "This must be a sequence number.", Param: "starting_after"}
	}
	return after, nil
}

// stateOf returns how an answer stands now.
func (g *Gateway) stateOf(ctx context.Context, session chat.SessionID, response chat.ResponseID) (fold, *chat.Error) {
	follower, _, end, err := g.Turn.Follow(ctx, session, chat.Origin)
	if err != nil {
		return fold{}, g.refusal(err, notFound())
	}
	defer follower.Close()
	var state fold
	for at := chat.Origin; at != end; {
		item, err := next(ctx, follower)
		if err != nil {
			return fold{}, g.refusal(err, notFound())
		}
		if item.Entry == nil {
			if item.Notice.Forgotten {
				return fold{}, notFound()
			}
			continue
		}
		at = item.Entry.Cursor
		state.take(item, response)
	}
	if !state.seen {
		return fold{}, notFound()
	}
	return state, nil
}

const (
	// cancelTimeout bounds a cancellation, from the request to the answer's end,
	// which may have to wait for the answers before it.
	cancelTimeout = 10 * time.Second
	// readTimeout bounds reading how a cancelled answer stands.
	readTimeout = time.Second
)

// cancel answers POST /v1/responses/{id}/cancel with the answer's final state.
func (g *Gateway) cancel(w http.ResponseWriter, r *http.Request, c caller) {
	response, session, ok := mayOpen(r, c)
	if !ok {
		g.writeError(w, notFound())
		return
	}
	ctx, cancel := outliving(r.Context(), cancelTimeout)
	defer cancel()
	// Followed first: an answer that is kept nowhere is gone once it has ended.
	asked, err := g.followAnswer(ctx, session, chat.Origin, response, g.viewOf(ctx, c, session))
	if err != nil {
		g.writeError(w, g.refusal(err, notFound()))
		return
	}
	defer asked.close()
	err = g.Turn.Cancel(ctx, response)
	if err != nil && !errors.Is(err, transcript.ErrNoSession) && !errors.Is(err, context.DeadlineExceeded) {
		g.writeError(w, g.refusal(err, notFound()))
		return
	}
	read, cancel := outliving(ctx, readTimeout)
	defer cancel()
	state, err := g.final(read, &asked)
	if err != nil && (!state.seen || !errors.Is(err, context.DeadlineExceeded)) { // else it ends when its turn comes
		g.writeError(w, g.refusal(err, notFound()))
		return
	}
	writeJSON(w, http.StatusOK, wire.AppendResponse(nil, state.standing(), asked.view))
}

// forget answers DELETE /v1/session.
func (g *Gateway) forget(w http.ResponseWriter, r *http.Request, _ caller) {
	given := r.Header.Get(wire.HeaderSession)
	if given == "" {
		g.writeError(w, noSession())
		return
	}
	token, err := chat.ParseToken(given)
	if err != nil {
		g.writeError(w, malformedToken())
		return
	}
	ctx, cancel := outliving(r.Context(), askTimeout)
	defer cancel()
	if err := g.Turn.Forget(ctx, token.Session()); err != nil {
		g.writeError(w, g.refusal(err, expired()))
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// models answers GET /v1/models and GET /v1/models/{model}.
func (g *Gateway) models(w http.ResponseWriter, r *http.Request, _ caller) {
	switch r.PathValue("model") {
	case "":
		writeJSON(w, http.StatusOK, []byte(wire.ModelList))
	case wire.Model:
		writeJSON(w, http.StatusOK, []byte(wire.ModelObject))
	default:
		g.writeError(w, chat.Refuse(chat.NotFound, "There is no such model."))
	}
}

// viewOf returns for whom an answer is written. Of a session that is kept
// nowhere only the staff can name one.
func (g *Gateway) viewOf(ctx context.Context, c caller, session chat.SessionID) wire.View {
	view := wire.View{Staff: c.staff}
	if c.staff {
		_, err := g.Turn.Session(ctx, session)
		view.Transient = errors.Is(err, transcript.ErrNoSession)
	}
	return view
}
