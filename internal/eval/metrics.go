package eval

import (
	"math"
	"slices"
)

// ndcg is the normalised discounted cumulative gain of the first k of ranking,
// with the grade itself as the gain, as trec_eval has it.
func ndcg(ranking []string, grade map[string]float64, k int) float64 {
	gain := 0.0
	for i, id := range ranking[:min(k, len(ranking))] {
		gain += grade[id] / math.Log2(float64(i)+2)
	}
	grades := make([]float64, 0, len(grade))
	for _, g := range grade {
		grades = append(grades, g)
	}
	slices.Sort(grades)
	slices.Reverse(grades)
	ideal := 0.0
	for i, g := range grades[:min(k, len(grades))] {
		ideal += g / math.Log2(float64(i)+2)
	}
	if ideal == 0 {
		return 0
	}
	return gain / ideal
}

// recall is the share of the relevant documents among the first k.
func recall(ranking []string, grade map[string]float64, k int) float64 {
	found, relevant := 0, 0
	for _, g := range grade {
		if g > 0 {
			relevant++
		}
	}
	for _, id := range ranking[:min(k, len(ranking))] {
		if grade[id] > 0 {
			found++
		}
	}
	if relevant == 0 {
		return 0
	}
	return float64(found) / float64(relevant)
}

// reciprocalRank is one over the place of the first relevant document among the
// first k, or 0.
func reciprocalRank(ranking []string, grade map[string]float64, k int) float64 {
	for i, id := range ranking[:min(k, len(ranking))] {
		if grade[id] > 0 {
			return 1 / float64(i+1)
		}
	}
	return 0
}

// auroc is the chance that a positive scores above a negative; ties count half.
func auroc(positives, negatives []float64) float64 {
	if len(positives) == 0 || len(negatives) == 0 {
		return 0
	}
	sorted := slices.Clone(negatives)
	slices.Sort(sorted)
	sum := 0.0
	for _, p := range positives {
		below, _ := slices.BinarySearch(sorted, p)
		above, _ := slices.BinarySearchFunc(sorted, p, func(n, p float64) int {
			if n <= p {
				return -1
			}
			return 1
		})
		sum += float64(below) + float64(above-below)/2
	}
	return sum / float64(len(positives)) / float64(len(negatives))
}

// recallAt is the largest share of the positives that a threshold finds while it
// takes at most the given share of the negatives for positives.
func recallAt(positives, negatives []float64, rate float64) float64 {
	if len(positives) == 0 || len(negatives) == 0 {
		return 0
	}
	sorted := slices.Clone(negatives)
	slices.Sort(sorted)
	allowed := int(rate * float64(len(sorted)))
	if allowed >= len(sorted) {
		return 1
	}
	bar := sorted[len(sorted)-1-allowed] // whoever is above it is found
	found := 0
	for _, p := range positives {
		if p > bar {
			found++
		}
	}
	return float64(found) / float64(len(positives))
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
