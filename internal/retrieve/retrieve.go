// Package retrieve finds the passages that may answer a question, and says how
// sure it is that the material answers it at all.
//
// # What it promises
//
// An Index never changes after New and is safe for concurrent use. The same
// question finds the same passages in the same order. No text makes a search
// fail or take long: what is read of a question is bounded. It stores nothing
// and logs nothing; the question's words leave it only as Result.Terms.
//
// # How it searches
//
// What is typed on a phone for everyday words is written out first (language.WriteOut).
// A word that nobody knows is then taken for a slip of one that is known: some letters
// off, or written as it sounds and without some of its vowels ("depresd").
//
// Title with heading, text with qualifiers, and each question that a passage
// answers are scored by BM25 on their own and summed; of a passage's questions
// the best one counts. Words lose their plural ending; words that share a full
// stem, synonyms and mended misspellings count for less than what was written,
// and of all that counts for one word of the question only the best counts.
// What a question asks for ("how long", "why") is a word too. The hundred best
// passages are then looked at closely: how near the best question is to the one
// asked, and whether the passage sounds like an answer of the kind asked for
// (kinds/en.txt), which counts only as far as its title's topic is the
// question's: ungated it lifts passages on other topics. Of the best of these it
// counts how much of the subject they cover, and how far a question is worded as
// the one asked, small words and all, and whether one asks in its manner: what is
// told of who made it does not tell when. Words that are seldom a subject
// (words/vague-*.txt) count for little. A question that points back is searched
// together with the one before it, and with those that one leans on. A message
// that asks several things ("what is it and how does it work?", "who made it and
// when?"), or compares two that no passage compares, is also searched part by part.
//
// Confidence is a logistic of the score against the best possible, of how much
// of the question's subject a passage's title, heading and questions cover, and
// of how much nearer to it stands a question that the material is known not to
// answer (Options.Gaps). A gap is never found: it only weighs against what is,
// so that a passage which answers as well wins. (confidence.go has the weights
// and the command that makes them.)
//
// Where Query.Near ranks passages by another measure (package vectors), the two
// rankings are fused by reciprocal rank. Confidence stays the words': it was
// calibrated on them, and every embedding model has distances of its own.
//
// # Why an index of its own
//
// Half-times of a search over 30, 10,000 and 100,000 passages, measured on two
// shared virtual cores before this was written: a plain BM25 index in memory
// 0.6, 21 and 174 µs; bleve with scorch in memory 28, 515 and 7,510 µs; bleve's
// NewMemOnly 68 and 4,375 µs, and 22 s to index 10,000. The material is small,
// rebuilt at every start and held in memory, so that a library's segments,
// merges and storage buy nothing here. This index with all of the above takes
// about 25, 100 and 400 µs for 60, 10,000 and 100,000 synthetic passages with
// three questions each (words drawn by Zipf's law); repeat with
//
//	go test ./internal/retrieve -run xxx -bench Search
//
// What ranks well was measured on a collection of medical answers and on
// patients' questions on the shipped material (testdata); repeat with
// "bedside eval retrieval DIR" and "go test ./internal/retrieve". BM25's own
// parameters, the weights of title and text, and everything that a set without
// questions would see were left at plain values: tuning them to one set is known
// to cost twice as much on others.
package retrieve

import "bedside/internal/chat"

// Hit is a passage that was found.
type Hit struct {
	Passage chat.Passage
	Score   float64 // comparable within one search
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
	// Leads is how many of the first hits each answer a question of their own, where
	// the message asks several; else 0.
	Leads int
	// Partly says that another of its questions is not covered.
	Partly bool
	// Terms are the analysed words of the question that were searched with, after
	// spelling and synonyms.
	Terms []string
	// Subjects are the words of the question itself that the material knows.
	Subjects []Subject
}

// Subject is a word of the question: what may stand for it in the material, and
// its share of what the question is about.
type Subject struct {
	Terms []string
	Share float64 // 0 to 1
}

// Query is a question and the ones before it in the conversation, oldest first.
type Query struct {
	Text     string
	Previous []string
	Language string // BCP 47; empty: guessed
	Limit    int    // hits at most (10)
	// Near are the passages nearest in meaning by another measure, nearest first;
	// none: the words alone decide.
	Near []chat.PassageID
}
