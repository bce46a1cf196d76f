package retrieve

import (
	"strings"

	"bedside/internal/language"
)

// spell mends the words and returns their stems, and which were mended.
func (x *Index) spell(lang string, words []string) (stemmed []string, mended []bool) {
	stemmed, mended = make([]string, len(words)), make([]bool, len(words))
	for i, w := range words {
		if len(w) > longestWord {
			continue
		}
		singular := language.Singular(lang, w)
		stemmed[i] = language.Stem(lang, singular)
		if fixed, ok := x.mend(lang, w, singular, stemmed[i]); ok {
			words[i], mended[i] = fixed, true
			stemmed[i] = language.Stem(lang, fixed)
		}
	}
	return stemmed, mended
}

// conceive makes the concepts of the words.
func (x *Index) conceive(a *analysis, words []string, kindWord, mended []bool) {
	stemmed := a.wording
	var spans []span
	for i := 0; i < len(words) && len(a.concepts) < mostConcepts-1; i++ {
		w := words[i]
		if len(w) > longestWord {
			continue
		}
		if name, more := longest(x.thesaurus.phrases[a.lang+" "+stemmed[i]], len(words)-i-1, func(j int) string { return stemmed[i+1+j] }); more > 0 {
			c := concept{word: name, weight: 1, bare: 1}
			if t, ok := x.vocabulary.ids[name]; ok {
				c.members = appendMember(c.members, t, 1)
			}
			for _, m := range x.thesaurus.byFirst[a.lang+" "+stemmed[i]] {
				if len(m.rest) == more && same(m.rest, stemmed[i+1:]) {
					c.mean(m.members)
				}
			}
			i += more
			a.add(c)
			continue
		}
		meant := x.meanings(a.lang, stemmed, i, &spans)
		if len(meant) == 0 && (small(a.lang, w) || x.thesaurus.stops[a.lang+" "+stemmed[i]]) {
			continue
		}
		singular := language.Singular(a.lang, w)
		c := concept{word: singular, weight: 1, kind: kindWord[i], bare: x.vocabulary.weight(a.lang, singular)}
		if means, ok := x.sense(a.lang, w, words); ok {
			c.members = means
		} else {
			weight := float32(1)
			if mended[i] {
				weight = mendedWeight
			}
			c.members = x.vocabulary.appendFamily(nil, a.lang, w, weight)
			if len(meant) == 0 && len(c.members) == 0 && a.lang != language.Spanish && !x.vocabulary.everyday[a.lang+" "+singular] {
				meant = x.single(language.Spanish, w)
			}
			c.mean(meant)
		}
		a.add(c)
	}
}

// mean adds what synonyms say of the concept.
func (c *concept) mean(members []member) {
	for _, m := range members {
		c.members = appendMember(c.members, m.term, m.weight)
	}
}

// add adds a concept, or counts it again.
func (a *analysis) add(c concept) {
	for i := range a.concepts {
		if a.concepts[i].word == c.word {
			a.concepts[i].weight += 0.5 / a.concepts[i].weight
			return
		}
	}
	a.concepts = append(a.concepts, c)
}

// foreign says whether only passages in other languages hold a long word: it may
// be a slip of its own language's ("fibromialgia" of "fibromyalgia").
func (x *Index) foreign(lang, word string) bool {
	_, own := x.vocabulary.written[lang][word]
	return !own && len(word) >= shortestTwoWrong
}

// mend returns the word that one of unknown spelling is a slip of. Words that
// are known are what they are, and so are the small words of Spanish in an
// English question.
func (x *Index) mend(lang, word, singular, stem string) (string, bool) {
	if small(lang, word) || len(word) >= fewestHeard && small(language.Spanish, word) || x.vocabulary.vague[lang+" "+singular] || x.vocabulary.everyday[lang+" "+singular] {
		return "", false
	}
	if _, ok := x.vocabulary.ids[singular]; ok && !x.foreign(lang, singular) {
		return "", false
	}
	if len(x.vocabulary.families[lang+" "+stem]) > 0 || len(x.thesaurus.byFirst[lang+" "+stem]) > 0 || len(x.thesaurus.phrases[lang+" "+stem]) > 0 {
		return "", false
	}
	if len(word) >= shortestMended && strings.HasSuffix(word, "in") && x.known(lang, word+"g") {
		return word + "g", true
	}
	near := x.vocabulary.near[lang]
	if fixed, ok := near.find(singular); ok {
		return fixed, true
	}
	if fixed, ok := near.heard(singular); ok || singular == word {
		return fixed, ok
	}
	return near.heard(word) // "synaps" is no plural
}

// known says whether a word stands in the material or is one of the language's
// everyday words.
func (x *Index) known(lang, word string) bool {
	_, written := x.vocabulary.written[lang][word]
	return written || small(lang, word) || x.vocabulary.everyday[lang+" "+word]
}

// span is a phrase of several words that synonyms know, up to its last word.
type span struct {
	last    int
	members []member
}

// meanings returns what synonyms say of the word at i; all words of a phrase
// get what is said of the phrase.
func (x *Index) meanings(lang string, stemmed []string, i int, spans *[]span) []member {
	var meant []member
	for _, s := range *spans {
		if i <= s.last {
			meant = append(meant, s.members...)
		}
	}
	for _, m := range x.thesaurus.byFirst[lang+" "+stemmed[i]] {
		if i+len(m.rest) >= len(stemmed) || !same(m.rest, stemmed[i+1:]) {
			continue
		}
		meant = append(meant, m.members...)
		if len(m.rest) > 0 {
			*spans = append(*spans, span{i + len(m.rest), m.members})
		}
	}
	return meant
}

// single returns what a word of another language means: people who write in
// their second language fall back on the first.
func (x *Index) single(lang, word string) []member {
	for _, m := range x.thesaurus.byFirst[lang+" "+language.Stem(lang, language.Singular(lang, word))] {
		if len(m.rest) == 0 {
			return m.members
		}
	}
	return nil
}

func same(want, have []string) bool {
	for i, w := range want {
		if have[i] != w {
			return false
		}
	}
	return true
}

// sense returns what the word means beside the other words of the question,
// where that is not what it says.
func (x *Index) sense(lang, word string, words []string) ([]member, bool) {
	for _, s := range x.thesaurus.senses[lang+" "+word] {
		beside := false
		for _, w := range words {
			if s.unless[w] {
				return nil, false
			}
			beside = beside || w != word && s.beside[w]
		}
		if beside {
			return s.means, true
		}
	}
	return nil, false
}
