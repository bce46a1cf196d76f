package chaostest

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"bedside/internal/redisdb/redistest"
)

// TestUnderLoad lets patients ask for ten minutes, those who stay and those who come
// with one question and leave: what a replica takes stays as it is.
func TestUnderLoad(t *testing.T) {
	r := fault(t, 0, "ten minutes of questions, from patients who stay and from new ones")
	longOnly(t)
	t.Parallel()
	store := redistest.Start(t, always...)
	c := openClinic(t, 2, store.URL(), time.Millisecond)
	patients := arriveAll(t, c.url, 20)
	const length, apart = 10 * time.Minute, 5 * time.Second
	began := time.Now()
	more := func() bool { return time.Since(began) < length && !t.Failed() }
	var visitors int
	var memory, goroutines [2][]float64
	asked := underQuestions(t, patients, func() {
		var going sync.WaitGroup
		going.Go(func() {
			for ; more(); visitors++ {
				p := arrive(t, c.url)
				p.isReady(t)
				p.hears(t, p.ask(question), patience)
				p.leave()
				<-time.After(time.Duration(rand.IntN(200)) * time.Millisecond)
			}
		})
		going.Go(func() {
			for more() {
				for i, replica := range c.replicas {
					memory[i] = append(memory[i], replica.resident())
					goroutines[i] = append(goroutines[i], float64(replica.goroutines()))
				}
				<-time.After(apart)
			}
		})
		going.Wait()
	})
	sum := reckon(t, c.url, patients...)
	if sum.completed != asked || sum.rewinds > 0 || sum.expired > 0 {
		t.Errorf("%d questions, %d answers, %d rewinds, %d sessions lost", asked, sum.completed, sum.rewinds, sum.expired)
	}
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
	r.says(t, "%d answers, %d visitors: from the second quarter to the last %+.1f and %+.1f MiB, %+.0f and %+.0f goroutines",
		asked, visitors, grown[0], grown[1], count[0], count[1])
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
