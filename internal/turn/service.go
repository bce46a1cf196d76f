package turn

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"bedside/internal/chat"
	"bedside/internal/draft"
	"bedside/internal/ground"
	"bedside/internal/retrieve"
	"bedside/internal/transcript"
	"bedside/internal/triage"
)

// Limits of one session's queue and of one answer.
const (
	// waitingMax is how many accepted questions may wait behind a running answer.
	waitingMax = 3
	// contextQuestions is how many earlier questions belong to a question's context.
	contextQuestions = 3
	// answerDeadline bounds an answer; the model's own deadlines are shorter.
	answerDeadline = 75 * time.Second
)

// Options are what a Service is made of. Log, Transient, Triage and Index are needed.
type Options struct {
	// Log keeps the sessions; Transient, in memory, the ones that last one answer.
	Log, Transient transcript.Log
	Triage         *triage.Triage
	Index          *retrieve.Index
	// Generative words answers with a model; nil leaves them in the material's own words.
	Generative *draft.Generative
	// KnowledgeVersion names the material that answers are drawn from.
	KnowledgeVersion string
	// Starters are questions to offer where nothing nearer is known, by language.
	Starters func(locale string) []string
	// PendingNotice is the line that an answer from pending pages ends with.
	PendingNotice func(locale string) string
	// ClinicPhone is named where a patient is sent to a person; empty: it is not.
	ClinicPhone string
	Logger      *slog.Logger
	// Ended is told of every answer; nil: nobody is.
	Ended func(Summary)
	// Concurrent is the most answers that are written at once; 0 is no limit.
	Concurrent int
}

// Service takes questions and sees to it that each gets its one answer.
type Service struct {
	Options
	evidence  *ground.Library
	extractor *draft.Extractor
	places    chan struct{} // one for each answer being written; nil without a limit

	work    context.Context //nolint:containedctx // an answer belongs to the service, not to whoever asked: it ends when the service gives up
	giveUp  context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex
	closed bool
	lanes  map[chat.SessionID]*lane
}

// New returns a Service. Close it.
func New(options Options) *Service {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Service{
		Options: options, evidence: ground.NewLibrary(), extractor: draft.NewExtractor(),
		lanes: make(map[chat.SessionID]*lane),
	}
	s.work, s.giveUp = context.WithCancel(context.Background())
	if options.Concurrent > 0 {
		s.places = make(chan struct{}, options.Concurrent)
	}
	return s
}

// Close waits for the running answers until ctx ends, then stops them. Questions
// that come later are refused, emergencies and crises excepted.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	done := make(chan struct{})
	go func() { s.running.Wait(); close(done) }()
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
	for _, lane := range s.lanes {
		total += lane.places
	}
	return total
}

// Durable says whether sessions outlive this process.
func (s *Service) Durable() bool { return s.Log.Durable() }

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
