// Package draft writes the sentences of an answer: in the material's own words
// (Extractor), or in a model's (Generative), which also words a question for the
// search where it leans on others or is in another language.
//
// It promises that an Extractor's sentences are their passages' byte for byte. Of a
// model's it promises only that they are whole, and that one which repeats the prompt
// cites nothing: whoever shows them has them checked first. It stores nothing; an
// Extractor keeps in memory the words of the passages that it has read.
package draft

import (
	"cmp"

	"bedside/internal/chat"
)

// Sentence is one drafted sentence with the passages that it cites.
type Sentence struct {
	// Text without markers and with its trailing space or line break.
	Text string
	// Cites are numbers of the given passages, from 1, as they were written:
	// they may be ones that were never given.
	Cites []int

	words *Words // of a sentence of the material
}

// Request is what an answer is drafted from.
type Request struct {
	Question chat.Text
	English  string         // the question in English, where it was asked in another language and a model put it so
	Previous []chat.Text    // earlier questions, oldest first
	Passages []chat.Passage // best first
	Fit      []float64      // of each passage, beside the best one: 0 to 1
	Leads    int            // how many of the first passages each answer a question of their own; 0: none does
	Terms    []string       // the question's analysed words
	Subjects []Subject      // the same by the word that they stand for
	Wish     Wish           // how the person wants to be told
	Told     string         // what was answered to the question before; with Detailed nothing of it is said again
	Language string         // to answer in, BCP 47
}

// question is what is asked, in the language to answer in where that is known.
func (r Request) question() string { return cmp.Or(r.English, string(r.Question)) }

// Subject is a word of the question: what may stand for it in the material, and
// its share of what the question is about.
type Subject struct {
	Terms []string
	Share float64 // 0 to 1
}
