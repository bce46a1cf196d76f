package retrieve

import "bedside/internal/language"

// What a word stands for is worth less than what was written.
const (
	familyWeight  = 0.7
	synonymWeight = 0.7
	// translatedWeight is what a word of another language is worth.
	translatedWeight = 0.9
	mendedWeight     = 0.9
	sharedWeight     = 0.6 // of one word of a phrase
	mostMembers      = 12  // of a concept: bounds the time a word can take
)

// member is a term that counts for a word of the question.
type member struct {
	term   uint32
	weight float32
}

// thesaurus is the synonyms against one vocabulary: what the material does not
// hold is gone, and keys are stems.
type thesaurus struct {
	phrases phraseBook
	byFirst map[string][]meaning // by language and the stem of the key's first word
	stops   map[string]bool      // the same; what they mean is a stop word
	senses  map[string][]compiledSense
}

type meaning struct {
	rest    []string // stems of the key's further words
	members []member
}

type compiledSense struct {
	beside, unless map[string]bool // words
	means          []member
}

func compile(s Synonyms, phrases phraseBook, v *vocabulary) thesaurus {
	t := thesaurus{phrases, map[string][]meaning{}, map[string]bool{}, map[string][]compiledSense{}}
	for _, e := range s.entries {
		key := stems(e.lang, e.from)
		first := e.lang + " " + key[0]
		weight := float32(synonymWeight)
		if e.toLang != e.lang {
			weight = translatedWeight
		}
		members := v.members(e.toLang, e.to, phrases, weight)
		if len(members) == 0 {
			if len(key) == 1 && onlyStops(e.toLang, e.to) {
				t.stops[first] = true
			}
			continue
		}
		t.byFirst[first] = append(t.byFirst[first], meaning{key[1:], members})
	}
	for _, s := range s.senses {
		c := compiledSense{wordSet(s.beside), wordSet(s.unless), v.members(s.lang, s.means, phrases, synonymWeight)}
		for _, w := range language.Words(s.word) {
			t.senses[s.lang+" "+w] = append(t.senses[s.lang+" "+w], c)
		}
	}
	return t
}

func onlyStops(lang string, texts []string) bool {
	for _, text := range texts {
		for _, w := range language.Words(text) {
			if !small(lang, w) {
				return false
			}
		}
	}
	return true
}

// words are the single words that patients may write and mean something by.
func (s Synonyms) words() map[string][]string {
	words := map[string][]string{}
	add := func(lang, text string) {
		for _, w := range language.Words(text) {
			if !small(lang, w) {
				words[lang] = append(words[lang], language.Singular(lang, w))
			}
		}
	}
	for _, e := range s.entries {
		add(e.lang, e.from)
	}
	for _, p := range s.phrases {
		add(p.lang, p.text)
	}
	return words
}

func wordSet(texts []string) map[string]bool {
	set := map[string]bool{}
	for _, text := range texts {
		for _, w := range language.Words(text) {
			set[w] = true
		}
	}
	return set
}

func stems(lang, text string) []string {
	words := language.Words(text)
	for i, w := range words {
		words[i] = language.Stem(lang, language.Singular(lang, w))
	}
	return words
}

// members returns the terms of words and phrases; the words of a phrase that is
// not itself a term share its weight.
func (v *vocabulary) members(lang string, texts []string, book phraseBook, full float32) []member {
	var members []member
	for _, text := range texts {
		stemmed := stems(lang, text)
		if name, more := longest(book[lang+" "+stemmed[0]], len(stemmed)-1, func(j int) string { return stemmed[1+j] }); more > 0 && more == len(stemmed)-1 {
			if t, ok := v.ids[name]; ok {
				members = appendMember(members, t, full)
			}
			continue
		}
		words := language.Words(text)
		content := words[:0]
		for _, w := range words {
			if !small(lang, w) {
				content = append(content, w)
			}
		}
		weight := full
		if len(stemmed) > 1 {
			weight *= sharedWeight
		}
		for _, w := range content {
			members = v.appendFamily(members, lang, w, weight)
		}
	}
	return members
}

// appendFamily appends the word's term and those that share its stem.
func (v *vocabulary) appendFamily(members []member, lang, word string, weight float32) []member {
	name := language.Singular(lang, word)
	literal, ok := v.ids[name]
	if ok {
		members = appendMember(members, literal, weight)
	}
	for _, t := range v.families[lang+" "+language.Stem(lang, name)] {
		if !ok || t != literal {
			members = appendMember(members, t, weight*familyWeight)
		}
	}
	return members
}

func appendMember(members []member, t uint32, weight float32) []member {
	for i := range members {
		if members[i].term == t {
			members[i].weight = max(members[i].weight, weight)
			return members
		}
	}
	if len(members) >= mostMembers {
		return members
	}
	return append(members, member{t, weight})
}
