package app_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"bedside/internal/config"
	"bedside/internal/redisdb/redistest"
)

// What is asked while the store is away, beside what is ordinary.
const (
	danger = "I want to kill myself"
	polite = "thanks"
	dosing = "how many milligrams should I take?"
)

// absence is a way in which the store can be away.
type absence struct {
	leave, comeBack func(*testing.T, *redistest.Server)
	// forgets: it takes nothing new, and what is forgotten goes all the same.
	forgets bool
}

func tell(command ...any) func(*testing.T, *redistest.Server) {
	return func(t *testing.T, server *redistest.Server) {
		if err := server.Open().Do(t.Context(), command...).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

var absences = map[string]absence{
	"killed": {
		func(_ *testing.T, server *redistest.Server) { server.Kill() },
		func(_ *testing.T, server *redistest.Server) { server.Restart() }, false,
	},
	"paused": {
		func(_ *testing.T, server *redistest.Server) { server.Pause() },
		func(_ *testing.T, server *redistest.Server) { server.Resume() }, false,
	},
	"full":      {tell("CONFIG", "SET", "maxmemory", "1"), tell("CONFIG", "SET", "maxmemory", "0"), true},
	"a replica": {tell("REPLICAOF", "127.0.0.1", "1"), tell("REPLICAOF", "NO", "ONE"), false},
	"refuses": {
		func(t *testing.T, server *redistest.Server) {
			client := server.Open()
			if err := client.ConfigSet(t.Context(), "requirepass", "another").Err(); err != nil {
				t.Fatal(err)
			}
			if err := client.ClientKillByFilter(t.Context(), "SKIPME", "no").Err(); err != nil {
				t.Fatal(err)
			}
		},
		func(t *testing.T, server *redistest.Server) {
			locked := redistest.Open(t, redisOptions(":another@", server))
			if err := locked.ConfigSet(t.Context(), "requirepass", "").Err(); err != nil {
				t.Fatal(err)
			}
		}, false,
	},
}

// TestStoreAway takes the store away in each way under sessions that are in it, with
// a model that cannot be reached, and asks through each door; then it comes back.
func TestStoreAway(t *testing.T) {
	for name, how := range absences {
		t.Run(name, func(t *testing.T) {
			server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
			url := startAway(t, server, unreachable())
			stored := dial(t, url)
			token := stored.begin(t, true)
			stored.question(t, polite)
			stored.until(t, "response.completed")
			left := dial(t, url) // its session is told to last, and is not in the store yet
			left.begin(t, true)

			how.leave(t, server)
			began := time.Now()
			fresh := dial(t, url)
			kept := fresh.begin(t, false)
			if took := time.Since(began); took > time.Second {
				t.Errorf("that the store is away was noticed after %v", took)
			}
			answersInMemory(t, url, fresh, kept)
			left.question(t, ordinary)
			told := left.until(t, "bedside:session.ready")
			if ready := told[len(told)-1]; ready.Durable || !says(told, "bedside:message.accepted") {
				t.Errorf("a session that begins in memory after all is told of with %+v", told)
			}
			answered(t, "in a session from before its first question", left.until(t, "response.completed"))
			keepsToTheStore(t, url, stored, token)
			forgetsOnlyWhatItCan(t, url, token, how.forgets)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("what was asked without the store took %v", took)
			}

			how.comeBack(t, server)
			awaitStore(t, url)
			began = time.Now()
			again := dial(t, url)
			again.begin(t, true)
			again.question(t, ordinary)
			answered(t, "in a session that begins in the store again", again.until(t, "response.completed"))
			goesOn(t, url, fresh, kept)
			if !how.forgets {
				stored.question(t, ordinary)
				answered(t, "in the stored session", stored.until(t, "response.completed"))
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("what was asked of the store that is back took %v", took)
			}
		})
	}
}

// TestStoreAwayFromTheStart starts without a store, which comes later, and with a
// model that cannot be reached.
func TestStoreAwayFromTheStart(t *testing.T) {
	server := redistest.Start(t)
	server.Kill()
	url := startAway(t, server, unreachable())
	fresh := dial(t, url)
	kept := fresh.begin(t, false)
	answersInMemory(t, url, fresh, kept)
	server.Restart()
	awaitStore(t, url)
	dial(t, url).begin(t, true)
	goesOn(t, url, fresh, kept)
}

// unreachable is a model that refuses connections.
func unreachable() config.Model {
	refusing := httptest.NewServer(http.NotFoundHandler())
	refusing.Close()
	return config.Model{BaseURL: refusing.URL + "/v1", Name: "gone"}
}

func startAway(t *testing.T, server *redistest.Server, model config.Model) (url string) {
	t.Helper()
	return start(t, config.Config{
		RedisURL: config.NewSecret(server.URL()), DataKeys: sharedKeys,
		Clinic: config.Clinic{Name: "Lakeside", Phone: "555-0100", Hours: "Mon-Fri 9-5"},
		Model:  model,
	})
}

// answersInMemory asks in sessions that begin without the store; fresh is one.
func answersInMemory(t *testing.T, url string, fresh *conversation, kept string) {
	t.Helper()
	fresh.question(t, ordinary)
	frames := fresh.until(t, "response.completed")
	answered(t, "in a new session", frames)
	if !says(frames, "bedside:message.accepted") || frames[len(frames)-1].Cursor == "" {
		t.Error("a session in memory is not followed as any other")
	}
	fresh.question(t, danger)
	crisis(t, "in a new session", fresh.until(t, "response.completed"))
	fresh.send(t, map[string]any{"type": "bedside:feedback", "response_id": frames[0].ResponseID, "rating": "up"})
	fresh.until(t, "bedside:feedback.accepted")
	tab := dial(t, url)
	if ready := tab.resume(t, kept, frames[0].Cursor, "bedside:session.ready"); !ready.Recovered || ready.Durable {
		t.Errorf("a second tab: %+v", ready)
	}

	first := post(t, url, map[string]any{"input": ordinary}, "")
	if first.Metadata["outcome"] != "answered" || first.session == "" {
		t.Errorf("over HTTP: %v: %s", first.Metadata, first.text())
	}
	next := post(t, url, map[string]any{"input": "and why?", "previous_response_id": first.ID}, first.session)
	if status, _ := ask(t, http.MethodGet, url+"/v1/responses/"+next.ID, nil, first.session); status != http.StatusOK {
		t.Errorf("an answer in memory is read with %d", status)
	}
	if a := post(t, url, map[string]any{"input": danger}, ""); a.Metadata["outcome"] != "crisis" || !strings.Contains(a.text(), "988") || a.session == "" {
		t.Errorf("a crisis over HTTP: %v: %s", a.Metadata, a.text())
	}
	if status, _ := ask(t, http.MethodDelete, url+"/v1/session", nil, first.session); status != http.StatusNoContent {
		t.Errorf("a session in memory is forgotten with %d", status)
	}
	if status, _ := ask(t, http.MethodGet, url+"/v1/responses/"+next.ID, nil, first.session); status != http.StatusNotFound && status != http.StatusServiceUnavailable {
		t.Errorf("a forgotten answer is read with %d", status)
	}

	plain, token := dialPlain(t, url)
	plain.question(t, ordinary)
	answered(t, "over a plain WebSocket", plain.until(t, "response.completed"))
	if status, _ := ask(t, http.MethodPost, url+"/v1/responses", map[string]any{"input": polite}, token); status != http.StatusOK {
		t.Errorf("its session goes on over HTTP with %d", status)
	}
}

// keepsToTheStore asks in a session that is in the store.
func keepsToTheStore(t *testing.T, url string, stored *conversation, token string) {
	t.Helper()
	for _, input := range []string{danger, polite, dosing} {
		stored.question(t, input)
		frames := stored.until(t, "response.completed")
		if says(frames, "bedside:message.accepted") || slices.ContainsFunc(frames, func(f frame) bool { return f.Cursor != "" }) {
			t.Errorf("%q is said to be accepted, or to stand in the log: %+v", input, frames)
		}
		if input == danger {
			crisis(t, "in the stored session", frames)
		}
		if mode := frames[len(frames)-1].Response.Metadata["mode"]; mode != "fixed" {
			t.Errorf("%q is answered in the mode %q", input, mode)
		}
	}
	stored.question(t, ordinary)
	unavailable(t, stored.until(t, "error"))

	// A resume is refused, and the connection stays open.
	back := dial(t, url)
	for range 3 {
		refusal := back.resume(t, token, "", "error")
		unavailable(t, []frame{refusal})
	}
	back.question(t, danger)
	crisis(t, "after a refused resume", back.until(t, "response.completed"))
	back.question(t, ordinary)
	unavailable(t, back.until(t, "error"))
	back.begin(t, false)
	bare := dial(t, url)
	bare.question(t, danger)
	crisis(t, "without a session", bare.until(t, "response.completed"))

	last := ""
	for _, test := range [][2]string{{polite, "small_talk"}, {danger, "crisis"}, {danger, "crisis"}, {"no", "crisis"}} {
		a := post(t, url, map[string]any{"input": test[0]}, token)
		if a.Metadata["outcome"] != test[1] || a.text() == last {
			t.Errorf("%q over HTTP in the stored session: %v: %s", test[0], a.Metadata, a.text())
		}
		last = a.text()
	}
	status, body := ask(t, http.MethodPost, url+"/v1/responses", map[string]any{"input": ordinary}, token)
	if status != http.StatusServiceUnavailable || !strings.Contains(body, "store_unavailable") || !strings.Contains(body, "555-0100") {
		t.Errorf("an ordinary question over HTTP in the stored session: %d %s", status, body)
	}
}

func forgetsOnlyWhatItCan(t *testing.T, url, token string, can bool) {
	t.Helper()
	want := http.StatusServiceUnavailable
	if can {
		want = http.StatusNoContent
	}
	if status, body := ask(t, http.MethodDelete, url+"/v1/session", nil, token); status != want || strings.Contains(body, "forgotten") {
		t.Errorf("forget of a stored session: %d %s", status, body)
	}
}

// goesOn sees that a session that began in memory is there, with what it held.
func goesOn(t *testing.T, url string, fresh *conversation, kept string) {
	t.Helper()
	fresh.question(t, ordinary)
	answered(t, "in the session that began in memory", fresh.until(t, "response.completed"))
	tab := dial(t, url)
	if ready := tab.resume(t, kept, "", "bedside:session.ready"); ready.Durable || !ready.Recovered {
		t.Errorf("it is resumed with %+v", ready)
	}
	if frames := tab.until(t, "response.completed"); frames[0].Cursor == "" || !strings.HasPrefix(frames[0].Cursor, "1-") {
		t.Errorf("its replay begins with %+v", frames[0])
	}
	fresh.send(t, map[string]any{"type": "bedside:session.forget"})
	fresh.until(t, "bedside:session.forgotten")
	tab.until(t, "bedside:session.forgotten")
}

// awaitStore waits, a second at most, until the gateway knows that the store is back.
func awaitStore(t *testing.T, url string) {
	t.Helper()
	began := time.Now()
	for !strings.Contains(ready(t, url), `"store":"ok"`) {
		if time.Since(began) > 10*time.Second {
			t.Fatal("the store's return is not noticed")
		}
		<-time.After(5 * time.Millisecond)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("the store's return was noticed after %v", took)
	}
}

func ready(t *testing.T, url string) string {
	t.Helper()
	_, body := get(t, url+"/readyz")
	return body
}

// begin starts a session and returns its token.
func (c *conversation) begin(t *testing.T, durable bool) (token string) {
	t.Helper()
	c.send(t, map[string]any{"type": "bedside:session.start"})
	frames := c.until(t, "bedside:session.ready")
	if ready := frames[len(frames)-1]; ready.Durable != durable {
		t.Errorf("a new session is said to be durable: %t", ready.Durable)
	}
	return frames[len(frames)-1].Token
}

// resume resumes a session and returns the first frame that is expected. Where the
// replica does not know yet that the store is back it asks again, as clients do.
func (c *conversation) resume(t *testing.T, token, cursor, expected string) frame {
	t.Helper()
	resume := map[string]any{"type": "bedside:session.resume", "token": token}
	if cursor != "" {
		resume["cursor"] = cursor
	}
	for deadline := time.Now().Add(untilPatience); ; {
		c.send(t, resume)
		f := c.next(t)
		for f.Type != expected && f.Type != "error" {
			f = c.next(t)
		}
		if f.Type == expected {
			return f
		}
		if f.Error.Code != "store_unavailable" || time.Now().After(deadline) {
			t.Fatalf("waiting for %s: %+v", expected, f.Error)
		}
		time.Sleep(time.Duration(f.RetryAfter) * time.Millisecond)
	}
}

// question sends a question with an id of its own, as clients do.
func (c *conversation) question(t *testing.T, input string) {
	t.Helper()
	c.send(t, map[string]any{"type": "response.create", "input": input, "metadata": map[string]string{"client_message_id": uuid.NewString()}})
}

// dialPlain opens a WebSocket of the pure vocabulary, and returns its session's token.
func dialPlain(t *testing.T, url string) (c *conversation, token string) {
	t.Helper()
	header := http.Header{"Authorization": {"Bearer " + staffKey}}
	socket, response, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(url, "http")+"/v1/responses", header)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	t.Cleanup(func() { _ = socket.Close() })
	return &conversation{socket: socket}, response.Header.Get("Bedside-Session")
}
