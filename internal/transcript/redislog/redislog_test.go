package redislog

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"bedside/internal/redisdb/redistest"
	"bedside/internal/transcript"
	"bedside/internal/transcript/transcripttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newLog returns a log that is closed when the test ends.
func newLog(t testing.TB, client redis.UniversalClient, options Options) *Log {
	log := New(client, options)
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Errorf("close the log: %v", err)
		}
	})
	return log
}

// openOn makes stores on a server, each under a prefix of its own.
func openOn(client func() redis.UniversalClient, sealer Sealer) transcripttest.Make {
	return func(t testing.TB, options transcripttest.Options) transcripttest.Store {
		prefix := "test:" + newNonce() + ":"
		return transcripttest.Store{Shared: true, Open: func() transcript.Log {
			return newLog(t, client(), Options{
				Prefix: prefix, Idle: options.Idle, Maximum: options.Maximum, Kept: options.Kept, Lease: options.Lease,
				Sealer: sealer, Timeout: time.Minute,
			})
		}}
	}
}

func inMemory(t testing.TB, options transcripttest.Options) transcripttest.Store {
	return openOn(redistest.Memory(t).Open, nil)(t, options)
}

func TestLogInMemory(t *testing.T)        { transcripttest.Run(t, inMemory) }
func TestLogInMemoryVirtual(t *testing.T) { transcripttest.RunVirtual(t, inMemory) }
func TestLogInMemoryModel(t *testing.T)   { transcripttest.RunModel(t, inMemory) }

func TestLogOnServer(t *testing.T) {
	transcripttest.Run(t, openOn(redistest.Start(t).Open, nil))
}

func TestLogOnServerModel(t *testing.T) {
	transcripttest.RunModel(t, openOn(redistest.Start(t).Open, nil))
}
