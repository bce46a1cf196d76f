package retrieve

import (
	"slices"

	"bedside/internal/language"
)

// noTerm stands for a word that is not searched with.
const noTerm = ^uint32(0)

// vocabulary numbers the words of the material. A term is a word without its
// plural ending; a family is the terms that share a full stem.
type vocabulary struct {
	ids      map[string]uint32 // by term
	terms    []string
	having   []uint32 // how many passages have the term, in whatever field
	families map[string][]uint32
	near     neighbours
}

// vocabularyBuilder remembers what each written word comes to, since stemming
// is what building costs most.
type vocabularyBuilder struct {
	vocabulary
	words map[string]map[string]uint32 // by language, then by word
	seen  []uint32                     // the last passage that had the term, plus one
}

func newVocabularyBuilder() *vocabularyBuilder {
	return &vocabularyBuilder{
		vocabulary: vocabulary{ids: map[string]uint32{}, families: map[string][]uint32{}},
		words:      map[string]map[string]uint32{},
	}
}

// appendTerms appends the terms of a passage's words, stop words left out.
func (b *vocabularyBuilder) appendTerms(terms []uint32, lang string, words []string, passage uint32) []uint32 {
	known := b.words[lang]
	if known == nil {
		known = map[string]uint32{}
		b.words[lang] = known
	}
	for _, word := range words {
		t, ok := known[word]
		if !ok {
			t = b.term(lang, word)
			known[word] = t
		}
		if t == noTerm {
			continue
		}
		terms = append(terms, t)
		if b.seen[t] != passage+1 {
			b.seen[t] = passage + 1
			b.having[t]++
		}
	}
	return terms
}

func (b *vocabularyBuilder) term(lang, word string) uint32 {
	if language.Stop(lang, word) || len(word) > longestWord {
		return noTerm
	}
	name := language.Singular(lang, word)
	if t, ok := b.ids[name]; ok {
		return t
	}
	t := uint32(len(b.terms))
	b.ids[name] = t
	b.terms = append(b.terms, name)
	b.having = append(b.having, 0)
	b.seen = append(b.seen, 0)
	stem := language.Stem(lang, name)
	b.families[stem] = append(b.families[stem], t)
	return t
}

func (b *vocabularyBuilder) build() vocabulary {
	v := b.vocabulary
	for _, family := range v.families {
		// The commonest first: a query takes no more than it can pay for.
		slices.SortFunc(family, func(x, y uint32) int { return int(v.having[y]) - int(v.having[x]) })
	}
	v.near = newNeighbours(v.terms, v.having)
	return v
}
