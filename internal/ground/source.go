package ground

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"bedside/internal/chat"
	"bedside/internal/language"
)

// claim is a sentence taken apart.
type claim struct {
	text     string
	language string   // of the passages it is checked against
	words    []string // as language.Words gives them
	content  []string // stems, each once
	clauses  []clause
}

// clause is a stretch of a sentence between marks or conjunctions.
type clause struct {
	text  string
	words []string
	stems []string // of the content words
	at    []int    // the index in words of each stem
}

// part is a sentence of a passage.
type part struct {
	claim
	start, end int // in the passage's Text; -1 for a qualifier
	stems      map[string]bool
}

// source is a passage taken apart.
type source struct {
	language string
	host     string // of the page that it stands on
	text     string
	parts    []part
	stems    map[string]bool // of all that it says, heading and title included
	words    map[string]bool
	forms    map[string]string // the stem of each content word of its sentences
	own      map[string]string // each of its sentences, and what Forbidden says of it
	counted  sync.Once
	numbers  []quantity // read when first asked for
	row      sequence
}

// read takes a sentence apart. Forms are the stems of words that are known: nearly all
// words of a sentence are its passage's.
func read(sentence, lang string, forms map[string]string) claim {
	c := claim{text: sentence, language: lang, words: language.Words(sentence)}
	for _, text := range splitClauses(sentence) {
		k := clause{text: text, words: language.Words(text)}
		for i, word := range k.words {
			if language.Stop(lang, word) {
				continue
			}
			stem, ok := forms[word]
			if !ok {
				stem = stemOf(lang, word)
			}
			k.stems, k.at = append(k.stems, stem), append(k.at, i)
			if !slices.Contains(c.content, stem) {
				c.content = append(c.content, stem)
			}
		}
		if len(k.words) > 0 {
			c.clauses = append(c.clauses, k)
		}
	}
	return c
}

// splitClauses cuts a sentence at its marks; not at those within a number.
func splitClauses(sentence string) []string {
	var out []string
	start := 0
	runes := []rune(sentence)
	for i, r := range runes {
		switch r {
		case ',', '.', ':':
			if i+1 < len(runes) && unicode.IsDigit(runes[i+1]) {
				continue
			}
		case ';', '(', ')', '—', '!', '?', '\n', '…':
		default:
			continue
		}
		out = append(out, string(runes[start:i]))
		start = i + 1
	}
	return append(out, string(runes[start:]))
}

func newSource(passage chat.Passage) *source {
	lang := language.Known(passage.Language)
	if lang == "" {
		lang = language.English
	}
	s := &source{
		language: lang, text: passage.Text,
		stems: make(map[string]bool), words: make(map[string]bool), own: make(map[string]string), forms: make(map[string]string),
	}
	at := 0
	for _, piece := range language.Sentences(passage.Text) {
		from := at + len(piece) - len(strings.TrimLeftFunc(piece, unicode.IsSpace))
		sentence := strings.TrimSpace(piece)
		s.add(sentence, from, from+len(sentence))
		at += len(piece)
	}
	for _, qualifier := range passage.Qualifiers {
		for _, text := range []string{qualifier.Text, qualifier.Short} {
			for _, piece := range language.Sentences(text) {
				s.add(strings.TrimSpace(piece), -1, -1)
			}
		}
	}
	for _, text := range []string{passage.Heading, passage.Title} {
		if Forbidden(text) != "" {
			continue
		}
		head := read(text, lang, s.forms)
		for _, stem := range head.content {
			s.stems[stem] = true
		}
		for _, word := range head.words {
			s.words[word] = true
		}
	}
	return s
}

// add takes in a sentence. One that no patient may read carries nothing either: a
// page that was tampered with must not vouch for what it asks a model to say.
func (s *source) add(sentence string, start, end int) {
	if sentence == "" || Forbidden(sentence) != "" || strayAddress(sentence, s.host) {
		return
	}
	s.own[sentence] = ""
	p := part{claim: read(sentence, s.language, s.forms), start: start, end: end, stems: make(map[string]bool)}
	for _, stem := range p.content {
		p.stems[stem], s.stems[stem] = true, true
	}
	for _, word := range p.words {
		s.words[word] = true
	}
	for _, k := range p.clauses {
		for j, stem := range k.stems {
			s.forms[k.words[k.at[j]]] = stem
		}
	}
	s.parts = append(s.parts, p)
}

// quantities returns the numbers of the passage.
func (s *source) quantities() []quantity {
	s.counted.Do(s.count)
	return s.numbers
}

func (s *source) count() {
	for i := range s.parts {
		for j, k := range s.parts[i].clauses {
			for _, q := range quantities(k.text, s.language) {
				q.part, q.clause = i, j
				s.numbers = append(s.numbers, q)
			}
		}
	}
}

// holds says whether whole sentences of the passage are, byte for byte, this one.
// A piece out of a sentence is no quotation: it can turn the meaning round.
func (s *source) holds(sentence string) bool {
	for _, p := range s.parts {
		if p.text == sentence {
			return true
		}
	}
	return false
}

// covers counts the claim's content words that stand in the passage.
func (s *source) covers(c claim) int {
	n := 0
	for _, stem := range c.content {
		if s.stems[stem] {
			n++
		}
	}
	return n
}

// shares counts the stems that stand in the part.
func (p *part) shares(stems []string) int {
	n := 0
	for _, stem := range stems {
		if p.stems[stem] {
			n++
		}
	}
	return n
}

// shares counts the stems that stand in the clause.
func (k clause) shares(stems []string) int {
	n := 0
	for _, stem := range stems {
		if slices.Contains(k.stems, stem) {
			n++
		}
	}
	return n
}

// overlap is the share of the claim's content words that stand in the part.
func (p *part) overlap(c claim) float64 {
	if len(c.content) == 0 {
		return 0
	}
	return float64(p.shares(c.content)) / float64(len(c.content))
}

// parted says whether something stands between two parts that was left out.
func (s *source) parted(a, b int) bool {
	a, b = min(a, b), max(a, b)
	return strings.TrimSpace(s.text[s.parts[a].end:s.parts[b].start]) != ""
}

// quote returns the passage's own words that carry the claim best: one sentence,
// or two neighbours where the second adds much.
func (s *source) quote(c claim) string {
	best, score := -1, -1.0
	for i := range s.parts {
		if o := s.parts[i].overlap(c); o > score {
			best, score = i, o
		}
	}
	if best < 0 {
		return ""
	}
	p := s.parts[best]
	if p.start < 0 {
		return p.text
	}
	for _, next := range []int{best + 1, best - 1} {
		if next < 0 || next >= len(s.parts) || s.parts[next].start < 0 || s.parted(best, next) {
			continue
		}
		both := 0
		for _, stem := range c.content {
			if p.stems[stem] || s.parts[next].stems[stem] {
				both++
			}
		}
		if float64(both)/float64(len(c.content)) >= score+0.25 {
			return s.text[min(p.start, s.parts[next].start):max(p.end, s.parts[next].end)]
		}
	}
	return s.text[p.start:p.end]
}
