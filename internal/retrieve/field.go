package retrieve

import (
	"math"
	"slices"
)

// Textbook BM25. They were not tuned: figures that come from one set's tuning
// do not carry over to another.
const (
	saturation = 1.2  // k1
	lengthNorm = 0.75 // b
)

// field is what is scored on its own: titles, texts, questions. A unit is one
// passage's title or text, or one question.
type field struct {
	units  rows      // the terms of each unit, sorted, each once
	impact []float32 // BM25 of each term in its unit, in step with units
	mass   []float32 // the rarity of a unit's terms together
	rarity []float32 // of each term of the vocabulary
}

// rows is a list of lists in one piece of memory.
type rows struct {
	starts []uint32
	values []uint32
}

func (r *rows) of(i uint32) []uint32 { return r.values[r.starts[i]:r.starts[i+1]] }

// fieldBuilder collects the units of a field in their order.
type fieldBuilder struct {
	units  rows
	counts []uint16
	length []uint32
	total  int
}

func newFieldBuilder() *fieldBuilder { return &fieldBuilder{units: rows{starts: []uint32{0}}} }

// add takes the terms of the next unit, and may reorder them.
func (b *fieldBuilder) add(terms []uint32) {
	b.length = append(b.length, uint32(len(terms)))
	b.total += len(terms)
	slices.Sort(terms)
	for i := 0; i < len(terms); {
		j := i + 1
		for j < len(terms) && terms[j] == terms[i] {
			j++
		}
		b.units.values = append(b.units.values, terms[i])
		b.counts = append(b.counts, uint16(min(j-i, math.MaxUint16)))
		i = j
	}
	b.units.starts = append(b.units.starts, uint32(len(b.units.values)))
}

// build weighs every term in every unit. A term's weight goes into its rarity.
func (b *fieldBuilder) build(weights []float32) *field {
	n := len(b.length)
	f := &field{
		units:  b.units,
		impact: make([]float32, len(b.units.values)),
		mass:   make([]float32, n),
		rarity: make([]float32, len(weights)),
	}
	having := make([]uint32, len(weights))
	for _, t := range b.units.values {
		having[t]++
	}
	for t, w := range weights {
		f.rarity[t] = w * rarity(n, int(having[t]))
	}
	average := 1.0
	if b.total > 0 {
		average = float64(b.total) / float64(n)
	}
	for u := range n {
		norm := saturation * (1 - lengthNorm + lengthNorm*float64(b.length[u])/average)
		for i := b.units.starts[u]; i < b.units.starts[u+1]; i++ {
			r := f.rarity[b.units.values[i]]
			tf := float64(b.counts[i])
			f.impact[i] = r * float32(tf*(saturation+1)/(tf+norm))
			f.mass[u] += r
		}
	}
	return f
}

// rarity is BM25's inverse document frequency, in the form that is never
// negative.
func rarity(units, having int) float32 {
	return float32(math.Log(1 + (float64(units)-float64(having)+0.5)/(float64(having)+0.5)))
}
