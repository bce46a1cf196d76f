package draft

import (
	"slices"
	"strings"
)

const (
	// repeats is the share of a sentence's content words that one earlier
	// sentence holds where the two say the same.
	repeats = 0.75
	// repeatsAll is the same share where all that was said is taken together.
	repeatsAll = 0.9
	// tellingWords is how many content words a sentence needs to be compared by
	// them: of "It serves thinking." too little is left.
	tellingWords = 3
)

// Said is what an answer holds so far.
type Said struct {
	cited     []int // passage numbers, from 1
	sentences []*Words
	words     int
}

// Add notes that a sentence was said, and the passages that it cites.
func (s *Said) Add(sentence *Words, cites ...int) {
	s.cited = append(s.cited, cites...)
	s.sentences = append(s.sentences, sentence)
	s.words += sentence.count
}

// Cites says whether a passage was cited.
func (s *Said) Cites(number int) bool { return slices.Contains(s.cited, number) }

// Sentences counts what was said.
func (s *Said) Sentences() int { return len(s.sentences) }

// Words counts the words of what was said.
func (s *Said) Words() int { return s.words }

// Repeats says whether a sentence says what was said before.
func (s *Said) Repeats(sentence *Words) bool {
	if len(sentence.content) < tellingWords {
		text := strings.TrimSpace(sentence.text)
		return slices.ContainsFunc(s.sentences, func(earlier *Words) bool { return strings.TrimSpace(earlier.text) == text })
	}
	for _, earlier := range s.sentences {
		if coverage(sentence.content, earlier.stems) >= repeats {
			return true
		}
	}
	found := 0
	for _, word := range sentence.content {
		if slices.ContainsFunc(s.sentences, func(earlier *Words) bool { return earlier.stems[word] }) {
			found++
		}
	}
	return float64(found)/float64(len(sentence.content)) >= repeatsAll
}

// text is all that was said.
func (s *Said) text() string {
	var all strings.Builder
	for _, sentence := range s.sentences {
		all.WriteString(strings.TrimSpace(sentence.text))
		all.WriteByte(' ')
	}
	return all.String()
}

// coverage is the share of words that the set holds.
func coverage(words []string, in map[string]bool) float64 {
	if len(words) == 0 {
		return 0
	}
	found := 0
	for _, word := range words {
		if in[word] {
			found++
		}
	}
	return float64(found) / float64(len(words))
}
