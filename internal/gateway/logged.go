package gateway

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"
)

// logged writes one record for each request. A WebSocket has its own when it
// closes.
func (g *Gateway) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		record := &recorder{ResponseWriter: w, status: http.StatusOK}
		if r.Body != nil && r.Body != http.NoBody {
			record.body = &body{ReadCloser: r.Body}
			r = r.WithContext(r.Context()) // the server goes by what its own holds
			r.Body = record.body
		}
		next.ServeHTTP(record, r)
		if record.hijacked {
			return
		}
		record.begin()
		level := slog.LevelInfo
		if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
			level = slog.LevelDebug
		}
		g.Logger.LogAttrs(r.Context(), level, "request",
			slog.String("method", knownMethod(r.Method)), slog.String("route", route(r)), slog.Int("status", record.status),
			slog.Int64("bytes", record.bytes), slog.Duration("took", time.Since(start)))
	})
}

// route names what was asked for without what the client made up.
func route(r *http.Request) string {
	switch path := r.URL.Path; path {
	case "/", "/healthz", "/readyz", "/safety", "/v1/responses", "/v1/session", "/v1/chat/completions", "/v1/models":
		return path
	}
	if id := responseIn(r.URL.Path); id != "" {
		return "/v1/responses/" + id
	}
	if !strings.HasPrefix(r.URL.Path, "/v1/") {
		return "page"
	}
	return "other"
}

func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodDelete, http.MethodHead, http.MethodOptions:
		return method
	}
	return "other"
}

// recorder notes what was answered. Unwrap lets http.ResponseController through.
type recorder struct {
	http.ResponseWriter
	status   int
	bytes    int64
	hijacked bool
	body     *body // of the request; nil: it has none
	begun    bool
}

// body knows whether it was read to its end.
type body struct {
	io.ReadCloser
	ended bool
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.ended = b.ended || errors.Is(err, io.EOF)
	return n, err
}

// begin makes the answer the connection's last where the request's body was not read
// to its end: the server would read the rest before it answers, however long that takes.
func (r *recorder) begin() {
	if r.begun {
		return
	}
	r.begun = true
	if r.body == nil || r.body.ended {
		return
	}
	r.Header().Set("Connection", "close")
	// What comes after the answer is still read for a while, or it would be lost in a reset.
	http.NewResponseController(r.ResponseWriter).SetReadDeadline(time.Now().Add(lingerTimeout)) //nolint:errcheck // a writer without deadlines has none.
}

func (r *recorder) WriteHeader(status int) {
	r.begin()
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	r.begin()
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Hijack hands the connection to the WebSocket, corked.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffers, err := http.NewResponseController(r.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	r.hijacked = true
	return &corked{Conn: conn}, buffers, nil
}
