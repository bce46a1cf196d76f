// Package retrieve finds the passages that may answer a question.
package retrieve

import "bedside/internal/chat"

// Hit is a passage that was found.
type Hit struct {
	Passage chat.Passage
	Score   float64
	// Coverage is how much of the question's subject the passage's title,
	// heading and questions cover, 0 to 1.
	Coverage float64
}

// Result is what a search found, best first.
type Result struct {
	Hits []Hit
	// Confidence that the material answers the question at all, 0 to 1.
	Confidence float64
	// Covered says whether Confidence reaches the calibrated threshold.
	Covered bool
	// Terms are the analysed words of the question that were searched with, after
	// spelling and synonyms.
	Terms []string
}

// Query is a question and the ones before it in the conversation, oldest first.
type Query struct {
	Text     string
	Previous []string
	Language string // BCP 47; empty: guessed
	Limit    int
}
