package logistic_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"bedside/internal/logistic"
)

// bags are examples of two instances of noise each; in an example of class 1 or 2
// one of the two also holds the feature that tells.
func bags(n int, seed uint64) []logistic.Example {
	random := rand.New(rand.NewPCG(seed, 0))
	noise := func() logistic.Instance {
		var instance logistic.Instance
		for range 5 {
			instance = append(instance, logistic.Feature{Index: 10 + random.Uint32N(50), Value: 1})
		}
		return instance
	}
	var examples []logistic.Example
	for i := range n {
		e := logistic.Example{Class: i % 3, Instances: []logistic.Instance{noise(), noise()}}
		if e.Class > 0 {
			at := random.IntN(2)
			e.Instances[at] = append(e.Instances[at], logistic.Feature{Index: uint32(e.Class), Value: 1})
		}
		examples = append(examples, e)
	}
	return examples
}

var options = logistic.Options{Classes: 3, Dimensions: 60, Background: 1, Epochs: 20, Rate: 0.1, Drop: 0.2, Decay: 1e-4, Seed: 1}

func TestItFindsWhichInstanceTells(t *testing.T) {
	model := logistic.Train(bags(600, 1), options)
	right := 0
	unseen := bags(300, 2)
	p := make([]float32, options.Classes)
	for _, e := range unseen {
		model.Probabilities(e.Instances[model.Strongest(e.Instances, 0, 1, p)], p)
		if slices.Index(p, slices.Max(p)) == e.Class {
			right++
		}
	}
	if right < 290 {
		t.Errorf("%d of %d unseen examples are right", right, len(unseen))
	}
}

func TestTheSameExamplesGiveTheSameModel(t *testing.T) {
	a, b := logistic.Train(bags(200, 1), options), logistic.Train(bags(200, 1), options)
	if !slices.Equal(a.Weights, b.Weights) || !slices.Equal(a.Bias, b.Bias) {
		t.Error("two runs differ")
	}
}

func TestProbabilitiesAddUp(t *testing.T) {
	p := []float32{1000, -1000, 1000}
	logistic.Softmax(p)
	if math.Abs(float64(p[0])-0.5) > 1e-6 || p[1] != 0 || p[0] != p[2] {
		t.Errorf("%v", p)
	}
}

func TestWeightCountsAsRepetition(t *testing.T) {
	heavy := []logistic.Example{
		{Class: 0, Weight: 9, Instances: []logistic.Instance{{{Index: 0, Value: 1}}}},
		{Class: 1, Instances: []logistic.Instance{{{Index: 0, Value: 1}}}},
	}
	model := logistic.Train(heavy, logistic.Options{Classes: 2, Dimensions: 1, Epochs: 400, Rate: 0.05, Seed: 1})
	p := make([]float32, 2)
	model.Probabilities(heavy[0].Instances[0], p)
	if p[0] < 0.8 {
		t.Errorf("the heavier class has probability %.2f", p[0])
	}
}
