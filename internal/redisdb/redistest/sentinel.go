package redistest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// master is the name under which Sentinels know the primary.
const master = "clinic"

// SentinelSet is a primary with its replicas, and three Sentinels that watch
// over them and take the primary for lost after three seconds: a busy machine holds
// one up for longer than one.
type SentinelSet struct {
	t         testing.TB
	Data      []*Server // the first was the primary at the start
	Sentinels []*Server
}

// StartSentinel starts a primary, so many replicas and three Sentinels. The
// options are those of the data servers.
func StartSentinel(t testing.TB, replicas int, options ...string) *SentinelSet {
	t.Helper()
	options = append(replicating(), options...)
	s := &SentinelSet{t: t, Data: []*Server{Start(t, options...)}}
	primary := s.Data[0]
	for range replicas {
		following := append(slices.Clone(options), "--replicaof", "127.0.0.1 "+fmt.Sprint(primary.Port))
		s.Data = append(s.Data, Start(t, following...))
	}
	for range 3 {
		s.Sentinels = append(s.Sentinels, start(t, func(folder string) []string {
			path := filepath.Join(folder, "sentinel.conf")
			text := fmt.Sprintf("sentinel monitor %[1]s 127.0.0.1 %[2]d 2\nsentinel down-after-milliseconds %[1]s 3000\n"+
				"sentinel failover-timeout %[1]s 10000\n", master, primary.Port)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return []string{path, "--sentinel"}
		}, nil))
	}
	s.await("the replicas and Sentinels to know each other", func() bool {
		for _, replica := range s.Data[1:] {
			if !replica.Follows() {
				return false
			}
		}
		for _, sentinel := range s.Sentinels {
			info := sentinel.info("sentinel")
			if !strings.Contains(info, fmt.Sprintf("status=ok,address=127.0.0.1:%d,slaves=%d,sentinels=3", primary.Port, replicas)) {
				return false
			}
		}
		return true
	})
	return s
}

// URL names the set as redisdb takes it.
func (s *SentinelSet) URL() string {
	return fmt.Sprintf("redis://%s?master_name=%s&addr=%s&addr=%s", s.Sentinels[0].Address(), master, s.Sentinels[1].Address(), s.Sentinels[2].Address())
}

// AwaitPromotion waits until another server than lost is the primary, and
// returns it with the moment when that was seen.
func (s *SentinelSet) AwaitPromotion(lost *Server) (promoted *Server, at time.Time) {
	s.t.Helper()
	s.await("a promotion", func() bool {
		promoted = promotedOf(s.Data, lost)
		return promoted != nil
	})
	return promoted, time.Now()
}

func (s *SentinelSet) await(what string, is func() bool) {
	s.t.Helper()
	await(s.t, what, is)
}

// promotedOf returns a running server, other than lost, that says it is a primary.
func promotedOf(servers []*Server, lost *Server) *Server {
	for _, server := range servers {
		if server != lost && server.command != nil && strings.Contains(server.info("replication"), "role:master") {
			return server
		}
	}
	return nil
}

// promotionPatience bounds the wait for servers to agree on who leads.
const promotionPatience = 30 * time.Second

func await(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(promotionPatience); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
