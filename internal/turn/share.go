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
//
// While the store is away leases lapse whose holders live. So for a while after its
// return, and after the start, which may be in that while, a session is left to whoever
// was writing it, unless its lease was renewed since and lapsed again. The store
// was away if it did not answer for as long as leases need to lapse: one that is
// merely slow, as when it has much to do, must not hold takeovers up.
func (s *Service) takeOverUnattended() {
	every := s.Lease / 6
	away, back := false, time.Now() // back: the store's return
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
		if away || time.Since(began) > s.Lease/3 {
			away, back = false, time.Now()
		}
		sessions = slices.DeleteFunc(sessions, func(u transcript.Unattended) bool { return s.isLeft(u, began, back) })
		rand.Shuffle(len(sessions), func(i, j int) { sessions[i], sessions[j] = sessions[j], sessions[i] })
		taken := 0
		for _, u := range sessions {
			if taken < adoptedAtOnce && s.adopt(u.Session) {
				taken++
			}
		}
	}
}

// isLeft says whether a session that was looked at now is left to whoever was writing
// it when the store went away.
func (s *Service) isLeft(u transcript.Unattended, now, back time.Time) bool {
	renewed := now.Add(-u.Lapsed - s.Lease)
	return u.Lapsed >= 0 && now.Sub(back) < s.Lease+returnPatience && renewed.Before(back)
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
