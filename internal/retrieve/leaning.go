package retrieve

import "bedside/internal/language"

// Leans says whether a question points at what was said before it.
func (x *Index) Leans(question string) bool {
	if len(question) > longestQuestion {
		question = question[:longestQuestion]
	}
	words := language.Words(question)
	return leans(x.languageOf(question, words, ""), words)
}

// Knows says whether a passage has the word, in whatever language.
func (x *Index) Knows(word string) bool {
	for _, written := range x.vocabulary.written {
		if r, ok := written[word]; ok && r.term != noTerm && x.vocabulary.having[r.term] > 0 {
			return true
		}
	}
	return false
}
