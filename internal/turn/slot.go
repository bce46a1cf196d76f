package turn

import "context"

// Slots bound how many answers are written at a time, and let those who wait take
// turns by who asks.
type Slots interface {
	// Take waits for a slot, having called waits if it has to.
	Take(ctx context.Context, from string, waits func()) (release func(), err error)
}

// everybody lets every answer be written at once.
type everybody struct{}

func (everybody) Take(context.Context, string, func()) (func(), error) { return func() {}, nil }

// slot waits until the answer may be written; whoever follows is told if it has to
// wait. An urgent reply needs no slot.
func (s *Service) slot(j *job) (release func(), err error) {
	return s.Slots.Take(s.work, j.from, func() {
		w := newWriter(j.log, j.accepted, j.material)
		w.announce(stageWaiting)
		j.accepted.Sequence = w.sequence // the answer's own numbers come after
	})
}
