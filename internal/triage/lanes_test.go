package triage

import (
	"math/rand/v2"
	"testing"
)

// The filters' values four at a time are what they are one by one.
func TestLanes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	rows := make([]byte, 5*signRowBytes)
	for i := range rows {
		switch rows[i] = byte(random.Uint32()); random.IntN(8) {
		case 0:
			rows[i] = 0x7F
		case 1:
			rows[i] = 0x80
		}
	}
	w := &signWeights{rows: string(rows)}
	for f := range w.bias {
		w.bias[f] = int16([]int{-mostBias, mostBias, 0, random.IntN(400) - 200, random.IntN(2*mostBias) - mostBias}[random.IntN(5)])
	}
	var ok bool
	if w.lanes, ok = lanesOf(&w.bias); !ok {
		t.Fatal("the biases do not fit")
	}
	largest, other := noValue, noValue
	var want, alone [signValues]int16
	for n := range 40 {
		word := [signWidth]int{random.IntN(5), random.IntN(5), random.IntN(5)}
		into, expected := &largest, &want
		if n%2 == 1 {
			into, expected = &other, &alone
		}
		w.filter(word[0], word[1], word[2], into)
		for f := range expected {
			value := w.bias[f]
			for k, at := range word {
				value += int16(int8(rows[at*signRowBytes+k*signValues+f]))
			}
			expected[f] = max(expected[f], value)
			if got := into.value(f); got != expected[f] {
				t.Fatalf("filter %d after %d: %d, want %d", f, n, got, expected[f])
			}
		}
	}
	largest.raise(&other)
	for f := range want {
		if got := largest.value(f); got != max(want[f], alone[f]) {
			t.Errorf("filter %d: %d, want %d", f, got, max(want[f], alone[f]))
		}
	}
	w.bias[7] = mostBias + 1
	if _, ok := lanesOf(&w.bias); ok {
		t.Error("a bias that fits no lane is taken")
	}
}
