package retrieve

import "bedside/internal/language"

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
	known bool // to the material
	// elsewhere says that only questions know it that the material does not answer.
	elsewhere bool
	// bare is what the word itself weighs: little when it is vague.
	bare float32
}

// analysis is a question as the index sees it.
type analysis struct {
	lang     string
	concepts []concept
	kinds    []int
	leaning  bool     // on the conversation before it
	wording  []string // the stems of all its words
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
	a := analysis{lang: x.languageOf(text, words, lang)}
	a.leaning = leans(a.lang, words)
	var mended []bool
	a.wording, mended = x.spell(a.lang, words)
	x.conceive(&a, words, x.askedKinds(&a, words), mended)
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
		c.known, c.elsewhere = x.knows(c)
		c.worth = c.weight * x.worth(c)
		if !c.known {
			c.worth *= strange
			strange *= furtherStrange
		}
	}
	a.settleSubject()
	return a
}

// languageOf is the language of a question: the given one, or the one that its
// small words are of, or the one in which the material has more of its words.
func (x *Index) languageOf(text string, words []string, given string) string {
	lang := language.Known(given)
	if lang == "" {
		lang = language.Guess(text)
	}
	if lang != "" && lang != language.English || lang == language.Known(given) && lang != "" {
		return lang
	}
	english, spanish := 0, 0
	for _, w := range words {
		_, en := x.vocabulary.written[language.English][w]
		_, es := x.vocabulary.written[language.Spanish][w]
		switch {
		case small(language.English, w) || en && !es:
			english++
		case es && !en:
			spanish++
		}
	}
	if spanish > english {
		return language.Spanish
	}
	return language.English
}

// mannerWeight is what the manner of a question is worth beside its words.
const mannerWeight = 0.8

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

// knows says whether the material has a word for the concept, or else a
// question has that it does not answer.
func (x *Index) knows(c *concept) (known, elsewhere bool) {
	for _, m := range c.members {
		known = known || x.vocabulary.having[m.term] > 0
		elsewhere = elsewhere || x.gaps.asksFor(m.term)
	}
	return known, elsewhere && !known
}

// furtherStrange is what each further word is worth that the material does not
// know: one such word can be the whole question, but people say much on the side.
const furtherStrange = 0.6

// leastWorth is what a word is worth that nearly every passage has.
const leastWorth = 1.0

// worth is the rarity of what the concept says. A word that the material does
// not know is worth most of all.
func (x *Index) worth(c *concept) float32 {
	if !c.known {
		return c.bare * c.bare * rarity(len(x.passages), 0)
	}
	worth := float32(leastWorth)
	for _, m := range c.members {
		worth = max(worth, m.weight*rarity(len(x.passages), int(x.vocabulary.having[m.term])))
	}
	return c.bare * worth
}

// languageOr is the language of material that says it is in the given one.
func languageOr(given string) string {
	if lang := language.Known(given); lang != "" {
		return lang
	}
	return language.English
}
