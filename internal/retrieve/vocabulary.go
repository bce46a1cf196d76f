package retrieve

import (
	_ "embed"
	"slices"
	"strings"

	"bedside/internal/language"
)

// noTerm stands for a word that is not searched with.
const noTerm = ^uint32(0)

// vagueWeight is what a word is worth that is seldom what a question is about.
const vagueWeight = 0.4

var (
	//go:embed words/vague-en.txt
	vagueEnglish string
	//go:embed words/vague-es.txt
	vagueSpanish string
	//go:embed words/everyday-en.txt
	everydayEnglish string
	//go:embed words/everyday-es.txt
	everydaySpanish string
)

// vocabulary numbers the words of the material. A term is a word without its
// plural ending, or a phrase that is one word in meaning; a family is the terms
// that share a full stem.
type vocabulary struct {
	ids      map[string]uint32 // by term
	terms    []string
	having   []uint32                      // how many passages have the term, in whatever field
	families map[string][]uint32           // by language and stem
	written  map[string]map[string]reading // by language, then by word
	vague    map[string]bool               // "en word", singular
	everyday map[string]bool               // the same; never misspellings
	near     map[string]*neighbours        // by language
}

// weight is how far a word can be what a question is about.
func (v *vocabulary) weight(lang, singular string) float32 {
	if v.vague[lang+" "+singular] || numeral(singular) {
		return vagueWeight
	}
	return 1
}

// numeral says whether a word is digits: people count what they tell, and ask
// for little by number.
func numeral(word string) bool {
	for i := range len(word) {
		if word[i] < '0' || word[i] > '9' {
			return false
		}
	}
	return word != ""
}

// listed reads a list of words into a set of singulars with their language.
func listed(set map[string]bool, lang, list string) map[string]bool {
	for line := range strings.Lines(list) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, w := range language.Words(line) {
			set[lang+" "+language.Singular(lang, w)] = true
		}
	}
	return set
}

// vocabularyBuilder remembers what each written word comes to, since stemming
// is what building costs most.
type vocabularyBuilder struct {
	vocabulary
	phrases phraseBook
	seen    []uint32 // the last passage that had the term, plus one
	weights []float32
	buffer  []reading
	// elsewhere is set for texts that are no passage: their terms are numbered,
	// and no passage has them.
	elsewhere bool
	stems     map[string]uint32 // numbered, for wordings
}

// reading is what a written word comes to.
type reading struct {
	term    uint32
	stem    string
	phrases []phraseEntry // that begin with it
	wording uint32        // the stem's number
}

func newVocabularyBuilder(phrases phraseBook) *vocabularyBuilder {
	return &vocabularyBuilder{
		vocabulary: vocabulary{
			ids:      map[string]uint32{},
			families: map[string][]uint32{},
			vague:    listed(listed(map[string]bool{}, language.English, vagueEnglish), language.Spanish, vagueSpanish),
			everyday: listed(listed(map[string]bool{}, language.English, everydayEnglish), language.Spanish, everydaySpanish),
			written:  map[string]map[string]reading{},
		},
		phrases: phrases,
		stems:   map[string]uint32{},
	}
}

// appendTerms appends the terms of a passage's words, stop words left out.
func (b *vocabularyBuilder) appendTerms(terms []uint32, lang string, words []string, passage uint32) []uint32 {
	known := b.written[lang]
	if known == nil {
		known = map[string]reading{}
		b.written[lang] = known
	}
	b.buffer = b.buffer[:0]
	for _, word := range words {
		r, ok := known[word]
		if !ok {
			r = b.read(lang, word)
			known[word] = r
		}
		b.buffer = append(b.buffer, r)
	}
	for i := 0; i < len(b.buffer); i++ {
		t := b.buffer[i].term
		if name, more := longest(b.buffer[i].phrases, len(b.buffer)-i-1, func(j int) string { return b.buffer[i+1+j].stem }); more > 0 {
			t = b.number(name, 1)
			i += more
		}
		if t != noTerm {
			terms = b.note(terms, t, passage)
		}
	}
	return terms
}

// appendManner appends the term for what a question or heading asks.
func (b *vocabularyBuilder) appendManner(terms []uint32, lang string, words []string, passage uint32) []uint32 {
	if manner := interrogative(lang, words); manner != "" {
		return b.note(terms, b.number(manner, 1), passage)
	}
	return terms
}

func (b *vocabularyBuilder) note(terms []uint32, t, passage uint32) []uint32 {
	if !b.elsewhere && b.seen[t] != passage+1 {
		b.seen[t] = passage + 1
		b.having[t]++
	}
	return append(terms, t)
}

func (b *vocabularyBuilder) read(lang, word string) reading {
	if len(word) > longestWord {
		return reading{noTerm, word, nil, b.stemID(word)}
	}
	singular := language.Singular(lang, word)
	stem := language.Stem(lang, singular)
	r := reading{noTerm, stem, b.phrases[lang+" "+stem], b.stemID(stem)}
	if small(lang, word) {
		return r
	}
	r.term = b.number(singular, b.weight(lang, singular))
	if family := lang + " " + stem; !slices.Contains(b.families[family], r.term) {
		b.families[family] = append(b.families[family], r.term)
	}
	return r
}

func (b *vocabularyBuilder) stemID(stem string) uint32 {
	id, ok := b.stems[stem]
	if !ok {
		id = uint32(len(b.stems))
		b.stems[stem] = id
	}
	return id
}

func (b *vocabularyBuilder) number(name string, weight float32) uint32 {
	if t, ok := b.ids[name]; ok {
		return t
	}
	t := uint32(len(b.terms))
	b.ids[name] = t
	b.terms = append(b.terms, name)
	b.having = append(b.having, 0)
	b.seen = append(b.seen, 0)
	b.weights = append(b.weights, weight)
	return t
}

// build ends the numbering. Further words that may be meant by a misspelling,
// by language, are those of synonyms.
func (b *vocabularyBuilder) build(further map[string][]string) vocabulary {
	v := b.vocabulary
	for _, family := range v.families {
		// The commonest first: a query takes no more than it can pay for.
		slices.SortFunc(family, func(x, y uint32) int { return int(v.having[y]) - int(v.having[x]) })
	}
	v.near = map[string]*neighbours{}
	for _, lang := range [...]string{language.English, language.Spanish} {
		n := &neighbours{lang: lang}
		for _, r := range b.written[lang] {
			if r.term != noTerm {
				n.add(v.terms[r.term], v.having[r.term])
			}
		}
		for _, word := range further[lang] {
			n.add(word, 0)
		}
		for word := range v.everyday {
			if word, own := strings.CutPrefix(word, lang+" "); own {
				n.add(word, 0)
			}
		}
		n.sort()
		v.near[lang] = n
	}
	return v
}

// small says whether a word is too small to be searched with. "Made" is not: who made
// it and when is what people ask of its history.
func small(lang, word string) bool {
	return language.Stop(lang, word) && (word != "made" || lang != language.English)
}
