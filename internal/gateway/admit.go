package gateway

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"bedside/internal/chat"
	"bedside/internal/limit"
	"bedside/internal/wire"
)

// caller is who sends a request.
type caller struct {
	staff   bool
	origin  string            // of the page, "" without one
	key     [sha256.Size]byte // of the staff
	address string            // as it is counted
	// connection names a WebSocket; a request has a session at least.
	connection string
}

type callerKey struct{}

func callerOf(r *http.Request) caller {
	c, _ := r.Context().Value(callerKey{}).(caller) // the zero caller may do nothing
	return c
}

// admitted lets in whom wire.md's "Who may connect" lets in, and answers CORS.
func (g *Gateway) admitted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Origin")
		c, refusal := g.admit(r)
		if refusal != nil {
			if refusal.Code == chat.Unauthorized {
				w.Header().Set("WWW-Authenticate", "Bearer")
			}
			if c.origin != "" {
				allow(w.Header(), c.origin) // its page may read why
			}
			g.writeError(w, refusal)
			return
		}
		if c.origin != "" {
			allow(w.Header(), c.origin)
		}
		if r.Method == http.MethodOptions {
			preflight(w, r)
			return
		}
		c.address = limit.Key(g.clientAddress(r))
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, c)))
	})
}

// admit decides. Sec-Fetch-Site can only be set by a browser, about itself:
// "same-origin" is as good as an Origin of our own, and the other two that name
// a page are a page's request without an Origin (a picture, a link).
func (g *Gateway) admit(r *http.Request) (caller, *chat.Error) {
	origins, site := r.Header.Values("Origin"), r.Header.Get("Sec-Fetch-Site")
	var c caller
	if len(origins) > 0 {
		if len(origins) > 1 || (site != "same-origin" && !g.allows(origins[0], r)) {
			return caller{}, chat.Refuse(wire.CodeOrigin, "This page may not connect here.")
		}
		c.origin = origins[0]
	}
	if len(origins) == 0 && (site == "cross-site" || site == "same-site") {
		return caller{}, chat.Refuse(wire.CodeOrigin, "This page may not connect here.")
	}
	if r.Method == http.MethodOptions {
		return c, nil // a preflight carries no key
	}
	scheme, given, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if ok && strings.EqualFold(scheme, "Bearer") && len(g.keys) > 0 {
		c.key, c.staff = g.isStaff(strings.TrimSpace(given))
		if !c.staff {
			return c, chat.Refuse(chat.Unauthorized, "This key is not known here.")
		}
	}
	switch {
	case len(origins) > 0, site == "same-origin", c.staff:
		return c, nil
	case g.isDevelopment(r):
		c.key, c.staff = g.seed, true
		return c, nil
	}
	return c, chat.Refuse(chat.Unauthorized, "A request from outside a browser needs a staff key.")
}

// isStaff compares with every key, so that time tells nothing.
func (g *Gateway) isStaff(given string) (key [sha256.Size]byte, ok bool) {
	key = sha256.Sum256([]byte(given))
	found := 0
	for i := range g.keys {
		found |= subtle.ConstantTimeCompare(key[:], g.keys[i][:])
	}
	return key, found == 1
}

// isDevelopment says whether a request without an Origin may come in as staff:
// nobody but this machine can have sent it, and nothing was set up yet. The Host
// must be the machine's too, or a page whose name was pointed here would pass.
func (g *Gateway) isDevelopment(r *http.Request) bool {
	if len(g.keys) > 0 || len(g.TrustedProxies) > 0 || isForwarded(r) {
		return false
	}
	listener, ok := g.Address.(*net.TCPAddr)
	return ok && listener.IP.IsLoopback() && peer(r).IsLoopback() && isLoopbackHost(r.Host)
}

func isForwarded(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return true
		}
	}
	return false
}

func isLoopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

// allows says whether the page may connect.
func (g *Gateway) allows(origin string, r *http.Request) bool {
	normal, ok := normalOrigin(origin)
	if !ok {
		return false
	}
	if g.origins != nil {
		return g.origins[normal]
	}
	return isOwn(normal, r)
}

// isOwn says whether the origin is the gateway's own address, as the connection
// sees it, under one of its names.
func isOwn(normal string, r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok {
		return false
	}
	own, ok := netip.AddrFromSlice(local.IP)
	if !ok {
		return false
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	names := []string{own.Unmap().String()}
	if own.Unmap().IsLoopback() {
		names = append(names, "127.0.0.1", "localhost", "::1")
	}
	for _, name := range names {
		own := url.URL{Scheme: scheme, Host: net.JoinHostPort(name, portOf(local))}
		if candidate, ok := normalOrigin(own.String()); ok && candidate == normal {
			return true
		}
	}
	return false
}

// normalOrigin returns an origin in one form: scheme and host in lower case, the
// port left out where it is the scheme's own. It refuses whatever is no origin.
func normalOrigin(origin string) (string, bool) {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(origin, "#") {
		return "", false
	}
	scheme, host, port := strings.ToLower(u.Scheme), strings.ToLower(u.Hostname()), u.Port()
	if scheme != "http" && scheme != "https" || host == "" || strings.HasSuffix(u.Host, ":") {
		return "", false
	}
	if (scheme == "http" && port == "80") || (scheme == "https" && port == "443") {
		port = ""
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != "" {
		host += ":" + port
	}
	return scheme + "://" + host, true
}
