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
	worth float32
	// about is its worth in what the question is about: words that say what
	// kind of question it is count for less.
	about float32
	kind  bool // says what kind of question it is
	known bool
	// bare is what the word itself weighs: little when it is vague.
	bare float32
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
	x.conceive(&a, words, kindWord)
	if manner := interrogative(a.lang, words); manner != "" {
		c := concept{word: manner, weight: mannerWeight, bare: 1}
		if len(a.concepts) == 0 {
			c.weight = 1
		}
		if t, ok := x.vocabulary.ids[manner]; ok {
			c.members = []member{{t, 1}}
		}
		if x.manners || len(c.members) > 0 {
			a.concepts = append(a.concepts, c)
		}
	}
	strange := float32(1)
	for i := range a.concepts {
		c := &a.concepts[i]
		c.known = len(c.members) > 0
		c.worth = c.weight * x.worth(c)
		if !c.known {
			c.worth *= strange
			strange *= furtherStrange
		}
	}
	a.settleSubject()
	return a
}

// mannerWeight is what the manner of a question is worth beside its words.
const mannerWeight = 0.8

// conceive makes the concepts of the words.
func (x *Index) conceive(a *analysis, words []string, kindWord []bool) {
	mended := make([]bool, len(words))
	stemmed := make([]string, len(words))
	for i, w := range words {
		if len(w) > longestWord {
			continue
		}
		singular := language.Singular(a.lang, w)
		stemmed[i] = language.Stem(a.lang, singular)
		if fixed, ok := x.mend(a.lang, w, singular, stemmed[i]); ok {
			words[i], mended[i] = fixed, true
			stemmed[i] = language.Stem(a.lang, fixed)
		}
	}
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
		if language.Stop(a.lang, w) && len(meant) == 0 {
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

// mend returns the word that one of unknown spelling is a slip of. Words that
// are known anywhere are what they are.
func (x *Index) mend(lang, word, singular, stem string) (string, bool) {
	if language.Stop(lang, word) || x.vocabulary.vague[lang+" "+singular] || x.vocabulary.everyday[lang+" "+singular] {
		return "", false
	}
	if _, ok := x.vocabulary.ids[singular]; ok {
		return "", false
	}
	if len(x.vocabulary.families[stem]) > 0 || len(x.thesaurus.byFirst[lang+" "+stem]) > 0 || len(x.thesaurus.phrases[lang+" "+stem]) > 0 {
		return "", false
	}
	return x.vocabulary.near[lang].find(singular)
}

const (
	// kindShare is what a word that says the question's kind is worth in what it
	// is about.
	kindShare = 0.2
	// leastSubject is the share of a question that its other words have to be
	// for that; else what seems to say the kind is the subject ("bad side
	// effects?").
	leastSubject = 0.35
)

// settleSubject says how far each concept is what the question is about.
func (a *analysis) settleSubject() {
	var subject, all float32
	for i := range a.concepts {
		all += a.concepts[i].worth
		if !a.concepts[i].kind {
			subject += a.concepts[i].worth
		}
	}
	for i := range a.concepts {
		c := &a.concepts[i]
		c.about = c.worth
		if c.kind && subject >= leastSubject*all {
			c.about *= kindShare
		}
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

// furtherStrange is what each further word is worth that the material does not
// know: one such word can be the whole question, but people say much on the side.
const furtherStrange = 0.6

// leastWorth is what a word is worth that nearly every passage has.
const leastWorth = 1.0

// worth is the rarity of what the concept says. A word that the material does
// not know is worth most of all.
func (x *Index) worth(c *concept) float32 {
	if len(c.members) == 0 {
		return c.bare * c.bare * rarity(len(x.passages), 0)
	}
	worth := float32(leastWorth)
	for _, m := range c.members {
		worth = max(worth, m.weight*rarity(len(x.passages), int(x.vocabulary.having[m.term])))
	}
	return c.bare * worth
}

func (x *Index) languageOf(p *chat.Passage) string {
	if lang := language.Known(p.Language); lang != "" {
		return lang
	}
	return language.English
}
