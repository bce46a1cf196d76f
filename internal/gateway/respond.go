package gateway

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"bedside/internal/chat"
	"bedside/internal/transcript"
	"bedside/internal/wire"
)

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body) //nolint:errcheck,gosec // a client that went away needs nothing; JSON with nosniff is no page.
}

func (g *Gateway) writeError(w http.ResponseWriter, e *chat.Error) {
	g.Observer.Refused(string(e.Code))
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	status := wire.HTTPStatus(e.Code)
	if e == errFull {
		status = http.StatusServiceUnavailable
	}
	writeJSON(w, status, wire.EncodeErrorBody(e))
}

// refusal returns what a client is told of an error. absent is what a missing
// session means where it happened.
func (g *Gateway) refusal(err error, absent *chat.Error) *chat.Error {
	if refused, ok := errors.AsType[*chat.Error](err); ok {
		return refused
	}
	switch {
	case errors.Is(err, transcript.ErrNoSession):
		return absent
	case errors.Is(err, transcript.ErrUnavailable), errors.Is(err, transcript.ErrLost), errors.Is(err, context.DeadlineExceeded):
		return g.unavailable()
	}
	g.Logger.Error("a request failed", slog.String("error", err.Error()))
	return chat.AsError(err)
}

func (g *Gateway) unavailable() *chat.Error {
	message := "We cannot reach this conversation right now. Please try again in a moment."
	if g.Clinic.Phone != "" {
		message = "We cannot reach this conversation right now. Please try again in a moment, or call the clinic at " + g.Clinic.Phone + "."
	}
	return &chat.Error{Code: chat.StoreUnavailable, Message: message, RetryAfter: time.Second}
}

func notFound() *chat.Error { return chat.Refuse(chat.NotFound, "There is no such answer.") }

func expired() *chat.Error {
	return chat.Refuse(chat.SessionExpired, "This conversation has ended. Please start a new one.")
}

func noSession() *chat.Error {
	return chat.Refuse(chat.NoSession, "Please start a conversation first.")
}

// crowdedPatience is how long a body may take from an address that holds as many
// connections as it may. It is read all the same: it may hold words of danger.
const crowdedPatience = 2 * time.Second

// readBody reads a request's body up to the frame limit, within a time. The server
// lifts the deadline itself where the body ends.
func (g *Gateway) readBody(w http.ResponseWriter, r *http.Request, within time.Duration) ([]byte, *chat.Error) {
	if r.Body != http.NoBody {
		http.NewResponseController(w).SetReadDeadline(time.Now().Add(within)) //nolint:errcheck // a writer without deadlines has none.
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(g.Limits.FrameBytes)))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, chat.Refuse(chat.TooLong, "The request is too large.")
	}
	if err != nil {
		return nil, chat.Refuse(chat.Malformed, "The request's body could not be read.")
	}
	if !utf8.Valid(body) {
		return nil, chat.Refuse(chat.Malformed, "The request's body is not valid UTF-8.")
	}
	return body, nil
}

// refusing answers in JSON what no route matches.
func (g *Gateway) refusing(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		probe := statusProbe{header: make(http.Header)}
		handler.ServeHTTP(&probe, r)
		if probe.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", probe.header.Get("Allow"))
			writeJSON(w, probe.status, wire.EncodeErrorBody(&chat.Error{Code: chat.Malformed, Message: "This address does not know that method.", Param: "method"}))
			return
		}
		g.writeError(w, chat.Refuse(chat.NotFound, "There is nothing at this address."))
	})
}

// statusProbe learns what a handler would answer.
type statusProbe struct {
	header http.Header
	status int
}

func (p *statusProbe) Header() http.Header         { return p.header }
func (p *statusProbe) Write(b []byte) (int, error) { return len(b), nil }
func (p *statusProbe) WriteHeader(status int)      { p.status = status }

// readOnly answers GET and HEAD. To other methods it says that there is nothing at
// an address, or that they are not for what there is.
func readOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			reading := r.Clone(r.Context())
			reading.Method, reading.Body = http.MethodHead, http.NoBody
			probe := statusProbe{header: make(http.Header)}
			if next.ServeHTTP(&probe, reading); probe.status == http.StatusNotFound {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		next.ServeHTTP(w, r)
	})
}
