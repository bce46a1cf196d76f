// Package logistic learns which class an example belongs to from sparse
// features: multinomial logistic regression by stochastic gradients, for scores
// whose weights ship with the program as numbers. Where there are two classes and
// a few numbers that every example has, FitDense finds the best weights at once.
//
// An example may have several instances, such as the stretches of a long message.
// It belongs to its class when one of them does; an example of a background class
// has none that belongs to another class. It promises that the same examples and
// options give the same model, whatever the machine does besides. It stores
// nothing.
package logistic

import (
	"math"
	"math/rand/v2"
)

// Feature is one coordinate of an instance.
type Feature struct {
	Index uint32 // below Options.Dimensions
	Value float32
}

// Instance is the features of one thing to be judged; none of them stands twice
// unless it is meant to count twice.
type Instance []Feature

// Example is what is learned from. Instances may not be empty.
type Example struct {
	Class     int
	Weight    float32 // how often it counts; 0 is once
	Instances []Instance
}

// Options are the shape of a model and how it is learned.
type Options struct {
	Classes    int
	Dimensions int
	Background int     // classes below this number are background
	Epochs     int     // how often each example is looked at
	Rate       float32 // the first step's size
	Decay      float32 // what a weight loses with each step that touches it (L2)
	Drop       float32 // the share of features that each look leaves out
	Seed       uint64
}

// Model holds a weight for every feature and class. Bias is that of each class.
type Model struct {
	Classes int
	Weights []float32 // [feature*Classes+class]
	Bias    []float32
}

// Train learns a model. The weights are averaged over the second half of the
// epochs.
func Train(examples []Example, o Options) *Model {
	t := trainer{
		Options: o,
		model:   &Model{Classes: o.Classes, Weights: make([]float32, o.Dimensions*o.Classes), Bias: make([]float32, o.Classes)},
		squares: make([]float32, o.Dimensions*o.Classes), biasSquares: make([]float32, o.Classes),
		random: rand.New(rand.NewPCG(o.Seed, 1)),
		p:      make([]float32, o.Classes),
	}
	sum := &Model{Weights: make([]float32, len(t.model.Weights)), Bias: make([]float32, o.Classes)}
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	averaged := float32(0)
	for epoch := range o.Epochs {
		t.random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			t.look(&examples[i], epoch == 0)
		}
		if 2*epoch >= o.Epochs {
			averaged++
			for i, w := range t.model.Weights {
				sum.Weights[i] += w
			}
			for i, b := range t.model.Bias {
				sum.Bias[i] += b
			}
		}
	}
	for i := range sum.Weights {
		t.model.Weights[i] = sum.Weights[i] / averaged
	}
	for i := range sum.Bias {
		t.model.Bias[i] = sum.Bias[i] / averaged
	}
	return t.model
}

type trainer struct {
	Options
	model       *Model
	squares     []float32 // of each weight's gradients (AdaGrad)
	biasSquares []float32
	random      *rand.Rand
	p           []float32
	kept        Instance
}

// look takes a step towards one example. At first nothing is known of which of
// its instances counts, so one is drawn.
func (t *trainer) look(e *Example, first bool) {
	chosen := e.Instances[0]
	switch {
	case len(e.Instances) == 1:
	case first:
		chosen = e.Instances[t.random.IntN(len(e.Instances))]
	default:
		chosen = e.Instances[t.model.Strongest(e.Instances, e.Class, t.Background, t.p)]
	}
	t.kept = t.kept[:0]
	for _, f := range chosen {
		if t.Drop == 0 || t.random.Float32() >= t.Drop {
			t.kept = append(t.kept, f)
		}
	}
	t.model.Probabilities(t.kept, t.p)
	weight := e.Weight
	if weight == 0 {
		weight = 1
	}
	for c := range t.p {
		gradient := t.p[c]
		if c == e.Class {
			gradient--
		}
		gradient *= weight
		if gradient > -1e-4 && gradient < 1e-4 {
			continue
		}
		t.biasSquares[c] += gradient * gradient
		t.model.Bias[c] -= t.Rate * gradient / (1e-3 + root(t.biasSquares[c]))
		for _, f := range t.kept {
			at := int(f.Index)*t.Classes + c
			g := gradient*f.Value + t.Decay*t.model.Weights[at]
			t.squares[at] += g * g
			t.model.Weights[at] -= t.Rate * g / (1e-3 + root(t.squares[at]))
		}
	}
}

func root(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// Probabilities writes how likely each class is into p, which has a place for
// every class.
func (m *Model) Probabilities(instance Instance, p []float32) {
	copy(p, m.Bias)
	for _, f := range instance {
		for c, w := range m.Weights[int(f.Index)*m.Classes:][:m.Classes] {
			p[c] += w * f.Value
		}
	}
	Softmax(p)
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

// Strongest returns the instance that speaks most for the class, or for a
// background class the one that speaks most against all background classes. p is
// working space with a place for every class.
func (m *Model) Strongest(instances []Instance, class, background int, p []float32) int {
	best, bestScore := 0, float32(-1)
	for i, instance := range instances {
		m.Probabilities(instance, p)
		score := p[class]
		if class < background {
			score = 1
			for _, x := range p[:background] {
				score -= x
			}
		}
		if score > bestScore {
			best, bestScore = i, score
		}
	}
	return best
}
