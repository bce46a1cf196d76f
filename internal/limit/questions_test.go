package limit

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"bedside/internal/redisdb"
	"bedside/internal/redisdb/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestReplicasCountTogether asks two replicas in turn, in each kind of Redis.
func TestReplicasCountTogether(t *testing.T) {
	for name, url := range map[string]string{
		"single":  redistest.Start(t).URL(),
		"Cluster": redistest.StartCluster(t, false).URL(""),
	} {
		t.Run(name, func(t *testing.T) {
			replicas := make([]*Questions, 2)
			for i := range replicas {
				replicas[i] = NewQuestions(Rates{Session: 4, Address: 6, All: 9}, patient(redistest.Open(t, redisdb.Options{URL: url}), name+":"))
			}
			take := func(n int, session, address string) (let int, wait time.Duration) {
				for i := range n {
					after, ok := replicas[i%2].Take(t.Context(), session, address)
					if ok {
						let++
					} else {
						wait = after
					}
				}
				return let, wait
			}
			if let, wait := take(10, "a", "1"); let != 4 || wait <= 10*time.Second || wait > 15*time.Second {
				t.Errorf("of one session: %d, then wait %v; want 4, up to 15s", let, wait)
			}
			if let, _ := take(10, "b", "1"); let != 2 {
				t.Errorf("of another session at the same address: %d, want 2: what is refused costs nothing", let)
			}
			if let, _ := take(10, "c", "2"); let != 3 {
				t.Errorf("of everybody: %d, want 3 that were left", let)
			}
		})
	}
}

// TestCountsExpire leaves no bucket behind, and none that tells an address.
func TestCountsExpire(t *testing.T) {
	server := redistest.Start(t)
	client := server.Open()
	questions := NewQuestions(Rates{Session: 6000, Address: 6000}, patient(client, "p:"))
	questions.Take(t.Context(), "ses_a", "192.0.2.1")
	keys, err := client.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) != 2 || strings.Contains(fmt.Sprint(keys), "192.0.2.1") {
		t.Errorf("keys %v, %v", keys, err)
	}
	for deadline := time.Now().Add(10 * time.Second); len(keys) > 0; {
		if time.Now().After(deadline) {
			t.Fatalf("%v stay", keys)
		}
		if keys, err = client.Keys(t.Context(), "*").Result(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSlowRedisHoldsNobodyUp stops the server in its tracks, and lets it go on.
func TestSlowRedisHoldsNobodyUp(t *testing.T) {
	server := redistest.Start(t)
	shared := NewShared(server.Open(), "p:", nil)
	questions := NewQuestions(Rates{Session: 500}, shared)
	server.Pause()
	began := time.Now()
	for range 500 {
		if _, ok := questions.Take(t.Context(), "a", ""); !ok {
			t.Fatal("refused while there was some left")
		}
	}
	if took := time.Since(began); took > sharedRest {
		t.Errorf("500 takes took %v", took)
	}
	if _, ok := questions.Take(t.Context(), "a", ""); ok {
		t.Error("not limited at all while Redis is away")
	}
	server.Resume()
	for deadline := time.Now().Add(10 * time.Second); shared.rests.Load() != 0; {
		questions.Take(t.Context(), fmt.Sprint(time.Now()), "")
		if time.Now().After(deadline) {
			t.Fatal("the replicas do not count together again")
		}
	}
}

// patient is a Shared that is asked however busy the machine is.
func patient(client redis.UniversalClient, prefix string) *Shared {
	s := NewShared(client, prefix, nil)
	s.patience = 10 * time.Second
	return s
}

func TestSlotsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slots := NewSlots(1)
		first, err := slots.Take(t.Context(), "many", func() { t.Error("the first waits") })
		if err != nil {
			t.Fatal(err)
		}
		order := make(chan string, 10)
		wait := func(key string) {
			go func() {
				release, err := slots.Take(t.Context(), key, func() { order <- "waits " + key })
				if err != nil {
					t.Error(err)
					return
				}
				order <- key
				release()
				release() // gives back no more than one
			}()
			synctest.Wait()
			<-order
		}
		for _, key := range []string{"many", "many", "many", "few"} {
			wait(key)
		}
		first()
		synctest.Wait()
		if got := []string{<-order, <-order, <-order, <-order}; got[1] != "few" {
			t.Errorf("order %v: few waits for all of many", got)
		}
		if len(slots.waiting) != 0 || len(slots.turns) != 0 || slots.free != 1 {
			t.Errorf("left: %v, %v, %d free", slots.waiting, slots.turns, slots.free)
		}
	})
}

func TestSlotsAreLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slots := NewSlots(2)
		for range 2 {
			if _, err := slots.Take(t.Context(), "a", func() {}); err != nil {
				t.Fatal(err)
			}
		}
		ended := make(chan error, 1)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			_, err := slots.Take(ctx, "b", func() {})
			ended <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-ended; err == nil {
			t.Error("a slot was given that is not there")
		}
		if len(slots.waiting) != 0 || len(slots.turns) != 0 {
			t.Errorf("left: %v, %v", slots.waiting, slots.turns)
		}
	})
	var none *Slots
	if release, err := none.Take(t.Context(), "a", nil); err != nil {
		t.Error(err)
	} else {
		release()
	}
}
