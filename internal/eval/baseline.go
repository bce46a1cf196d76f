package eval

import (
	"math"
	"slices"

	"bedside/internal/language"
)

// baseline is BM25 as in the textbooks: one field of title and text, stemmed,
// without stop words, k1 1.2 and b 0.75. It shares with the product's retriever
// only what a word is.
type baseline struct {
	ids      []string
	lengths  []float64
	average  float64
	postings map[string][]occurrence
}

type occurrence struct {
	document int
	count    float64
}

func newBaseline(documents []document) *baseline {
	b := &baseline{postings: map[string][]occurrence{}}
	for i, d := range documents {
		terms := language.ContentStems(language.English, d.Title+"\n"+d.Text)
		counts := map[string]float64{}
		for _, t := range terms {
			counts[t]++
		}
		for t, n := range counts {
			b.postings[t] = append(b.postings[t], occurrence{i, n})
		}
		b.ids = append(b.ids, d.ID)
		b.lengths = append(b.lengths, float64(len(terms)))
		b.average += float64(len(terms)) / float64(len(documents))
	}
	return b
}

// search returns the ids of the k best documents, and the best score.
func (b *baseline) search(text string, k int) ([]string, float64) {
	scores := make([]float64, len(b.ids))
	for _, t := range language.ContentStems(language.English, text) {
		postings := b.postings[t]
		n, having := float64(len(b.ids)), float64(len(postings))
		idf := math.Log(1 + (n-having+0.5)/(having+0.5))
		for _, p := range postings {
			norm := 1.2 * (0.25 + 0.75*b.lengths[p.document]/b.average)
			scores[p.document] += idf * p.count * 2.2 / (p.count + norm)
		}
	}
	var order []int
	for i, s := range scores {
		if s > 0 {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(i, j int) int {
		if scores[i] != scores[j] {
			if scores[i] > scores[j] {
				return -1
			}
			return 1
		}
		return i - j
	})
	var ids []string
	best := 0.0
	for place, i := range order[:min(k, len(order))] {
		if place == 0 {
			best = scores[i]
		}
		ids = append(ids, b.ids[i])
	}
	return ids, best
}
