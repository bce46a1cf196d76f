package gateway

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bedside/internal/chat"
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
		writeError(w, notFound())
		return
	}
	query := r.URL.Query()
	after, bad := startingAfter(query.Get("starting_after"))
	if bad != nil {
		writeError(w, bad)
		return
	}
	release, ok := g.hold(c)
	if !ok {
		writeError(w, tooMany())
		return
	}
	defer release()
	state, bad := g.stateOf(r.Context(), session, response)
	switch {
	case bad != nil:
		writeError(w, bad)
	case query.Get("stream") != "true":
		writeJSON(w, http.StatusOK, wire.AppendResponse(nil, state.answer, c.staff))
	default:
		follower, _, _, err := g.Turn.Follow(r.Context(), session, chat.Origin)
		if err != nil {
			writeError(w, g.refusal(err, notFound()))
			return
		}
		defer follower.Close()
		g.stream(w, r, answering{response: response, follower: follower}, &responseStream{staff: c.staff, after: after})
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

// cancelTimeout bounds a cancellation, from the request to the answer's end.
const cancelTimeout = 5 * time.Second

// cancel answers POST /v1/responses/{id}/cancel with the answer's final state.
func (g *Gateway) cancel(w http.ResponseWriter, r *http.Request, c caller) {
	response, session, ok := mayOpen(r, c)
	if !ok {
		writeError(w, notFound())
		return
	}
	ctx, cancel := outliving(r.Context(), cancelTimeout)
	defer cancel()
	if err := g.Turn.Cancel(ctx, response); err != nil {
		writeError(w, g.refusal(err, notFound()))
		return
	}
	follower, _, _, err := g.Turn.Follow(ctx, session, chat.Origin)
	if err != nil {
		writeError(w, g.refusal(err, notFound()))
		return
	}
	defer follower.Close()
	g.await(w, r.WithContext(ctx), answering{response: response, follower: follower}, func(a chat.Answer) {
		writeJSON(w, http.StatusOK, wire.AppendResponse(nil, a, c.staff))
	})
}

// forget answers DELETE /v1/session.
func (g *Gateway) forget(w http.ResponseWriter, r *http.Request, _ caller) {
	given := r.Header.Get(wire.HeaderSession)
	if given == "" {
		writeError(w, noSession())
		return
	}
	token, err := chat.ParseToken(given)
	if err != nil {
		writeError(w, malformedToken())
		return
	}
	ctx, cancel := outliving(r.Context(), askTimeout)
	defer cancel()
	if err := g.Turn.Forget(ctx, token.Session()); err != nil {
		writeError(w, g.refusal(err, expired()))
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
		writeError(w, chat.Refuse(chat.NotFound, "There is no such model."))
	}
}
