package redislog

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"bedside/internal/chat"
	"bedside/internal/redisdb"
	"bedside/internal/redisdb/redistest"
	"bedside/internal/transcript"
	"bedside/internal/transcript/transcripttest"
)

// TestServerRefusesToWrite sees to it that what cannot be written now is told as
// such, and that nothing of it was.
func TestServerRefusesToWrite(t *testing.T) {
	for name, test := range map[string]struct {
		spoil, mend []any
		forgets     bool
	}{
		"out of memory": {[]any{"CONFIG", "SET", "maxmemory", "1"}, []any{"CONFIG", "SET", "maxmemory", "0"}, true},
		"a replica":     {[]any{"REPLICAOF", "127.0.0.1", "1"}, []any{"REPLICAOF", "NO", "ONE"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			server := redistest.Start(t)
			client := server.Open()
			log := newLog(t, client, Options{})
			session, answer := begin(t, log)
			if err := client.Do(t.Context(), test.spoil...).Err(); err != nil {
				t.Fatal(err)
			}
			batch := sentence(session, answer)
			_, appendErr := log.Append(t.Context(), batch)
			_, claimErr := log.Claim(t.Context(), answer.Response)
			other := transcripttest.Session()
			_, beginErr := log.Append(t.Context(), transcript.Batch{Session: other, Create: true, Events: []chat.Event{transcripttest.NewAnswer(other).Accepted("a")}})
			probeErr := log.Probe(t.Context())
			for what, err := range map[string]error{"append": appendErr, "claim": claimErr, "begin": beginErr, "probe": probeErr} {
				if !errors.Is(err, transcript.ErrUnavailable) {
					t.Errorf("%s: %v, want ErrUnavailable", what, err)
				}
			}
			if err := log.Forget(t.Context(), other); (err == nil) != test.forgets || (err != nil && !errors.Is(err, transcript.ErrUnavailable)) {
				t.Errorf("forget: %v", err)
			}
			if n := count(t, log, session); n != 1 {
				t.Errorf("%d entries, want 1", n)
			}
			if !test.forgets {
				tellsNoFollower(t, log, client, answer)
			}
			if err := client.Do(t.Context(), test.mend...).Err(); err != nil {
				t.Fatal(err)
			}
			if err := log.Probe(t.Context()); err != nil {
				t.Errorf("mended: %v", err)
			}
			if _, err := log.Append(t.Context(), batch); err != nil {
				t.Errorf("mended: %v", err)
			}
		})
	}
}

// tellsNoFollower fails to forget a session: nobody may hear that it was forgotten.
func tellsNoFollower(t *testing.T, log *Log, client redis.UniversalClient, answer *transcripttest.Answer) {
	t.Helper()
	session, _ := answer.Response.Session()
	other := newLog(t, client, Options{})
	f := follow(t, log, session, "")
	hears := func() *transcript.Notice {
		since := answer.Head().Sequence
		for { // until it is subscribed to
			other.Announce(session, transcript.Notice{Status: &transcript.Status{Head: answer.Head(), Stage: "writing"}})
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			item, err := f.Next(ctx)
			cancel()
			if item.Notice != nil && (item.Notice.Forgotten || item.Notice.Status.Sequence > since) {
				return item.Notice
			}
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
		}
	}
	hears()
	if err := log.Forget(t.Context(), session); err == nil {
		t.Error("forgotten where nothing can be written")
	}
	if notice := hears(); notice.Forgotten {
		t.Error("a follower heard of a forgetting that did not happen")
	}
}

// TestProbe kills the server and starts it again: each probe tells how it is now,
// and none leaves anything.
func TestProbe(t *testing.T) {
	server := redistest.Start(t)
	client := server.Open()
	log := newLog(t, client, Options{})
	for range 2 {
		if err := log.Probe(t.Context()); err != nil {
			t.Errorf("of a server that is there: %v", err)
		}
		if keys, err := client.Keys(t.Context(), "*").Result(); err != nil || len(keys) > 0 {
			t.Errorf("left %v, %v", keys, err)
		}
		server.Kill()
		for range 40 { // more often than the pool may fail to dial
			if err := log.Probe(t.Context()); !errors.Is(err, transcript.ErrUnavailable) {
				t.Fatalf("of a server that is gone: %v", err)
			}
		}
		server.Restart()
	}
}

// TestServerGone kills the server and starts it again; what was acknowledged is
// there, and followers go on without being told.
func TestServerGone(t *testing.T) {
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	log, other := newLog(t, server.Open(), Options{}), newLog(t, server.Open(), Options{})
	session, answer := begin(t, log)
	f := follow(t, other, session, "")
	server.Kill()
	began := time.Now()
	batch := sentence(session, answer)
	if _, err := log.Append(t.Context(), batch); !errors.Is(err, transcript.ErrUnavailable) {
		t.Errorf("append: %v, want ErrUnavailable", err)
	}
	if _, _, err := log.Read(t.Context(), session, "", 0); !errors.Is(err, transcript.ErrUnavailable) {
		t.Errorf("read: %v, want ErrUnavailable", err)
	}
	for range 5000 {
		log.Announce(session, transcript.Notice{Status: &transcript.Status{Head: answer.Head(), Stage: "writing"}})
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("failing took %v", took)
	}
	server.Restart()
	receipt, err := log.Append(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	await(t, f, receipt.Cursors[0])
}

// TestServerPaused stops the server in its tracks: the append is unknown, and
// its repeat finds it done or does it.
func TestServerPaused(t *testing.T) {
	server := redistest.Start(t)
	log := newLog(t, server.Open(), Options{Timeout: 200 * time.Millisecond})
	session, answer := begin(t, log)
	batch := sentence(session, answer)
	server.Pause()
	_, err := log.Append(t.Context(), batch)
	server.Resume()
	if !errors.Is(err, transcript.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) && !strings.Contains(err.Error(), "timeout") {
		t.Errorf("append: %v, want ErrUnavailable for a time limit", err)
	}
	receipt, err := log.Append(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	entries, _, err := log.Read(t.Context(), session, "", 0)
	if err != nil || len(entries) != 2 || entries[1].Cursor != receipt.Cursors[0] {
		t.Errorf("%d entries, %v; want the sentence once, as %s", len(entries), err, receipt.Cursors[0])
	}
}

// TestMissedMessages cuts the subscriber connection while appends go on.
func TestMissedMessages(t *testing.T) {
	server := redistest.Start(t)
	client := server.Open()
	log, other := newLog(t, client, Options{}), newLog(t, server.Open(), Options{})
	session, answer := begin(t, log)
	f := follow(t, other, session, "")
	for range 10 {
		receipt, err := log.Append(t.Context(), sentence(session, answer))
		if err != nil {
			t.Fatal(err)
		}
		await(t, f, receipt.Cursors[0])
		if err := client.ClientKillByFilter(t.Context(), "TYPE", "pubsub").Err(); err != nil {
			t.Fatal(err)
		}
		if receipt, err = log.Append(t.Context(), sentence(session, answer)); err != nil {
			t.Fatal(err)
		}
		await(t, f, receipt.Cursors[0])
	}
}

// TestOneSubscriberConnection follows many sessions, and then none.
func TestOneSubscriberConnection(t *testing.T) {
	server := redistest.Start(t)
	client := server.Open()
	log := newLog(t, client, Options{})
	var followers []*transcript.Follower
	for range 600 {
		session, _ := begin(t, log)
		for range 2 {
			followers = append(followers, follow(t, log, session, ""))
		}
	}
	eventually(t, "600 channels on one connection", func() bool {
		list, err := client.Do(t.Context(), "CLIENT", "LIST", "TYPE", "pubsub").Text()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(list, "\n") == 1 && strings.Contains(list, "sub=600 ")
	})
	for _, f := range followers {
		f.Close()
	}
	eventually(t, "no channel", func() bool {
		channels, err := client.PubSubChannels(t.Context(), "*").Result()
		if err != nil {
			t.Fatal(err)
		}
		return len(channels) == 0
	})
}

// TestServerExpires lets keys go by the server's own clock.
func TestServerExpires(t *testing.T) {
	server := redistest.Start(t)
	client := server.Open()
	log := newLog(t, client, Options{Idle: 100 * time.Millisecond})
	session, _ := begin(t, log)
	eventually(t, "the session to end", func() bool {
		_, err := log.State(t.Context(), session)
		return errors.Is(err, transcript.ErrNoSession)
	})
	eventually(t, "nothing left", func() bool {
		left, err := client.Exists(t.Context(), log.logKey(session), log.stateKey(session)).Result()
		return err == nil && left == 0
	})
}

// TestRestrictedUser runs the suite as the user that the package's doc
// describes, and sees that nothing more was needed.
func TestRestrictedUser(t *testing.T) {
	server := redistest.Start(t)
	admin := server.Open()
	rules := []any{"ACL", "SETUSER", "bedside", "on", ">secret", "resetkeys", "~test:*", "resetchannels", "&test:*", "-@all"}
	for command := range strings.SplitSeq(documentedCommands, " ") {
		rules = append(rules, "+"+command)
	}
	if err := admin.Do(t.Context(), rules...).Err(); err != nil {
		t.Fatal(err)
	}
	transcripttest.Run(t, openOn(func() redis.UniversalClient {
		client := redistest.Open(t, redisdb.Options{URL: "redis://bedside:secret@" + server.Address()})
		if err := redisdb.Check(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		return client
	}, nil))
	denied, err := admin.Do(t.Context(), "ACL", "LOG").Slice()
	if err != nil || len(denied) != 0 {
		t.Errorf("the server denied %v (%v)", denied, err)
	}
}

// documentedCommands are those of the package's doc.
const documentedCommands = "eval evalsha hmget hset xadd xtrim xrange xrevrange zadd zrange zscore zrem pexpire pexpireat del time publish subscribe unsubscribe ping hello auth select info bgrewriteaof"

// TestCluster runs the suite on a Cluster of one node, where keys of two slots
// in one script would be refused.
func TestCluster(t *testing.T) {
	server := redistest.Start(t, "--cluster-enabled", "yes", "--cluster-port", "0")
	single := server.Open()
	if err := single.Do(t.Context(), "CLUSTER", "ADDSLOTSRANGE", "0", "16383").Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the cluster", func() bool {
		info, err := single.ClusterInfo(t.Context()).Result()
		return err == nil && strings.Contains(info, "cluster_state:ok")
	})
	transcripttest.Run(t, openOn(func() redis.UniversalClient {
		client := redistest.Open(t, redisdb.Options{URL: fmt.Sprintf("redis://%s?addr=%[1]s", server.Address())})
		if _, ok := client.(*redis.ClusterClient); !ok {
			t.Fatalf("a Cluster is opened by %T", client)
		}
		return client
	}, nil))
}

func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// BenchmarkAnswer is one answer as the product writes it, in six appends.
func BenchmarkAnswer(b *testing.B) {
	always := []string{"--appendonly", "yes", "--appendfsync", "always"}
	for name, test := range map[string]struct {
		server []string
		log    Options
	}{
		"no AOF": {}, "AOF always": {server: always}, "no AOF, sealed": {log: Options{Sealer: newRing()}},
	} {
		b.Run(name, func(b *testing.B) {
			log := newLog(b, redistest.Start(b, test.server...).Open(), test.log)
			for b.Loop() {
				session := transcripttest.Session()
				for i, events := range transcripttest.NewAnswer(session).Whole("m", 3) {
					if _, err := log.Append(b.Context(), transcript.Batch{Session: session, Create: i == 0, Events: events}); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkReadTail is what a follower's look at the log costs.
func BenchmarkReadTail(b *testing.B) {
	log := newLog(b, redistest.Start(b).Open(), Options{})
	session, answer := begin(b, log)
	var receipt transcript.Receipt
	for range 500 {
		var err error
		if receipt, err = log.Append(b.Context(), transcript.Batch{Session: session, Events: []chat.Event{answer.Delta(), answer.Delta()}}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if entries, recovered, err := log.Read(b.Context(), session, receipt.Before, 256); err != nil || !recovered || len(entries) != 2 {
			b.Fatal(len(entries), recovered, err)
		}
	}
}

// TestApartFromTheAnswers lets answers use every connection of the log: the store
// does not seem away for it, and no lease lapses.
func TestApartFromTheAnswers(t *testing.T) {
	server := redistest.Start(t)
	open := func(size int) redis.UniversalClient {
		return redistest.Open(t, redisdb.Options{URL: server.URL(), PoolSize: size})
	}
	client := open(1)
	log := newLog(t, client, Options{Apart: open(2)})
	session, answer := begin(t, log)
	if _, err := log.Hold(t.Context(), answer.Response); err != nil {
		t.Fatal(err)
	}
	taken := client.(*redis.Client).Conn()
	defer func() { _ = taken.Close() }()
	if err := taken.Ping(t.Context()).Err(); err != nil { // it has the connection from now on
		t.Fatal(err)
	}
	within, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if err := log.Probe(within); err != nil {
		t.Errorf("probe: %v", err)
	}
	if lost, err := log.Renew(within, []chat.SessionID{session}); err != nil || len(lost) > 0 {
		t.Errorf("renew: %v, %v", lost, err)
	}
	if found, err := log.Unattended(within); err != nil || len(found) > 0 {
		t.Errorf("unattended: %v, %v", found, err)
	}
	if _, err := log.Append(within, sentence(session, answer)); !errors.Is(err, transcript.ErrUnavailable) {
		t.Errorf("an append found a connection: %v", err)
	}
}

// TestWhatIsStoredHereIsNotReadBack has two followers where the answer is written, who
// get each sentence without a command of theirs.
func TestWhatIsStoredHereIsNotReadBack(t *testing.T) {
	server := redistest.Start(t)
	client := server.Open()
	log := newLog(t, client, Options{Sealer: newRing()})
	session, answer := begin(t, log)
	followers := []*transcript.Follower{follow(t, log, session, ""), follow(t, log, session, "")}
	store := func() {
		receipt, err := log.Append(t.Context(), sentence(session, answer))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range followers {
			await(t, f, receipt.Cursors[0])
		}
	}
	channel := log.channel(session)
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		if client.PubSubNumSub(t.Context(), channel).Val()[channel] == 1 {
			break
		}
	}
	// It is told of after the confirmation, which itself has them look.
	newLog(t, client, Options{}).Announce(session, transcript.Notice{Status: &transcript.Status{Head: answer.Head(), Stage: "writing"}})
	for _, f := range followers {
		for item := (transcript.Item{}); item.Notice == nil; {
			var err error
			if item, err = f.Next(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	store()
	if err := client.ConfigResetStat(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	for range 50 {
		store()
	}
	stats, err := client.Info(t.Context(), "commandstats").Result()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(stats, "cmdstat_xrange:") {
		t.Errorf("what was stored here is read back: %s", stats)
	}
}
