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

// field is one inverted file. A unit is what is scored on its own: a passage
// for titles and texts, a question for questions. A posting holds its term's
// finished BM25 weight but for the term's rarity, so that scoring is one
// multiplication and one addition.
type field struct {
	units   int
	starts  []uint32 // of each term's postings; one longer than the vocabulary
	unit    []uint32
	impact  []float32
	rarity  []float32 // of each term
	forward rows      // the terms of each unit, sorted, each once
	mass    []float32 // the rarity of a unit's terms together
}

func (f *field) postings(term uint32) (units []uint32, impacts []float32) {
	from, to := f.starts[term], f.starts[term+1]
	return f.unit[from:to], f.impact[from:to]
}

// rows is a list of lists in one piece of memory.
type rows struct {
	starts []uint32
	values []uint32
}

func (r *rows) of(i uint32) []uint32 { return r.values[r.starts[i]:r.starts[i+1]] }

func (r *rows) add(values []uint32) {
	if r.starts == nil {
		r.starts = append(r.starts, 0)
	}
	r.values = append(r.values, values...)
	r.starts = append(r.starts, uint32(len(r.values)))
}

// fieldBuilder collects the units of a field in their order.
type fieldBuilder struct {
	terms   rows
	counts  []uint16
	lengths []uint32
	total   int
}

// add takes the terms of the next unit, and may reorder them.
func (b *fieldBuilder) add(terms []uint32) {
	b.lengths = append(b.lengths, uint32(len(terms)))
	b.total += len(terms)
	slices.Sort(terms)
	unique := terms[:0]
	for i := 0; i < len(terms); {
		j := i + 1
		for j < len(terms) && terms[j] == terms[i] {
			j++
		}
		unique = append(unique, terms[i])
		b.counts = append(b.counts, uint16(min(j-i, math.MaxUint16)))
		i = j
	}
	b.terms.add(unique)
}

// build turns the units into postings. A term's weight goes into its rarity.
func (b *fieldBuilder) build(weights []float32) field {
	vocabulary := len(weights)
	n := len(b.lengths)
	f := field{
		units:   n,
		starts:  make([]uint32, vocabulary+1),
		unit:    make([]uint32, len(b.terms.values)),
		impact:  make([]float32, len(b.terms.values)),
		rarity:  make([]float32, vocabulary),
		forward: b.terms,
		mass:    make([]float32, n),
	}
	if n == 0 {
		f.forward.starts = []uint32{0}
	}
	for _, t := range b.terms.values {
		f.starts[t+1]++
	}
	for t := range vocabulary {
		f.rarity[t] = weights[t] * rarity(n, int(f.starts[t+1]))
		f.starts[t+1] += f.starts[t]
	}
	average := 1.0
	if b.total > 0 {
		average = float64(b.total) / float64(n)
	}
	next := slices.Clone(f.starts[:vocabulary])
	for u := range n {
		norm := saturation * (1 - lengthNorm + lengthNorm*float64(b.lengths[u])/average)
		for i := b.terms.starts[u]; i < b.terms.starts[u+1]; i++ {
			t := b.terms.values[i]
			tf := float64(b.counts[i])
			at := next[t]
			next[t]++
			f.unit[at] = uint32(u)
			f.mass[u] += f.rarity[t]
			f.impact[at] = float32(tf * (saturation + 1) / (tf + norm))
		}
	}
	return f
}

// rarity is BM25's inverse document frequency, in the form that is never
// negative.
func rarity(units, having int) float32 {
	return float32(math.Log(1 + (float64(units)-float64(having)+0.5)/(float64(having)+0.5)))
}
