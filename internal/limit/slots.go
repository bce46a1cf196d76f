package limit

import (
	"context"
	"slices"
	"sync"
)

// Slots let so many run at a time. Those who wait are let through by turns of their
// keys, each key's own in their order: whoever has many waiting holds up nobody
// who has few.
type Slots struct {
	mu      sync.Mutex
	free    int
	turns   []string // keys of those who wait, the next first
	waiting map[string][]chan struct{}
}

// NewSlots returns Slots for so many; nil, which lets everybody run, if the number
// is not above zero.
func NewSlots(most int) *Slots {
	if most <= 0 {
		return nil
	}
	return &Slots{free: most, waiting: make(map[string][]chan struct{})}
}

// Take waits for a slot, having called waits if it has to. Release gives it back;
// it may be called more than once.
func (s *Slots) Take(ctx context.Context, key string, waits func()) (release func(), err error) {
	if s == nil {
		return func() {}, nil
	}
	s.mu.Lock()
	if s.free > 0 { // then nobody waits
		s.free--
		s.mu.Unlock()
		return sync.OnceFunc(s.pass), nil
	}
	turn := make(chan struct{})
	if s.waiting[key] == nil {
		s.turns = append(s.turns, key)
	}
	s.waiting[key] = append(s.waiting[key], turn)
	s.mu.Unlock()
	waits()
	select {
	case <-turn:
		return sync.OnceFunc(s.pass), nil
	case <-ctx.Done():
		s.quit(key, turn)
		return nil, ctx.Err()
	}
}

// pass hands a slot to whoever is next.
func (s *Slots) pass() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.turns) == 0 {
		s.free++
		return
	}
	key := s.turns[0]
	s.turns = s.turns[1:]
	turn := s.waiting[key][0]
	if rest := s.waiting[key][1:]; len(rest) > 0 {
		s.waiting[key] = rest
		s.turns = append(s.turns, key)
	} else {
		delete(s.waiting, key)
	}
	close(turn)
}

// quit takes one who waited out of the queue, or hands on the slot that it was
// given meanwhile.
func (s *Slots) quit(key string, turn chan struct{}) {
	s.mu.Lock()
	i := slices.Index(s.waiting[key], turn)
	if i >= 0 {
		s.waiting[key] = slices.Delete(s.waiting[key], i, i+1)
		if len(s.waiting[key]) == 0 {
			delete(s.waiting, key)
			s.turns = slices.DeleteFunc(s.turns, func(other string) bool { return other == key })
		}
	}
	s.mu.Unlock()
	if i < 0 {
		s.pass()
	}
}
