package retrieve

import (
	"bedside/internal/chat"
	"bedside/internal/language"
)

const (
	longestQuestion = 4096 // bytes that are read of a question
	mostWords       = 256  // words that are read of it
	mostConcepts    = 48   // that are searched with
)

// concept is a content word of the question with all that counts for it.
type concept struct {
	word    string
	members []member
	weight  float32
	// worth is its rarity times its weight: what it counts for in coverage.
	worth   float32
	subject bool // says what the question is about, not what kind it is
	known   bool
}

// analysis is a question as the index sees it.
type analysis struct {
	lang     string
	concepts []concept
	kinds    []int
	leaning  bool // on the conversation before it
}

// analyse reads a question in the given language, or guesses it.
func (x *Index) analyse(text, lang string) analysis {
	if len(text) > longestQuestion {
		text = text[:longestQuestion]
	}
	words := language.Words(text)
	if len(words) > mostWords {
		words = words[:mostWords]
	}
	a := analysis{lang: language.Known(lang)}
	if a.lang == "" {
		a.lang = language.Guess(text)
	}
	if a.lang == "" {
		a.lang = language.English
	}
	kindWord := x.askedKinds(&a, words)
	a.leaning = leans(a.lang, words)
	stemmed := make([]string, len(words))
	for i, w := range words {
		stemmed[i] = language.Stem(a.lang, language.Singular(a.lang, w))
	}
	meant := x.meanings(a.lang, stemmed)
	for i, w := range words {
		if len(a.concepts) >= mostConcepts {
			break
		}
		if len(w) > longestWord || language.Stop(a.lang, w) && len(meant[i]) == 0 {
			continue
		}
		c := concept{word: language.Singular(a.lang, w), weight: 1, subject: !kindWord[i]}
		if a.repeats(c.word) {
			continue
		}
		if means, ok := x.sense(a.lang, w, words); ok {
			c.members = means
		} else {
			c.members = x.vocabulary.appendFamily(nil, a.lang, w, 1)
			for _, m := range meant[i] {
				c.members = appendMember(c.members, m.term, m.weight)
			}
			if len(c.members) == 0 {
				c.members = x.mended(a.lang, c.word)
			}
		}
		c.known = len(c.members) > 0
		a.concepts = append(a.concepts, c)
	}
	for i := range a.concepts {
		c := &a.concepts[i]
		c.worth = c.weight * x.worth(c.members)
	}
	a.settleSubject()
	return a
}

// repeats counts a word that was there before, and says whether it was.
func (a *analysis) repeats(word string) bool {
	for i := range a.concepts {
		if a.concepts[i].word == word {
			a.concepts[i].weight += 0.5 / a.concepts[i].weight
			return true
		}
	}
	return false
}

// settleSubject makes every word the subject when none is.
func (a *analysis) settleSubject() {
	for i := range a.concepts {
		if a.concepts[i].subject {
			return
		}
	}
	for i := range a.concepts {
		a.concepts[i].subject = true
	}
}

// askedKinds notes the kinds the question asks for and returns which of its
// words say so.
func (x *Index) askedKinds(a *analysis, words []string) []bool {
	said := make([]bool, len(words))
	if a.lang != language.English {
		return said
	}
	ids := make([][]uint32, len(words))
	for i, w := range words {
		ids[i] = x.kinds.appendIDs(nil, w)
	}
	special := false
	x.kinds.asked.find(ids, func(p phrase, at int) {
		for i := at; i <= at+len(p.rest); i++ {
			said[i] = true
		}
		for _, k := range a.kinds {
			if k == p.kind {
				return
			}
		}
		a.kinds = append(a.kinds, p.kind)
		special = special || !x.kinds.general[p.kind]
	})
	if special {
		kept := a.kinds[:0]
		for _, k := range a.kinds {
			if !x.kinds.general[k] {
				kept = append(kept, k)
			}
		}
		a.kinds = kept
	}
	return said
}

// meanings returns for each word what synonyms say of it; all words of a phrase
// get what is said of the phrase.
func (x *Index) meanings(lang string, stemmed []string) [][]member {
	meant := make([][]member, len(stemmed))
	for i, s := range stemmed {
		for _, m := range x.thesaurus.byFirst[lang+" "+s] {
			if i+len(m.rest) >= len(stemmed) || !same(m.rest, stemmed[i+1:]) {
				continue
			}
			for j := i; j <= i+len(m.rest); j++ {
				meant[j] = append(meant[j], m.members...)
			}
		}
	}
	return meant
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
		for _, w := range words {
			if w != word && s.beside[w] {
				return s.means, true
			}
		}
	}
	return nil, false
}

// mended returns the terms that a word of no known spelling is a slip of.
func (x *Index) mended(lang, word string) []member {
	t, _, ok := x.vocabulary.near.find(word)
	if !ok {
		return nil
	}
	return x.vocabulary.appendFamily(nil, lang, x.vocabulary.terms[t], mendedWeight)
}

// worth is the rarity of what the members say. A word that the material does
// not know is worth most of all.
func (x *Index) worth(members []member) float32 {
	if len(members) == 0 {
		return rarity(len(x.passages), 0)
	}
	worth := float32(0)
	for _, m := range members {
		worth = max(worth, m.weight*rarity(len(x.passages), int(x.vocabulary.having[m.term])))
	}
	return worth
}

func (x *Index) languageOf(p *chat.Passage) string {
	if lang := language.Known(p.Language); lang != "" {
		return lang
	}
	return language.English
}
