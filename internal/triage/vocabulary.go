package triage

import "strings"

// classID is a set of words and phrases that mean the same to the rules. Every
// word that stands in a pattern by itself is a class of its own.
type classID int32

// vocabulary is every word that a rule knows, and what it counts as.
type vocabulary struct {
	words    map[string]int32
	classes  [][]classID // by word
	phrasal  []bool      // by word: a phrase begins with it
	prefixes map[string][]classID
	next     map[uint64]int32 // the trie of phrases: node<<32|word to node
	ends     [][]classID      // by node of the trie: the phrases that end there
	near     map[string][]int32
	spelled  []string // by word
	segments map[string]bool
	hidden   map[int][]int32 // by length: the key words that stars may hide
}

const (
	shortestPrefix = 4
	longestPrefix  = 12
)

func newVocabulary() *vocabulary {
	return &vocabulary{
		words: map[string]int32{}, prefixes: map[string][]classID{}, next: map[uint64]int32{},
		ends: make([][]classID, 1), near: map[string][]int32{}, segments: map[string]bool{}, hidden: map[int][]int32{},
	}
}

func (v *vocabulary) word(s string) int32 {
	if id, ok := v.words[s]; ok {
		return id
	}
	id := int32(len(v.classes))
	v.words[s] = id
	v.classes = append(v.classes, nil)
	v.phrasal = append(v.phrasal, false)
	v.spelled = append(v.spelled, s)
	return id
}

// add puts a word, a phrase, or a prefix such as suicid* into a class.
func (v *vocabulary) add(entry string, class classID) {
	if prefix, ok := strings.CutSuffix(entry, "*"); ok {
		v.prefixes[prefix] = append(v.prefixes[prefix], class)
		return
	}
	words := strings.Fields(entry)
	if len(words) == 1 {
		id := v.word(words[0])
		v.classes[id] = append(v.classes[id], class)
		return
	}
	node := int32(0)
	for i, w := range words {
		id := v.word(w)
		if i == 0 {
			v.phrasal[id] = true
		}
		key := uint64(node)<<32 | uint64(uint32(id))
		to, ok := v.next[key]
		if !ok {
			to = int32(len(v.ends))
			v.ends = append(v.ends, nil)
			v.next[key] = to
		}
		node = to
	}
	v.ends[node] = append(v.ends[node], class)
}

// settle gives words that are listed in full the classes of their prefixes too.
// It is called when everything has been added.
func (v *vocabulary) settle() {
	for w, id := range v.words {
		for n := shortestPrefix; n <= min(len(w), longestPrefix); n++ {
			for _, c := range v.prefixes[w[:n]] {
				v.classes[id] = append(v.classes[id], c)
			}
		}
		if len(w) > 1 || w == "i" || w == "a" || w == "y" {
			v.segments[w] = true
		}
	}
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
