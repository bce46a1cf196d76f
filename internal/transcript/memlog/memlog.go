package memlog

import (
	"context"
	"hash/maphash"
	"sync"
	"time"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// The defaults of Options.
const (
	DefaultIdle    = 30 * time.Minute
	DefaultMaximum = 12 * time.Hour
	DefaultKept    = 5000
)

// Options of a Log. The zero value works.
type Options struct {
	Idle    time.Duration // a session ends when nothing was appended for so long (30 min)
	Maximum time.Duration // and so long after it began in any case (12 h)
	Kept    int           // entries that a session keeps; the oldest go first (5,000)
	// Once keeps a session no longer than its answers: when all have ended and
	// somebody has followed them, State does not find it any more, and when its
	// last follower leaves it is freed.
	Once bool
}

// shards is how many locks the sessions share. Sections under a lock take
// microseconds, so that it only has to be well above the number of processors.
const shards = 64

// Log is a transcript.Log in memory. Close ends its goroutine.
type Log struct {
	options Options
	seed    maphash.Seed
	shards  [shards]shard
	stop    chan struct{}
	stopped sync.WaitGroup
	once    sync.Once
}

var _ transcript.Log = (*Log)(nil)

type shard struct {
	mu    sync.Mutex
	rooms map[chat.SessionID]*room
}

// room is all that there is of one session.
type room struct {
	record    *record   // nil: there is none
	followed  bool      // somebody followed the record, where that counts (Options.Once)
	forgotten time.Time // until when it must not be begun again; zero: it may
	followers []*subscription
}

// New returns an empty log.
func New(options Options) *Log {
	if options.Idle <= 0 {
		options.Idle = DefaultIdle
	}
	if options.Maximum <= 0 {
		options.Maximum = DefaultMaximum
	}
	if options.Kept <= 0 {
		options.Kept = DefaultKept
	}
	l := &Log{options: options, seed: maphash.MakeSeed(), stop: make(chan struct{})}
	for i := range l.shards {
		l.shards[i].rooms = make(map[chat.SessionID]*room)
	}
	l.stopped.Go(l.sweep)
	return l
}

// Close ends the log's goroutine. The sessions stay readable.
func (l *Log) Close() error {
	l.once.Do(func() { close(l.stop) })
	l.stopped.Wait()
	return nil
}

// Durable is false: the sessions end with the process.
func (l *Log) Durable(context.Context) bool { return false }

// Append stores a batch.
func (l *Log) Append(ctx context.Context, batch transcript.Batch) (transcript.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return transcript.Receipt{}, err
	}
	parts, err := batch.Parts()
	if err != nil {
		return transcript.Receipt{}, err
	}
	s := l.shard(batch.Session)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	r := s.rooms[batch.Session]
	rec := r.living(now)
	if rec == nil {
		if !batch.Create || r.barred(now) {
			return transcript.Receipt{}, r.absent(now)
		}
		rec = newRecord(now, l.options)
	}
	receipt, stored, err := rec.append(&batch, parts, now)
	if err != nil || !stored {
		return receipt, err
	}
	if r == nil {
		r = s.room(batch.Session)
	}
	r.record = rec
	for _, f := range r.followers {
		f.Rouse()
	}
	s.release(batch.Session, r)
	return receipt, nil
}

// Claim raises the answer's fence.
func (l *Log) Claim(ctx context.Context, response chat.ResponseID) (transcript.Fence, error) {
	session, ok := response.Session()
	if !ok {
		return 0, transcript.ErrNoSession
	}
	var fence transcript.Fence
	err := l.with(ctx, session, func(rec *record) (err error) {
		fence, err = rec.claim(response)
		return err
	})
	return fence, err
}

// Hold claims the answer: no other process knows of the session.
func (l *Log) Hold(ctx context.Context, response chat.ResponseID) (held transcript.Held, err error) {
	session, ok := response.Session()
	if !ok {
		return held, transcript.ErrNoSession
	}
	err = l.with(ctx, session, func(rec *record) (err error) {
		held.Last = rec.answer(response).last
		held.Fence, err = rec.claim(response)
		return err
	})
	return held, err
}

// Renew does nothing: every lease is this process's.
func (l *Log) Renew(context.Context, []chat.SessionID) ([]chat.SessionID, error) { return nil, nil }

// Release does nothing, as Renew.
func (l *Log) Release(context.Context, chat.SessionID) error { return nil }

// Unattended finds nothing: what this process left lying ended with it.
func (l *Log) Unattended(context.Context) ([]transcript.Unattended, error) { return nil, nil }

// Read returns the entries after the cursor.
func (l *Log) Read(ctx context.Context, session chat.SessionID, after chat.Cursor, limit int) (entries []transcript.Entry, recovered bool, err error) {
	err = l.with(ctx, session, func(rec *record) error {
		entries, recovered = rec.after(after)
		return nil
	})
	if limit > 0 && len(entries) > limit {
		entries = entries[:limit:limit]
	}
	return entries, recovered, err
}

// State returns the session's state.
func (l *Log) State(ctx context.Context, session chat.SessionID) (transcript.State, error) {
	var state transcript.State
	err := l.with(ctx, session, func(rec *record) error {
		if l.shard(session).rooms[session].spent() {
			return transcript.ErrNoSession
		}
		state = rec.state()
		return nil
	})
	return state, err
}

// Forget destroys the session.
func (l *Log) Forget(ctx context.Context, session chat.SessionID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !session.Valid() {
		return nil
	}
	s := l.shard(session)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.room(session)
	r.record = nil
	r.forgotten = time.Now().Add(l.options.Maximum)
	for _, f := range r.followers {
		f.Put(transcript.Notice{Forgotten: true})
	}
	return nil
}

// with calls do with the session's record, under its lock.
func (l *Log) with(ctx context.Context, session chat.SessionID, do func(*record) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s := l.shard(session)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	r := s.rooms[session]
	rec := r.living(now)
	if rec == nil {
		return r.absent(now)
	}
	return do(rec)
}

func (l *Log) shard(session chat.SessionID) *shard {
	return &l.shards[maphash.String(l.seed, string(session))%shards]
}

// room returns the session's room, which it makes if there is none.
func (s *shard) room(session chat.SessionID) *room {
	r := s.rooms[session]
	if r == nil {
		r = &room{}
		s.rooms[session] = r
	}
	return r
}

// living returns the record if it has not expired.
func (r *room) living(now time.Time) *record {
	if r == nil || r.record == nil || !now.Before(r.record.expires) {
		return nil
	}
	return r.record
}

// spent says whether the record has served, where it serves once.
func (r *room) spent() bool { return r.followed && r.record != nil && r.record.ended() }

// release frees a spent record that nobody follows.
func (s *shard) release(session chat.SessionID, r *room) {
	if len(r.followers) == 0 && r.spent() {
		delete(s.rooms, session)
	}
}

// absent is the error that there is no record.
func (r *room) absent(now time.Time) error {
	if r.barred(now) {
		return transcript.ErrForgotten
	}
	return transcript.ErrNoSession
}

// barred says whether the session was forgotten and must not be begun again.
func (r *room) barred(now time.Time) bool { return r != nil && now.Before(r.forgotten) }
