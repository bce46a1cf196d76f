package retrieve

import "bedside/internal/language"

// What a word stands for is worth less than what was written.
const (
	familyWeight  = 0.7
	synonymWeight = 0.6
	mendedWeight  = 0.9
	mostMembers   = 12 // of a concept: bounds the time a word can take
)

// member is a term that counts for a word of the question.
type member struct {
	term   uint32
	weight float32
}

// thesaurus is the synonyms against one vocabulary: what the material does not
// hold is gone, and keys are stems.
type thesaurus struct {
	byFirst map[string][]meaning // by the stem of the key's first word, "en " before it
	senses  map[string][]compiledSense
}

type meaning struct {
	rest    []string // stems of the key's further words
	members []member
}

type compiledSense struct {
	beside map[string]bool // words
	means  []member
}

func compile(s Synonyms, v *vocabulary) thesaurus {
	t := thesaurus{map[string][]meaning{}, map[string][]compiledSense{}}
	for _, e := range s.entries {
		members := v.phrasesOf(e.toLang, e.to)
		if len(members) == 0 {
			continue
		}
		key := stems(e.lang, e.from)
		first := e.lang + " " + key[0]
		t.byFirst[first] = append(t.byFirst[first], meaning{key[1:], members})
	}
	for _, s := range s.senses {
		c := compiledSense{map[string]bool{}, v.phrasesOf(s.lang, s.means)}
		for _, word := range s.beside {
			for _, w := range language.Words(word) {
				c.beside[w] = true
			}
		}
		for _, w := range language.Words(s.word) {
			t.senses[s.lang+" "+w] = append(t.senses[s.lang+" "+w], c)
		}
	}
	return t
}

func stems(lang, text string) []string {
	words := language.Words(text)
	for i, w := range words {
		words[i] = language.Stem(lang, language.Singular(lang, w))
	}
	return words
}

// phrasesOf returns the terms of the phrases; a phrase's words share its weight.
func (v *vocabulary) phrasesOf(lang string, phrases []string) []member {
	var members []member
	for _, p := range phrases {
		words := language.Words(p)
		content := words[:0]
		for _, w := range words {
			if !language.Stop(lang, w) {
				content = append(content, w)
			}
		}
		for _, w := range content {
			weight := float32(synonymWeight)
			if len(content) > 1 {
				weight *= 0.6
			}
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
	for _, t := range v.families[language.Stem(lang, name)] {
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
