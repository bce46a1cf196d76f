package triage

import (
	"slices"
	"strings"

	"bedside/internal/language"
)

// classID is a set of words and phrases that mean the same to the rules. Every
// word that stands in a pattern by itself is a class of its own.
type classID int32

// vocabulary is every word that a rule knows, and what it counts as.
type vocabulary struct {
	words    map[string]int32
	spelled  []string       // by word
	begun    []int32        // by word: the node of the trie that it leads to from the root; 0: no phrase begins with it
	hash     []uint32       // by word: of its letters
	stem     []uint32       // by word: of its first letters
	single   index[classID] // by word: the classes that it is in
	prefixes map[string][]classID
	next     map[uint64]int32 // the trie of phrases: node<<32|word to node
	ends     index[classID]   // by node of the trie: the classes of the phrases that end there
	nodes    int32
	near     map[string][]int32 // by a form with a letter taken out: key words
	segments map[string]bool    // the words that letters without spaces may be read as
	begins   beginnings         // of segments
	hidden   map[int][]int32    // by length: the key words that stars may hide
}

// index is a list of things for each of many others, kept in one row.
type index[T ~int32] struct {
	pairs []pair[T]
	start []int32
	row   []T
}

type pair[T ~int32] struct {
	of    int32
	thing T
}

func (x *index[T]) add(of int32, thing T) { x.pairs = append(x.pairs, pair[T]{of, thing}) }

// settle sorts the pairs into their row; n is how many there are lists.
func (x *index[T]) settle(n int) {
	x.start = make([]int32, n+1)
	for _, p := range x.pairs {
		x.start[p.of+1]++
	}
	for i := range n {
		x.start[i+1] += x.start[i]
	}
	x.row = make([]T, len(x.pairs))
	at := append([]int32(nil), x.start...)
	for _, p := range x.pairs {
		x.row[at[p.of]] = p.thing
		at[p.of]++
	}
	x.pairs = nil
}

func (x *index[T]) of(i int32) []T { return x.row[x.start[i]:x.start[i+1]] }

const (
	shortestPrefix = 4
	longestPrefix  = 12
)

func newVocabulary() *vocabulary {
	const words, phrases = 7 << 10, 7 << 10 // of the shipped rules; maps hold seven eighths of a power of two
	return &vocabulary{
		words: make(map[string]int32, words), spelled: make([]string, 0, words), begun: make([]int32, 0, words),
		hash: make([]uint32, 0, words), stem: make([]uint32, 0, words),
		prefixes: map[string][]classID{}, next: make(map[uint64]int32, phrases), nodes: 1,
		single: index[classID]{pairs: make([]pair[classID], 0, 4*words)}, ends: index[classID]{pairs: make([]pair[classID], 0, phrases)},
		near: make(map[string][]int32, words/8), segments: make(map[string]bool, words), hidden: map[int][]int32{},
	}
}

func (v *vocabulary) word(s string) int32 {
	if id, ok := v.words[s]; ok {
		return id
	}
	id := int32(len(v.spelled))
	v.words[s] = id
	v.begun = append(v.begun, 0)
	v.spelled = append(v.spelled, s)
	hash, stem := hashes(s)
	v.hash, v.stem = append(v.hash, hash), append(v.stem, stem)
	return id
}

// add puts a word, a phrase, or a prefix such as suicid* into a class. Words of
// a phrase stand apart by spaces or low lines.
func (v *vocabulary) add(entry string, class classID) {
	entry = folded(entry)
	if prefix, ok := strings.CutSuffix(entry, "*"); ok {
		v.prefixes[prefix] = append(v.prefixes[prefix], class)
		return
	}
	cut := breakOf(entry)
	if cut < 0 {
		v.single.add(v.word(entry), class)
		return
	}
	node := int32(0)
	for first := true; entry != ""; first = false {
		w := entry
		if cut = breakOf(entry); cut >= 0 {
			w, entry = entry[:cut], entry[cut+1:]
		} else {
			entry = ""
		}
		if w == "" {
			continue
		}
		id := v.word(w)
		key := uint64(node)<<32 | uint64(uint32(id))
		to, ok := v.next[key]
		if !ok {
			to = v.nodes
			v.nodes++
			v.next[key] = to
		}
		if first {
			v.begun[id] = to
		}
		node = to
	}
	v.ends.add(node, class)
}

// breakOf returns where the first word of an entry ends, -1: it is one word.
func breakOf(entry string) int {
	for i := range len(entry) {
		if entry[i] == ' ' || entry[i] == '_' {
			return i
		}
	}
	return -1
}

// folded writes an entry as the scan of a message writes it.
func folded(entry string) string {
	ascii := true
	for i := range len(entry) {
		ascii = ascii && entry[i] < 0x80
	}
	if ascii {
		return entry
	}
	var s scan
	s.reset()
	s.run(strings.TrimSuffix(entry, "*"))
	words := make([]string, 0, len(s.tokens))
	for _, t := range s.tokens {
		words = append(words, string(s.text[t.start:t.end]))
	}
	if strings.HasSuffix(entry, "*") {
		return strings.Join(words, " ") + "*"
	}
	return strings.Join(words, " ")
}

// settle gives words that are listed in full the classes of their prefixes too,
// and chooses the words that letters without spaces may be read as: of one or two
// letters, only those that are given. It is called when everything has been added.
func (v *vocabulary) settle(short []string) {
	for w, id := range v.words {
		for n := shortestPrefix; n <= min(len(w), longestPrefix); n++ {
			for _, c := range v.prefixes[w[:n]] {
				v.single.add(id, c)
			}
		}
		if len(w) > 2 || slices.Contains(short, w) {
			v.segments[w] = true
			if len(w) > 1 && len(w) <= longestPiece {
				v.begins.add(w[0], w[1], len(w))
			}
		}
	}
	v.single.settle(len(v.spelled))
	v.ends.settle(int(v.nodes))
}

// beginnings tells which lengths words of two first letters have, so that most
// readings of letters are ruled out without looking a word up.
type beginnings [26 * 26]uint16

func (b *beginnings) add(first, second byte, length int) {
	if i, ok := letterPair(first, second); ok {
		b[i] |= 1 << length
	}
}

func (b *beginnings) has(first, second byte, length int) bool {
	i, ok := letterPair(first, second)
	return ok && b[i]&(1<<length) != 0
}

func letterPair(a, b byte) (int, bool) {
	i, j := int(a)-'a', int(b)-'a'
	return i*26 + j, i >= 0 && i < 26 && j >= 0 && j < 26
}

func (v *vocabulary) prefixed(w []byte) []classID {
	for n := min(len(w), longestPrefix); n >= shortestPrefix; n-- {
		if c, ok := v.prefixes[string(w[:n])]; ok {
			return c
		}
	}
	return nil
}

// mendable makes a key word known to the mending of spelling, and to the reading
// of starred letters. Short words have too many neighbours to be mended.
func (v *vocabulary) mendable(w string) {
	id := v.word(w)
	v.hidden[len(w)] = append(v.hidden[len(w)], id)
	if len(w) < 6 {
		return
	}
	v.near[w] = append(v.near[w], id)
	for i := 1; i < len(w); i++ { // the first letter is hardly ever wrong
		short := w[:i] + w[i+1:]
		v.near[short] = append(v.near[short], id)
	}
}

// mend finds the key word that is one slip away: a letter missing, too many,
// wrong, or two exchanged.
func (v *vocabulary) mend(w []byte) (int32, bool) {
	const shortest, longest = 5, 16
	if len(w) < shortest || len(w) > longest {
		return 0, false
	}
	for _, id := range v.near[string(w)] {
		return id, true
	}
	var short [longest]byte
	for i := 1; i < len(w); i++ {
		n := copy(short[:], w[:i])
		n += copy(short[n:], w[i+1:])
		for _, id := range v.near[string(short[:n])] {
			if oneSlip(w, v.spelled[id]) {
				return id, true
			}
		}
	}
	return 0, false
}

// longForm finds the word that a form typed on a phone stands for, where a rule
// knows that word and not the form.
func (v *vocabulary) longForm(w []byte) (int32, bool) {
	if len(w) > language.LongestForm {
		return 0, false
	}
	for _, lang := range [...]string{language.English, language.Spanish} {
		if long := language.LongForm(lang, string(w)); long != "" {
			id, ok := v.words[long]
			return id, ok
		}
	}
	return 0, false
}

// oneSlip says whether a and b, which share a form with a letter taken out, are
// the same but for one letter put in, replaced, or exchanged with its neighbour.
func oneSlip(a []byte, b string) bool {
	if len(a) != len(b) {
		return len(a) == len(b)+1
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	j := len(a)
	for j > i && a[j-1] == b[j-1] {
		j--
	}
	return j-i <= 1 || j-i == 2 && a[i] == b[i+1] && a[i+1] == b[i]
}
