package redislog

import (
	"context"
	"os"
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

// shippedUser gives the servers the user that deployments/ ships, under the prefix
// of the tests.
func shippedUser(t *testing.T, servers ...*redistest.Server) {
	t.Helper()
	template, err := os.ReadFile("../../../deployments/redis/users.acl.template")
	if err != nil {
		t.Fatal(err)
	}
	_, rules, found := strings.Cut(string(template), "user bedside ")
	if !found {
		t.Fatal("the template names no user bedside")
	}
	rules = strings.NewReplacer("PASSWORD", "secret", "bedside:*", "test:*").Replace(strings.TrimSpace(rules))
	command := []any{"ACL", "SETUSER", "bedside"}
	for rule := range strings.FieldsSeq(rules) {
		command = append(command, rule)
	}
	for _, server := range servers {
		if err := server.Open().Do(t.Context(), command...).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// deniedNothing sees that the servers refused the user nothing.
func deniedNothing(t *testing.T, servers ...*redistest.Server) {
	t.Helper()
	for _, server := range servers {
		if denied, err := server.Open().Do(t.Context(), "ACL", "LOG").Slice(); err != nil || len(denied) != 0 {
			t.Errorf("the server denied %v (%v)", denied, err)
		}
	}
}

// TestThreePrimaries runs the suite on a Cluster of three as the user that
// deployments/ ships, and looks how its sessions are told of.
func TestThreePrimaries(t *testing.T) {
	cluster := redistest.StartCluster(t, false)
	shippedUser(t, cluster.Primary[:]...)
	open := func() redis.UniversalClient {
		client := redistest.Open(t, redisdb.Options{URL: cluster.URL("bedside:secret@")})
		if err := redisdb.Check(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		return client
	}
	transcripttest.Run(t, openOn(open, nil))

	writer, reader := newLog(t, open(), Options{Prefix: "test:"}), newLog(t, open(), Options{Prefix: "test:"})
	const sessions = 60 // in each shard some
	begun := make(map[*transcript.Follower]*transcripttest.Answer, sessions)
	for range sessions {
		session, answer := begin(t, writer)
		begun[follow(t, reader, session, "")] = answer
	}
	eventually(t, "a channel of its shard for each session", func() bool {
		heard := 0
		for _, server := range cluster.Primary {
			client := server.Open()
			shards, err := client.PubSubShardChannels(t.Context(), "*").Result()
			if err != nil {
				t.Fatal(err)
			}
			heard += len(shards)
			if everywhere, err := client.PubSubChannels(t.Context(), "*").Result(); err != nil || len(everywhere) > 0 {
				t.Fatalf("channels of the whole Cluster: %v (%v)", everywhere, err)
			}
		}
		return heard == sessions
	})
	for i, server := range cluster.Primary {
		list, err := server.Open().Do(t.Context(), "CLIENT", "LIST", "TYPE", "pubsub").Text()
		if err != nil || strings.Count(list, "\n") != 1 {
			t.Errorf("subscriber connections to primary %d: %v\n%s", i, err, list)
		}
	}
	for f, answer := range begun {
		session, _ := answer.Response.Session()
		receipt, err := writer.Append(t.Context(), sentence(session, answer))
		if err != nil {
			t.Fatal(err)
		}
		await(t, f, receipt.Cursors[0])
	}
	deniedNothing(t, cluster.Primary[:]...)
}

// TestPrimaryLost loses a primary of a Cluster while its sessions are followed on
// another replica: writing goes on within five seconds of the promotion, and
// whoever follows hears of it or is told that the log was rewound.
func TestPrimaryLost(t *testing.T) {
	cluster := redistest.StartCluster(t, true)
	open := func() redis.UniversalClient {
		return redistest.Open(t, redisdb.Options{URL: cluster.URL(""), Timeout: redisdb.DefaultTimeout, DialTimeout: redisdb.DefaultDialTimeout})
	}
	writer, reader := newLog(t, open(), Options{}), newLog(t, open(), Options{})
	const lost = 1
	type running struct {
		session chat.SessionID
		answer  *transcripttest.Answer
		f       *transcript.Follower
	}
	var all []running
	for len(all) < 20 {
		session, answer := begin(t, writer)
		if cluster.Holder(writer.stateKey(session)) == lost {
			all = append(all, running{session, answer, follow(t, reader, session, "")})
		}
	}
	cluster.Primary[lost].Kill()
	at := cluster.AwaitPromotion(lost)
	var slowest time.Duration
	for _, r := range all {
		batch := sentence(r.session, r.answer)
		receipt, err := writer.Append(t.Context(), batch)
		for ; err != nil && time.Since(at) < 5*time.Second; receipt, err = writer.Append(t.Context(), batch) {
			if transcriptLost(err) {
				break
			}
		}
		if transcriptLost(err) {
			continue // its first entry had not reached the replica: said, and begun anew
		}
		if err != nil {
			t.Fatalf("still not writing: %v", err)
		}
		slowest = max(slowest, time.Since(at))
		await(t, r.f, receipt.Cursors[0])
	}
	t.Logf("all were writing again %v after the promotion, and heard within %v", slowest, time.Since(at))
}

func transcriptLost(err error) bool {
	return err != nil && strings.Contains(err.Error(), transcript.ErrNoSession.Error())
}

// TestSlotMoves gives a session's slot to another primary: its followers go on.
func TestSlotMoves(t *testing.T) {
	cluster := redistest.StartCluster(t, false)
	open := func() redis.UniversalClient { return redistest.Open(t, redisdb.Options{URL: cluster.URL("")}) }
	writer, reader := newLog(t, open(), Options{}), newLog(t, open(), Options{})
	session, answer := begin(t, writer)
	f := follow(t, reader, session, "")
	receipt, err := writer.Append(t.Context(), sentence(session, answer))
	if err != nil {
		t.Fatal(err)
	}
	await(t, f, receipt.Cursors[0])
	from := cluster.Holder(writer.stateKey(session))
	cluster.Move(from, (from+1)%3, writer.stateKey(session), writer.logKey(session))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if receipt, err = writer.Append(ctx, sentence(session, answer)); err != nil {
		t.Fatal(err)
	}
	await(t, f, receipt.Cursors[0])
}
