package turn

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

const (
	// adoptedMax bounds how many sessions of others are answered at a time, and
	// adoptedAtOnce how many are taken in one look, for other processes look too.
	adoptedMax, adoptedAtOnce = 256, 64
	// returnPatience is how long a store that is back, beside a lease, belongs to
	// those who were writing when it went away.
	returnPatience = 5 * time.Second
)

// shares says whether other processes answer the same sessions.
func (s *Service) shares() bool { return s.Lease > 0 }

// renewLeases renews the leases of the sessions that are answered here, until the
// service gives up.
func (s *Service) renewLeases() {
	tick := time.NewTicker(s.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-s.work.Done():
			return
		case <-tick.C:
		}
		held := s.heldSessions()
		if len(held) == 0 {
			continue
		}
		ctx, cancel := context.WithTimeout(s.work, s.Lease)
		lost, err := s.Log.Renew(ctx, held)
		cancel()
		if err != nil && s.work.Err() == nil {
			s.Logger.Debug("leases were not renewed", slog.Int("sessions", len(held)))
		}
		for _, session := range lost {
			s.stopSession(session)
		}
	}
}

func (s *Service) heldSessions() []chat.SessionID {
	s.mu.Lock()
	defer s.mu.Unlock()
	var held []chat.SessionID
	for session, l := range s.lanes {
		if l.busy && l.shared {
			held = append(held, session)
		}
	}
	return held
}

// stopSession stops the writing of an answer whose session another process has by
// now: what it would say is refused anyway.
func (s *Service) stopSession(session chat.SessionID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.lanes[session]; l != nil && l.shared && l.current != nil && l.current.stop != nil {
		l.current.stop(errStopped)
	}
}

// takeOverUnattended looks for questions that were accepted, are not finished, and
// that nobody answers, until the service gives up. Each process looks at times of
// its own.
func (s *Service) takeOverUnattended() {
	every := s.Lease / 6
	// A start is an absence's end: the store may have come back just before it.
	absences := []absence{s.absent(time.Time{}, returnPatience)}
	var seen time.Time // when the store was last there, as far as is known here
	away := false
	for {
		timer := time.NewTimer(every/2 + rand.N(every))
		select {
		case <-s.work.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		if s.isClosed() {
			return
		}
		began := time.Now()
		ctx, cancel := context.WithTimeout(s.work, s.Lease)
		sessions, err := s.Log.Unattended(ctx)
		cancel()
		if err != nil {
			away = true
			continue
		}
		if took := time.Since(began); away || took > s.Lease/3 {
			s.Logger.Info("the store was away or late: what lapsed meanwhile waits", slog.Bool("away", away), slog.Duration("took", took))
		}
		switch {
		case away:
			absences = append(absences, s.absent(seen, returnPatience))
		case time.Since(began) > s.Lease/3: // and no longer than a call may take
			absences = append(absences, s.absent(seen, 0))
		}
		away, seen = false, time.Now()
		absences = slices.DeleteFunc(absences, func(a absence) bool { return began.After(a.until) })
		sessions = slices.DeleteFunc(sessions, func(u transcript.Unattended) bool {
			lapsed := began.Add(-u.Lapsed)
			return u.Lapsed >= 0 && slices.ContainsFunc(absences, func(a absence) bool { return a.covers(lapsed) })
		})
		rand.Shuffle(len(sessions), func(i, j int) { sessions[i], sessions[j] = sessions[j], sessions[i] })
		taken := 0
		for _, u := range sessions {
			if taken < adoptedAtOnce && s.adopt(u.Session) {
				taken++
			}
		}
	}
}

// absence is a time in which leases lapsed whose holders live: the store was away, or
// did not answer for as long as leases are renewed. Until some time after it what
// lapsed for it is left to whoever was writing. What had lapsed before, or was
// renewed after it, is not: a store that is merely slow again and again must not
// hold takeovers up.
type absence struct{ from, to, until time.Time }

// absent is an absence that ends now.
func (s *Service) absent(from time.Time, patience time.Duration) absence {
	now := time.Now()
	return absence{from, now.Add(s.Lease), now.Add(s.Lease + patience)}
}

// covers says whether a lease that lapsed then could not be renewed.
func (a absence) covers(lapsed time.Time) bool {
	return lapsed.After(a.from) && lapsed.Before(a.to)
}

func (s *Service) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// adopt answers what is open in a session that nobody answers, unless that is done
// here already, or enough is; then it is false.
func (s *Service) adopt(session chat.SessionID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	adopted := 0
	for _, l := range s.lanes {
		if l.adopted {
			adopted++
		}
	}
	if s.closed || adopted >= adoptedMax {
		return false
	}
	l := s.laneOf(session)
	if l.busy {
		return false
	}
	l.stale, l.adopted, l.busy = true, true, true
	s.running.Add(1)
	go s.drive(l)
	return true
}
