package memlog

import "time"

// sweep frees what has expired, one lock at a time, until Close.
func (l *Log) sweep() {
	tick := time.NewTicker(max(min(l.options.Idle/2, time.Minute), time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-l.stop:
			return
		case now := <-tick.C:
			for i := range l.shards {
				l.shards[i].sweep(now)
			}
		}
	}
}

// sweep frees what has expired, and wakes those who follow it so that they
// notice.
func (s *shard) sweep(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for session, r := range s.rooms {
		if r.record != nil && r.living(now) == nil {
			r.record = nil
			for _, f := range r.followers {
				f.Rouse()
			}
		}
		if !r.barred(now) {
			r.forgotten = time.Time{}
		}
		if r.record == nil && r.forgotten.IsZero() && len(r.followers) == 0 {
			delete(s.rooms, session)
		}
	}
}
