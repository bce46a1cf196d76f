package ground

import (
	"strings"
	"sync"
)

// wordIndex finds the words of many rules in one pass over a text. Words are kept by
// their first two bytes, of which five bits each count.
type wordIndex struct {
	starting [1 << 10][]ruleWord
	always   ruleSet // the rules that need no word
}

type ruleWord struct {
	text string
	rule int
}

// ruleSet is a set of rules by their place.
type ruleSet [2]uint64

func (s *ruleSet) add(rule int) { s[rule/64] |= 1 << (rule % 64) }

func (s ruleSet) has(rule int) bool { return s[rule/64]&(1<<(rule%64)) != 0 }

func twoBytes(first, second byte) int { return int(first&31)<<5 | int(second&31) }

func newWordIndex(rules []rule) *wordIndex {
	x := new(wordIndex)
	for i, r := range rules {
		if r.words == "" {
			x.always.add(i)
		}
		for word := range strings.FieldsSeq(r.words) {
			if len(word) > 1 {
				at := twoBytes(word[0], word[1])
				x.starting[at] = append(x.starting[at], ruleWord{word, i})
				continue
			}
			for second := range byte(32) {
				at := twoBytes(word[0], second)
				x.starting[at] = append(x.starting[at], ruleWord{word, i})
			}
		}
	}
	return x
}

// in returns the rules of which a word stands in the text, be it within another.
func (x *wordIndex) in(text string) ruleSet {
	found := x.always
	for i := range len(text) {
		second := byte(0)
		if i+1 < len(text) {
			second = text[i+1]
		}
		for _, w := range x.starting[twoBytes(text[i], second)] {
			if strings.HasPrefix(text[i:], w.text) {
				found.add(w.rule)
			}
		}
	}
	return found
}

var forbiddenWords = sync.OnceValue(func() *wordIndex { return newWordIndex(rules) })
