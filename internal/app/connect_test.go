package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"bedside/internal/redisdb/redistest"
)

// TestRedisAsPeopleRunIt starts the program on a Redis that speaks TLS with a
// certificate of its own authority, as the user that deployments/ ships, with the
// address and password in a file; then with what is wrong about them.
func TestRedisAsPeopleRunIt(t *testing.T) {
	template, err := os.ReadFile("../../deployments/redis/users.acl.template")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write := func(name, text string) (path string) {
		path = filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	users := write("users.acl", strings.ReplaceAll(string(template), "PASSWORD", "of-the-tests")+"user admin on >admin ~* &* +@all\n")
	server, url, authority := redistest.StartTLS(t, "--aclfile", users)
	as := func(user string) string { return strings.Replace(url, "://", "://"+user+"@", 1) }
	right := write("url", as("bedside:of-the-tests")+"\n")

	p := launch(t, "REDIS_URL_FILE="+right, "REDIS_CA_FILE="+authority, "BEDSIDE_DATA_KEYS="+sharedKeys.Reveal())
	stored := dial(t, p.url)
	stored.begin(t, true)
	stored.question(t, ordinary)
	answered(t, "over TLS", stored.until(t, "response.completed"))
	p.stop()
	admin := redis.NewClient(&redis.Options{Addr: server.Address(), Username: "admin", Password: "admin"})
	defer func() { _ = admin.Close() }()
	if denied, err := admin.ACLLog(t.Context(), 10).Result(); err != nil || len(denied) > 0 {
		t.Errorf("Redis refused what the gateway needs: %+v, %v", denied, err)
	}

	for name, environ := range map[string][]string{
		"wrong password":    {"REDIS_URL=" + as("bedside:canary"), "REDIS_CA_FILE=" + authority},
		"unknown authority": {"REDIS_URL_FILE=" + right},
		"no authority":      {"REDIS_URL_FILE=" + right, "REDIS_CA_FILE=" + filepath.Join(folder, "none")},
		"no file":           {"REDIS_URL_FILE=" + filepath.Join(folder, "none")},
	} {
		_, stderr, code := run(t, append(environ, "BEDSIDE_ADDR=127.0.0.1:0"), "serve")
		last := strings.TrimSpace(stderr[strings.LastIndex(strings.TrimSpace(stderr), "\n")+1:])
		if code != 2 || !strings.Contains(last, "REDIS_") || strings.Contains(stderr, "canary") {
			t.Errorf("%s: exit %d with %q", name, code, last)
		}
	}
	gone := launch(t, "REDIS_URL=redis://127.0.0.1:1") // nobody listens there
	if said := gone.stop(); !strings.Contains(said, "store cannot be reached") {
		t.Errorf("of a Redis that is not there it is said %q", said)
	}
}
