package textconv

import (
	"math"
	"math/rand/v2"
)

// parameters are numbers that are learned by Adam (Kingma and Ba 2015).
type parameters struct {
	values, gradients []float32
	mean, square      []float32
}

func newParameters(n int, deviation float64, random *rand.Rand) *parameters {
	p := &parameters{make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)}
	for i := range p.values {
		p.values[i] = float32(random.NormFloat64() * deviation)
	}
	return p
}

// step moves n values from the given one on against their gradients, and clears
// these.
func (p *parameters) step(rate float32, steps, from, n int) {
	const keepMean, keepSquare, least = 0.9, 0.999, 1e-8
	meanBias := float32(1 - math.Pow(keepMean, float64(steps)))
	squareBias := float32(1 - math.Pow(keepSquare, float64(steps)))
	for i := from; i < from+n; i++ {
		g := p.gradients[i]
		p.mean[i] = keepMean*p.mean[i] + (1-keepMean)*g
		p.square[i] = keepSquare*p.square[i] + (1-keepSquare)*g*g
		p.values[i] -= rate * (p.mean[i] / meanBias) / (float32(math.Sqrt(float64(p.square[i]/squareBias))) + least)
		p.gradients[i] = 0
	}
}
