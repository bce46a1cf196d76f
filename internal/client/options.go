package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"bedside/internal/chat"
	"bedside/internal/config"
)

// Errors that a caller may want to tell apart. The chain may also hold a
// *chat.Error: what the gateway said.
var (
	ErrUnreachable = errors.New("the gateway cannot be reached")
	ErrNotAllowed  = errors.New("the gateway does not let this client in")
	ErrNotGateway  = errors.New("the address is not that of a gateway")
	ErrNotAddress  = errors.New("not an address that begins with http:// or https://")
)

// Options say which gateway to talk to, and how. Server is needed.
type Options struct {
	Server string        // http:// or https://
	Key    config.Secret // a staff key; zero: none is sent
	Origin string        // of a browser's page; empty: none is sent
	Locale string        // of a new session, BCP 47
	// Token and Cursor go on with a session.
	Token  chat.Token
	Cursor chat.Cursor
	// Dial makes a network connection; nil: net.Dialer does.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Random returns a number from 0 up to 1; nil: math/rand does.
	Random func() float64
}

const (
	handshakeTimeout = 10 * time.Second
	writeTimeout     = 10 * time.Second
	// readTimeout is well above the gateway's ping interval.
	readTimeout  = 75 * time.Second
	longestFrame = 4 << 20
)

// door returns the address of the gateway's responses with the scheme of HTTP or
// of WebSocket.
func (o Options) door(socket bool) (string, error) {
	u, err := url.Parse(o.Server)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", ErrNotAddress
	}
	if socket {
		u.Scheme = "ws" + strings.TrimPrefix(u.Scheme, "http")
	}
	path := strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/v1")
	u.Path, u.RawQuery, u.Fragment = path+"/v1/responses", "", ""
	return u.String(), nil
}

func (o Options) header() http.Header {
	header := http.Header{}
	if !o.Key.IsZero() {
		header.Set("Authorization", "Bearer "+o.Key.Reveal())
	}
	if o.Origin != "" {
		header.Set("Origin", o.Origin)
	}
	return header
}

// refusal turns the status of a refused request into an error that says what
// became of it; said is what the gateway wrote, or nil.
func refusal(status int, said *chat.Error) error {
	closed := status == http.StatusUnauthorized || status == http.StatusForbidden
	switch {
	case closed && said != nil:
		return fmt.Errorf("%w: %w", ErrNotAllowed, said)
	case closed:
		return fmt.Errorf("%w (status %d)", ErrNotAllowed, status)
	case said != nil:
		return said
	case status < http.StatusInternalServerError && status != http.StatusTooManyRequests:
		return fmt.Errorf("%w (status %d)", ErrNotGateway, status)
	}
	return fmt.Errorf("%w (status %d)", ErrUnreachable, status)
}
