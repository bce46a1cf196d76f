package eval

import (
	"math"
	"testing"
)

// The expected values are worked out by hand; 1/log2(3) is 0.63093, 1/log2(4)
// is 0.5.
func TestMetrics(t *testing.T) {
	const third = 0.6309297535714575 // 1/log2(3): what the second place is worth
	tests := []struct {
		name                string
		ranking             []string
		grade               map[string]float64
		ndcg, recall, recip float64
		depth               int
	}{
		{"first", []string{"a", "b"}, map[string]float64{"a": 1}, 1, 1, 1, 10},
		{"second", []string{"b", "a"}, map[string]float64{"a": 1}, third, 1, 0.5, 10},
		{"not found", []string{"b"}, map[string]float64{"a": 1}, 0, 0, 0, 10},
		{"nothing returned", nil, map[string]float64{"a": 1}, 0, 0, 0, 10},
		{"beyond the depth", []string{"b", "c", "a"}, map[string]float64{"a": 1}, 0, 0, 0, 2},
		{
			"two of three",
			[]string{"a", "x", "b"},
			map[string]float64{"a": 1, "b": 1, "c": 1},
			(1 + 0.5) / (1 + third + 0.5), 2.0 / 3, 1, 10,
		},
		{
			"grades",
			[]string{"b", "a"},
			map[string]float64{"a": 3, "b": 1},
			(1 + 3*third) / (3 + third), 1, 1, 10,
		},
		{"more relevant than the depth", []string{"a", "b"}, map[string]float64{"a": 1, "b": 1, "c": 1}, 1, 2.0 / 3, 1, 2},
	}
	near := func(t *testing.T, what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s = %v, want %v", what, got, want)
		}
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			near(t, "ndcg", ndcg(test.ranking, test.grade, test.depth), test.ndcg)
			near(t, "recall", recall(test.ranking, test.grade, test.depth), test.recall)
			near(t, "reciprocal rank", reciprocalRank(test.ranking, test.grade, test.depth), test.recip)
		})
	}
	for _, test := range []struct {
		positives, negatives []float64
		want                 float64
	}{
		{[]float64{0.9, 0.8}, []float64{0.1, 0.2}, 1},
		{[]float64{0.1}, []float64{0.9}, 0},
		{[]float64{0.5}, []float64{0.5}, 0.5},
		{[]float64{0.9, 0.4}, []float64{0.5, 0.4}, (1 + 1 + 0 + 0.5) / 4},
	} {
		near(t, "auroc", auroc(test.positives, test.negatives), test.want)
	}
}
