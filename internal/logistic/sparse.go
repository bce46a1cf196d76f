package logistic

import (
	"math"
	"math/rand/v2"
)

// Sparse is a model of two classes over very many features, of which an example has
// some: the log odds are the bias and the sum of its features' weights, over the square
// root of how many it has, so that a long example says no more than a short one.
type Sparse struct {
	Bias    float32
	Weights []float32 // by feature
}

// How a sparse model is learned: in so many rounds over the examples, with steps of this
// length that become shorter for a feature the more it has moved, and with weights that
// are drawn to nothing.
const (
	sparseRounds = 6
	sparseStep   = 0.3
	sparseBias   = 0.01
	sparseRidge  = 1e-6
)

// FitSparse learns from examples' features, each below size. A feature may stand in an
// example several times, and counts as often.
func FitSparse(rows [][]uint32, labels []bool, size int, seed uint64) *Sparse {
	random := rand.New(rand.NewPCG(seed, 1))
	model := &Sparse{Weights: make([]float32, size)}
	moved := make([]float32, size) // the squares of the gradients, summed
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	for range sparseRounds {
		random.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
		for _, i := range order {
			row := rows[i]
			if len(row) == 0 {
				continue
			}
			target := float32(0)
			if labels[i] {
				target = 1
			}
			share := float32(1 / math.Sqrt(float64(len(row))))
			off := float32(1/(1+math.Exp(-float64(model.Score(row))))) - target
			model.Bias -= sparseBias * off
			for _, feature := range row {
				gradient := off*share + sparseRidge*model.Weights[feature]
				moved[feature] += gradient * gradient
				model.Weights[feature] -= sparseStep * gradient / (float32(math.Sqrt(float64(moved[feature]))) + 1e-6)
			}
		}
	}
	return model
}

// Score is the log odds of an example.
func (s *Sparse) Score(row []uint32) float32 {
	if len(row) == 0 {
		return s.Bias
	}
	sum := float32(0)
	for _, feature := range row {
		sum += s.Weights[feature]
	}
	return s.Bias + sum/float32(math.Sqrt(float64(len(row))))
}
