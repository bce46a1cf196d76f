package draft

import (
	"cmp"
	"slices"
	"strings"

	"bedside/internal/chat"
	"bedside/internal/readability"
)

// The length of an answer in words: what is said, and what qualifiers may add.
const (
	WordsMax   = 120
	WordsWhole = 160
)

// measure is how much an extractive answer holds.
type measure struct {
	first, other int     // sentences that the best passage gives, and a further one does
	close        float64 // the fit that a further passage needs to be drawn from
	passages     int     // that are drawn from
}

// measureOf is the measure of an answer as it is wished for.
func measureOf(wish Wish) measure {
	switch wish {
	case Simpler:
		return measure{first: 2, passages: 1}
	case Detailed:
		return measure{first: 8, other: 4, close: 0.5, passages: 4}
	}
	return measure{first: 5, other: 2, close: 0.7, passages: 3}
}

// Extract answers in the material's own words. First the passage that answers
// best, whose first sentence the material is written to answer with; where a list
// is asked for, a list. Then what other close passages say of the question that
// the answer does not speak of yet, or, of a broad question, their first
// sentences; of several questions each gets its own passage. Passages that were cited are left out unless nothing else is there,
// and so are sentences that repeat what was said. Who wishes it simpler gets the
// first sentence and the plainest other one; who wishes more, what these passages
// say and was not told before. Sentences are byte for byte the passages', with the
// trailing space or line break that layout asks for.
func (x *Extractor) Extract(request Request, said Said) []Sentence {
	asks := newAsked(request)
	order := x.order(request, &asks)
	drafted := x.extract(request, &asks, order, &said, false)
	if len(drafted) == 0 {
		drafted = x.extract(request, &asks, order, &said, true)
	}
	return drafted
}

func (x *Extractor) extract(request Request, asks *asked, order []int, said *Said, cited bool) []Sentence {
	var drafted []Sentence
	used, most := 0, measureOf(request.Wish)
	told := x.Told(request)
	var held []bool
	for _, i := range order {
		leads := i < request.Leads
		if said.Cites(i+1) != cited || !leads && (used >= most.passages || request.Leads > 0 && request.Wish == "") || !request.close(i, most.close) {
			continue
		}
		passage := x.passage(request.Passages[i])
		chosen := x.choose(request.Passages[i], request, most.limit(used))
		if used > 0 && request.Wish != Detailed && !leads {
			chosen = asks.further(passage, held)
			if passage.list && said.words+countWords(chosen) > WordsMax {
				continue // half a list is wrong
			}
		}
		before := len(drafted)
		for _, sentence := range chosen {
			if said.words+sentence.count > WordsMax || said.Repeats(sentence) || told.Repeats(sentence) {
				continue
			}
			said.Add(sentence)
			drafted = append(drafted, Sentence{Text: sentence.text, Cites: []int{i + 1}, words: sentence})
		}
		if len(drafted) > before {
			used++
			if !asks.pointsElsewhere(request.Passages[i]) {
				held = asks.held(append(slices.Clone(chosen), passage.heading), held)
			} else if held == nil {
				held = asks.held(nil, nil)
			}
			drafted[len(drafted)-1].Text = strings.TrimRight(drafted[len(drafted)-1].Text, " \n") + "\n\n"
		}
	}
	return drafted
}

func (m measure) limit(used int) int {
	if used == 0 {
		return m.first
	}
	return m.other
}

// Told is what the request's answer must not say again.
func (x *Extractor) Told(request Request) *Said {
	told := new(Said)
	if request.Wish == Detailed {
		for _, sentence := range readAll(request.Language, request.Told) {
			told.Add(sentence)
		}
	}
	return told
}

// close says whether a passage is near enough to the best one.
func (r Request) close(i int, enough float64) bool { return i < len(r.Fit) && r.Fit[i] >= enough }

// choose takes of a passage what the request wishes for.
func (x *Extractor) choose(passage chat.Passage, request Request, limit int) []*Words {
	read := x.passage(passage)
	if request.Wish == Simpler && !read.list && len(read.sentences) > limit {
		return plainest(read.sentences, limit)
	}
	return choose(read, request.Terms, limit)
}

// plainest takes the first sentence, since it stands alone, and those others that
// are the easiest to read, in their order.
func plainest(sentences []*Words, limit int) []*Words {
	others := slices.Clone(sentences[1:])
	slices.SortStableFunc(others, func(a, b *Words) int {
		return cmp.Compare(readability.Of(a.text).Grade(), readability.Of(b.text).Grade())
	})
	others = others[:limit-1]
	return slices.DeleteFunc(slices.Clone(sentences), func(s *Words) bool { return s != sentences[0] && !slices.Contains(others, s) })
}

// choose takes the passage's sentences in their order: the first always, since
// it stands alone; of the rest those that hold the question's words, then those
// that follow. A list is taken whole where it fits.
func choose(passage *readPassage, terms []string, limit int) []*Words {
	if passage.list || len(passage.sentences) <= limit {
		return passage.sentences
	}
	keep := make([]bool, len(passage.sentences))
	keep[0] = true
	kept := 1
	for _, onTopic := range []bool{true, false} {
		for i := 1; i < len(passage.sentences) && kept < limit; i++ {
			if keep[i] || (onTopic && coverage(terms, passage.sentences[i].stems) == 0) {
				continue
			}
			keep[i] = true
			kept++
		}
	}
	var chosen []*Words
	for i, sentence := range passage.sentences {
		if keep[i] {
			chosen = append(chosen, sentence)
		}
	}
	return chosen
}

// Qualifiers returns what has to be said beside the cited passages and was not
// yet: in full where there is one, in the short form where there are several or
// where the whole would become too long.
func (x *Extractor) Qualifiers(passages []chat.Passage, cited []int, said *Said) []Sentence {
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
		passage := x.passage(passages[n.number-1])
		sentences := passage.long[n.qualifier.ID]
		if n.qualifier.Short != "" && (len(all) > 1 || words+countWords(sentences) > WordsWhole) {
			sentences = passage.short[n.qualifier.ID]
		}
		words += countWords(sentences)
		for _, sentence := range sentences {
			drafted = append(drafted, Sentence{Text: trailing(sentence.text), Cites: []int{n.number}, words: sentence})
		}
	}
	return drafted
}

// holds says whether a qualifier was said, in either of its forms.
func (s *Said) holds(qualifier chat.Qualifier) bool {
	whole := s.text()
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

func countWords(sentences []*Words) int {
	total := 0
	for _, sentence := range sentences {
		total += sentence.count
	}
	return total
}
