package draft

import (
	"maps"
	"slices"
	"strings"

	"bedside/internal/chat"
	"bedside/internal/language"
)

// The length of an answer in words: what is said, and what qualifiers may add.
const (
	WordsMax   = 120
	WordsWhole = 160
)

const (
	// sentencesFirst is how many sentences the best passage gives, sentencesOther
	// how many a further one does.
	sentencesFirst, sentencesOther = 5, 2
	// closeEnough is the fit that a further passage needs to be drawn from.
	closeEnough = 0.7
	// passagesMax is how many passages an extractive answer draws from.
	passagesMax = 3
	// repeats is the share of a sentence's content words that one earlier
	// sentence holds where the two say the same.
	repeats = 0.75
	// repeatsAll is the same share where all that was said is taken together.
	repeatsAll = 0.9
)

// Said is what an answer holds so far.
type Said struct {
	cited     []int // passage numbers, from 1
	sentences []string
	stems     []map[string]bool // content words of each sentence
	all       map[string]bool   // and of all of them
	words     int
}

// Add notes that a sentence was said, and the passages that it cites.
func (s *Said) Add(lang, sentence string, cites ...int) {
	s.cited = append(s.cited, cites...)
	s.sentences = append(s.sentences, sentence)
	stems := set(language.ContentStems(lang, sentence))
	s.stems = append(s.stems, stems)
	all := maps.Clone(s.all) // a copy of Said keeps its own
	if all == nil {
		all = make(map[string]bool, len(stems))
	}
	maps.Copy(all, stems)
	s.all = all
	s.words += len(strings.Fields(sentence))
}

// Cites says whether a passage was cited.
func (s *Said) Cites(number int) bool { return slices.Contains(s.cited, number) }

// Sentences counts what was said.
func (s *Said) Sentences() int { return len(s.sentences) }

// Words counts the words of what was said.
func (s *Said) Words() int { return s.words }

// Repeats says whether a sentence says what an earlier one said.
func (s *Said) Repeats(lang, sentence string) bool {
	stems := language.ContentStems(lang, sentence)
	if len(stems) == 0 {
		return false
	}
	for _, earlier := range s.stems {
		if coverage(stems, earlier) >= repeats {
			return true
		}
	}
	return coverage(stems, s.all) >= repeatsAll
}

// Extract answers in the material's own words: the first sentences of the best
// passage, which the material is written to answer with, then what other close
// passages add. Passages that were cited are left out unless nothing else is
// there, and so are sentences that repeat what was said. Sentences are byte for
// byte the passages', with the trailing space or line break that layout asks for.
func Extract(request Request, said Said) []Sentence {
	drafted := extract(request, &said, false)
	if len(drafted) == 0 {
		drafted = extract(request, &said, true)
	}
	return drafted
}

func extract(request Request, said *Said, cited bool) []Sentence {
	var drafted []Sentence
	used := 0
	for i, passage := range request.Passages {
		if said.Cites(i+1) != cited || used == passagesMax || !request.close(i) {
			continue
		}
		before := len(drafted)
		for _, sentence := range choose(passage, request.Terms, limitOf(used)) {
			if said.words+len(strings.Fields(sentence)) > WordsMax || said.Repeats(passage.Language, sentence) {
				continue
			}
			said.Add(passage.Language, sentence)
			drafted = append(drafted, Sentence{Text: sentence, Cites: []int{i + 1}})
		}
		if len(drafted) > before {
			used++
			drafted[len(drafted)-1].Text = strings.TrimRight(drafted[len(drafted)-1].Text, " \n") + "\n\n"
		}
	}
	return drafted
}

func limitOf(used int) int {
	if used == 0 {
		return sentencesFirst
	}
	return sentencesOther
}

// close says whether a further passage is near enough to the best one.
func (r Request) close(i int) bool { return i < len(r.Fit) && r.Fit[i] >= closeEnough }

// choose takes the passage's sentences in their order: the first always, since
// it stands alone; of the rest those that hold the question's words, then those
// that follow. A list is taken whole where it fits.
func choose(passage chat.Passage, terms []string, limit int) []string {
	sentences := language.Sentences(passage.Text)
	if len(sentences) == 0 {
		return nil
	}
	if isList(passage.Text) {
		return sentences
	}
	if len(sentences) <= limit {
		return sentences
	}
	keep := make([]bool, len(sentences))
	keep[0] = true
	kept := 1
	for _, onTopic := range []bool{true, false} {
		for i := 1; i < len(sentences) && kept < limit; i++ {
			if keep[i] || (onTopic && coverage(terms, set(language.ContentStems(passage.Language, sentences[i]))) == 0) {
				continue
			}
			keep[i] = true
			kept++
		}
	}
	var chosen []string
	for i, sentence := range sentences {
		if keep[i] {
			chosen = append(chosen, sentence)
		}
	}
	return chosen
}

// isList says whether most of a passage's lines are items.
func isList(text string) bool {
	return strings.Count(strings.TrimSpace(text), "\n") >= 2
}

// Qualifiers returns what has to be said beside the cited passages and was not
// yet: in full where there is one, in the short form where there are several or
// where the whole would become too long.
func Qualifiers(passages []chat.Passage, cited []int, said *Said) []Sentence {
	type needed struct {
		qualifier chat.Qualifier
		number    int
	}
	var all []needed
	seen := make(map[string]bool)
	for _, number := range cited {
		passage := passages[number-1]
		for _, qualifier := range passage.Qualifiers {
			if seen[qualifier.ID] || said.holds(qualifier) {
				continue
			}
			seen[qualifier.ID] = true
			all = append(all, needed{qualifier, number})
		}
	}
	var drafted []Sentence
	words := said.words
	for _, n := range all {
		text := n.qualifier.Text
		if n.qualifier.Short != "" && (len(all) > 1 || words+len(strings.Fields(text)) > WordsWhole) {
			text = n.qualifier.Short
		}
		for _, sentence := range language.Sentences(text) {
			drafted = append(drafted, Sentence{Text: trailing(sentence), Cites: []int{n.number}})
		}
	}
	return drafted
}

// holds says whether a qualifier was said, in either of its forms.
func (s *Said) holds(qualifier chat.Qualifier) bool {
	whole := strings.Join(s.sentences, " ")
	if qualifier.Text != "" && strings.Contains(whole, strings.TrimSpace(qualifier.Text)) {
		return true
	}
	if qualifier.Short != "" && strings.Contains(whole, strings.TrimSpace(qualifier.Short)) {
		return true
	}
	return false
}

// trailing ends a sentence with white space, so that the next can follow.
func trailing(sentence string) string {
	if strings.HasSuffix(sentence, " ") || strings.HasSuffix(sentence, "\n") {
		return sentence
	}
	return sentence + " "
}

func set(words []string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, word := range words {
		m[word] = true
	}
	return m
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
