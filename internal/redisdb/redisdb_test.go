package redisdb_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"bedside/internal/redisdb"
	"bedside/internal/redisdb/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, options redisdb.Options) redis.UniversalClient {
	t.Helper()
	client, err := redisdb.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func TestOpenKinds(t *testing.T) {
	for url, want := range map[string]string{
		"redis://127.0.0.1:1":                                              "Redis<127.0.0.1:1 db:0",
		"redis://user:pass@127.0.0.1:1/3":                                  "Redis<127.0.0.1:1 db:3",
		"rediss://127.0.0.1:1":                                             "Redis<127.0.0.1:1 db:0",
		"unix:///run/redis.sock":                                           "Redis</run/redis.sock db:0",
		"redis://127.0.0.1:1?addr=127.0.0.1:2":                             "Cluster",
		"redis://127.0.0.1:1?master_name=clinic":                           "Redis<FailoverClient db:0",
		"redis://127.0.0.1:1?master_name=clinic&addr=127.0.0.1:2&db=2":     "Redis<FailoverClient db:2",
		"redis://127.0.0.1:1?pool_size=3&read_timeout=2s&max_retries=-1":   "Redis<127.0.0.1:1 db:0",
		"rediss://[::1]:1?skip_verify=true&client_name=bedside&protocol=2": "Redis<[::1]:1 db:0",
	} {
		client := open(t, redisdb.Options{URL: url})
		switch c := client.(type) {
		case *redis.ClusterClient:
			if want != "Cluster" {
				t.Errorf("%s is opened as a Cluster", url)
			}
			o := c.Options()
			checkLimits(t, url, o.MaxRetries, o.PipelinePoolSize, o.PoolSize, o.MaxActiveConns, o.DialTimeout, o.ReadTimeout, o.ContextTimeoutEnabled, o.DisableIdentity)
		case *redis.Client:
			if !strings.HasPrefix(c.String(), want) {
				t.Errorf("%s is opened as %s, want %s", url, c, want)
			}
			o := c.Options()
			if strings.Contains(url, "pool_size") {
				if o.PoolSize != 3 || o.MaxActiveConns != 3 || o.ReadTimeout != 2*time.Second || o.MaxRetries > 0 {
					t.Errorf("what the URL says does not win: %d, %d, %v, %d", o.PoolSize, o.MaxActiveConns, o.ReadTimeout, o.MaxRetries)
				}
				continue
			}
			checkLimits(t, url, o.MaxRetries, o.PipelinePoolSize, o.PoolSize, o.MaxActiveConns, o.DialTimeout, o.ReadTimeout, o.ContextTimeoutEnabled, o.DisableIdentity)
			if (o.TLSConfig != nil) != strings.HasPrefix(url, "rediss") {
				t.Errorf("%s: TLS is %t", url, o.TLSConfig != nil)
			}
		}
	}
}

func checkLimits(t *testing.T, url string, retries, pipeline, pool, active int, dial, read time.Duration, deadlines, silent bool) {
	t.Helper()
	if retries != 1 || pipeline != -1 || pool != redisdb.DefaultPoolSize || active != pool ||
		dial != redisdb.DefaultDialTimeout || read != redisdb.DefaultTimeout || !deadlines || !silent {
		t.Errorf("%s: retries %d, pipeline pool %d, pool %d of %d, %v, %v, deadlines %t, identity off %t",
			url, retries, pipeline, pool, active, dial, read, deadlines, silent)
	}
}

func TestOpenRefuses(t *testing.T) {
	const secret = "canary"
	for _, url := range []string{
		"", "localhost:6379", "http://" + secret + "@localhost",
		"redis://user:" + secret + "#x@localhost:6379",
		"redis://user:" + secret + "%@localhost:6379",
		"redis://:" + secret + "@localhost:port",
		"redis://:" + secret + "@localhost/db",
		"redis://:" + secret + "@localhost?no_such=1",
		"redis://localhost?password=" + secret,
		"redis://:" + secret + "@localhost?addr=nohost",
		"redis://:" + secret + "@localhost?addr=localhost:1&read_only=true",
		"redis://:" + secret + "@localhost?master_name=m&route_by_latency=true",
		"redis://:" + secret + "@localhost?master_name=m&replica_only=true",
		"redis://:" + secret + "@localhost?master_name=m&no_such=1",
	} {
		client, err := redisdb.Open(t.Context(), redisdb.Options{URL: url})
		if err == nil {
			_ = client.Close()
		}
		if !errors.Is(err, redisdb.ErrSettings) {
			t.Errorf("%s: %v, want ErrSettings", url, err)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error tells the password: %v", url, err)
		}
	}
	_, err := redisdb.Open(t.Context(), redisdb.Options{URL: "redis://localhost", PasswordFile: filepath.Join(t.TempDir(), "none")})
	if !errors.Is(err, redisdb.ErrSettings) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a password file that is not there: %v", err)
	}
}

func TestCheck(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	password := filepath.Join(t.TempDir(), "password")
	write := func(text string) {
		if err := os.WriteFile(password, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("right\n")
	locked := redistest.Start(t, "--requirepass", "right")
	unlocked := redistest.Start(t)
	if err := unlocked.Open().Do(t.Context(), "ACL", "SETUSER", "narrow", "on", ">right", "+get", "~*").Err(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		options redisdb.Options
		want    error
	}{
		"right password":           {redisdb.Options{URL: "redis://:right@" + locked.Address()}, nil},
		"right password, RESP2":    {redisdb.Options{URL: "redis://:right@" + locked.Address() + "?protocol=2"}, nil},
		"right password in a file": {redisdb.Options{URL: "redis://" + locked.Address(), PasswordFile: password}, nil},
		"wrong password":           {redisdb.Options{URL: "redis://:wrong@" + locked.Address()}, redisdb.ErrRefused},
		"wrong password, RESP2":    {redisdb.Options{URL: "redis://:wrong@" + locked.Address() + "?protocol=2"}, redisdb.ErrRefused},
		"no password":              {redisdb.Options{URL: "redis://" + locked.Address()}, redisdb.ErrRefused},
		"unknown user":             {redisdb.Options{URL: "redis://who:right@" + locked.Address()}, redisdb.ErrRefused},
		"a user who may not":       {redisdb.Options{URL: "redis://narrow:right@" + unlocked.Address()}, redisdb.ErrRefused},
		"no such database":         {redisdb.Options{URL: "redis://:right@" + locked.Address() + "/99"}, redisdb.ErrSettings},
		"nobody listens":           {redisdb.Options{URL: "redis://" + closed.Addr().String()}, redisdb.ErrUnreachable},
		"nobody answers":           {redisdb.Options{URL: "redis://" + silent.Addr().String(), Timeout: 50 * time.Millisecond}, redisdb.ErrUnreachable},
		"no such host":             {redisdb.Options{URL: "redis://nowhere.invalid:6379"}, redisdb.ErrUnreachable},
		"no such socket":           {redisdb.Options{URL: "unix:///nowhere/redis.sock"}, redisdb.ErrUnreachable},
		"not a Sentinel":           {redisdb.Options{URL: "redis://" + closed.Addr().String() + "?master_name=m"}, redisdb.ErrUnreachable},
		"not a Cluster":            {redisdb.Options{URL: "redis://" + closed.Addr().String() + "?addr=" + closed.Addr().String()}, redisdb.ErrUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			err := redisdb.Check(t.Context(), open(t, test.options))
			if test.want == nil && err != nil || !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if !errors.Is(test.want, redisdb.ErrRefused) && errors.Is(err, redisdb.ErrRefused) {
				t.Errorf("taken for refused credentials: %v", err)
			}
		})
	}
}

// TestPlainServerAskedOverTLS tells one that answers in the clear, which waiting does
// not help, from one that says nothing, as a Redis without TLS does.
func TestPlainServerAskedOverTLS(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	answering, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := answering.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("-ERR this is no TLS\r\n"))
			_ = conn.Close()
		}
	}()
	defer func() { _ = answering.Close(); <-done }()
	for name, test := range map[string]struct {
		address string
		want    error
		said    string
	}{
		"silent":    {silent.Addr().String(), redisdb.ErrUnreachable, "TLS was not answered"},
		"Redis":     {redistest.Start(t).Address(), redisdb.ErrUnreachable, "TLS was not answered"},
		"answering": {answering.Addr().String(), redisdb.ErrSettings, "does not speak TLS"},
	} {
		options := redisdb.Options{URL: "rediss://" + test.address, DialTimeout: 200 * time.Millisecond}
		if err := redisdb.Check(t.Context(), open(t, options)); !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.said) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPasswordRotates changes the password on the server and in the file.
func TestPasswordRotates(t *testing.T) {
	server := redistest.Start(t, "--requirepass", "first")
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("first"), 0o600); err != nil {
		t.Fatal(err)
	}
	client := open(t, redisdb.Options{URL: "redis://" + server.Address(), PasswordFile: password})
	if err := client.ConfigSet(t.Context(), "requirepass", "second").Err(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(password, []byte("second"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := client.ClientKillByFilter(t.Context(), "TYPE", "normal", "SKIPME", "no").Err(); err != nil {
		t.Fatal(err)
	}
	if err := redisdb.Check(t.Context(), client); err != nil {
		t.Error(err)
	}
}
