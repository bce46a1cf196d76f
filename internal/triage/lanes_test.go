package triage

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The filters' values four at a time are what they are one by one.
func TestLanes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	rows := make([]byte, 5*signRowBytes)
	for i := range rows {
		switch rows[i] = byte(random.Uint32()); random.IntN(8) {
		case 0:
			rows[i] = 0xFF
		case 1:
			rows[i] = 0
		}
	}
	w := &signWeights{rows: string(rows)}
	var largest, other lanes
	want := [2][signValues]int{}
	for i := range want {
		for f := range want[i] {
			want[i][f] = -laneZero
		}
	}
	for n := range 40 {
		word := [signWidth]int32{random.Int32N(5), random.Int32N(5), random.Int32N(5)}
		into, expected := &largest, &want[0]
		if n%2 == 1 {
			into, expected = &other, &want[1]
		}
		w.filter(&word, into)
		for f := range expected {
			value := 0
			for k, at := range word {
				value += int(rows[int(at)*signRowBytes+k*signValues+f]) - byteZero
			}
			expected[f] = max(expected[f], value)
			if got := into.value(f); got != expected[f] {
				t.Fatalf("filter %d after %d: %d, want %d", f, n, got, expected[f])
			}
		}
	}
	largest.raise(&other)
	for f := range want[0] {
		if got := largest.value(f); got != max(want[0][f], want[1][f]) {
			t.Errorf("filter %d: %d, want %d", f, got, max(want[0][f], want[1][f]))
		}
	}
}

// What is remembered of a message's runs is what its filters come to one by one,
// however many runs share a place, and whoever's weights were read before.
func TestRuns(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	m := &message{}
	for _, words := range []int32{1, 2, 4, 300} {
		rows := make([]byte, words*signRowBytes)
		for i := range rows {
			rows[i] = byte(random.Uint32())
		}
		w := &signWeights{rows: string(rows)}
		for places := range 4 * signBlock {
			m.read = m.read[:0]
			for range places + signWidth - 1 {
				m.read = append(m.read, random.Int32N(words))
			}
			m.readBlocks(w)
			want := make([]lanes, (places+signBlock-1)/signBlock)
			for at := range places {
				w.filter((*[signWidth]int32)(m.read[at:]), &want[at/signBlock])
			}
			if !slices.Equal(m.blocks, want) {
				t.Errorf("%d places of %d words come to something else", places, words)
			}
		}
	}
}
