package redislog

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"bedside/internal/redisdb"
	"bedside/internal/redisdb/redistest"
	"bedside/internal/transcript/transcripttest"
)

// commands counts what is sent, and fails what it is told to.
type commands struct {
	mu   sync.Mutex
	seen map[string][]time.Time
	fail map[string]error
}

func watch(client redis.UniversalClient) *commands {
	c := &commands{seen: map[string][]time.Time{}, fail: map[string]error{}}
	client.AddHook(c)
	return c
}

func (c *commands) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *commands) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (c *commands) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.mu.Lock()
		c.seen[cmd.Name()] = append(c.seen[cmd.Name()], time.Now())
		err, known := c.fail[cmd.Name()]
		c.mu.Unlock()
		if known {
			cmd.SetErr(err)
			return err
		}
		return next(ctx, cmd)
	}
}

func (c *commands) set(name string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fail[name] = err
}

func (c *commands) times(name string) []time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen[name]
}

// TestRewriteAtMostOnceAMinute forgets a session each ten seconds of virtual time.
func TestRewriteAtMostOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := redistest.Memory(t).Open()
		sent := watch(client)
		sent.set("info", nil)
		sent.set("bgrewriteaof", nil)
		log := New(client, Options{})
		forget := func() {
			session, _ := begin(t, log)
			if err := log.Forget(t.Context(), session); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		if err := log.Forget(t.Context(), transcripttest.Session()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n := len(sent.times("bgrewriteaof")); n != 0 {
			t.Fatalf("%d rewrites for a session that never was", n)
		}
		for range 13 {
			forget()
			time.Sleep(10 * time.Second)
		}
		times := sent.times("bgrewriteaof")
		if len(times) != 3 {
			t.Fatalf("%d rewrites in 130 s", len(times))
		}
		for i := range times[1:] {
			if gap := times[i+1].Sub(times[i]); gap < rewriteEvery {
				t.Errorf("a rewrite after %v", gap)
			}
		}
		// One that was running already counts for nothing: it is asked for again.
		time.Sleep(2 * rewriteEvery)
		before := len(sent.times("bgrewriteaof"))
		sent.set("bgrewriteaof", busy("ERR Background append only file rewriting already in progress"))
		forget()
		sent.set("bgrewriteaof", nil)
		time.Sleep(5 * rewriteEvery)
		if n := len(sent.times("bgrewriteaof")) - before; n != 2 {
			t.Errorf("asked %d times, want twice", n)
		}
		// What is owed at the end is asked for then.
		forget()
		forget()
		before = len(sent.times("bgrewriteaof"))
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
		if n := len(sent.times("bgrewriteaof")) - before; n != 1 {
			t.Errorf("%d rewrites at the end, want 1", n)
		}
		// Where one is running at the end, it is waited for, but not for long.
		log = New(client, Options{})
		forget()
		forget()
		before = len(sent.times("bgrewriteaof"))
		sent.set("bgrewriteaof", busy("ERR Background append only file rewriting already in progress"))
		began := time.Now()
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
		if n, took := len(sent.times("bgrewriteaof"))-before, time.Since(began); n < 10 || took > 2*DefaultTimeout {
			t.Errorf("asked %d times in %v", n, took)
		}
	})
}

// busy is an answer of the server.
type busy string

func (e busy) Error() string { return string(e) }
func (busy) RedisError()     {}

// TestForgottenLeavesTheFile looks into the append-only file itself.
func TestForgottenLeavesTheFile(t *testing.T) {
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always", "--aof-use-rdb-preamble", "no")
	client := server.Open()
	log := newLog(t, client, Options{Sealer: newRing()})
	session, answer := begin(t, log)
	if _, err := log.Append(t.Context(), sentence(session, answer)); err != nil {
		t.Fatal(err)
	}
	wrapped, err := client.HGet(t.Context(), log.stateKey(session), "key").Result()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(server.Files(), wrapped) || !strings.Contains(server.Files(), own(answer.Response)) {
		t.Fatal("the file does not hold what is looked for")
	}
	if err := log.Forget(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the file to be rewritten", func() bool {
		files := server.Files()
		return !strings.Contains(files, wrapped) && !strings.Contains(files, own(answer.Response))
	})
}

// TestRewriteIsNotAskedFor where Redis keeps no such file, and where it refuses.
func TestRewriteIsNotAskedFor(t *testing.T) {
	server := redistest.Start(t)
	admin := server.Open()
	if err := admin.Do(t.Context(), "ACL", "SETUSER", "bedside", "on", ">secret", "~*", "&*", "+@all", "-bgrewriteaof", "-info").Err(); err != nil {
		t.Fatal(err)
	}
	restricted := redistest.Open(t, redisdb.Options{URL: "redis://bedside:secret@" + server.Address()})
	for name, test := range map[string]struct {
		client redis.UniversalClient
		sent   int
		said   int
	}{
		"no file": {admin, 0, 0},
		"refused": {restricted, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var said bytes.Buffer
			sent := watch(test.client)
			log := New(test.client, Options{Logger: slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))})
			for range 3 {
				session, _ := begin(t, log)
				if err := log.Forget(t.Context(), session); err != nil {
					t.Fatal(err)
				}
			}
			if err := log.Close(); err != nil {
				t.Fatal(err)
			}
			if n := len(sent.times("bgrewriteaof")); n > 2*test.sent || n < test.sent {
				t.Errorf("asked %d times", n)
			}
			if n := strings.Count(said.String(), "BGREWRITEAOF is refused"); n != test.said {
				t.Errorf("%d records:\n%s", n, &said)
			}
		})
	}
}
