package logistic

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSparseTellsWhatAFeatureMeans learns from examples of which one feature in twenty
// says what they are, beside nine that say nothing.
func TestSparseTellsWhatAFeatureMeans(t *testing.T) {
	const size, telling = 1000, 50
	random := rand.New(rand.NewPCG(1, 1))
	draw := func(n int) (rows [][]uint32, labels []bool) {
		for range n {
			label := random.IntN(2) == 0
			row := make([]uint32, 10)
			for i := range row {
				row[i] = 2*telling + random.Uint32N(size-2*telling)
			}
			row[random.IntN(len(row))] = random.Uint32N(telling)
			if label {
				row[slices.IndexFunc(row, func(f uint32) bool { return f < telling })] += telling
			}
			rows, labels = append(rows, row), append(labels, label)
		}
		return rows, labels
	}
	rows, labels := draw(4000)
	model := FitSparse(rows, labels, size, 1)
	again := FitSparse(rows, labels, size, 1)
	if model.Bias != again.Bias || !slices.Equal(model.Weights, again.Weights) {
		t.Error("the same examples give another model")
	}
	rows, labels = draw(1000)
	right := 0
	for i, row := range rows {
		if (model.Score(row) > 0) == labels[i] {
			right++
		}
	}
	if right < 970 {
		t.Errorf("%d of %d are told", right, len(rows))
	}
}

func TestSparseOfNothing(t *testing.T) {
	model := FitSparse([][]uint32{nil, {}}, []bool{true, false}, 4, 1)
	if model.Score(nil) != model.Bias || model.Bias != 0 {
		t.Errorf("examples without features say %v", model)
	}
}
