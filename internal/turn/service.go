package turn

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

const (
	// waitingMax is how many accepted questions may wait behind a running answer.
	waitingMax = 3
	// contextQuestions is how many earlier questions belong to a question's context.
	contextQuestions = 3
	// answerDeadline bounds an answer; the model's own deadlines are shorter.
	answerDeadline = 75 * time.Second
	// acceptPatience bounds the storing of a question, urgentPatience that of an
	// emergency's or a crisis's, which does without the store after it.
	acceptPatience, urgentPatience = 2 * time.Second, time.Second
	// lastWords bounds what is stored of an answer after the service gave up on it.
	lastWords = time.Second
)

// TransientLife is how long the log of transient sessions has to keep one after
// its last event: longer than an answer that says nothing for as long as it may.
const TransientLife = answerDeadline + time.Minute

// Options are what a Service is made of. Log, Transient and Material are needed.
type Options struct {
	// Log keeps the sessions; Transient, in memory, the ones that last one answer.
	Log, Transient transcript.Log
	// Material is what is answered with at first; see Service.Use.
	Material Material
	// ClinicPhone is named where a patient is sent to a person; empty: it is not.
	ClinicPhone string
	// Slots bound how many answers are written at a time; nil: nothing does.
	Slots  Slots
	Logger *slog.Logger
	// Lease is how long the Log's leases last, where other processes answer the same
	// sessions: leases are renewed, and what others leave lying is taken over. Zero:
	// this process is alone.
	Lease time.Duration
	// Ended is told of every answer that this service ended; nil: nobody is.
	Ended func(Summary)
}

// Service takes questions and sees to it that each gets its one answer.
type Service struct {
	Options
	current atomic.Pointer[material]

	work    context.Context //nolint:containedctx // an answer belongs to the service, not to whoever asked: it ends when the service gives up
	giveUp  context.CancelFunc
	running sync.WaitGroup // answers and those who drive them
	sharing sync.WaitGroup // what goes on beside them

	asides  asides
	ratings sync.Mutex // one rating at a time takes the next number of its answer

	mu     sync.Mutex
	closed bool
	lanes  map[chat.SessionID]*lane
}

// New returns a Service. Close it.
func New(options Options) *Service {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.Slots == nil {
		options.Slots = everybody{}
	}
	s := &Service{Options: options, asides: newAsides(), lanes: make(map[chat.SessionID]*lane)}
	s.Use(options.Material)
	s.Material = Material{} // only the one in use is asked
	s.work, s.giveUp = context.WithCancel(context.Background())
	if s.shares() {
		s.sharing.Go(s.renewLeases)
		s.sharing.Go(s.takeOverUnattended)
	}
	return s
}

// Close waits for the running answers until ctx ends. Then it leaves them to other
// processes where those can go on, and ends them where they stand otherwise; so it
// does at once with questions that wait. Questions that come later are left to
// others too, or refused, emergencies and crises excepted.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	done := make(chan struct{})
	go func() { s.running.Wait(); close(done) }()
	defer s.sharing.Wait()
	defer s.giveUp()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	late := s.Running() > 0
	s.giveUp()
	<-done
	if late {
		return ctx.Err()
	}
	return nil
}

// Running returns how many answers are being written or waited for.
func (s *Service) Running() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	total := 0
	for _, l := range s.lanes {
		total += l.places
	}
	return total
}

// Durable says whether a session that begins now would outlive this process.
func (s *Service) Durable(ctx context.Context) bool { return s.Log.Durable(ctx) }

// Session returns the state of a stored session; transcript.ErrNoSession where
// there is none.
func (s *Service) Session(ctx context.Context, session chat.SessionID) (transcript.State, error) {
	return s.Log.State(ctx, session)
}

// Follow follows a session's log, as transcript.Follow does. The session may be
// a transient one that a Receipt named.
func (s *Service) Follow(ctx context.Context, session chat.SessionID, after chat.Cursor) (f *transcript.Follower, recovered bool, end chat.Cursor, err error) {
	return transcript.Follow(ctx, s.logOf(ctx, session), session, after)
}

// logOf returns the log that holds the session.
func (s *Service) logOf(ctx context.Context, session chat.SessionID) transcript.Log {
	if _, err := s.Transient.State(ctx, session); err == nil {
		return s.Transient
	}
	return s.Log
}

func (s *Service) phone() string {
	if s.ClinicPhone == "" {
		return ""
	}
	return " at " + s.ClinicPhone
}
