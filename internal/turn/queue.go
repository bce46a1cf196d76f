package turn

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"bedside/internal/chat"
	"bedside/internal/language"
	"bedside/internal/transcript"
	"bedside/internal/triage"
)

// next takes the question that is to be answered now; nil where none is left, and
// then the lane is idle. What this process itself put into the lane is all that
// there is for as long as the appends say so. Otherwise the log says what is open,
// and in which order.
func (s *Service) next(l *lane) *job {
	for {
		if s.isLeaving(l) {
			s.restoreAll(l, nil)
			s.release(l.session)
			s.handOver(l)
			return nil
		}
		if j, known := s.nextKnown(l); known {
			return j
		}
		if j, err := s.nextInLog(l); j != nil {
			return j
		} else if err != nil {
			s.handOver(l)
			return nil
		}
	}
}

// isLeaving says whether others go on with the lane's session.
func (s *Service) isLeaving(l *lane) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed && l.shared
}

// nextKnown takes what waits in the lane; known is false where the log has to be
// asked first.
func (s *Service) nextKnown(l *lane) (j *job, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.current = nil
	aside := len(l.waiting) > 0 && l.waiting[0].log != s.Log
	if s.shares() && !aside && (l.stale || l.open != len(l.waiting)) {
		return nil, false
	}
	if len(l.waiting) == 0 {
		s.idle(l)
		return nil, true
	}
	l.current = l.waiting[0]
	l.waiting = l.waiting[1:]
	return l.current, true
}

// nextInLog takes the session's first open question, an emergency or a crisis
// before others. None and no error: there is none, and the lane is known again.
func (s *Service) nextInLog(l *lane) (*job, error) {
	var h history
	var last chat.Cursor
	err := surely(s.work, func() (err error) {
		l.order.Lock() // nobody is between storing a question and queueing it
		h, last, err = readToEnd(s.work, s.Log, l.session)
		if err != nil {
			l.order.Unlock()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	defer l.order.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if j := s.lostFrom(l, h); j != nil {
		l.current = j
		return j, nil
	}
	open := slices.DeleteFunc(h.unended(), func(p *past) bool { return l.tried[p.accepted.Response] })
	l.stale, l.open, l.openAt = false, len(open), transcript.Number(last)
	if len(open) == 0 {
		s.dropWaiting(l) // ended elsewhere
		return nil, nil  //nolint:nilnil // documented.
	}
	p := open[max(0, slices.IndexFunc(open, func(p *past) bool { return p.accepted.Urgent }))]
	if l.tried == nil {
		l.tried = make(map[chat.ResponseID]bool, 1)
	}
	l.tried[p.accepted.Response] = true
	if j := s.waits(l, p.accepted.Response); j != nil {
		l.waiting = slices.DeleteFunc(l.waiting, func(other *job) bool { return other == j })
		l.current = j
		return j, nil
	}
	l.places++
	s.running.Add(1)
	l.current = s.found(h, p)
	return l.current, nil
}

// lostFrom takes the first question that waits here and that the log has lost; nil
// where there is none. Service.mu is held.
func (s *Service) lostFrom(l *lane, h history) *job {
	at := slices.IndexFunc(l.waiting, func(j *job) bool { return j.log == s.Log && h.of(j.accepted.Response) == nil })
	if at < 0 {
		return nil
	}
	j := l.waiting[at]
	l.waiting = slices.Delete(l.waiting, at, at+1)
	return j
}

// rewound takes note that the session's log holds less than it did, and tells those
// who follow it here.
func (s *Service) rewound(l *lane) {
	s.mu.Lock()
	l.stale, l.openAt = true, 0
	s.mu.Unlock()
	s.Log.Announce(l.session, transcript.Notice{Rewound: true})
}

// restoreAll stores the questions again that the log has lost: this one, if any, and
// those that wait. Another process, which has the session, will find them there.
func (s *Service) restoreAll(l *lane, current *job) {
	s.mu.Lock()
	jobs := slices.Clone(l.waiting)
	s.mu.Unlock()
	if current != nil {
		jobs = slices.Insert(jobs, 0, current)
	}
	if len(jobs) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.work), lastWords)
	defer cancel()
	h, err := readHistory(ctx, s.Log, l.session)
	if err != nil || len(h.answers) == 0 {
		return // it is not known, or there is no session any more
	}
	for _, j := range jobs {
		if j.log != s.Log || h.of(j.accepted.Response) != nil {
			continue
		}
		_, err := s.restore(ctx, l, j)
		switch {
		case err == nil, errors.Is(err, transcript.ErrEnded), errors.Is(err, transcript.ErrNoSession):
			// there again; sent again meanwhile; forgotten
		default:
			s.Logger.Warn("a question was lost by the store", slog.String("response", string(j.accepted.Response)), slog.String("cause", causeOf(err)))
		}
	}
}

// found makes a job of a question that another process accepted. Only its kept
// words are known here, which triage reads as strictly as those that were typed.
func (s *Service) found(h history, p *past) *job {
	session, _ := p.accepted.Response.Session()
	before := h.before(p)
	j := &job{
		log: s.Log, session: session, accepted: p.accepted, material: s.current.Load(), started: time.Now(), timings: make(map[string]float64, 8),
		done: make(chan struct{}), told: make(chan struct{}), elsewhere: true, first: p.accepted.Sequence,
		before: before.upTo(p.accepted.Previous), tokensBefore: before.tokens(), locale: language.Guess(string(p.accepted.Text)),
	}
	count, last := before.takeovers()
	j.decision = j.material.Triage.Decide(chat.NewRawText(string(p.accepted.Text)), triage.Context{
		Earlier: before.texts(), TakenOver: count, LastCategory: last,
	})
	return j
}

// idle leaves the lane to whoever needs it next. Service.mu is held.
func (s *Service) idle(l *lane) {
	l.current, l.tried = nil, nil
	l.busy, l.shared, l.adopted = false, false, false
	s.tidy(l)
}

// handOver leaves the lane's questions to another process.
func (s *Service) handOver(l *lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropWaiting(l)
	s.idle(l)
}

// dropWaiting lets go of what waits. Service.mu is held.
func (s *Service) dropWaiting(l *lane) {
	for _, j := range l.waiting {
		close(j.done)
		l.places--
		s.running.Done()
	}
	l.waiting = nil
}

// release gives a session's lease up, so that another process goes on at once; one
// that cannot be given up lapses.
func (s *Service) release(session chat.SessionID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.work), lastWords)
	defer cancel()
	if err := s.Log.Release(ctx, session); err != nil && !errors.Is(err, transcript.ErrNoSession) {
		s.Logger.Debug("a lease was not given up", slog.String("session", string(session)))
	}
}

// noted takes note of how many questions a session has open, by an append that was
// made here.
func (s *Service) noted(l *lane, receipt transcript.Receipt) {
	if len(receipt.Cursors) == 0 {
		return
	}
	at := transcript.Number(receipt.Cursors[len(receipt.Cursors)-1])
	s.mu.Lock()
	defer s.mu.Unlock()
	if at > l.openAt {
		l.open, l.openAt = receipt.Open, at
	}
}
