package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"bedside/internal/chat"
	"bedside/internal/config"
	"bedside/internal/language"
	"bedside/internal/llm/llmtest"
	"bedside/internal/redisdb/redistest"
)

// TestForgottenIsGone destroys a session by each door while an answer in it is
// being written: every connection is told, on each replica, and what the model
// writes after it brings nothing back.
func TestForgottenIsGone(t *testing.T) {
	for name, open := range stores {
		for way, forget := range map[string]func(t *testing.T, url string, tab *conversation, token string){
			"by frame": func(t *testing.T, _ string, tab *conversation, _ string) {
				tab.send(t, map[string]any{"type": "bedside:session.forget"})
			},
			"by request": func(t *testing.T, url string, _ *conversation, token string) {
				if status, body := ask(t, http.MethodDelete, url+"/v1/session", nil, token); status != http.StatusNoContent {
					t.Errorf("forget: %d %s", status, body)
				}
			},
		} {
			t.Run(name+" "+way, func(t *testing.T) {
				held, gone := make(chan struct{}), make(chan struct{}, 10)
				model := llmtest.New(t, func(p *llmtest.Play) {
					p.Say(0, llmtest.Tokens(llmtest.Mark(strings.TrimSpace(language.Sentences(p.Prompt.Passages[0].Text)[0]), p.Prompt.Passages[0].Number)+" ")...)
					select {
					case <-held:
					case <-p.R.Context().Done():
					}
					gone <- struct{}{}
				})
				defer close(held)
				urls := open(t, config.Config{Model: config.Model{BaseURL: model.URL + "/v1", Name: "scripted"}})
				c := dial(t, urls[0])
				token := c.begin(t, strings.Contains(name, "Redis"))
				c.question(t, polite)
				c.until(t, "response.completed")
				c.question(t, ordinary)
				writing := c.until(t, "response.output_text.delta")
				response := writing[len(writing)-1].ResponseID
				tab := dial(t, urls[1])
				tab.resume(t, token, "", "response.output_text.delta")
				tab.until(t, "response.output_text.delta")

				forget(t, urls[1], tab, token)
				for i, who := range []*conversation{c, tab} {
					frames := who.until(t, "bedside:session.forgotten")
					if !says(frames, "response.incomplete") {
						t.Errorf("connection %d is not told that the answer ended: %+v", i, frames)
					}
				}
				select {
				case <-gone: // the model's stream was cut
				case <-time.After(untilPatience):
					t.Error("the model goes on writing")
				}
				for i, url := range urls {
					if status, body := ask(t, http.MethodGet, url+"/v1/responses/"+response, nil, token); status != http.StatusNotFound {
						t.Errorf("replica %d: read after it: %d %s", i, status, body)
					}
					if status, body := ask(t, http.MethodPost, url+"/v1/responses", map[string]any{"input": polite}, token); status != http.StatusUnauthorized {
						t.Errorf("replica %d: asked after it: %d %s", i, status, body)
					}
					if refused := dial(t, url).resume(t, token, "", "error"); refused.Error.Code != "session_expired" {
						t.Errorf("replica %d: resumed after it: %+v", i, refused.Error)
					}
				}
			})
		}
	}
}

// TestSessionsEnd when nothing was asked for a while, and after their time
// whatever is asked; what Redis holds of them goes with them.
func TestSessionsEnd(t *testing.T) {
	const idle = time.Second
	t.Run("in memory", func(t *testing.T) {
		sessionEnds(t, start(t, config.Config{Session: config.Session{Idle: idle, Max: 12 * time.Hour}}), false)
		sessionEnds(t, start(t, config.Config{Session: config.Session{Idle: idle, Max: 2 * idle}}), true)
	})
	t.Run("in Redis", func(t *testing.T) {
		server := redistest.Start(t)
		admin := server.Open()
		settings := config.Config{RedisURL: config.NewSecret(server.URL()), DataKeys: sharedKeys}
		lasting := post(t, start(t, settings), map[string]any{"input": ordinary}, "")
		for _, key := range keysOf(t, admin) {
			left, err := admin.PTTL(t.Context(), key).Result()
			if own := strings.Contains(key, sessionOf(t, lasting.session)); err != nil || own && (left <= 0 || left > 30*time.Minute) {
				t.Errorf("%s lives for %v (%v)", key, left, err)
			}
		}
		settings.Session = config.Session{Idle: idle, Max: 12 * time.Hour}
		first := sessionEnds(t, start(t, settings), false)
		settings.Session.Max = 2 * idle
		second := sessionEnds(t, start(t, settings), true)
		for _, key := range keysOf(t, admin) {
			if strings.Contains(key, sessionOf(t, first)) || strings.Contains(key, sessionOf(t, second)) {
				t.Errorf("%s is left", key)
			}
		}
	})
}

func sessionOf(t *testing.T, token string) string {
	t.Helper()
	parsed, err := chat.ParseToken(token)
	if err != nil {
		t.Fatal(err)
	}
	return string(parsed.Session())
}

// sessionEnds asks once, or again and again, until the session is no more.
func sessionEnds(t *testing.T, url string, busy bool) (token string) {
	t.Helper()
	began := time.Now()
	first := post(t, url, map[string]any{"input": polite}, "")
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for asked := 0; ; asked++ {
		<-look.C
		if status, body := read(t, url, first.ID, first.session); status == http.StatusNotFound {
			if busy && asked == 0 {
				t.Errorf("it ended before it was asked again")
			}
			break
		} else if status != http.StatusOK || time.Since(began) > 20*time.Second {
			t.Fatalf("after %v: %d %s", time.Since(began), status, body)
		}
		if busy {
			if status, body := ask(t, http.MethodPost, url+"/v1/responses", map[string]any{"input": polite}, first.session); status != http.StatusOK && status != http.StatusUnauthorized {
				t.Fatalf("asked again: %d %s", status, body)
			}
		}
	}
	if status, body := ask(t, http.MethodPost, url+"/v1/responses", map[string]any{"input": polite}, first.session); status != http.StatusUnauthorized || !strings.Contains(body, "session_expired") {
		t.Errorf("asked after its end: %d %s", status, body)
	}
	if status, body := ask(t, http.MethodPost, url+"/v1/responses", map[string]any{"input": danger}, first.session); status != http.StatusOK || !strings.Contains(body, "988") {
		t.Errorf("in danger after its end: %d %s", status, body)
	}
	return first.session
}

// TestKeysAreRotated with the command, as an operator does: what was stored with
// the old key is read with the new keyset, until that key is dropped.
func TestKeysAreRotated(t *testing.T) {
	server := redistest.Start(t)
	settings := config.Config{RedisURL: config.NewSecret(server.URL()), DataKeys: config.NewSecret(newKeyset())}
	old := start(t, settings)
	first := post(t, old, map[string]any{"input": ordinary}, "")
	_, before := read(t, old, first.ID, first.session)

	rotate := func(args ...string) {
		t.Helper()
		printed, stderr, code := run(t, []string{"BEDSIDE_DATA_KEYS=" + settings.DataKeys.Reveal()}, append([]string{"keys", "rotate"}, args...)...)
		if code != 0 || strings.Contains(stderr, keyMaterial(settings.DataKeys.Reveal())) {
			t.Fatalf("keys rotate: %d %s", code, stderr)
		}
		settings.DataKeys = config.NewSecret(strings.TrimSpace(printed))
	}
	rotate()
	rotated := start(t, settings)
	if status, after := read(t, rotated, first.ID, first.session); status != http.StatusOK || after != before {
		t.Errorf("with the rotated keyset: %d %s, was %s", status, after, before)
	}
	if next := post(t, rotated, map[string]any{"input": "and why?", "previous_response_id": first.ID}, first.session); next.Status != "completed" {
		t.Errorf("the session goes on with the rotated keyset: %+v", next)
	}
	fresh := post(t, rotated, map[string]any{"input": ordinary}, "")
	if status, body := read(t, old, fresh.ID, fresh.session); status != http.StatusNotFound {
		t.Errorf("the old keyset alone reads what the new key sealed: %d %s", status, body)
	}
	rotate("--prune")
	pruned := start(t, settings)
	if status, _ := read(t, pruned, fresh.ID, fresh.session); status != http.StatusOK {
		t.Errorf("with the new key alone, its own: %d", status)
	}
	if status, body := read(t, pruned, first.ID, first.session); status != http.StatusNotFound {
		t.Errorf("with the new key alone, the old one's: %d %s", status, body)
	}
}

// TestMovedEntriesAreNotRead changes, in Redis, which entry is whose: within one
// session, and between two.
func TestMovedEntriesAreNotRead(t *testing.T) {
	server := redistest.Start(t)
	admin := server.Open()
	settings := config.Config{RedisURL: config.NewSecret(server.URL()), DataKeys: sharedKeys}
	url := start(t, settings)
	logOf := func(token string) string { return "bedside:{" + sessionOf(t, token) + "}:log" }
	entriesOf := func(token string) []redis.XMessage {
		t.Helper()
		entries, err := admin.XRange(t.Context(), logOf(token), "-", "+").Result()
		if err != nil || len(entries) < 8 {
			t.Fatalf("%d entries: %v", len(entries), err)
		}
		return entries
	}
	rewrite := func(token string, entries []redis.XMessage) {
		t.Helper()
		left, err := admin.PTTL(t.Context(), logOf(token)).Result()
		if err != nil {
			t.Fatal(err)
		}
		commands := admin.TxPipeline()
		commands.Del(t.Context(), logOf(token))
		for _, entry := range entries {
			commands.XAdd(t.Context(), &redis.XAddArgs{Stream: logOf(token), ID: entry.ID, Values: entry.Values})
		}
		commands.PExpire(t.Context(), logOf(token), left)
		if _, err := commands.Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for name, tamper := range map[string]func(own, others []redis.XMessage){
		"nothing": func(_, _ []redis.XMessage) {},
		"two entries": func(own, _ []redis.XMessage) {
			own[1].Values["e"], own[2].Values["e"] = own[2].Values["e"], own[1].Values["e"]
		},
		"another session's": func(own, others []redis.XMessage) {
			for i := range min(len(own), len(others)) {
				own[i].Values["e"] = others[i].Values["e"]
			}
		},
		"one byte": func(own, _ []redis.XMessage) {
			sealed := []byte(own[4].Values["e"].(string))
			sealed[len(sealed)/2] ^= 1
			own[4].Values["e"] = string(sealed)
		},
	} {
		t.Run(name, func(t *testing.T) {
			mine, theirs := post(t, url, map[string]any{"input": ordinary}, ""), post(t, url, map[string]any{"input": ordinary}, "")
			entries := entriesOf(mine.session)
			tamper(entries, entriesOf(theirs.session))
			rewrite(mine.session, entries)
			want := http.StatusNotFound
			if name == "nothing" {
				want = http.StatusOK
			}
			for i, at := range []string{url, start(t, settings)} { // one that knows the session, and one that does not
				if status, body := read(t, at, mine.ID, mine.session); status != want {
					t.Errorf("replica %d: %d %s", i, status, body)
				}
				if status, _ := read(t, at, theirs.ID, theirs.session); status != http.StatusOK {
					t.Errorf("replica %d: the other session: %d", i, status)
				}
			}
		})
	}
}

// TestWhatIsInvisibleIsNotKept sends control characters, marks that turn the
// direction of reading, and letters in pieces, as they are and as JSON writes them.
func TestWhatIsInvisibleIsNotKept(t *testing.T) {
	url := start(t, config.Config{})
	for sent, want := range map[string]string{
		`"how \u0000\u0007\u001bfast\u0085 is it?"`:               "how fast is it?",
		"\"how \u202efast\u202c \u2066is\u2069 it?\u200b\ufeff\"": "how fast is it?",
		`"how \u202efast\u202c \u2066is\u2069 it?\u200b\ufeff"`:   "how fast is it?",
		`"is a cafe\u0301 near?"`:                                 "is a caf\u00e9 near?",
		`"is it \ud800 fast?"`:                                    "is it \ufffd fast?",
		"\"one\\r\\ntwo\\tthree\"":                                "one\ntwo\tthree",
	} {
		c := dial(t, url)
		c.begin(t, false)
		frame := fmt.Sprintf(`{"type":"response.create","input":%s}`, sent)
		if err := c.socket.WriteMessage(1, []byte(frame)); err != nil {
			t.Fatal(err)
		}
		accepted := c.until(t, "bedside:message.accepted")
		if got := accepted[len(accepted)-1].Text; got != want {
			t.Errorf("%s is kept as %q, want %q", sent, got, want)
		}
		c.until(t, "response.completed")
	}
}

// TestSizes sends more than is taken of each thing.
func TestSizes(t *testing.T) {
	url := start(t, config.Config{})
	v := &visitor{t: t, url: url}
	for name, test := range map[string]struct {
		characters int
		header     http.Header
		want       []int
	}{
		"a question":             {4000, nil, []int{200}},
		"too long a question":    {4001, nil, []int{413}},
		"too large a body":       {64 << 10, nil, []int{413}},
		"too large a header":     {1, http.Header{"X-Filler": {strings.Repeat("x", 32<<10)}}, []int{431}},
		"too large a list of it": {1, http.Header{"X-Filler": slices.Repeat([]string{strings.Repeat("x", 1<<10)}, 40)}, []int{431}},
	} {
		status, body := v.post("/v1/responses", map[string]any{"input": strings.Repeat("é", test.characters)}, test.header)
		if !slices.Contains(test.want, status) {
			t.Errorf("%s: %d %.200s", name, status, body)
		}
	}
}

// TestTokensTravelInTheirHeader and nowhere else: not in an address, not in a cookie.
func TestTokensTravelInTheirHeader(t *testing.T) {
	url := start(t, config.Config{})
	first := post(t, url, map[string]any{"input": polite}, "")
	browser := func(path string, header http.Header) int {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header = header
		request.Header.Set("Sec-Fetch-Site", "same-origin")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if cookies := response.Header.Values("Set-Cookie"); len(cookies) > 0 {
			t.Errorf("%s sets %q", path, cookies)
		}
		return response.StatusCode
	}
	path := "/v1/responses/" + first.ID
	if status := browser(path, http.Header{"Bedside-Session": {first.session}}); status != http.StatusOK {
		t.Errorf("in its header: %d", status)
	}
	for _, name := range []string{"token", "session", "Bedside-Session", "bedside-session", "access_token"} {
		if status := browser(path+"?"+name+"="+first.session, http.Header{}); status != http.StatusNotFound {
			t.Errorf("in the address as %s: %d", name, status)
		}
		if status := browser(path, http.Header{"Cookie": {name + "=" + first.session}}); status != http.StatusNotFound {
			t.Errorf("in a cookie as %s: %d", name, status)
		}
	}
}
