package redislog

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"bedside/internal/chat"
	"bedside/internal/redisdb"
	"bedside/internal/transcript"
)

const (
	// replicaPatience is how long a replica may take to confirm. A question is
	// not held back for longer, nor while the one before it was not confirmed.
	replicaPatience = 250 * time.Millisecond
	// filePatience is how long the append-only file may take to reach the disk,
	// where Redis writes it there once a second.
	filePatience = 2 * time.Second
	// lookAgain is how often a server is asked how it keeps what it stores.
	lookAgain = 10 * time.Second
)

// What confirms, and with what result: see Options.Confirmed.
const (
	ByReplica = "replica"
	ByFile    = "file"

	Confirmed     = "confirmed"
	Late          = "late"
	NotConfirmed  = "failed" // the server did not say
	unknownResult = ""
)

// witness asks whether what was appended has reached a replica and the disk, for
// questions and for the ends of answers. However many are appended, one of its own
// writes and one wait stand for all that came before them.
type witness struct {
	log     *Log
	ctx     context.Context //nolint:containedctx // It is the life of the witness's own goroutines.
	stop    context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex // guards what follows, and every custody
	servers map[string]*custody
}

// custody is how one server keeps what it stores.
type custody struct {
	server   *redis.Client
	looked   time.Time
	looking  bool
	replicas bool // it has some
	lazyFile bool // its append-only file reaches the disk later than its reply
	by       map[string]*attestor
}

// attestor has one kind of confirmation given, round after round.
type attestor struct {
	busy   bool
	mute   bool   // the server does not know the command, or refuses it
	next   *round // asked for and not begun
	result string // of the last round
}

type round struct {
	session chat.SessionID // whose slot the witness writes to
	done    chan struct{}
}

func newWitness(l *Log) *witness {
	w := &witness{log: l, servers: make(map[string]*custody)}
	w.ctx, w.stop = context.WithCancel(context.Background())
	return w
}

func (w *witness) close() {
	w.mu.Lock()
	w.stop()
	w.mu.Unlock()
	w.running.Wait()
}

// holds says whether a question is to be confirmed by a replica before anybody is
// told that it was accepted.
func (w *witness) holds(ctx context.Context, session chat.SessionID) bool {
	c := w.custodyOf(ctx, session)
	if c == nil {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	a := c.by[ByReplica]
	return c.replicas && !a.mute && a.result != Late && a.result != NotConfirmed
}

// ask has what was appended so far confirmed, and waits for a replica if told to.
func (w *witness) ask(ctx context.Context, session chat.SessionID, wait bool) {
	c := w.custodyOf(ctx, session)
	if c == nil {
		return
	}
	w.mu.Lock()
	if c.lazyFile {
		w.enter(c, ByFile, session)
	}
	var r *round
	if c.replicas {
		r = w.enter(c, ByReplica, session)
	}
	w.mu.Unlock()
	if r == nil || !wait {
		return
	}
	select {
	case <-r.done:
	case <-ctx.Done():
	case <-w.ctx.Done():
	}
}

// enter takes part in the next round. The lock is held.
func (w *witness) enter(c *custody, by string, session chat.SessionID) *round {
	a := c.by[by]
	if a.mute || w.ctx.Err() != nil {
		return nil
	}
	if a.next == nil {
		a.next = &round{session: session, done: make(chan struct{})}
	}
	r := a.next
	if !a.busy {
		a.busy = true
		w.running.Go(func() { w.attest(c, by, a) })
	}
	return r
}

// attest goes from round to round until none is asked for.
func (w *witness) attest(c *custody, by string, a *attestor) {
	for {
		w.mu.Lock()
		r, server := a.next, c.server
		a.next = nil
		if r == nil {
			a.busy = false
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
		count, err := w.confirmation(server, by, r.session)
		w.conclude(a, by, count, err)
		close(r.done)
	}
}

// confirmation writes and waits, on one connection.
func (w *witness) confirmation(server *redis.Client, by string, session chat.SessionID) (count int64, err error) {
	patience := replicaPatience
	if by == ByFile {
		patience = filePatience
	}
	ctx, cancel := context.WithTimeout(w.ctx, patience+time.Second)
	defer cancel()
	command := []any{"wait", 1, patience.Milliseconds()}
	if by == ByFile {
		command = []any{"waitaof", 1, 0, patience.Milliseconds()}
	}
	var waited *redis.Cmd
	_, err = server.WithTimeout(patience+time.Second).Pipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.Eval(ctx, probeSource, []string{w.log.key(session, ":probe")})
		waited = pipe.Do(ctx, command...)
		return nil
	})
	if err != nil || by == ByReplica {
		count, _ = waited.Int64()
		return count, err
	}
	counts, err := waited.Int64Slice() // of the disk here, and of replicas' disks
	if err != nil || len(counts) == 0 {
		return 0, err
	}
	return counts[0], nil
}

// conclude counts the result of a round, and says when it is another than before.
func (w *witness) conclude(a *attestor, by string, count int64, err error) {
	result := Confirmed
	switch {
	case err != nil:
		result = NotConfirmed
	case count < 1:
		result = Late
	}
	if w.ctx.Err() != nil {
		return
	}
	w.mu.Lock()
	before := a.result
	a.result = result
	a.mute = redisdb.Refused(err) || redis.HasErrorPrefix(err, "unknown command")
	mute := a.mute
	w.mu.Unlock()
	if mute {
		w.log.logger.Info("whether what is stored is safe cannot be asked", "of", by, "error", err)
		return
	}
	w.log.options.Confirmed(by, result)
	switch {
	case result == before:
	case result == Confirmed && before != unknownResult:
		w.log.logger.Info("what is stored is confirmed again", "by", by)
	case result != Confirmed:
		w.log.logger.Warn("what is stored is not confirmed in time; it is accepted all the same, and a loss would be said", "by", by, "result", result, "error", err)
	}
}

// custodyOf returns how the session's server keeps what it stores, as it was not
// long ago; nil: not known.
func (w *witness) custodyOf(ctx context.Context, session chat.SessionID) *custody {
	server, ok := w.log.client.(*redis.Client)
	if cluster, is := w.log.client.(*redis.ClusterClient); is {
		node, err := cluster.MasterForKey(ctx, w.log.stateKey(session))
		server, ok = node, err == nil
	}
	if !ok {
		return nil
	}
	w.mu.Lock()
	c := w.servers[server.Options().Addr]
	if c == nil {
		c = &custody{server: server, by: map[string]*attestor{ByReplica: {}, ByFile: {}}}
		w.servers[server.Options().Addr] = c
	}
	c.server = server
	first, due := c.looked.IsZero(), !c.looking && time.Since(c.looked) > lookAgain && w.ctx.Err() == nil
	if due {
		c.looking = true
		w.running.Add(1)
	}
	w.mu.Unlock()
	switch {
	case due && first:
		w.look(ctx, c, server)
	case due:
		go w.look(w.ctx, c, server)
	}
	return c
}

// look asks a server whether it has replicas, and how it keeps its file.
func (w *witness) look(ctx context.Context, c *custody, server *redis.Client) {
	defer w.running.Done()
	ctx, cancel := context.WithTimeout(ctx, replicaPatience)
	defer cancel()
	replication, err := server.Info(ctx, "replication").Result()
	replicas := err == nil && !strings.Contains(replication, "connected_slaves:0") && strings.Contains(replication, "connected_slaves:")
	persistence, err := server.Info(ctx, "persistence").Result()
	lazy := false
	if err == nil && strings.Contains(persistence, "aof_enabled:1") {
		when, err := server.ConfigGet(ctx, "appendfsync").Result()
		lazy = err != nil || when["appendfsync"] != "always" // then the reply itself confirms
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() == nil {
		c.replicas, c.lazyFile = replicas, lazy
	}
	c.looked, c.looking = time.Now(), false
}

// matters says whether a batch is one whose loss a patient would notice most: it
// holds a question or an answer's end.
func matters(batch *transcript.Batch) (asks, ends bool) {
	_, asks = batch.Question()
	for _, event := range batch.Events {
		if _, is := event.(chat.Ended); is {
			ends = true
		}
	}
	return asks, ends
}
