package redislog

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"bedside/internal/chat"
	"bedside/internal/redisdb"
	"bedside/internal/transcript"
)

// The defaults of Options.
const (
	DefaultPrefix  = "bedside:"
	DefaultIdle    = 30 * time.Minute
	DefaultMaximum = 12 * time.Hour
	DefaultKept    = 5000
	DefaultTimeout = 2 * time.Second
	DefaultLease   = 3 * time.Second
)

// Options of a Log. The zero value works.
type Options struct {
	Prefix  string        // of all keys and channels ("bedside:")
	Idle    time.Duration // a session ends when nothing was appended for so long (30 min)
	Maximum time.Duration // and so long after it began in any case (12 h)
	Kept    int           // entries that a session keeps; the oldest go first (5,000)
	Timeout time.Duration // of a call, its retry included (2 s)
	Lease   time.Duration // how long a session is this replica's without renewal (3 s)
	Sealer  Sealer        // nil: entries are stored as they are
	// Apart is a second client of the same Redis, for probes and leases: however many
	// answers wait for a connection of the first, the store must not seem away for
	// it, nor this replica dead. It stays the caller's to close. Nil: the first.
	Apart  redis.UniversalClient
	Logger *slog.Logger // nil: nothing is said
	// Confirmed is told whether a replica (ByReplica) or the disk (ByFile) had what
	// was stored in time: Confirmed, Late, or NotConfirmed where it was not said.
	// Nil: nobody is.
	Confirmed func(by, result string)
}

// Log is a transcript.Log in Redis. Close ends its goroutines.
type Log struct {
	client   redis.UniversalClient
	apart    redis.UniversalClient // for probes and leases
	options  Options
	logger   *slog.Logger
	replica  string // names this log among those on the same Redis
	recall   recall
	channels channels
	hub      *hub
	rewrite  *rewriter
	witness  *witness
	convoys  convoys
	foreign  sync.Once
	failing  atomic.Bool // the last Probe failed
	unread   atomic.Bool // the last look at the lists failed
}

var _ transcript.Log = (*Log)(nil)

// New returns a log on the client, which stays the caller's to close, after the
// log. The server need not be there yet.
func New(client redis.UniversalClient, options Options) *Log {
	if options.Prefix == "" {
		options.Prefix = DefaultPrefix
	}
	if options.Idle <= 0 {
		options.Idle = DefaultIdle
	}
	if options.Maximum <= 0 {
		options.Maximum = DefaultMaximum
	}
	if options.Kept <= 0 {
		options.Kept = DefaultKept
	}
	if options.Timeout <= 0 {
		options.Timeout = DefaultTimeout
	}
	if options.Lease <= 0 {
		options.Lease = DefaultLease
	}
	if options.Confirmed == nil {
		options.Confirmed = func(string, string) {}
	}
	if options.Apart == nil {
		options.Apart = client
	}
	l := &Log{client: client, apart: options.Apart, options: options, logger: options.Logger, replica: newNonce()}
	if l.logger == nil {
		l.logger = slog.New(slog.DiscardHandler)
	}
	l.recall = newRecall()
	l.hub = newHub(l)
	l.rewrite = newRewriter(l)
	l.witness = newWitness(l)
	l.convoys = convoys{client: client, servers: make(map[string]*convoy)}
	return l
}

// Close ends the log's goroutines and its subscriber connection. A rewrite that
// a Forget still owes is asked for first.
func (l *Log) Close() error {
	l.witness.close()
	l.rewrite.close()
	l.convoys.running.Wait()
	return l.hub.close()
}

// Durable is true: sessions outlive this process.
func (l *Log) Durable(context.Context) bool { return true }

// Claim raises the answer's fence.
func (l *Log) Claim(ctx context.Context, response chat.ResponseID) (transcript.Fence, error) {
	held, err := l.claim(ctx, response, 0)
	return held.Fence, err
}

// claim raises the answer's fence, and takes its session's lease for a time that
// is not zero.
func (l *Log) claim(ctx context.Context, response chat.ResponseID, lease time.Duration) (held transcript.Held, err error) {
	session, ok := response.Session()
	if !ok {
		return held, transcript.ErrNoSession
	}
	ctx, cancel := context.WithTimeout(ctx, l.options.Timeout)
	defer cancel()
	// Whoever cannot read what is stored must not raise its fence.
	with, err := l.lockOf(ctx, session, false)
	if err != nil {
		return held, err
	}
	for {
		reply, err := claimScript.Run(ctx, l.client, []string{l.stateKey(session)}, own(response), with.wrapped, l.replica, lease.Milliseconds()).StringSlice()
		switch {
		case err != nil:
			return held, l.failed("claim an answer", session, err)
		case reply[0] == "KEY" && reply[1] != with.wrapped:
			if with, err = l.unwrap(session, reply[1]); err != nil {
				return held, err
			}
		case reply[0] == "CLAIMED" && len(reply) == 3:
			fence, err := strconv.ParseUint(reply[1], 10, 64)
			if err != nil {
				return held, fmt.Errorf("claim an answer of session %s: the script gave no fence", session)
			}
			return transcript.Held{Fence: transcript.Fence(fence), Last: number(reply[2]), Shared: true}, nil
		default:
			return held, l.said("claim an answer", session, reply[0])
		}
	}
}

// State returns the session's state.
func (l *Log) State(ctx context.Context, session chat.SessionID) (transcript.State, error) {
	if !session.Valid() {
		return transcript.State{}, transcript.ErrNoSession
	}
	ctx, cancel := context.WithTimeout(ctx, l.options.Timeout)
	defer cancel()
	var stored struct {
		Created int64  `redis:"created"`
		Expires int64  `redis:"expires"`
		Last    string `redis:"last"`
		Help    bool   `redis:"help"`
		Gone    bool   `redis:"forgotten"`
		Key     string `redis:"key"`
	}
	if err := l.client.HMGet(ctx, l.stateKey(session), "created", "expires", "last", "help", "forgotten", "key").Scan(&stored); err != nil {
		return transcript.State{}, l.failed("read the state", session, err)
	}
	if stored.Gone {
		return transcript.State{}, l.gone(session, transcript.ErrForgotten)
	}
	if stored.Created == 0 {
		return transcript.State{}, l.gone(session, transcript.ErrNoSession)
	}
	if _, err := l.unwrap(session, stored.Key); err != nil {
		return transcript.State{}, err
	}
	return transcript.State{
		CreatedAt: time.UnixMilli(stored.Created),
		ExpiresAt: time.UnixMilli(stored.Expires),
		Last:      chat.Cursor(stored.Last),
		HelpBar:   stored.Help,
		Durable:   true,
	}, nil
}

// Forget destroys the session.
func (l *Log) Forget(ctx context.Context, session chat.SessionID) error {
	_, err := l.Destroy(ctx, session)
	return err
}

// Destroy is Forget, and says whether there was such a session. It needs no key
// of it. Where Redis keeps an append-only file, its rewrite is asked for.
func (l *Log) Destroy(ctx context.Context, session chat.SessionID) (existed bool, err error) {
	if !session.Valid() {
		return false, nil
	}
	_ = l.gone(session, nil)
	ctx, cancel := context.WithTimeout(ctx, l.options.Timeout)
	defer cancel()
	keys := []string{l.stateKey(session), l.logKey(session)}
	reply, err := forgetScript.Run(ctx, l.client, keys, l.options.Maximum.Milliseconds(), l.channel(session), l.replica).Text()
	if err != nil {
		return false, l.failed("forget", session, err)
	}
	_ = l.gone(session, nil) // An append may have come between.
	l.hub.notice(session, transcript.Notice{Forgotten: true})
	if existed = reply == "FORGOTTEN"; existed {
		l.rewrite.ask()
	}
	return existed, nil
}

// failed wraps an error of a command. What means that the store is away, or may
// have done what was asked, is ErrUnavailable.
func (l *Log) failed(attempted string, session chat.SessionID, err error) error {
	if redisdb.Away(err) {
		return fmt.Errorf("%s of session %s: %w: %w", attempted, session, transcript.ErrUnavailable, err)
	}
	return fmt.Errorf("%s of session %s: %w", attempted, session, err)
}

// said turns a script's word into the error it stands for.
func (l *Log) said(attempted string, session chat.SessionID, word string) error {
	switch word {
	case "NOSESSION":
		return l.gone(session, transcript.ErrNoSession)
	case "FORGOTTEN":
		return l.gone(session, transcript.ErrForgotten)
	case "FENCED":
		return transcript.ErrFenced
	case "ENDED":
		return transcript.ErrEnded
	case "HELD":
		return transcript.ErrHeld
	case "LOST":
		return transcript.ErrLost
	default:
		return fmt.Errorf("%s of session %s: the script answered %.20q", attempted, session, word)
	}
}

func (l *Log) stateKey(session chat.SessionID) string { return l.key(session, ":state") }
func (l *Log) logKey(session chat.SessionID) string   { return l.key(session, ":log") }

func (l *Log) key(session chat.SessionID, what string) string {
	return l.options.Prefix + "{" + string(session) + "}" + what
}

// own is the part of an answer's id that is its own; the rest is its session's.
func own(response chat.ResponseID) string {
	return string(response[len(response)-ownLength:])
}

// responseOf is the answer's id, of which own is a part.
func responseOf(session chat.SessionID, own string) chat.ResponseID {
	return chat.ResponseID("resp_" + strings.TrimPrefix(string(session), "ses_") + own)
}

const ownLength = 16
