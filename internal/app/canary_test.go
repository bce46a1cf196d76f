package app_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"bedside/internal/chat"
	"bedside/internal/llm/llmtest"
	"bedside/internal/redisdb"
	"bedside/internal/redisdb/redistest"
)

// canary is what one door is fed: words that stand nowhere else, so that
// wherever one of them is found it names the door that let it through.
type canary struct {
	word                 string // made up; ordinary to redaction
	name, phone, address string // identifiers
	digits               string // of the phone
}

// canaries makes one for each door.
type canaries struct{ all []canary }

func (c *canaries) plant(door string) canary {
	n := len(c.all)
	planted := canary{
		word: "zorblex" + door, name: "Quorvin" + door, address: "zelbra." + door + "@example.org",
		phone: fmt.Sprintf("312-555-01%02d", n), digits: fmt.Sprintf("31255501%02d", n),
	}
	c.all = append(c.all, planted)
	return planted
}

// question is an ordinary one, around the canary.
func (c canary) question() string {
	return fmt.Sprintf("How fast does ketamine work for depression? %s! My name is %s, %s, %s",
		c.word, c.name, c.phone, c.address)
}

// identifying holds identifiers of the kinds that canaries have none of, and
// identifiers what must not be found of them.
var identifying = []string{
	"My SSN is 078-05-1120", "card 4111 1111 1111 1111", "MRN 4471902", "my member id is XJ7719025", "passport 533401829", "vin 1HGCM82633A004352",
	"born 3/14/1971", "my home is 12 Oak St, Reno, NV 89501", "see https://zelbra.example/me?id=7", "from 203.0.113.77", "my mother is 93 years old",
}

var identifiers = []string{
	"078-05-1120", "4111 1111", "4471902", "XJ7719025", "533401829", "1HGCM82633A004352", "3/14/1971", "12 Oak", "zelbra.example", "203.0.113.77", "93 years",
}

// found names the canaries that stand in a text.
func (c *canaries) found(text string, words bool) []string {
	text = strings.ToLower(text)
	var found []string
	for _, identifier := range identifiers {
		if strings.Contains(text, strings.ToLower(identifier)) {
			found = append(found, identifier)
		}
	}
	for _, planted := range c.all {
		needles := []string{planted.name, planted.phone, planted.digits, planted.address}
		if words {
			needles = append(needles, planted.word)
		}
		for _, needle := range needles {
			if strings.Contains(text, strings.ToLower(needle)) {
				found = append(found, needle)
			}
		}
	}
	return found
}

// visit plants a canary through every door.
func (c *canaries) visit(v *visitor, doors []door) {
	for _, d := range doors {
		v.t.Run(d.name, func(t *testing.T) {
			inner := &visitor{t: t, url: v.url, tokens: v.tokens}
			d.open(inner, c.plant(d.name))
			v.tokens = inner.tokens
		})
	}
}

const modelKey = "sk-planted-key-0123456789"

// TestNobodysWordsLeakWithoutRedis searches what the program writes where
// sessions are in memory.
func TestNobodysWordsLeakWithoutRedis(t *testing.T) {
	model := llmtest.New(t, llmtest.Honest)
	p := launch(t, "OPENAI_BASE_URL="+model.URL+"/v1", "OPENAI_API_KEY="+modelKey)
	var c canaries
	v := &visitor{t: t, url: p.url}
	c.visit(v, doors)
	searchOutput(t, p, &c, v, model, []string{staffKey, modelKey})
}

// searchOutput looks for canaries and secrets in all that the process showed:
// what it printed, its metrics, its command line, what it asked the model, and
// the folder that it ran in.
func searchOutput(t *testing.T, p *process, c *canaries, v *visitor, model *llmtest.Server, secrets []string) {
	t.Helper()
	_, metrics := get(t, "http://"+p.admin+"/metrics")
	commandLine, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", p.command.Process.Pid))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	_, profile := get(t, "http://"+p.admin+"/debug/pprof/goroutine?debug=2")
	printed := p.stop()
	for name, text := range map[string]string{"the output": printed, "the metrics": metrics, "the command line": string(commandLine), "a profile": profile} {
		for _, found := range c.found(text, true) {
			t.Errorf("%s: %q stands in it%s", name, found, around(text, found))
		}
		for _, secret := range append(secrets, v.tokens...) {
			if strings.Contains(text, secret) {
				t.Errorf("%s: a secret stands in it%s", name, around(text, secret))
			}
		}
	}
	for _, want := range []string{`"outcome":"answered"`, `"outcome":"crisis"`, `"level":"DEBUG"`, `"status":413`} {
		if !strings.Contains(printed, want) {
			t.Errorf("the output lacks %s: the search may have looked in the wrong place", want)
		}
	}
	if !strings.Contains(metrics, `bedside_turns_total{`) {
		t.Error("the metrics count no answer")
	}
	var asked strings.Builder
	for _, request := range model.Requests() {
		text := request.Path + request.Body + fmt.Sprint(request.Header)
		asked.WriteString(text)
		for _, found := range c.found(text, false) {
			t.Errorf("the model was sent %q%s", found, around(text, found))
		}
	}
	for _, want := range []string{"zorblexmodelwords", "[name]", "[phone]", "[email]", "[ssn]", "[card]", "[record]", "[date]"} {
		if !strings.Contains(asked.String(), want) {
			t.Errorf("the model was never sent %s: the search may have looked in the wrong place", want)
		}
	}
	left, err := os.ReadDir(p.command.Dir)
	if err != nil || len(left) > 0 {
		t.Errorf("files were left: %v, %v", left, err)
	}
}

// around shows where a text was found.
func around(text, found string) string {
	at := strings.Index(strings.ToLower(text), strings.ToLower(found))
	return fmt.Sprintf(": … %q …", text[max(0, at-60):min(len(text), at+60)])
}

// TestNobodysWordsLeakWithRedis also searches the store: what it holds, its
// append-only file, its snapshot and its log. It runs as the user whom the
// deployment makes, and sees that nothing more was needed.
func TestNobodysWordsLeakWithRedis(t *testing.T) {
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always", "--aof-use-rdb-preamble", "no", "--rdbcompression", "no")
	admin := server.Open()
	deploymentUser(t, admin)
	keyset := newKeyset()
	environ := []string{"REDIS_URL=redis://bedside:" + redisPassword + "@" + server.Address() + "?read_timeout=200ms", "BEDSIDE_DATA_KEYS=" + keyset}
	model := llmtest.New(t, llmtest.Honest)
	p := launch(t, append(environ, "OPENAI_BASE_URL="+model.URL+"/v1", "OPENAI_API_KEY="+modelKey)...)

	var c canaries
	v := &visitor{t: t, url: p.url}
	c.visit(v, doors)
	stored := searchStore(t, server, admin, &c, v)

	server.Pause()
	c.visit(v, away)
	server.Resume()
	p.prints("the store is back")
	searchStore(t, server, admin, &c, v)

	// Forgotten by frame, by request and by command.
	ways := []func(token string){
		func(token string) {
			s := v.socket("bedside.v1", nil)
			s.send(map[string]any{"type": "bedside:session.resume", "token": token})
			s.until("bedside:session.ready")
			s.send(map[string]any{"type": "bedside:session.forget"})
			s.until("bedside:session.forgotten")
			_ = s.Close()
		},
		func(token string) {
			if status, body := v.do(http.MethodDelete, "/v1/session", nil, http.Header{"Bedside-Session": {token}}); status != http.StatusNoContent {
				t.Errorf("forget: %d %s", status, body)
			}
		},
		func(token string) {
			session, err := chat.ParseToken(token)
			if err != nil {
				t.Fatal(err)
			}
			if _, stderr, code := run(t, environ[:1], "sessions", "forget", string(session.Session())); code != 0 {
				t.Errorf("forget ended with %d: %s", code, stderr)
			}
		},
	}
	next := 0
	for _, token := range v.tokens {
		parsed, err := chat.ParseToken(token)
		if err != nil {
			t.Fatal(err)
		}
		if stored[string(parsed.Session())] == "" {
			continue // never asked anything, or was forgotten by a door
		}
		ways[next%len(ways)](token)
		next++
	}
	if next < len(ways) {
		t.Fatalf("only %d sessions were stored", next)
	}
	searchOutput(t, p, &c, v, model, []string{staffKey, modelKey, redisPassword, keyMaterial(keyset)})

	for _, key := range keysOf(t, admin) {
		if strings.HasSuffix(key, ":log") {
			t.Errorf("%s is left", key)
		}
	}
	if err := admin.Save(t.Context()).Err(); err != nil { // in the place of the test's own snapshots
		t.Fatal(err)
	}
	// The rewrite that was asked for when the program ended may still be running.
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		files, left := server.Files(), 0
		for _, wrapped := range stored {
			if strings.Contains(files, wrapped) {
				left++
			}
		}
		if left == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the wrapped keys of %d forgotten sessions are left in Redis's files", left)
		}
	}
	if denied, err := admin.Do(t.Context(), "ACL", "LOG").Slice(); err != nil || len(denied) > 0 {
		t.Errorf("Redis denied %v (%v)", denied, err)
	}
	for _, command := range [][]any{{"FLUSHALL"}, {"GET", "other:key"}, {"KEYS", "*"}, {"CONFIG", "SET", "appendonly", "no"}} {
		client := redistest.Open(t, redisdb.Options{URL: strings.TrimPrefix(environ[0], "REDIS_URL=")})
		if err := client.Do(t.Context(), command...).Err(); !redis.HasErrorPrefix(err, "NOPERM") {
			t.Errorf("%v: %v, want it denied", command, err)
		}
	}
}

// searchStore looks for canaries and for the conversation's ordinary words in
// all that Redis holds and has written, and returns the wrapped keys by session.
func searchStore(t *testing.T, server *redistest.Server, admin redis.UniversalClient, c *canaries, v *visitor) map[string]string {
	t.Helper()
	const control = "zorblexcontrol"
	for _, err := range []error{
		admin.Set(t.Context(), "control", control, 0).Err(), admin.Save(t.Context()).Err(), admin.Del(t.Context(), "control").Err(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	wrapped := make(map[string]string)
	var held strings.Builder
	for _, key := range keysOf(t, admin) {
		fmt.Fprintln(&held, key)
		switch {
		case strings.HasSuffix(key, ":state"):
			fields, err := admin.HGetAll(t.Context(), key).Result()
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&held, fields)
			if fields["key"] != "" {
				_, session, _ := strings.Cut(key, "{")
				session, _, _ = strings.Cut(session, "}")
				wrapped[session] = fields["key"]
			}
		case strings.HasSuffix(key, ":log"):
			entries, err := admin.XRange(t.Context(), key, "-", "+").Result()
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&held, entries)
		case strings.HasSuffix(key, ":sessions"), strings.HasSuffix(key, ":ended"), strings.Contains(key, "{limit}"): // names, hashes and numbers
		default:
			t.Errorf("a key that nobody named: %s", key)
		}
		dump, err := admin.Dump(t.Context(), key).Result()
		if errors.Is(err, redis.Nil) {
			continue // a list whose last session was taken off meanwhile
		}
		if err != nil {
			t.Fatal(err)
		}
		held.WriteString(dump)
	}
	files := server.Files()
	if len(wrapped) < 5 || !strings.Contains(files, control) {
		t.Fatalf("%d sessions, and the control is found: %v", len(wrapped), strings.Contains(files, control))
	}
	for session, key := range wrapped {
		if !strings.Contains(files, session) || !strings.Contains(files, key) {
			t.Errorf("the files do not hold session %s: the search looked in the wrong place", session)
		}
	}
	for name, text := range map[string]string{"what Redis holds": held.String(), "what Redis wrote": files} {
		for _, found := range c.found(text, true) {
			t.Errorf("%s: %q stands in it%s", name, found, around(text, found))
		}
		// The questions' ordinary words, the answers' and the cards', and what
		// would open a session.
		for _, plain := range append([]string{"how fast does", "depression", "ketamine", "call or text", "[phone]", "in_progress", "crisis"}, v.tokens...) {
			if strings.Contains(strings.ToLower(text), strings.ToLower(plain)) {
				t.Errorf("%s: %q stands in it%s", name, plain, around(text, plain))
			}
		}
	}
	return wrapped
}

func keysOf(t *testing.T, admin redis.UniversalClient) []string {
	t.Helper()
	keys, err := admin.Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// keyMaterial is the part of a keyset that must not be seen.
func keyMaterial(keyset string) string {
	_, rest, _ := strings.Cut(keyset, `"value":"`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

const redisPassword = "redis-password-0123456789"

// deploymentUser makes the user of deployments/redis.
func deploymentUser(t *testing.T, admin redis.UniversalClient) {
	t.Helper()
	template, err := os.ReadFile("../../deployments/redis/users.acl.template")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(template)) {
		fields := strings.Fields(strings.ReplaceAll(line, "PASSWORD", redisPassword))
		if len(fields) < 2 || fields[0] != "user" || fields[1] == "default" { // the test itself is the default user
			continue
		}
		command := []any{"ACL", "SETUSER"}
		for _, field := range fields[1:] {
			command = append(command, field)
		}
		if err := admin.Do(context.Background(), command...).Err(); err != nil {
			t.Fatal(err)
		}
	}
}
