package ground

import (
	"math"
	"slices"
	"strings"
)

// The places of the measures. Those of the first group compare a sentence with
// its passages; manner is how it speaks, and place where in its answer it stands.
const (
	unknownWords  = iota // content words whose family no passage has, log
	unknownTail          // the share of unknown ones in the last third, where inventions hang
	unknownNumber        // newNumber
	unknownName          // newName
	window               // the share of its content words in the two neighbouring sentences that have most of them
	nearby               // the share of its neighbouring content words that stand together
	aligned              // the share of its words that the likest sentence has in the same order

	hedged        // it hedges
	sumsUp        // it opens as a summary does
	aboutPassages // it speaks of the passages
	heading       // it ends with a colon

	placed      // what was said before is known
	first       // nothing was
	position    // how many sentences were, log
	saidKnown   // the share of its content words that were said before and stand in the passages
	saidUnknown // and of those that do not stand there

	measureCount
)

// Measures are what the score of support is made of.
type Measures [measureCount]float64

// MeasureNames are the names of the measures in their order.
func MeasureNames() []string {
	return []string{
		"unknown words", "unknown tail", "unknown number", "unknown name", "window", "nearby", "aligned",
		"hedged", "sums up", "about passages", "heading",
		"placed", "first", "position", "said and known", "said and unknown",
	}
}

// measure takes the measures of a claim against the passages that it cites.
// before is nil where nobody knows what was said before.
func measure(c claim, cited []citedSource, before *spoken) (m Measures) {
	m[unknownNumber], m[unknownName] = truth(newNumber(c, cited)), truth(newName(c, cited))
	m.compare(c, cited)
	m.manner(c)
	if before != nil {
		m.place(c, cited, before)
	}
	return m
}

// compare takes the measures that ask what of the claim stands in the passages.
func (m *Measures) compare(c claim, cited []citedSource) {
	m.words(c, cited)
	m.windows(c, cited)
}

// claimed are the content words that say something: without those that only lead
// from one thing to the next, unless a passage has them.
func claimed(c claim, cited []citedSource) []string {
	out := make([]string, 0, len(c.content))
	for _, stem := range c.content {
		if !openers(c.language)[stem] || known(stem, cited) {
			out = append(out, stem)
		}
	}
	return out
}

func known(stem string, cited []citedSource) bool {
	return slices.ContainsFunc(cited, func(s citedSource) bool { return s.stems[stem] })
}

// words measures which content words are new, and whether neighbours are
// neighbours in a passage too.
func (m *Measures) words(c claim, cited []citedSource) {
	var stems []string // in their order, each as often as it stands there
	for _, k := range c.clauses {
		for _, stem := range k.stems {
			if !openers(c.language)[stem] || known(stem, cited) {
				stems = append(stems, stem)
			}
		}
	}
	for _, stem := range c.content {
		if !known(stem, cited) && !plain(c.language)[stem] && !openers(c.language)[stem] &&
			!slices.ContainsFunc(cited, func(s citedSource) bool { return s.order().akinTo(stem) }) {
			m[unknownWords]++
		}
	}
	m[unknownWords] = math.Log1p(m[unknownWords])
	tail := stems[len(stems)*2/3:]
	for _, stem := range tail {
		m[unknownTail] += truth(!known(stem, cited)) / float64(len(tail))
	}
	pairs := 0.0
	for i := range stems {
		for j := i + 1; j < len(stems) && j <= i+3; j++ {
			pairs++
			m[nearby] += truth(together(stems[i], stems[j], j-i+1, cited))
		}
	}
	m[nearby] /= max(1, pairs)
}

// windows measures how much of the claim stands in two neighbouring sentences, and
// in the order of one.
func (m *Measures) windows(c claim, cited []citedSource) {
	content := claimed(c, cited)
	total := float64(max(1, len(content)))
	var likest *part
	most := -1
	for _, s := range cited {
		for i := range s.parts {
			p := &s.parts[i]
			shares := p.shares(content)
			if shares > most {
				most, likest = shares, p
			}
			both := shares
			if i > 0 {
				for _, stem := range content {
					if !p.stems[stem] && s.parts[i-1].stems[stem] {
						both++
					}
				}
			}
			m[window] = max(m[window], float64(both)/total)
		}
	}
	if likest != nil {
		m[aligned] = float64(longestCommon(c.words, likest.words)) / float64(max(1, len(c.words)))
	}
}

// longestCommon is how many words two texts share in the same order.
func longestCommon(a, b []string) int {
	row := make([]int, len(b)+1)
	for _, word := range a {
		diagonal := 0
		for j := range b {
			above := row[j+1]
			if word == b[j] {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(above, row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}

// manner measures how the claim speaks, whatever the passages say.
func (m *Measures) manner(c claim) {
	for i, word := range c.words {
		m[hedged] = max(m[hedged], truth(isHedge(word)))
		m[aboutPassages] = max(m[aboutPassages], truth(references[word]))
		m[sumsUp] = max(m[sumsUp], truth(i < 3 && summaries[word]))
	}
	m[heading] = truth(strings.HasSuffix(c.text, ":"))
}

var (
	summaries  = wordSet(`overall conclusion summary ultimately finally therefore thus summarize short resumen finalmente conclusion`)
	references = wordSet(`passage passages text provided given information according mentioned states article context source sources
		pasaje pasajes texto informacion segun fuente fuentes`)
)

// spoken is what an answer said so far.
type spoken struct {
	sentences int
	stems     map[string]bool
}

// place measures the claim against what was said before it.
func (m *Measures) place(c claim, cited []citedSource, before *spoken) {
	m[placed], m[first] = 1, truth(before.sentences == 0)
	m[position] = math.Log1p(float64(before.sentences))
	for _, stem := range c.content {
		switch {
		case !before.stems[stem]:
		case known(stem, cited):
			m[saidKnown] += 1 / float64(len(c.content))
		default:
			m[saidUnknown] += 1 / float64(len(c.content))
		}
	}
}

func (b *spoken) add(c claim) {
	b.sentences++
	for _, stem := range c.content {
		b.stems[stem] = true
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
