package redislog

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"bedside/internal/chat"
	"bedside/internal/redisdb"
	"bedside/internal/redisdb/redistest"
	"bedside/internal/transcript"
	"bedside/internal/transcript/transcripttest"
)

// begin begins a session and returns it with its running answer.
func begin(t testing.TB, log transcript.Log) (chat.SessionID, *transcripttest.Answer) {
	t.Helper()
	session := transcripttest.Session()
	answer := transcripttest.NewAnswer(session)
	if _, err := log.Append(t.Context(), transcript.Batch{Session: session, Create: true, Events: []chat.Event{answer.Accepted("first")}}); err != nil {
		t.Fatal(err)
	}
	return session, answer
}

func sentence(session chat.SessionID, answer *transcripttest.Answer) transcript.Batch {
	return transcript.Batch{Session: session, Events: []chat.Event{answer.Delta()}}
}

func count(t testing.TB, log transcript.Log, session chat.SessionID) int {
	t.Helper()
	entries, _, err := log.Read(t.Context(), session, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// await takes items until one is what is waited for.
func await(t testing.TB, f *transcript.Follower, cursor chat.Cursor) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		item, err := f.Next(ctx)
		if err != nil {
			t.Fatalf("waiting for %s: %v", cursor, err)
		}
		if item.Entry != nil && item.Entry.Cursor == cursor {
			return
		}
	}
}

func follow(t testing.TB, log transcript.Log, session chat.SessionID, after chat.Cursor) *transcript.Follower {
	t.Helper()
	f, _, _, err := transcript.Follow(t.Context(), log, session, after)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// faultyConn loses replies, or everything, when it is told to.
type faultyConn struct {
	net.Conn
	losesReply *atomic.Bool // the reply to the next script
	mute       *atomic.Bool // nothing comes in any more on a subscriber connection
	subscriber atomic.Bool
	script     atomic.Bool
	cut        atomic.Bool
}

func (c *faultyConn) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte("evalsha")) && c.losesReply.CompareAndSwap(true, false) {
		c.script.Store(true)
	}
	if bytes.Contains(b, []byte("subscribe")) {
		c.subscriber.Store(true)
	}
	return c.Conn.Write(b)
}

func (c *faultyConn) Read(b []byte) (int, error) {
	for {
		if c.cut.Load() {
			return 0, io.EOF
		}
		n, err := c.Conn.Read(b)
		if err == nil && c.script.CompareAndSwap(true, false) {
			c.cut.Store(true)
			continue
		}
		if err != nil || !c.mute.Load() || !c.subscriber.Load() {
			return n, err
		}
	}
}

// faulty is a client of the server whose connections fail as told.
func faulty(t testing.TB, server *redistest.InMemory) (client redis.UniversalClient, losesReply, mute *atomic.Bool) {
	t.Helper()
	losesReply, mute = new(atomic.Bool), new(atomic.Bool)
	client = redistest.Open(t, redisdb.Options{
		URL: "redis://memory:6379",
		Dial: func(context.Context, string, string) (net.Conn, error) {
			mute.Store(false)
			conn, err := server.Dial()
			return &faultyConn{Conn: conn, losesReply: losesReply, mute: mute}, err
		},
	})
	return client, losesReply, mute
}

func TestLostReplyIsRepeated(t *testing.T) {
	client, losesReply, _ := faulty(t, redistest.Memory(t))
	log := newLog(t, client, Options{})
	session, answer := begin(t, log)
	for _, batch := range []transcript.Batch{
		sentence(session, answer),
		{Session: session, Events: []chat.Event{answer.Delta(), answer.Ended()}},
		{Session: session, Events: []chat.Event{transcripttest.NewAnswer(session).Accepted("second")}},
	} {
		before := count(t, log, session)
		losesReply.Store(true)
		receipt, err := log.Append(t.Context(), batch)
		if err != nil || losesReply.Load() {
			t.Fatalf("append whose reply was lost: %v", err)
		}
		if receipt.Duplicate != "" || len(receipt.Cursors) != len(batch.Events) {
			t.Errorf("receipt %+v", receipt)
		}
		if stored := count(t, log, session) - before; stored != len(batch.Events) {
			t.Errorf("%d events stored, want %d", stored, len(batch.Events))
		}
		if again, err := log.Append(t.Context(), batch); err != nil || !cmp.Equal(again, receipt) {
			t.Errorf("repeated: %+v, %v; want %+v", again, err, receipt)
		}
	}
}

// TestMuteConnection lets the subscriber connection die without a sign.
func TestMuteConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := redistest.Memory(t)
		writer := newLog(t, server.Open(), Options{})
		session, answer := begin(t, writer)
		client, _, mute := faulty(t, server)
		log := newLog(t, client, Options{})
		f := follow(t, log, session, "")
		receipt, err := writer.Append(t.Context(), sentence(session, answer))
		if err != nil {
			t.Fatal(err)
		}
		await(t, f, receipt.Cursors[0])
		synctest.Wait()
		mute.Store(true) // until something is dialled anew
		if receipt, err = writer.Append(t.Context(), sentence(session, answer)); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		await(t, f, receipt.Cursors[0])
		if waited := time.Since(began); waited > 10*time.Second {
			t.Errorf("noticed after %v", waited)
		}
	})
}

// TestRewrittenLog loses the log behind the log's back, as a failover does.
func TestRewrittenLog(t *testing.T) {
	server := redistest.Memory(t)
	client := server.Open()
	log := newLog(t, client, Options{})
	session, answer := begin(t, log)
	batch := sentence(session, answer)
	receipt, err := log.Append(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	old := receipt.Cursors[0]
	f := follow(t, log, session, old)
	if err := client.Del(t.Context(), log.logKey(session), log.stateKey(session)).Err(); err != nil {
		t.Fatal(err)
	}
	again := transcripttest.NewAnswer(session)
	first := transcript.Batch{Session: session, Create: true, Events: []chat.Event{again.Accepted("first"), again.Delta(), again.Delta()}}
	if receipt, err = log.Append(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if transcript.Number(receipt.Cursors[1]) != transcript.Number(old) {
		t.Fatalf("the new log has %v where the old had %s", receipt.Cursors, old)
	}
	entries, recovered, err := log.Read(t.Context(), session, old, 0)
	if err != nil || recovered || len(entries) != 3 {
		t.Errorf("after a cursor of the lost log: %d entries, recovered %t, %v", len(entries), recovered, err)
	}
	if item, err := f.Next(t.Context()); !errors.Is(err, transcript.ErrLost) {
		t.Errorf("its follower got %+v, %v; want ErrLost", item, err)
	}
}

func TestStateWithoutLog(t *testing.T) {
	server := redistest.Memory(t)
	client := server.Open()
	log := newLog(t, client, Options{})
	session, _ := begin(t, log)
	if err := client.Del(t.Context(), log.stateKey(session)).Err(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := log.Read(t.Context(), session, "", 0); !errors.Is(err, transcript.ErrNoSession) {
		t.Errorf("a log without its state was read: %v", err)
	}
	answer := transcripttest.NewAnswer(session)
	if _, err := log.Append(t.Context(), transcript.Batch{Session: session, Create: true, Events: []chat.Event{answer.Accepted("a")}}); err != nil {
		t.Fatal(err)
	}
	if n := count(t, log, session); n != 1 {
		t.Errorf("%d entries, want the new one alone", n)
	}
}

func TestSpoiltEntries(t *testing.T) {
	server := redistest.Memory(t)
	client := server.Open()
	log := newLog(t, client, Options{})
	session, answer := begin(t, log)
	spoil := map[string][]any{
		"another's place": {"r", own(answer.Response), "q", "9", "e", `{"v":1,"t":"delta","e":{"response_id":"` + string(answer.Response) + `","sequence_number":1,"text":"canary"}}`},
		"no event":        {"r", own(answer.Response), "q", "1", "e", "canary"},
		"no fields":       {"x", "canary"},
	}
	for name, values := range spoil {
		id, err := client.XAdd(t.Context(), &redis.XAddArgs{Stream: log.logKey(session), ID: "99-1", Values: values}).Result()
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := log.Read(t.Context(), session, "", 0); err == nil || bytes.Contains([]byte(err.Error()), []byte("canary")) {
			t.Errorf("%s: %v, want an error without what was stored", name, err)
		}
		if err := client.XDel(t.Context(), log.logKey(session), id).Err(); err != nil {
			t.Fatal(err)
		}
		server.Del(log.logKey(session)) // so that the id can be used again
	}
}

func FuzzMessage(f *testing.F) {
	f.Add(`{"o":"1","c":"1-1"}`)
	f.Add(`{"o":"1","c":"1-1","s":{"r":"0123456789abcdef","q":3,"t":"writing"}}`)
	f.Add(`{"o":"1","k":"forgotten"}`)
	f.Add(`{"s":{}}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, payload string) {
		notice, ok := parse(payload).told("ses_x")
		if ok != (notice.Forgotten || notice.Status != nil) {
			t.Fatalf("%q is told as %+v, %t", payload, notice, ok)
		}
	})
}
