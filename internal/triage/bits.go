package triage

import "math/bits"

// set is a set of token positions, one bit each. Patterns are matched by
// shifting and intersecting whole sets, so that the work grows with the
// message's length and never with the number of ways to match it.
type set []uint64

func (s set) has(i int) bool { return s[i>>6]&(1<<(i&63)) != 0 }
func (s set) add(i int)      { s[i>>6] |= 1 << (i & 63) }
func (s set) remove(i int)   { s[i>>6] &^= 1 << (i & 63) }

func (s set) empty() bool {
	for _, w := range s {
		if w != 0 {
			return false
		}
	}
	return true
}

func (s set) clear() {
	for i := range s {
		s[i] = 0
	}
}

func (s set) union(o set) {
	for i, w := range o {
		s[i] |= w
	}
}

func (s set) intersect(o set) {
	for i, w := range o {
		s[i] &= w
	}
}

func (s set) subtract(o set) {
	for i, w := range o {
		s[i] &^= w
	}
}

// forward moves every position one token on, except over the positions in stop,
// which end a sentence.
func (s set) forward(stop set) {
	var carry uint64
	for i, w := range s {
		w &^= stop[i]
		s[i] = w<<1 | carry
		carry = w >> 63
	}
}

// backward moves every position one token back, except onto a position in stop.
func (s set) backward(stop set) {
	var carry uint64
	for i := len(s) - 1; i >= 0; i-- {
		w := s[i]
		s[i] = (w>>1 | carry) &^ stop[i]
		carry = w << 63
	}
}

// each calls f with every position, lowest first.
func (s set) each(f func(int)) {
	for i, w := range s {
		for w != 0 {
			f(i<<6 + bits.TrailingZeros64(w))
			w &= w - 1
		}
	}
}
