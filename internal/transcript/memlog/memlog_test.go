package memlog

import (
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"bedside/internal/chat"
	"bedside/internal/transcript"
	"bedside/internal/transcript/transcripttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newLog returns a log that is closed when the test ends.
func newLog(t testing.TB, options Options) *Log {
	log := New(options)
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Errorf("close the log: %v", err)
		}
	})
	return log
}

func open(t testing.TB, options transcripttest.Options) transcripttest.Store {
	log := newLog(t, Options{Idle: options.Idle, Maximum: options.Maximum, Kept: options.Kept})
	return transcripttest.Store{Open: func() transcript.Log { return log }}
}

func TestLog(t *testing.T)        { transcripttest.Run(t, open) }
func TestLogVirtual(t *testing.T) { transcripttest.RunVirtual(t, open) }
func TestLogModel(t *testing.T)   { transcripttest.RunModel(t, open) }

// TestFreed counts what is held while sessions come, expire, are forgotten and
// are followed.
func TestFreed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newLog(t, Options{})
		for range 100 {
			session := transcripttest.Session()
			answer := transcripttest.NewAnswer(session)
			if _, err := log.Append(t.Context(), transcript.Batch{Session: session, Create: true, Events: []chat.Event{answer.Accepted("a")}}); err != nil {
				t.Fatal(err)
			}
			log.Subscribe(session).Close()
			log.Subscribe(transcripttest.Session()).Close()
		}
		for range 10 {
			if err := log.Forget(t.Context(), transcripttest.Session()); err != nil {
				t.Fatal(err)
			}
		}
		follower := log.Subscribe(transcripttest.Session())
		for _, step := range []struct {
			after time.Duration
			want  int
		}{{0, 111}, {31 * time.Minute, 11}, {12 * time.Hour, 1}} {
			time.Sleep(step.after)
			synctest.Wait()
			if held := log.held(); held != step.want {
				t.Errorf("after %v: %d sessions held, want %d", step.after, held, step.want)
			}
		}
		follower.Close()
		if held := log.held(); held != 0 {
			t.Errorf("%d sessions held, want none", held)
		}
	})
}

// held counts the sessions of which anything is held.
func (l *Log) held() int {
	count := 0
	for i := range l.shards {
		l.shards[i].mu.Lock()
		count += len(l.shards[i].rooms)
		l.shards[i].mu.Unlock()
	}
	return count
}

// TestOnce follows sessions that are kept for one answer.
func TestOnce(t *testing.T) {
	log := newLog(t, Options{Once: true})
	begin := func() (chat.SessionID, *transcripttest.Answer) {
		session := transcripttest.Session()
		answer := transcripttest.NewAnswer(session)
		if _, err := log.Append(t.Context(), transcript.Batch{Session: session, Create: true, Events: []chat.Event{answer.Accepted("a"), answer.Delta()}}); err != nil {
			t.Fatal(err)
		}
		return session, answer
	}
	end := func(session chat.SessionID, answer *transcripttest.Answer) {
		t.Helper()
		if _, err := log.Append(t.Context(), transcript.Batch{Session: session, Events: []chat.Event{answer.Ended()}}); err != nil {
			t.Fatal(err)
		}
	}
	follow := func(session chat.SessionID) *transcript.Follower {
		t.Helper()
		follower, _, _, err := transcript.Follow(t.Context(), log, session, "")
		if err != nil {
			t.Fatal(err)
		}
		return follower
	}
	found := func(session chat.SessionID) bool {
		_, err := log.State(t.Context(), session)
		return err == nil
	}

	// Followed from the middle: it is not found after its end, and all of it comes.
	session, answer := begin()
	follower := follow(session)
	if !found(session) {
		t.Error("a running answer is not found")
	}
	end(session, answer)
	if found(session) {
		t.Error("an answer that ended is still found")
	}
	for range 3 {
		if item, err := follower.Next(t.Context()); err != nil || item.Entry == nil {
			t.Fatalf("%v, %v", item, err)
		}
	}
	follower.Close()

	// Ended before anyone came: it waits for its follower.
	session, answer = begin()
	end(session, answer)
	if !found(session) {
		t.Error("an answer that nobody followed yet is not found")
	}
	follower = follow(session)
	if item, err := follower.Next(t.Context()); err != nil || item.Entry == nil || found(session) {
		t.Errorf("%v, %v; still found: %v", item, err, found(session))
	}
	follower.Close()

	// Left in the middle: it goes with its end.
	session, answer = begin()
	follow(session).Close()
	end(session, answer)
	if held := log.held(); held != 0 {
		t.Errorf("%d sessions held, want none", held)
	}
}
