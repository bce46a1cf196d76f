package chaostest

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bedside/internal/redisdb/redistest"
)

// TestUnderLoad lets patients come, ask some questions and leave, for ten minutes: what
// a replica takes stays as it is.
func TestUnderLoad(t *testing.T) {
	r := fault(t, 0, "ten minutes of patients who come, ask and leave")
	longOnly(t)
	t.Parallel()
	store := redistest.Start(t, always...)
	c := openClinic(t, 2, store.URL(), time.Millisecond)
	const length, apart, atATime, questions = 10 * time.Minute, 5 * time.Second, 20, 10
	began := time.Now()
	more := func() bool { return time.Since(began) < length && !t.Failed() }
	var sessions, answers atomic.Int64
	var going sync.WaitGroup
	for range atATime {
		going.Go(func() {
			for more() {
				p := arrive(t, c.url)
				p.isReady(t)
				converse(t, []*patient{p}, questions, patience)
				p.until(t, "what was told to be stored", patience, func() bool {
					for _, a := range p.answers {
						if a.storedEnded == 0 {
							return false
						}
					}
					return true
				})
				sum := reckon(t, c.url, p)
				if sum.completed != questions || sum.rewinds > 0 || sum.expired > 0 {
					t.Errorf("%d of %d answers, %d rewinds, %d sessions lost", sum.completed, questions, sum.rewinds, sum.expired)
				}
				p.leave()
				sessions.Add(1)
				answers.Add(questions)
			}
		})
	}
	var memory, goroutines [2][]float64
	for more() {
		for i, replica := range c.replicas {
			memory[i] = append(memory[i], replica.resident())
			goroutines[i] = append(goroutines[i], float64(replica.goroutines()))
		}
		<-time.After(apart)
	}
	going.Wait()
	var grown, count [2]float64
	for i := range c.replicas {
		early, late := quarters(memory[i])
		grown[i] = late - early
		before, after := quarters(goroutines[i])
		count[i] = after - before
		if grown[i] > 8 || count[i] > 10 {
			t.Errorf("a replica grows: %.1f and then %.1f MiB, %.0f and then %.0f goroutines", early, late, before, after)
		}
	}
	r.says(t, "%d answers in %d sessions: from the second quarter to the last %+.1f and %+.1f MiB, %+.0f and %+.0f goroutines",
		answers.Load(), sessions.Load(), grown[0], grown[1], count[0], count[1])
}

// quarters are the medians of the second and of the last quarter: the first is what a
// start takes.
func quarters(samples []float64) (early, late float64) {
	quarter := len(samples) / 4
	if quarter == 0 {
		return 0, 0
	}
	middle := func(some []float64) float64 { return slices.Sorted(slices.Values(some))[len(some)/2] }
	return middle(samples[quarter : 2*quarter]), middle(samples[len(samples)-quarter:])
}
