package turn

import (
	"context"
	"errors"
	"time"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// lane is a session's queue: its answers are written one after the other.
type lane struct {
	session chat.SessionID
	// order is held from a question's append to its place in the queue.
	order latch
	// gate is held by an urgent reply from its look at the running answers to its
	// append, and by each answer while it claims its fence: none begins in between.
	gate latch

	// Guarded by Service.mu.
	places  int // taken by questions: running, waiting, or about to be
	pins    int // urgent replies that use the lane
	waiting []*job
	current *job // nil: none is being answered
	busy    bool // a goroutine drives this lane
	shared  bool // this process has the session's lease, and another could take it
	adopted bool // driven for questions that another process left lying

	// open is how many questions the session had open by the last append made
	// here, which stood at openAt in its log; stale: nothing is known of it.
	open   int
	openAt uint64
	stale  bool
	tried  map[chat.ResponseID]bool // found in the log, by whoever drives the lane
}

// latch is a lock that is held through calls of the store.
type latch chan struct{}

func newLatch() latch { return make(latch, 1) }

func (l latch) Lock()   { l <- struct{}{} }
func (l latch) Unlock() { <-l }

// enter takes a place in the session's lane, unless it is full or the service closes.
func (s *Service) enter(session chat.SessionID) (*lane, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, &chat.Error{Code: chat.Busy, Message: "This chat is about to restart. Please send your question again in a moment.", RetryAfter: time.Second}
	}
	l := s.laneOf(session)
	if l.places > waitingMax {
		return nil, tooManyWaiting()
	}
	l.places++
	s.running.Add(1)
	return l, nil
}

func tooManyWaiting() *chat.Error {
	return &chat.Error{Code: chat.Busy, Message: "Your earlier questions are still being answered. Please wait a moment.", RetryAfter: 2 * time.Second}
}

// leave gives a place back.
func (s *Service) leave(l *lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.places--
	s.running.Done()
	s.tidy(l)
}

// pin keeps the session's lane in place for an urgent reply, unpin lets it go.
func (s *Service) pin(session chat.SessionID) *lane {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.laneOf(session)
	l.pins++
	return l
}

func (s *Service) unpin(l *lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.pins--
	s.tidy(l)
}

// laneOf and tidy make and drop lanes; Service.mu is held.
func (s *Service) laneOf(session chat.SessionID) *lane {
	l := s.lanes[session]
	if l == nil {
		l = &lane{session: session, order: newLatch(), gate: newLatch()}
		s.lanes[session] = l
	}
	return l
}

func (s *Service) tidy(l *lane) {
	if l.places == 0 && l.pins == 0 && !l.busy {
		delete(s.lanes, l.session)
	}
}

// isBusy says whether a question that is queued now has to wait.
func (s *Service) isBusy(l *lane) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return l.busy
}

// openIn returns how many questions the lane's session has open, as far as is known.
func (s *Service) openIn(l *lane) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return l.open
}

// goOnWith takes note of the lane's lease.
func (s *Service) goOnWith(l *lane, held transcript.Held) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.shared = held.Shared
}

// queue puts an accepted question into its lane.
func (s *Service) queue(l *lane, j *job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.waiting = append(l.waiting, j)
	if !l.busy {
		l.busy = true
		s.running.Add(1)
		go s.drive(l)
	}
}

// drive answers a lane's questions until none is left, or another process has them.
func (s *Service) drive(l *lane) {
	defer s.running.Done()
	for j := s.next(l); j != nil; j = s.next(l) {
		mine := s.seeThrough(l, j)
		close(j.done)
		s.leave(l)
		if !mine {
			s.restoreAll(l, j)
			s.handOver(l)
			return
		}
	}
}

// begin gives a try at a job's answer its context, which errStopped may end.
func (s *Service) begin(j *job) (context.Context, context.CancelFunc) {
	stoppable, stop := context.WithCancelCause(s.work)
	s.mu.Lock()
	j.stop = stop
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(stoppable, answerDeadline)
	return ctx, func() { cancel(); stop(nil) }
}

// Why the writing of an answer is stopped. errStopped: somebody else writes its
// terminal event, or nobody does: it was taken over or forgotten. After the others
// it is ended here, where it stands.
var (
	errStopped     = errors.New("stopped by another writer")
	errCancelled   = errors.New("cancelled")
	errInterrupted = errors.New("interrupted by an urgent reply")
)

// stopLocal stops this process's writing of an answer, if it is doing so, and returns
// the material that the answer is drawn from; of another's answer, the one in use.
func (s *Service) stopLocal(session chat.SessionID, response chat.ResponseID) *material {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[session]
	if l == nil || l.current == nil || l.current.accepted.Response != response {
		return s.current.Load()
	}
	if l.current.stop != nil {
		l.current.stop(errStopped)
	}
	return l.current.material
}

// cutLocal ends the answer that this process is writing where it stands, and
// returns the job; nil where it writes none, or another one than is named.
func (s *Service) cutLocal(session chat.SessionID, response chat.ResponseID, cause error) *job {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[session]
	if l == nil || l.current == nil || response != "" && l.current.accepted.Response != response {
		return nil
	}
	j := l.current
	j.cancelled = j.cancelled || errors.Is(cause, errCancelled)
	if j.stop != nil {
		j.stop(cause)
	}
	return j
}

// holds says whether this process is about to answer, or answers, a question.
func (s *Service) holds(session chat.SessionID, response chat.ResponseID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[session]
	return l != nil && (l.current != nil && l.current.accepted.Response == response || s.waits(l, response) != nil)
}

// waits returns the job that waits in the lane for its answer; Service.mu is held.
func (s *Service) waits(l *lane, response chat.ResponseID) *job {
	for _, j := range l.waiting {
		if j.accepted.Response == response {
			return j
		}
	}
	return nil
}
