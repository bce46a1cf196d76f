package logistic_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"bedside/internal/logistic"
)

// drawn are rows whose labels were drawn from a known model; the columns differ
// in size.
func drawn(n int, known logistic.Model) (rows [][]float64, labels []bool) {
	random := rand.New(rand.NewPCG(1, 2))
	for range n {
		row := []float64{random.NormFloat64(), 100 * random.NormFloat64(), 5}
		rows, labels = append(rows, row), append(labels, random.Float64() < known.Probability(row))
	}
	return rows, labels
}

func TestFitFindsTheModelThatMadeTheLabels(t *testing.T) {
	known := logistic.Model{Bias: -0.5, Weights: []float64{2, -0.01, 0}}
	rows, labels := drawn(20000, known)
	got, err := logistic.Fit(rows, labels, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range known.Weights {
		if size := max(math.Abs(want), 0.01); math.Abs(got.Weights[i]-want) > 0.1*size {
			t.Errorf("weight %d is %.4f, want %.4f", i, got.Weights[i], want)
		}
	}
	if math.Abs(got.Bias-known.Bias) > 0.1 {
		t.Errorf("bias %.3f, want %.3f", got.Bias, known.Bias)
	}
}

func TestFitTakesAWeightForRepetition(t *testing.T) {
	rows := [][]float64{{0}, {1}, {1}, {0}, {1}}
	labels := []bool{false, true, false, true, true}
	repeated, err := logistic.Fit(append(rows, rows[1], rows[1]), append(labels, true, true), nil, 0.1)
	if err != nil {
		t.Fatal(err)
	}
	weighted, err := logistic.Fit(rows, labels, []float64{1, 3, 1, 1, 1}, 0.1)
	if err != nil {
		t.Fatal(err)
	}
	// The spread that ridge is measured on is the rows', so the two differ a little.
	if a, b := repeated.Probability(rows[1]), weighted.Probability(rows[1]); math.Abs(a-b) > 0.02 {
		t.Errorf("%.4f when repeated, %.4f when weighted", a, b)
	}
}

func TestFitRefusesWhatItCannotFit(t *testing.T) {
	for name, fit := range map[string]func() (*logistic.Model, error){
		"no rows":        func() (*logistic.Model, error) { return logistic.Fit(nil, nil, nil, 1) },
		"too few labels": func() (*logistic.Model, error) { return logistic.Fit([][]float64{{1}}, nil, nil, 1) },
		"two columns that are the same": func() (*logistic.Model, error) {
			return logistic.Fit([][]float64{{1, 1}, {2, 2}, {3, 3}}, []bool{true, false, true}, nil, 0)
		},
	} {
		if model, err := fit(); err == nil {
			t.Errorf("%s: %v and no error", name, model)
		}
	}
}
