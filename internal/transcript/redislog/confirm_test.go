package redislog

import (
	"bytes"
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"bedside/internal/chat"
	"bedside/internal/redisdb"
	"bedside/internal/redisdb/redistest"
	"bedside/internal/transcript"
	"bedside/internal/transcript/transcripttest"
)

// counted counts what was confirmed, by whom and with what result.
type counted struct {
	mu    sync.Mutex
	times map[string]int
}

func (c *counted) note(by, result string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.times == nil {
		c.times = make(map[string]int)
	}
	c.times[by+" "+result]++
}

func (c *counted) of(by, result string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.times[by+" "+result]
}

// TestReplicaConfirms asks with a replica that follows, one that is asleep, and one
// that woke up.
func TestReplicaConfirms(t *testing.T) {
	primary := redistest.Start(t)
	replica := redistest.Start(t, "--replicaof", "127.0.0.1 "+port(t, primary))
	eventually(t, "the replica", func() bool { return replica.Follows() })
	var seen counted
	log := newLog(t, primary.Open(), Options{Confirmed: seen.note})
	other := newLog(t, primary.Open(), Options{})

	session, answer := begin(t, log)
	if seen.of(ByReplica, Confirmed) != 1 {
		t.Errorf("the question was accepted before it was confirmed: %v", seen.times)
	}
	f := follow(t, other, session, "")
	receipt, err := log.Append(t.Context(), transcript.Batch{Session: session, Events: []chat.Event{answer.Delta(), answer.Ended()}})
	if err != nil {
		t.Fatal(err)
	}
	await(t, f, receipt.Cursors[1])
	eventually(t, "the end of the answer to be confirmed", func() bool { return seen.of(ByReplica, Confirmed) == 2 })

	replica.Pause()
	began := time.Now()
	ask(t, log, f, session)
	if took := time.Since(began); took < replicaPatience || seen.of(ByReplica, Late) != 1 {
		t.Errorf("with the replica asleep: %v, %v", took, seen.times)
	}
	// The next are not held back, and their followers are told as ever.
	ask(t, log, f, session)
	eventually(t, "another late one", func() bool { return seen.of(ByReplica, Late) == 2 })
	replica.Resume()
	eventually(t, "a confirmed one", func() bool {
		ask(t, log, f, session)
		return seen.of(ByReplica, Confirmed) > 2
	})
}

// ask appends a question, which a follower on another replica hears of.
func ask(t *testing.T, log *Log, f *transcript.Follower, session chat.SessionID) {
	t.Helper()
	receipt, err := log.Append(t.Context(), transcript.Batch{Session: session, Events: []chat.Event{transcripttest.NewAnswer(session).Accepted("")}})
	if err != nil {
		t.Fatal(err)
	}
	await(t, f, receipt.Cursors[0])
}

func port(t *testing.T, server *redistest.Server) string {
	t.Helper()
	_, port, err := net.SplitHostPort(server.Address())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// TestFileConfirms asks of a file that reaches the disk once a second. Where the
// server does not know the command that is said once; a stand-in for it answers
// where it does.
func TestFileConfirms(t *testing.T) {
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "everysec")
	knows := server.Open().Do(t.Context(), "WAITAOF", 0, 0, 1).Err() == nil
	for name, test := range map[string]struct {
		reply string // in place of the server's
		want  string
	}{
		"confirmed": {"*2\r\n:1\r\n:0\r\n", Confirmed},
		"late":      {"*2\r\n:0\r\n:0\r\n", Late},
		"as it is":  {"", Confirmed},
	} {
		t.Run(name, func(t *testing.T) {
			var seen counted
			client := redistest.Open(t, redisdb.Options{URL: server.URL(), Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
				if test.reply == "" || err != nil {
					return conn, err
				}
				return &answering{Conn: conn, reply: test.reply}, nil
			}})
			log := newLog(t, client, Options{Confirmed: seen.note})
			began := time.Now()
			begin(t, log)
			if took := time.Since(began); took > filePatience/2 {
				t.Errorf("the question waited %v for the disk", took)
			}
			if test.reply == "" && !knows {
				eventually(t, "it to be known that the server cannot say", func() bool {
					log.witness.mu.Lock()
					defer log.witness.mu.Unlock()
					return log.witness.servers[server.Address()].by[ByFile].mute
				})
				begin(t, log)
				if len(seen.times) != 0 {
					t.Errorf("counted all the same: %v", seen.times)
				}
				return
			}
			eventually(t, "a result", func() bool { return seen.of(ByFile, test.want) == 1 })
		})
	}
}

// answering gives a reply of its own to WAITAOF, behind the reply to what went
// before it on the wire.
type answering struct {
	net.Conn
	reply   string
	mu      sync.Mutex
	pending bool
	rest    []byte
}

func (c *answering) Write(b []byte) (int, error) {
	at := bytes.Index(b, []byte("*4\r\n$7\r\nwaitaof"))
	if at < 0 {
		return c.Conn.Write(b)
	}
	c.mu.Lock()
	c.pending = true
	c.mu.Unlock()
	if _, err := c.Conn.Write(b[:at]); err != nil {
		return 0, err
	}
	return len(b), nil
}

func (c *answering) Read(b []byte) (int, error) {
	if len(c.rest) > 0 {
		n := copy(b, c.rest)
		c.rest = c.rest[n:]
		return n, nil
	}
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending && err == nil && n > 0 {
		c.pending, c.rest = false, []byte(c.reply)
	}
	return n, err
}
