package gateway_test

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"bedside/internal/chat"
	"bedside/internal/gateway"
	"bedside/internal/limit"
	"bedside/internal/wire"
)

func TestWhoMayConnect(t *testing.T) {
	d := open(t, nil)
	port := d.host[strings.LastIndex(d.host, ":"):]
	site := func(site string, origin ...string) http.Header {
		return http.Header{"Sec-Fetch-Site": {site}, "Origin": origin}
	}
	origin := func(o string) http.Header { return http.Header{"Origin": {o}} }
	for _, tt := range []struct {
		name   string
		header http.Header
		want   int // of GET /v1/models
	}{
		{"own address", origin("http://127.0.0.1" + port), 200},
		{"own address by name", origin("http://localhost" + port), 200},
		{"own address, IPv6", origin("http://[::1]" + port), 200},
		{"own address, upper case", origin("HTTP://LOCALHOST" + port), 200},
		{"same-origin", site("same-origin"), 200},
		{"same-origin, behind a proxy", site("same-origin", "https://chat.clinic.example"), 200},
		{"no origin", nil, 401},
		{"null", origin("null"), 403},
		{"empty", origin(""), 403},
		{"evil", origin("http://evil.example"), 403},
		{"subdomain", origin("http://evil.localhost" + port), 403},
		{"own name as a prefix", origin("http://localhost" + port + ".evil.example"), 403},
		{"own name as a user", origin("http://localhost" + port + "@evil.example"), 403},
		{"another port", origin("http://127.0.0.1:1"), 403},
		{"no port", origin("http://127.0.0.1"), 403},
		{"another scheme", origin("https://127.0.0.1" + port), 403},
		{"with a path", origin("http://127.0.0.1" + port + "/"), 403},
		{"two origins", http.Header{"Origin": {d.base, "http://evil.example"}}, 403},
		{"a picture on another page", site("cross-site"), 403},
		{"a page of the same site", site("same-site"), 403},
		{"the address bar", site("none"), 401},
		{"the staff", staffHeader(), 200},
		{"the staff, in lower case", http.Header{"Authorization": {"bearer " + staffKey}}, 200},
		{"the staff, by another scheme", http.Header{"Authorization": {"Basic " + staffKey}}, 401},
		{"a wrong key in lower case", http.Header{"Authorization": {"bearer wrong"}, "Origin": {d.base}}, 401},
		{"a wrong key", http.Header{"Authorization": {"Bearer wrong"}}, 401},
		{"a wrong key on an own page", http.Header{"Authorization": {"Bearer wrong"}, "Origin": {d.base}}, 401},
		{"a patient's token as a key", http.Header{"Authorization": {"Bearer " + chat.NewToken().Reveal()}, "Origin": {d.base}}, 401},
		{"no key", http.Header{"Authorization": {"Bearer "}}, 401},
		{"the staff on an evil page", http.Header{"Authorization": {"Bearer " + staffKey}, "Origin": {"http://evil.example"}}, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			answer := d.do("GET", "/v1/models", "", tt.header)
			if answer.status != tt.want {
				t.Errorf("HTTP: %d, want %d", answer.status, tt.want)
			}
			if answer.status == 401 && answer.header.Get("WWW-Authenticate") == "" {
				t.Error("401 without WWW-Authenticate")
			}
			_, response, err := d.tryDial(wire.Subprotocol, tt.header)
			want := tt.want
			if want == 200 {
				want = 101
			}
			if response == nil || response.StatusCode != want {
				t.Errorf("WebSocket: %v (%v), want %d", response, err, want)
			}
		})
	}
}

// TestAQuestionFromAnotherPage sends one without a preflight, as a form of another
// page may: as plain text. A browser names the page even then.
func TestAQuestionFromAnotherPage(t *testing.T) {
	d := open(t, func(o *gateway.Options) { o.StaffKeys = nil }) // the development default
	for name, header := range map[string]http.Header{
		"another page": {"Origin": {"http://evil.example"}},
		"a sandbox":    {"Origin": {"null"}},
		"no origin":    {"Sec-Fetch-Site": {"cross-site"}},
	} {
		for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"} {
			got := d.do("POST", "/v1/responses", `{"input":"one"}`, header, http.Header{"Content-Type": {kind}})
			if got.status != 403 {
				t.Errorf("%s, %s: %d %s", name, kind, got.status, got.body)
			}
		}
	}
	if asked := d.turn.questions(); len(asked) != 0 {
		t.Errorf("%d questions were asked", len(asked))
	}
}

func TestAllowList(t *testing.T) {
	d := open(t, func(o *gateway.Options) {
		o.Origins = []string{"https://clinic.example", "https://www.Clinic.example:443"}
	})
	for origin, want := range map[string]int{
		"https://clinic.example":      200,
		"https://www.clinic.example":  200,
		"https://clinic.example:443":  200,
		"http://clinic.example":       403,
		"https://clinic.example:8443": 403,
		"https://chat.clinic.example": 403,
		"https://clinic.example.evil": 403,
		"https://evilclinic.example":  403,
		d.base:                        403,
	} {
		if got := d.do("GET", "/v1/models", "", http.Header{"Origin": {origin}}).status; got != want {
			t.Errorf("%s: %d, want %d", origin, got, want)
		}
	}
}

func TestDevelopmentDefault(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*gateway.Options)
		header http.Header
		host   string
		want   int
	}{
		{name: "nothing set up", want: 200},
		{name: "any key, as client libraries send one", header: http.Header{"Authorization": {"Bearer unused"}}, want: 200},
		{name: "staff keys", change: func(o *gateway.Options) { o.StaffKeys = []string{staffKey} }, want: 401},
		{name: "a listener for everybody", change: func(o *gateway.Options) { o.Address = &net.TCPAddr{IP: net.IPv4zero, Port: 80} }, want: 401},
		{name: "a trusted proxy", change: func(o *gateway.Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} }, want: 401},
		{name: "forwarded", header: http.Header{"X-Forwarded-For": {"192.0.2.1"}}, want: 401},
		{name: "forwarded, by RFC 7239", header: http.Header{"Forwarded": {"for=192.0.2.1"}}, want: 401},
		{name: "a name that was pointed here", host: "evil.example", want: 401},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := open(t, func(o *gateway.Options) {
				o.StaffKeys = nil
				if tt.change != nil {
					tt.change(o)
				}
			})
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.base+"/v1/models", nil)
			if err != nil {
				t.Fatal(err)
			}
			for name, values := range tt.header {
				request.Header[name] = values
			}
			request.Host = tt.host
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != tt.want {
				t.Errorf("%d, want %d", response.StatusCode, tt.want)
			}
		})
	}
}

func TestCORS(t *testing.T) {
	d := open(t, func(o *gateway.Options) { o.Origins = []string{"https://clinic.example"} })
	page := http.Header{"Origin": {"https://clinic.example"}}
	preflight := http.Header{
		"Access-Control-Request-Method": {"POST"}, "Access-Control-Request-Headers": {"authorization, bedside-session,x-stainless-os"},
	}
	got := d.do("OPTIONS", "/v1/responses", "", page, preflight)
	if got.status != 204 || got.header.Get("Access-Control-Allow-Origin") != "https://clinic.example" ||
		got.header.Get("Access-Control-Allow-Headers") != preflight.Get("Access-Control-Request-Headers") ||
		!strings.Contains(got.header.Get("Access-Control-Allow-Methods"), "DELETE") || got.header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("preflight: %d %v", got.status, got.header)
	}
	got = d.do("POST", "/v1/responses", `{"input":"one"}`, page)
	if got.status != 200 || got.header.Get("Access-Control-Allow-Origin") != "https://clinic.example" ||
		!strings.Contains(got.header.Get("Access-Control-Expose-Headers"), wire.HeaderSession) || !strings.Contains(strings.Join(got.header.Values("Vary"), ","), "Origin") {
		t.Errorf("request: %d %v", got.status, got.header)
	}
	for _, method := range []string{"OPTIONS", "GET"} {
		got = d.do(method, "/v1/models", "", http.Header{"Origin": {"https://evil.example"}}, preflight)
		if got.status != 403 || got.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s of an evil page: %d %v", method, got.status, got.header)
		}
	}
}

func TestForwardedAddresses(t *testing.T) {
	ask := func(t *testing.T, d *door, forwarded ...string) int {
		t.Helper()
		return d.do("POST", "/v1/responses", `{"input":"one"}`, d.own(), http.Header{"X-Forwarded-For": forwarded}).status
	}
	one := func(o *gateway.Options) { o.Questions = limit.NewQuestions(limit.Rates{Address: 1}, nil) }

	t.Run("from anybody are not believed", func(t *testing.T) {
		d := open(t, one)
		if a, b := ask(t, d, "192.0.2.1"), ask(t, d, "192.0.2.2"); a != 200 || b != 429 {
			t.Errorf("%d and %d", a, b)
		}
	})
	t.Run("from a trusted proxy are", func(t *testing.T) {
		d := open(t, func(o *gateway.Options) {
			one(o)
			o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
		})
		if a, b := ask(t, d, "192.0.2.1"), ask(t, d, "192.0.2.2, 10.0.0.7"); a != 200 || b != 200 {
			t.Errorf("two clients: %d and %d", a, b)
		}
		if got := ask(t, d, "198.51.100.1", "203.0.113.9, 192.0.2.1"); got != 429 {
			t.Errorf("a client that made up the hops before its own: %d", got)
		}
		if a, b := ask(t, d, "2001:db8::1"), ask(t, d, "[2001:db8::2]:443"); a != 200 || b != 429 {
			t.Errorf("two addresses of one /64: %d and %d", a, b)
		}
	})
}

// TestAFloodFromEverywhere comes from an address of its own each time: what bounds
// all of them together bounds it, and whoever is in danger is heard.
func TestAFloodFromEverywhere(t *testing.T) {
	d := open(t, func(o *gateway.Options) {
		o.Questions = limit.NewQuestions(limit.Rates{All: 5}, nil)
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	answered := 0
	for i := range 20 {
		from := http.Header{"X-Forwarded-For": {fmt.Sprintf("2001:db8:%x::1", i)}}
		switch got := d.do("POST", "/v1/responses", `{"input":"one"}`, d.own(), from); got.status {
		case 200:
			answered++
		case 429:
			if got.code(t) != "rate_limited" || got.header.Get("Retry-After") == "" {
				t.Errorf("%v %s", got.header, got.body)
			}
		default:
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if got := d.do("POST", "/v1/responses", `{"input":"help"}`, d.own(), http.Header{"X-Forwarded-For": {"192.0.2.1"}}); got.status != 200 {
		t.Errorf("an emergency: %d", got.status)
	}
	if answered != 5 {
		t.Errorf("%d of 20 were answered", answered)
	}
}
