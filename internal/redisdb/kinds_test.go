package redisdb_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bedside/internal/redisdb"
	"bedside/internal/redisdb/redistest"
)

// TestSentinelFailover loses the primary: the client finds the new one by itself.
func TestSentinelFailover(t *testing.T) {
	set := redistest.StartSentinel(t, 2)
	client := open(t, redisdb.Options{URL: set.URL()})
	if err := client.Set(t.Context(), "a", "1", 0).Err(); err != nil {
		t.Fatal(err)
	}
	set.Data[0].Kill()
	_, at := set.AwaitPromotion(set.Data[0])
	for {
		err := client.Set(t.Context(), "a", "2", 0).Err()
		if err == nil {
			break
		}
		if time.Since(at) > 5*time.Second {
			t.Fatalf("still not writing: %v", err)
		}
	}
	t.Logf("writing again %v after the promotion", time.Since(at))
}

// TestClusterFailover loses one primary of three.
func TestClusterFailover(t *testing.T) {
	cluster := redistest.StartCluster(t, true)
	client := open(t, redisdb.Options{URL: cluster.URL("")})
	const key = "{0}" // any slot: the primary that holds it is the one to lose
	if err := client.Set(t.Context(), key, "1", 0).Err(); err != nil {
		t.Fatal(err)
	}
	lost := cluster.Holder(key)
	cluster.Primary[lost].Kill()
	at := cluster.AwaitPromotion(lost)
	for {
		err := client.Set(t.Context(), key, "2", 0).Err()
		if err == nil {
			break
		}
		if time.Since(at) > 5*time.Second {
			t.Fatalf("still not writing: %v", err)
		}
	}
	t.Logf("writing again %v after the promotion", time.Since(at))
}

func TestTLS(t *testing.T) {
	server, url, authority := redistest.StartTLS(t)
	if err := redisdb.Check(t.Context(), open(t, redisdb.Options{URL: url, AuthorityFile: authority})); err != nil {
		t.Errorf("signed by the authority that is given: %v", err)
	}
	if err := redisdb.Check(t.Context(), open(t, redisdb.Options{URL: url})); !errors.Is(err, redisdb.ErrSettings) || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("signed by a stranger: %v", err)
	}
	for _, options := range []redisdb.Options{
		{URL: server.URL(), AuthorityFile: authority},
		{URL: url, AuthorityFile: filepath.Join(t.TempDir(), "none.pem")},
		{URL: url, AuthorityFile: "kinds_test.go"},
	} {
		if _, err := redisdb.Open(t.Context(), options); !errors.Is(err, redisdb.ErrSettings) {
			t.Errorf("%s with %s: %v", options.URL, options.AuthorityFile, err)
		}
	}
}

// TestRefusedWherever gives a wrong password to each kind of Redis: it is told
// from one that is away.
func TestRefusedWherever(t *testing.T) {
	set := redistest.StartSentinel(t, 1)
	cluster := redistest.StartCluster(t, false)
	for _, server := range append(cluster.Primary[:], set.Data...) {
		if err := server.Open().ConfigSet(t.Context(), "requirepass", "right").Err(); err != nil {
			t.Fatal(err)
		}
	}
	for name, url := range map[string]string{
		"Cluster":         cluster.URL(":wrong@"),
		"Cluster, none":   cluster.URL(""),
		"behind Sentinel": set.URL() + "&password=wrong",
	} {
		if err := redisdb.Check(t.Context(), open(t, redisdb.Options{URL: url})); !errors.Is(err, redisdb.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := redisdb.Check(t.Context(), open(t, redisdb.Options{URL: cluster.URL(":right@")})); err != nil {
		t.Error(err)
	}
}
