// Package textconv learns which class a short text belongs to from its words in
// their order: an embedding of words, one convolution over neighbouring words,
// the maximum over the text of each filter, and a softmax (Kim 2014).
//
// What is learned is handed out folded: embedding and convolution become one table
// of numbers by word, so that reading a text is adding up rows of it. The package
// promises that the same examples and options give the same network. It stores
// nothing.
package textconv

import (
	"math"
	"math/rand/v2"
)

// Example is a text as its words' numbers, below Options.Words, and its class.
// Word 0 stands for every word that is not known; Words may be empty.
type Example struct {
	Class int
	Words []int32
}

// Options are the shape of a network and how it is learned.
type Options struct {
	Classes     int
	Words       int // how many words are known, the unknown one among them
	Dimensions  int // of a word's embedding
	Filters     int
	Width       int // how many neighbouring words a filter sees
	Epochs      int
	Rate        float32 // the first step's size (Adam); it falls to a tenth
	DropWords   float64 // the share of words that a look at an example leaves out
	DropFilters float64
	Seed        uint64
}

// Network is what was learned. A filter's value at a place is its bias and what
// each of its Width words adds by its position; a text's is the largest, or 0.
type Network struct {
	Width   int
	Filters int
	Rows    []float32 // [word][position][filter]
	Bias    []float32 // [filter]
	Out     []float32 // [class][filter]
	OutBias []float32 // [class]
}

// batch is how many examples share a step.
const batch = 16

// Train learns a network.
func Train(examples []Example, o Options) *Network {
	t := newTrainer(o)
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	for epoch := range o.Epochs {
		t.random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		rate := o.Rate * (1 - 0.9*float32(epoch)/float32(o.Epochs))
		for n, i := range order {
			t.look(&examples[i])
			if n%batch == batch-1 || n == len(order)-1 {
				t.step(rate)
			}
		}
	}
	return t.fold()
}

type trainer struct {
	Options
	embedding, filters, bias, out, outBias *parameters
	random                                 *rand.Rand
	steps                                  int
	touched                                map[int32]bool // words whose embedding has a gradient

	inputs    [][]float32 // by place, with Width-1 empty ones at both ends
	gradients [][]float32 // the same
	empty     []bool      // by place: the input is all zero
	words     []int32
	largest   []float32 // by filter
	at        []int     // by filter: the place of the largest, -1: none is above 0
	scale     []float32 // by filter: 0 where it is left out
	scores    []float32 // by class
}

func newTrainer(o Options) *trainer {
	random := rand.New(rand.NewPCG(o.Seed, 2))
	span := o.Width * o.Dimensions
	t := &trainer{
		Options: o, random: random, touched: map[int32]bool{},
		embedding: newParameters(o.Words*o.Dimensions, 0.1, random),
		filters:   newParameters(o.Filters*span, 1/math.Sqrt(float64(span)), random),
		bias:      newParameters(o.Filters, 0, random),
		out:       newParameters(o.Classes*o.Filters, 0.1, random),
		outBias:   newParameters(o.Classes, 0, random),
		largest:   make([]float32, o.Filters), at: make([]int, o.Filters), scale: make([]float32, o.Filters),
		scores: make([]float32, o.Classes),
	}
	clear(t.embedding.values[:o.Dimensions]) // the unknown word says nothing
	return t
}

// look adds the gradient of one example.
func (t *trainer) look(e *Example) {
	t.read(e)
	t.pool()
	for c := range t.scores {
		t.scores[c] = t.outBias.values[c] + dot(t.out.values[c*t.Filters:][:t.Filters], t.largest)
	}
	Softmax(t.scores)
	t.scores[e.Class]--
	for f := range t.Filters {
		var gradient float32
		for c, g := range t.scores {
			gradient += g * t.out.values[c*t.Filters+f]
			t.out.gradients[c*t.Filters+f] += g * t.largest[f]
		}
		if gradient *= t.scale[f]; gradient != 0 && t.at[f] >= 0 {
			t.back(f, gradient)
		}
	}
	for c, g := range t.scores {
		t.outBias.gradients[c] += g
	}
	for i, w := range t.words {
		if w == 0 {
			continue
		}
		add(t.embedding.gradients[int(w)*t.Dimensions:][:t.Dimensions], t.gradients[i+t.Width-1])
		t.touched[w] = true
	}
}

// read looks the words up, some of them left out.
func (t *trainer) read(e *Example) {
	places := len(e.Words) + 2*(t.Width-1)
	for len(t.inputs) < places {
		t.inputs = append(t.inputs, make([]float32, t.Dimensions))
		t.gradients = append(t.gradients, make([]float32, t.Dimensions))
		t.empty = append(t.empty, true)
	}
	t.words = append(t.words[:0], e.Words...)
	for i := range places {
		clear(t.inputs[i])
		clear(t.gradients[i])
		t.empty[i] = true
	}
	for i, w := range t.words {
		if t.random.Float64() < t.DropWords {
			t.words[i] = 0
		} else if w != 0 {
			copy(t.inputs[i+t.Width-1], t.embedding.values[int(w)*t.Dimensions:])
			t.empty[i+t.Width-1] = false
		}
	}
}

// pool finds each filter's largest value, some filters left out.
func (t *trainer) pool() {
	places := len(t.words) + t.Width - 1
	span := t.Width * t.Dimensions
	for f := range t.Filters {
		t.largest[f], t.at[f] = 0, -1
		t.scale[f] = 0
		if t.random.Float64() < t.DropFilters {
			continue
		}
		t.scale[f] = float32(1 / (1 - t.DropFilters))
		weights := t.filters.values[f*span:][:span]
		for at := range places {
			value := t.bias.values[f]
			for k := range t.Width {
				if !t.empty[at+k] {
					value += dot(weights[k*t.Dimensions:][:t.Dimensions], t.inputs[at+k])
				}
			}
			if value > t.largest[f] {
				t.largest[f], t.at[f] = value, at
			}
		}
		t.largest[f] *= t.scale[f]
	}
}

// back carries a filter's gradient to its weights and words.
func (t *trainer) back(f int, gradient float32) {
	t.bias.gradients[f] += gradient
	for k := range t.Width {
		if t.empty[t.at[f]+k] {
			continue
		}
		from := (f*t.Width + k) * t.Dimensions
		input, back := t.inputs[t.at[f]+k], t.gradients[t.at[f]+k]
		weights, gradients := t.filters.values[from:][:t.Dimensions], t.filters.gradients[from:][:t.Dimensions]
		for d, x := range input {
			gradients[d] += gradient * x
			back[d] += gradient * weights[d]
		}
	}
}

func (t *trainer) step(rate float32) {
	t.steps++
	for _, p := range []*parameters{t.filters, t.bias, t.out, t.outBias} {
		p.step(rate, t.steps, 0, len(p.values))
	}
	for w := range t.touched {
		t.embedding.step(rate, t.steps, int(w)*t.Dimensions, t.Dimensions)
	}
	clear(t.touched)
}

// fold multiplies embedding and filters out.
func (t *trainer) fold() *Network {
	n := &Network{
		Width: t.Width, Filters: t.Filters, Rows: make([]float32, t.Words*t.Width*t.Filters),
		Bias: t.bias.values, Out: t.out.values, OutBias: t.outBias.values,
	}
	for w := range t.Words {
		word := t.embedding.values[w*t.Dimensions:][:t.Dimensions]
		for k := range t.Width {
			for f := range t.Filters {
				n.Rows[(w*t.Width+k)*t.Filters+f] = dot(word, t.filters.values[(f*t.Width+k)*t.Dimensions:][:t.Dimensions])
			}
		}
	}
	return n
}

// Softmax turns scores into probabilities.
func Softmax(p []float32) {
	most := p[0]
	for _, x := range p {
		most = max(most, x)
	}
	sum := float32(0)
	for c, x := range p {
		p[c] = float32(math.Exp(float64(x - most)))
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
	}
}

func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

func add(to, what []float32) {
	for i, x := range what {
		to[i] += x
	}
}
