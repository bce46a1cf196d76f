package app_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bedside/internal/config"
	"bedside/internal/llm/llmtest"
	"bedside/internal/processtest"
	"bedside/internal/redisdb/redistest"
)

// read asks for an answer again.
func read(t *testing.T, url, id, session string) (status int, body string) {
	t.Helper()
	response := request(t, http.MethodGet, url+"/v1/responses/"+id, nil, session)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// TestNotStoredIsNotKept asks with "store": false, as a stream and not, also in
// a session, and looks for what is left.
func TestNotStoredIsNotKept(t *testing.T) {
	server := redistest.Start(t)
	for name, settings := range map[string]config.Config{
		"in memory": {}, "in Redis": {RedisURL: config.NewSecret(server.URL()), DataKeys: sharedKeys},
	} {
		t.Run(name, func(t *testing.T) {
			url := start(t, settings)
			session := post(t, url, map[string]any{"input": "thanks"}, "").session
			keys, err := server.Open().Keys(t.Context(), "*").Result()
			if err != nil {
				t.Fatal(err)
			}
			for _, input := range []string{"how fast does it work?", "I want to kill myself", "where can I park my car on sundays"} {
				for _, in := range []string{"", session} {
					answer := post(t, url, map[string]any{"input": input, "store": false}, in)
					if answer.session != "" || answer.text() == "" {
						t.Errorf("session %q, text %q", answer.session, answer.text())
					}
					if status, body := read(t, url, answer.ID, in); status != http.StatusNotFound {
						t.Errorf("%s: read again: %d %s", input, status, body)
					}
					stream := request(t, http.MethodPost, url+"/v1/responses", map[string]any{"input": input, "store": false, "stream": true}, in)
					text, err := io.ReadAll(stream.Body)
					if _ = stream.Body.Close(); err != nil {
						t.Fatal(err)
					}
					id := regexp.MustCompile(`resp_[0-9a-z]+`).FindString(string(text))
					c := dial(t, url)
					if in == "" {
						c.send(t, map[string]any{"type": "bedside:session.start"})
					} else {
						c.send(t, map[string]any{"type": "bedside:session.resume", "token": in})
					}
					c.until(t, "bedside:session.ready")
					if in != "" {
						c.until(t, "response.completed") // what is kept
					}
					c.send(t, map[string]any{"type": "response.create", "input": input, "store": false})
					for _, f := range c.until(t, "response.completed") {
						if f.Cursor != "" || f.Type == "bedside:message.accepted" {
							t.Errorf("%s over WebSocket: %+v", input, f)
						}
					}
					if status, body := read(t, url, id, in); id == "" || status != http.StatusNotFound {
						t.Errorf("%s: read %q again: %d %s", input, id, status, body)
					}
				}
			}
			after, err := server.Open().Keys(t.Context(), "*").Result()
			slices.Sort(keys)
			slices.Sort(after)
			if err != nil || !slices.Equal(keys, after) {
				t.Errorf("Redis held %q and holds %q (%v)", keys, after, err)
			}
		})
	}
}

// TestSessionOfAnotherKeyset is unknown to a replica that cannot unwrap its key,
// and is not harmed by it.
func TestSessionOfAnotherKeyset(t *testing.T) {
	server := redistest.Start(t)
	store := config.NewSecret(server.URL())
	gate := make(chan struct{})
	model := llmtest.New(t, func(p *llmtest.Play) { <-gate; llmtest.Honest(p) })
	p := launch(t, "REDIS_URL="+server.URL()) // with a keyset of its own
	own := start(t, config.Config{RedisURL: store, DataKeys: sharedKeys, Model: config.Model{BaseURL: model.URL + "/v1", Name: "scripted"}})

	first := post(t, own, map[string]any{"input": "thanks"}, "")
	answered := make(chan answer, 1)
	go func() { answered <- post(t, own, map[string]any{"input": "how fast does it work?"}, first.session) }()
	for len(model.Requests()) == 0 {
		runtime.Gosched()
	}
	if status, body := read(t, p.url, first.ID, first.session); status != http.StatusNotFound {
		t.Errorf("read: %d %s", status, body)
	}
	response := request(t, http.MethodPost, p.url+"/v1/responses", map[string]any{"input": "thanks"}, first.session)
	if _ = response.Body.Close(); response.StatusCode != http.StatusUnauthorized {
		t.Errorf("ask: %d", response.StatusCode)
	}
	cancel := request(t, http.MethodPost, p.url+"/v1/responses/"+first.ID+"/cancel", nil, first.session)
	if _ = cancel.Body.Close(); cancel.StatusCode != http.StatusNotFound {
		t.Errorf("cancel: %d", cancel.StatusCode)
	}
	crisis := post(t, p.url, map[string]any{"input": "I want to kill myself"}, first.session)
	if crisis.Metadata["outcome"] != "crisis" {
		t.Errorf("a crisis: %v", crisis.Metadata)
	}
	close(gate)
	if got := <-answered; got.Metadata["outcome"] != "answered" || got.Status != "completed" {
		t.Errorf("the answer that was running: %s %v", got.Status, got.Metadata)
	}
	printed := p.stop()
	for _, warning := range []string{"BEDSIDE_DATA_KEYS is not set", "cannot be opened here"} {
		if n := strings.Count(printed, warning); n != 1 {
			t.Errorf("%q is said %d times:\n%s", warning, n, printed)
		}
	}
}

// TestMetricsAreBehindTheSecondListener asks the patients' door for what is the
// staff's, and looks which ports the process has open.
func TestMetricsAreBehindTheSecondListener(t *testing.T) {
	p := launch(t)
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/cmdline", "/debug/vars"} {
		if status, body := get(t, p.url+path); status != http.StatusNotFound || strings.Contains(body, "goroutine") {
			t.Errorf("%s at the patients' door: %d", path, status)
		}
		if status, _ := get(t, "http://"+p.admin+path); status != http.StatusOK && path != "/debug/vars" {
			t.Errorf("%s at the staff's: %d", path, status)
		}
	}
	for _, path := range []string{"/v1/models", "/", "/safety"} {
		if status, _ := get(t, "http://"+p.admin+path); status != http.StatusNotFound {
			t.Errorf("%s at the staff's door: %d", path, status)
		}
	}
	want := []string{strings.TrimPrefix(p.url, "http://"), p.admin}
	slices.Sort(want)
	if open := listening(t, p.command.Process.Pid); !slices.Equal(open, want) {
		t.Errorf("open: %v, want %v", open, want)
	}

	alone := launch(t, "BEDSIDE_ADMIN_ADDR=")
	if open := listening(t, alone.command.Process.Pid); len(open) != 1 {
		t.Errorf("without a second listener there are %v", open)
	}
	_, port, _ := strings.Cut(processtest.FreeAddress(t), ":")
	inside := launch(t, "BEDSIDE_ADMIN_ADDR=:"+port)
	if open := listening(t, inside.command.Process.Pid); !slices.Contains(open, "127.0.0.1:"+port) {
		t.Errorf("a port alone is not loopback's: %v", open)
	}
}

// listening lists the TCP addresses at which a process listens.
func listening(t *testing.T, pid int) []string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("open ports are read from /proc")
	}
	folder := filepath.Join("/proc", strconv.Itoa(pid))
	descriptors, err := os.ReadDir(filepath.Join(folder, "fd"))
	if err != nil {
		t.Fatal(err)
	}
	own := make(map[string]bool)
	for _, descriptor := range descriptors {
		target, err := os.Readlink(filepath.Join(folder, "fd", descriptor.Name()))
		if inode, isSocket := strings.CutPrefix(target, "socket:["); err == nil && isSocket {
			own[strings.TrimSuffix(inode, "]")] = true
		}
	}
	var open []string
	for _, table := range []string{"tcp", "tcp6"} {
		text, err := os.ReadFile(filepath.Join(folder, "net", table))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line) // sl local_address rem_address st … inode is the tenth
			if len(fields) < 10 || fields[3] != "0A" || !own[fields[9]] {
				continue
			}
			host, port, _ := strings.Cut(fields[1], ":")
			number, err := strconv.ParseUint(port, 16, 16)
			if err != nil {
				t.Fatal(err)
			}
			name := "not loopback " + host
			if host == "0100007F" {
				name = "127.0.0.1"
			}
			open = append(open, name+":"+strconv.FormatUint(number, 10))
		}
	}
	slices.Sort(open)
	return open
}

// TestSecretsAreNotArguments gives every secret as others could read it. The one
// exception is the staff key of the commands that are clients.
func TestSecretsAreNotArguments(t *testing.T) {
	for _, setting := range config.Settings() {
		if !setting.Secret {
			continue
		}
		flag := "--" + strings.TrimSuffix(setting.FileFlag(), "-file")
		for _, command := range [][]string{{"serve"}, {"doctor"}, {"keys", "rotate"}, {"sessions", "forget", "ses_x"}, {"config", "print"}} {
			_, stderr, code := run(t, nil, append(command, flag, "planted-secret")...)
			if code != 2 || !strings.Contains(stderr, "unknown flag") || strings.Contains(stderr, "planted-secret") {
				t.Errorf("%v %s: %d, %s", command, flag, code, stderr)
			}
		}
	}
	keyset := newKeyset()
	for _, args := range [][]string{{"keys", "rotate", keyset}, {"keys", "new", keyset}, {"serve", keyset}, {"doctor", keyset}} {
		if _, stderr, code := run(t, nil, args...); code != 2 || strings.Contains(stderr, keyMaterial(keyset)) {
			t.Errorf("%s with a keyset as argument: %d, %s", args[0], code, stderr)
		}
	}

	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("planted-secret-in-a-file"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := launch(t, "BEDSIDE_STAFF_KEYS=", "BEDSIDE_STAFF_KEYS_FILE="+path, "OPENAI_API_KEY=planted-secret-in-the-environment")
	line, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.command.Process.Pid), "cmdline"))
	if err != nil {
		t.Skip("command lines are read from /proc")
	}
	if printed := p.stop(); strings.Contains(string(line)+printed, "planted-secret") {
		t.Errorf("a secret shows in %q or\n%s", line, printed)
	}
}
