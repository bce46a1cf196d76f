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
	log := newLog(t, Options(options))
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
