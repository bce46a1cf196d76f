package sparelog

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"bedside/internal/chat"
	"bedside/internal/redisdb/redistest"
	"bedside/internal/transcript"
	"bedside/internal/transcript/memlog"
	"bedside/internal/transcript/redislog"
	"bedside/internal/transcript/transcripttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// switched is a store that can be taken away.
type switched struct {
	transcript.Log
	away   atomic.Bool
	late   atomic.Bool // it does what is asked, and its reply is lost
	slow   atomic.Bool // it is paused: a call ends with its context
	calls  atomic.Int64
	probes atomic.Int64
}

func (s *switched) state(ctx context.Context) error {
	if s.slow.Load() {
		<-ctx.Done()
		return errors.Join(transcript.ErrUnavailable, ctx.Err())
	}
	if s.away.Load() {
		return transcript.ErrUnavailable
	}
	return nil
}

func (s *switched) Probe(ctx context.Context) error {
	s.probes.Add(1)
	return s.state(ctx)
}

func (s *switched) Append(ctx context.Context, batch transcript.Batch) (transcript.Receipt, error) {
	s.calls.Add(1)
	err := s.state(ctx)
	if err != nil && !s.late.Load() {
		return transcript.Receipt{}, err
	}
	receipt, appendErr := s.Log.Append(context.WithoutCancel(ctx), batch)
	if err != nil {
		return transcript.Receipt{}, err
	}
	return receipt, appendErr
}

func (s *switched) Claim(ctx context.Context, response chat.ResponseID) (transcript.Fence, error) {
	s.calls.Add(1)
	if err := s.state(ctx); err != nil {
		return 0, err
	}
	return s.Log.Claim(ctx, response)
}

func (s *switched) Read(ctx context.Context, session chat.SessionID, after chat.Cursor, limit int) ([]transcript.Entry, bool, error) {
	s.calls.Add(1)
	if err := s.state(ctx); err != nil {
		return nil, false, err
	}
	return s.Log.Read(ctx, session, after, limit)
}

func (s *switched) State(ctx context.Context, session chat.SessionID) (transcript.State, error) {
	s.calls.Add(1)
	if err := s.state(ctx); err != nil {
		return transcript.State{}, err
	}
	return s.Log.State(ctx, session)
}

func (s *switched) Forget(ctx context.Context, session chat.SessionID) error {
	s.calls.Add(1)
	if err := s.state(ctx); err != nil {
		return err
	}
	return s.Log.Forget(ctx, session)
}

// back ends the store's absence, and waits until the log knows.
func (s *switched) back(t testing.TB, log *Log) {
	t.Helper()
	s.away.Store(false)
	s.slow.Store(false)
	eventually(t, log, "the store is back", func() bool { return !log.watch.isAway() })
}

func eventually(t testing.TB, log *Log, what string, is func() bool) {
	t.Helper()
	for deadline := time.After(10 * time.Second); !is(); {
		log.watch.mu.Lock()
		round := log.watch.round
		log.watch.mu.Unlock()
		if is() {
			return
		}
		select {
		case <-round:
		case <-deadline:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func newLog(t testing.TB, store transcript.Log, options transcripttest.Options) (*Log, *switched) {
	t.Helper()
	memory := newMemory(t, options)
	s := &switched{Log: store}
	log := New(s, memory, Options{Every: time.Millisecond, Silence: time.Millisecond})
	t.Cleanup(func() { _ = log.Close() })
	return log, s
}

func newMemory(t testing.TB, options transcripttest.Options) *memlog.Log {
	memory := memlog.New(memlog.Options{Idle: options.Idle, Maximum: options.Maximum, Kept: options.Kept})
	t.Cleanup(func() { _ = memory.Close() })
	return memory
}

// present are logs whose store is there: two replicas, each with a memory of its own.
func present(t testing.TB, options transcripttest.Options) transcripttest.Store {
	server := redistest.Memory(t)
	return transcripttest.Store{Shared: true, Open: func() transcript.Log {
		store := redislog.New(server.Open(), redislog.Options{
			Idle: options.Idle, Maximum: options.Maximum, Kept: options.Kept, Lease: options.Lease, Timeout: time.Minute,
		})
		t.Cleanup(func() { _ = store.Close() })
		log := New(store, newMemory(t, options), Options{Patience: time.Minute, Begin: time.Minute})
		t.Cleanup(func() { _ = log.Close() })
		return log
	}}
}

// beginsAway is a log whose store is away each time that a session begins.
type beginsAway struct {
	*Log
	t     testing.TB
	store *switched
	one   turns
}

func (l *beginsAway) Append(ctx context.Context, batch transcript.Batch) (transcript.Receipt, error) {
	if !batch.Create {
		return l.Log.Append(ctx, batch)
	}
	done, err := l.one.take(ctx, "") // of all sessions: the store is away for all of them
	if err != nil {
		return transcript.Receipt{}, err
	}
	defer done()
	l.store.away.Store(true)
	if l.Durable(ctx) {
		l.t.Error("a session would last while the store is away")
	}
	defer l.store.back(l.t, l.Log)
	return l.Log.Append(ctx, batch)
}

// begunAway are logs whose sessions all live in memory.
func begunAway(t testing.TB, options transcripttest.Options) transcripttest.Store {
	log, store := newLog(t, newMemory(t, options), options)
	away := &beginsAway{Log: log, t: t, store: store}
	return transcripttest.Store{Open: func() transcript.Log { return away }}
}

func TestStorePresent(t *testing.T)        { transcripttest.Run(t, present) }
func TestStorePresentVirtual(t *testing.T) { transcripttest.RunVirtual(t, present) }
func TestStorePresentModel(t *testing.T)   { transcripttest.RunModel(t, present) }
func TestBegunAway(t *testing.T)           { transcripttest.Run(t, begunAway) }
func TestBegunAwayVirtual(t *testing.T)    { transcripttest.RunVirtual(t, begunAway) }

// ask is a question's append, which may begin its session.
func ask(session chat.SessionID, id string) (transcript.Batch, *transcripttest.Answer) {
	answer := transcripttest.NewAnswer(session)
	return transcript.Batch{Session: session, Create: true, Events: []chat.Event{answer.Accepted(id)}}, answer
}

// TestStoredSessionWaits takes the store away under a session: nothing of it is
// answered from memory, and nothing is asked of the store.
func TestStoredSessionWaits(t *testing.T) {
	log, store := newLog(t, newMemory(t, transcripttest.Options{}), transcripttest.Options{})
	session := transcripttest.Session()
	first, answer := ask(session, "a")
	if _, err := log.Append(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	store.away.Store(true)
	if log.Durable(t.Context()) {
		t.Fatal("a session would last while the store is away")
	}
	calls := store.calls.Load()
	again, _ := ask(session, "b")
	_, beginErr := log.Append(t.Context(), again)
	_, appendErr := log.Append(t.Context(), transcript.Batch{Session: session, Events: []chat.Event{answer.Delta()}})
	_, claimErr := log.Claim(t.Context(), answer.Response)
	_, _, readErr := log.Read(t.Context(), session, "", 0)
	_, stateErr := log.State(t.Context(), session)
	_, unknownErr := log.State(t.Context(), transcripttest.Session())
	_, _, _, followErr := transcript.Follow(t.Context(), log, session, "")
	if store.calls.Load() != calls {
		t.Error("a store that is away was asked")
	}
	forgetErr := log.Forget(t.Context(), session)
	for what, err := range map[string]error{
		"begin again": beginErr, "append": appendErr, "claim": claimErr, "read": readErr, "state": stateErr,
		"state of one that is not known": unknownErr, "follow": followErr, "forget": forgetErr,
	} {
		if !errors.Is(err, transcript.ErrUnavailable) {
			t.Errorf("%s: %v, want ErrUnavailable", what, err)
		}
	}
	store.back(t, log)
	if state, err := log.State(t.Context(), session); err != nil {
		t.Errorf("the store is back: %+v, %v", state, err)
	}
	if !log.Durable(t.Context()) {
		t.Error("the store is back, and new sessions do not go there")
	}
}

// TestGoesOnInMemory begins sessions while the store is away, each way that it
// can be, and goes on when it is back.
func TestGoesOnInMemory(t *testing.T) {
	for name, leave := range map[string]func(*switched){
		"refuses":        func(s *switched) { s.away.Store(true) },
		"says nothing":   func(s *switched) { s.slow.Store(true) },
		"loses replies":  func(s *switched) { s.late.Store(true); s.away.Store(true) },
		"writes in vain": func(s *switched) { s.late.Store(true); s.slow.Store(true) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inner := newMemory(t, transcripttest.Options{})
				log, store := newLog(t, inner, transcripttest.Options{})
				log.Durable(t.Context()) // it was there a moment ago
				leave(store)
				session := transcripttest.Session()
				first, answer := ask(session, "a")
				began := time.Now()
				if _, err := log.Append(t.Context(), first); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took > DefaultBegin+DefaultSilence {
					t.Errorf("begun after %v", took)
				}
				store.back(t, log)
				synctest.Wait() // what the store may hold of it is forgotten
				if _, err := inner.State(t.Context(), session); !errors.Is(err, transcript.ErrNoSession) {
					t.Errorf("the store holds it too: %v", err)
				}
				if _, err := log.Append(t.Context(), transcript.Batch{Session: session, Events: []chat.Event{answer.Delta(), answer.Ended()}}); err != nil {
					t.Error(err)
				}
				if entries, _, err := log.Read(t.Context(), session, "", 0); err != nil || len(entries) != 3 {
					t.Errorf("%d entries, %v", len(entries), err)
				}
				if state, err := log.State(t.Context(), session); err != nil || state.Durable {
					t.Errorf("%+v, %v", state, err)
				}
				if err := log.Forget(t.Context(), session); err != nil {
					t.Error(err)
				}
				if _, err := log.Append(t.Context(), first); !errors.Is(err, transcript.ErrNoSession) {
					t.Errorf("begun again: %v", err)
				}
				store.late.Store(false)
				other := transcripttest.Session()
				next, _ := ask(other, "b")
				if _, err := log.Append(t.Context(), next); err != nil {
					t.Fatal(err)
				}
				if _, err := inner.State(t.Context(), other); err != nil {
					t.Errorf("a new session is not in the store that is back: %v", err)
				}
			})
		})
	}
}

// TestAShortAbsenceIsWaitedOut begins sessions while the store is away for a moment: a
// session is in the store afterwards, unless somebody is in danger.
func TestAShortAbsenceIsWaitedOut(t *testing.T) {
	for name, test := range map[string]struct {
		away   time.Duration
		urgent bool
		stored bool
		waits  time.Duration // at most
	}{
		"a moment":            {away: 900 * time.Millisecond, stored: true, waits: time.Second},
		"long":                {away: 10 * time.Second, waits: DefaultSilence},
		"a moment, in danger": {away: 900 * time.Millisecond, urgent: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inner := newMemory(t, transcripttest.Options{})
				store := &switched{Log: inner}
				log := New(store, newMemory(t, transcripttest.Options{}), Options{})
				defer func() { _ = log.Close() }()
				log.Durable(t.Context()) // it was there a moment ago
				store.away.Store(true)
				log.watch.ask(t.Context())
				time.AfterFunc(test.away, func() { store.away.Store(false) })
				session := transcripttest.Session()
				first, _ := ask(session, "a")
				question, _ := first.Question()
				question.Urgent = test.urgent
				first.Events[0] = question
				began := time.Now()
				if _, err := log.Append(t.Context(), first); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took > test.waits {
					t.Errorf("begun after %v", took)
				}
				if _, err := inner.State(t.Context(), session); (err == nil) != test.stored {
					t.Errorf("in the store: %v", err)
				}
				if _, err := log.memory.State(t.Context(), session); (err == nil) == test.stored {
					t.Errorf("in memory: %v", err)
				}
			})
		})
	}
}

// TestDangerWaitsForNoOther finds its session about to begin while the store is away: a
// reply to somebody in danger is refused at once, to be given elsewhere.
func TestDangerWaitsForNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &switched{Log: newMemory(t, transcripttest.Options{})}
		log := New(store, newMemory(t, transcripttest.Options{}), Options{})
		defer func() { _ = log.Close() }()
		log.Durable(t.Context()) // it was there a moment ago
		store.away.Store(true)
		log.watch.ask(t.Context())
		session := transcripttest.Session()
		first, _ := ask(session, "a")
		begun := make(chan error, 1)
		go func() {
			_, err := log.Append(t.Context(), first)
			begun <- err
		}()
		synctest.Wait()
		danger, _ := ask(session, "b")
		question, _ := danger.Question()
		question.Urgent = true
		danger.Events[0] = question
		began := time.Now()
		if _, err := log.Append(t.Context(), danger); !errors.Is(err, transcript.ErrUnavailable) || time.Since(began) > 0 {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if err := <-begun; err != nil {
			t.Error(err)
		}
		if _, err := log.Append(t.Context(), danger); err != nil {
			t.Errorf("once it is begun: %v", err)
		}
	})
}

// TestOneFailureProvesNothing loses one reply of a store that is there: the
// session stays where it is.
func TestOneFailureProvesNothing(t *testing.T) {
	inner := newMemory(t, transcripttest.Options{})
	log, store := newLog(t, inner, transcripttest.Options{})
	log.store = flaky{store, new(atomic.Bool)}
	session := transcripttest.Session()
	first, _ := ask(session, "a")
	if _, err := log.Append(t.Context(), first); !errors.Is(err, transcript.ErrUnavailable) {
		t.Fatalf("the reply was lost: %v", err)
	}
	if receipt, err := log.Append(t.Context(), first); err != nil || len(receipt.Cursors) != 1 {
		t.Fatalf("%+v, %v", receipt, err)
	}
	if _, err := inner.State(t.Context(), session); err != nil {
		t.Errorf("not in the store: %v", err)
	}
	if state, err := log.State(t.Context(), session); err != nil || log.isSpare(t.Context(), session) {
		t.Errorf("in memory: %+v, %v", state, err)
	}
}

// flaky loses the reply to the first append.
type flaky struct {
	Store
	lost *atomic.Bool
}

func (f flaky) Append(ctx context.Context, batch transcript.Batch) (transcript.Receipt, error) {
	receipt, err := f.Store.Append(ctx, batch)
	if f.lost.CompareAndSwap(false, true) {
		return transcript.Receipt{}, transcript.ErrUnavailable
	}
	return receipt, err
}

// TestProbesAreFew counts them in virtual time: none while nothing is asked, four
// a second at most while the store is away, and its return is noticed within one.
func TestProbesAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &switched{Log: newMemory(t, transcripttest.Options{})}
		log := New(store, newMemory(t, transcripttest.Options{}), Options{})
		defer func() { _ = log.Close() }()
		time.Sleep(time.Hour)
		if n := store.probes.Load(); n != 0 {
			t.Errorf("%d probes while nothing was asked", n)
		}
		store.slow.Store(true)
		for range 1000 {
			if _, err := log.State(t.Context(), transcripttest.Session()); !errors.Is(err, transcript.ErrUnavailable) {
				t.Fatal(err)
			}
		}
		if n := store.probes.Load(); n != 1 {
			t.Errorf("%d probes for a thousand calls", n)
		}
		store.slow.Store(false)
		store.away.Store(true)
		before := store.probes.Load()
		time.Sleep(time.Minute)
		if n := store.probes.Load() - before; n < 200 || n > 240 {
			t.Errorf("%d probes in a minute", n)
		}
		store.away.Store(false)
		time.Sleep(300 * time.Millisecond)
		if _, err := log.State(t.Context(), transcripttest.Session()); !errors.Is(err, transcript.ErrNoSession) {
			t.Errorf("300 ms after the store's return: %v", err)
		}
	})
}

// busy is a store with so much to do that no probe after the first is answered in
// time, while other calls are, late.
type busy struct {
	*switched
	late time.Duration
}

func (b busy) Probe(ctx context.Context) error {
	if b.probes.Add(1) == 1 {
		return nil
	}
	<-ctx.Done()
	return errors.Join(transcript.ErrUnavailable, ctx.Err())
}

func (b busy) Append(ctx context.Context, batch transcript.Batch) (transcript.Receipt, error) {
	select {
	case <-time.After(b.late):
	case <-ctx.Done():
		return transcript.Receipt{}, errors.Join(transcript.ErrUnavailable, ctx.Err())
	}
	return b.switched.Append(ctx, batch)
}

// TestBusyIsNotAway begins many sessions at once in a store that is slow for it:
// they begin there, and not in a memory that other replicas cannot see.
func TestBusyIsNotAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := newMemory(t, transcripttest.Options{})
		log := New(busy{&switched{Log: inner}, 400 * time.Millisecond}, newMemory(t, transcripttest.Options{}), Options{})
		defer func() { _ = log.Close() }()
		for range 50 {
			go func() {
				session := transcripttest.Session()
				first, _ := ask(session, "a")
				if _, err := log.Append(t.Context(), first); err != nil {
					t.Error(err)
				}
				if state, err := log.State(t.Context(), session); err != nil || log.isSpare(t.Context(), session) {
					t.Errorf("in memory: %+v, %v", state, err)
				}
			}()
			time.Sleep(50 * time.Millisecond)
		}
		time.Sleep(10 * time.Second)
		if log.Durable(t.Context()) {
			t.Error("a store that answers nothing is there")
		}
	})
}
