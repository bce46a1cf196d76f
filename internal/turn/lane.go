package turn

import (
	"context"
	"errors"
	"sync"

	"bedside/internal/chat"
)

// lane is a session's queue: its answers are written one after the other.
type lane struct {
	session chat.SessionID
	order   sync.Mutex // held from a question's append to its place in the queue

	// Guarded by Service.mu.
	places  int // taken: running, waiting, or about to be
	waiting []*job
	busy    bool                                        // a goroutine works this lane
	stop    map[chat.ResponseID]context.CancelCauseFunc // of the running answer
}

// enter takes a place in the session's lane; false when it is full.
func (s *Service) enter(session chat.SessionID) (*lane, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[session]
	if l == nil {
		l = &lane{session: session, stop: make(map[chat.ResponseID]context.CancelCauseFunc, 1)}
		s.lanes[session] = l
	}
	if l.places > waitingMax {
		return nil, false
	}
	l.places++
	return l, true
}

// leave gives a place back.
func (s *Service) leave(l *lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.places--
	if l.places == 0 {
		delete(s.lanes, l.session)
	}
}

// isBusy says whether a question that is queued now has to wait.
func (s *Service) isBusy(l *lane) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return l.busy
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

// drive answers a lane's questions until none waits.
func (s *Service) drive(l *lane) {
	defer s.running.Done()
	for {
		j, ctx, cancel := s.next(l)
		if j == nil {
			return
		}
		s.answerWithin(ctx, j)
		cancel()
		s.mu.Lock()
		delete(l.stop, j.accepted.Response)
		s.mu.Unlock()
		s.leave(l)
	}
}

func (s *Service) next(l *lane) (*job, context.Context, context.CancelFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(l.waiting) == 0 {
		l.busy = false
		return nil, nil, nil
	}
	j := l.waiting[0]
	l.waiting = l.waiting[1:]
	stoppable, stop := context.WithCancelCause(s.work)
	ctx, cancel := context.WithTimeout(stoppable, answerDeadline)
	l.stop[j.accepted.Response] = stop
	return j, ctx, func() { cancel(); stop(nil) }
}

// stopLocal stops this process's writing of an answer, if it is doing so.
func (s *Service) stopLocal(session chat.SessionID, response chat.ResponseID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.lanes[session]; l != nil {
		if stop := l.stop[response]; stop != nil {
			stop(errStopped)
		}
	}
}

// errStopped is the cause of an answer's end where somebody else writes its
// terminal event, or nobody does: it was cancelled, interrupted or forgotten.
var errStopped = errors.New("stopped by another writer")
