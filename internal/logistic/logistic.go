// Package logistic learns how probable one of two classes is: from a few numbers that
// every example has, by Newton's method, or from a few of very many features, by small
// steps. It is for scores whose weights ship with the program as numbers. It promises
// that the same examples give the same model. It stores nothing.
package logistic

import (
	"errors"
	"math"
)

// Model is a model of two classes.
type Model struct {
	Bias    float64
	Weights []float64
}

// Probability is how likely the class that was learned as true is.
func (m *Model) Probability(row []float64) float64 {
	score := m.Bias
	for i, w := range m.Weights {
		score += w * row[i]
	}
	return 1 / (1 + math.Exp(-score))
}

const (
	newtonSteps  = 50
	newtonEnough = 1e-9 // a step this small ends the search
)

// Fit learns a model by Newton's method. ridge is what weights cost, on
// columns brought to the same spread, so that it means the same for all of them;
// weights counts an example more or less often, nil counts each once.
func Fit(rows [][]float64, labels []bool, weights []float64, ridge float64) (*Model, error) {
	if len(rows) == 0 || len(rows) != len(labels) || weights != nil && len(weights) != len(rows) {
		return nil, errors.New("fit a model: no rows, or not as many labels or weights")
	}
	n := len(rows[0])
	mean, spread := spreads(rows)
	fit := make([]float64, n+1) // the last is the bias
	x := make([]float64, n+1)
	for range newtonSteps {
		gradient := make([]float64, n+1)
		hessian := make([][]float64, n+1)
		for i := range hessian {
			hessian[i] = make([]float64, n+1)
		}
		for r, row := range rows {
			score := 0.0
			for i := range row {
				x[i] = (row[i] - mean[i]) / spread[i]
			}
			x[n] = 1
			for i := range x {
				score += fit[i] * x[i]
			}
			p := 1 / (1 + math.Exp(-score))
			weight, target := 1.0, 0.0
			if weights != nil {
				weight = weights[r]
			}
			if labels[r] {
				target = 1
			}
			curve := weight * max(p*(1-p), 1e-10)
			for i := range x {
				gradient[i] += weight * (p - target) * x[i]
				for j := range i + 1 {
					hessian[i][j] += curve * x[i] * x[j]
				}
			}
		}
		for i := range n {
			gradient[i] += ridge * fit[i]
			hessian[i][i] += ridge
		}
		hessian[n][n] += 1e-9 // labels of one kind only
		step, err := solve(hessian, gradient)
		if err != nil {
			return nil, err
		}
		largest := 0.0
		for i := range fit {
			fit[i] -= step[i]
			largest = max(largest, math.Abs(step[i]))
		}
		if largest < newtonEnough {
			break
		}
	}
	model := &Model{Bias: fit[n], Weights: make([]float64, n)}
	for i := range n {
		model.Weights[i] = fit[i] / spread[i]
		model.Bias -= model.Weights[i] * mean[i]
	}
	return model, nil
}

// spreads returns each column's mean and standard deviation, 1 for a column that
// is the same throughout.
func spreads(rows [][]float64) (mean, spread []float64) {
	n := float64(len(rows))
	mean, spread = make([]float64, len(rows[0])), make([]float64, len(rows[0]))
	for _, row := range rows {
		for i, value := range row {
			mean[i] += value / n
		}
	}
	for _, row := range rows {
		for i, value := range row {
			spread[i] += (value - mean[i]) * (value - mean[i]) / n
		}
	}
	for i := range spread {
		if spread[i] = math.Sqrt(spread[i]); spread[i] < 1e-12 {
			spread[i] = 1
		}
	}
	return mean, spread
}

// solve returns x of a x = b, a being symmetric and positive with its lower half
// filled in (Cholesky). a is used up.
func solve(a [][]float64, b []float64) ([]float64, error) {
	for i := range a {
		for j := range i + 1 {
			sum := a[i][j]
			for k := range j {
				sum -= a[i][k] * a[j][k]
			}
			if i != j {
				a[i][j] = sum / a[j][j]
				continue
			}
			if !(sum > 0) {
				return nil, errors.New("fit a model: a column follows from the others, and nothing is said for small weights")
			}
			a[i][i] = math.Sqrt(sum)
		}
	}
	x := make([]float64, len(b))
	for i := range x {
		sum := b[i]
		for k := range i {
			sum -= a[i][k] * x[k]
		}
		x[i] = sum / a[i][i]
	}
	for i := len(x) - 1; i >= 0; i-- {
		for k := i + 1; k < len(x); k++ {
			x[i] -= a[k][i] * x[k]
		}
		x[i] /= a[i][i]
	}
	return x, nil
}
