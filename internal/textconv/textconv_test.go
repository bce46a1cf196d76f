package textconv_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"bedside/internal/textconv"
)

var options = textconv.Options{
	Classes: 3, Words: 40, Dimensions: 8, Filters: 12, Width: 2, Epochs: 12, Rate: 0.01, DropWords: 0.1, DropFilters: 0.2, Seed: 1,
}

// ordered are texts of noise; the words 1 and 2 in this order make class 1, in
// the other order class 2, and apart from each other neither.
func ordered(n int, seed uint64) []textconv.Example {
	random := rand.New(rand.NewPCG(seed, 0))
	var examples []textconv.Example
	for i := range n {
		words := make([]int32, 4+random.IntN(8))
		for j := range words {
			words[j] = 3 + random.Int32N(37)
		}
		at := random.IntN(len(words) - 3)
		switch i % 3 {
		case 0:
			words[at], words[at+2] = 1, 2
		case 1:
			words[at], words[at+1] = 1, 2
		case 2:
			words[at], words[at+1] = 2, 1
		}
		examples = append(examples, textconv.Example{Class: i % 3, Words: words})
	}
	return examples
}

// score reads a text through the folded table, as the network's doc says.
func score(n *textconv.Network, classes int, words []int32) []float32 {
	largest := make([]float32, n.Filters)
	for at := 1 - n.Width; at < len(words); at++ {
		for f := range n.Filters {
			value := n.Bias[f]
			for k := range n.Width {
				if i := at + k; i >= 0 && i < len(words) {
					value += n.Rows[(int(words[i])*n.Width+k)*n.Filters+f]
				}
			}
			largest[f] = max(largest[f], value)
		}
	}
	p := make([]float32, classes)
	for c := range p {
		p[c] = n.OutBias[c]
		for f, x := range largest {
			p[c] += n.Out[c*n.Filters+f] * x
		}
	}
	textconv.Softmax(p)
	return p
}

func TestItLearnsTheOrderOfWords(t *testing.T) {
	network := textconv.Train(ordered(1500, 1), options)
	right := 0
	unseen := ordered(300, 2)
	for _, e := range unseen {
		p := score(network, options.Classes, e.Words)
		if slices.Index(p, slices.Max(p)) == e.Class {
			right++
		}
	}
	if right < 285 {
		t.Errorf("%d of %d unseen examples are right", right, len(unseen))
	}
}

func TestTheSameExamplesGiveTheSameNetwork(t *testing.T) {
	a, b := textconv.Train(ordered(200, 1), options), textconv.Train(ordered(200, 1), options)
	if !slices.Equal(a.Rows, b.Rows) || !slices.Equal(a.Out, b.Out) {
		t.Error("two runs differ")
	}
}

func TestUnknownWordsAndEmptyTextsSayNothing(t *testing.T) {
	examples := append(ordered(60, 1), textconv.Example{Class: 0}, textconv.Example{Class: 0, Words: []int32{0, 0, 0}})
	network := textconv.Train(examples, options)
	for _, x := range network.Rows[:network.Width*network.Filters] {
		if x != 0 {
			t.Fatal("the unknown word has a row")
		}
	}
	if !slices.Equal(score(network, 3, nil), score(network, 3, []int32{0, 0})) {
		t.Error("unknown words change a score")
	}
}

func TestProbabilitiesAddUp(t *testing.T) {
	p := []float32{1000, -1000, 1000}
	textconv.Softmax(p)
	if math.Abs(float64(p[0])-0.5) > 1e-6 || p[1] != 0 || p[0] != p[2] {
		t.Errorf("%v", p)
	}
}
