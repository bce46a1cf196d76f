package retrieve

import (
	"cmp"
	"math/bits"
	"slices"
)

// What a misspelling may be, by the length of the written word in bytes.
const (
	shortestMended   = 5  // shorter ones are too near to other words
	shortestFreely   = 7  // up to here ends and consonants have to be right
	shortestTwoWrong = 9  // from here on two slips are forgiven
	longestWord      = 40 // longer ones are no words
)

// neighbours finds the terms that a written word may be a slip of. It looks
// through all terms of nearly the same length: a comparison of letter sets,
// some nanoseconds each, leaves few to compare letter by letter. A deletion
// index would be faster and take thirty entries a term.
type neighbours struct {
	lang     string
	byLength [longestWord + 1][]neighbour
	// bySound has them by their skeleton.
	bySound map[string][]sounding
}

type neighbour struct {
	letters uint32 // the set of its letters
	having  uint32 // how many passages have it
	word    string
}

func (n *neighbours) add(word string, having uint32) {
	if len(word) >= shortestMended-1 && len(word) <= longestWord && plain(word) {
		n.byLength[len(word)] = append(n.byLength[len(word)], neighbour{letterSet(word), having, word})
	}
}

// sort puts words in one order, whatever order they came in, each once.
func (n *neighbours) sort() {
	for i, list := range n.byLength {
		slices.SortFunc(list, func(a, b neighbour) int {
			return cmp.Or(cmp.Compare(a.word, b.word), cmp.Compare(b.having, a.having))
		})
		n.byLength[i] = slices.CompactFunc(list, func(a, b neighbour) bool { return a.word == b.word })
	}
	n.bySound = map[string][]sounding{}
	for _, list := range n.byLength {
		for _, c := range list {
			letters := sound(n.lang, c.word)
			if bones := skeleton(letters); len(bones) >= fewestBones {
				n.bySound[bones] = append(n.bySound[bones], sounding{c, letters})
			}
		}
	}
}

// find returns the likeliest word that word is a slip of. The first letter must
// be right, unless it changed places with the second or is the only slip in a
// long word; of two candidates the one with fewer slips and then the commoner wins.
func (n *neighbours) find(word string) (string, bool) {
	if fixed, ok := n.drawnOut(word); ok {
		return fixed, true
	}
	if len(word) == shortestMended-1 && plain(word) {
		return n.doubled(word)
	}
	if len(word) < shortestMended || len(word) > longestWord || !plain(word) {
		return "", false
	}
	most := 1
	if len(word) >= shortestTwoWrong {
		most = 2
	}
	set := letterSet(word)
	best, bestHaving, found := most, uint32(0), ""
	for length := max(len(word)-most, shortestMended-1); length <= min(len(word)+most, longestWord); length++ {
		for _, candidate := range n.byLength[length] {
			if bits.OnesCount32(set^candidate.letters) > 2*most {
				continue
			}
			d := distance(word, candidate.word, most)
			if d > best || d == best && found != "" && candidate.having <= bestHaving || !alike(word, candidate.word, d) {
				continue
			}
			found, best, bestHaving = candidate.word, d, candidate.having
		}
	}
	return found, found != ""
}

// drawnOut returns the term that a word with a letter held down is ("fastttt").
func (n *neighbours) drawnOut(word string) (string, bool) {
	if len(word) > longestWord || !plain(word) {
		return "", false
	}
	for most := 2; most > 0; most-- {
		short := make([]byte, 0, len(word))
		run, longest := 0, 0
		for i := range len(word) {
			if i > 0 && word[i] == word[i-1] {
				run++
			} else {
				run = 1
			}
			longest = max(longest, run)
			if run <= most {
				short = append(short, word[i])
			}
		}
		if longest < 3 {
			return "", false
		}
		if n.holds(string(short)) {
			return string(short), true
		}
	}
	return "", false
}

// doubled returns the term that a short word is with one of its letters written
// twice ("stuf").
func (n *neighbours) doubled(word string) (string, bool) {
	for i := range len(word) {
		if whole := word[:i+1] + word[i:]; n.holds(whole) {
			return whole, true
		}
	}
	return "", false
}

func (n *neighbours) holds(word string) bool {
	_, found := slices.BinarySearchFunc(n.byLength[len(word)], word, func(c neighbour, w string) int { return cmp.Compare(c.word, w) })
	return found
}

// alike says whether a reader would take the one for the other. People seldom
// get the first letter wrong; and short words have so many neighbours that only
// a letter left out, doubled, swapped or a wrong vowel inside them is believed.
func alike(word, candidate string, slips int) bool {
	if word[0] != candidate[0] && (word[0] != candidate[1] || word[1] != candidate[0]) {
		return slips == 1 && len(word) >= shortestTwoWrong
	}
	if len(word) >= shortestFreely {
		return true
	}
	if word[len(word)-1] != candidate[len(candidate)-1] {
		return false
	}
	if len(word) != len(candidate) {
		return true
	}
	for i := range len(word) {
		if word[i] == candidate[i] {
			continue
		}
		if i+1 < len(word) && word[i] == candidate[i+1] && word[i+1] == candidate[i] {
			return true
		}
		return len(word) > shortestMended && vowel(word[i]) && vowel(candidate[i])
	}
	return true
}

func vowel(c byte) bool {
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y'
}

// plain says whether a term is made of ASCII letters only: numbers and codes
// are never mended into others.
func plain(term string) bool {
	for i := range len(term) {
		if term[i] < 'a' || term[i] > 'z' {
			return false
		}
	}
	return true
}

func letterSet(term string) uint32 {
	var set uint32
	for i := range len(term) {
		set |= 1 << (term[i] - 'a')
	}
	return set
}

// distance is the number of letters put in, left out, exchanged for another or
// swapped with the next (optimal string alignment), or most+1 if there are more.
func distance(a, b string, most int) int {
	if d := len(a) - len(b); d > most || -d > most {
		return most + 1
	}
	var buffers [3][longestWord + 1]int
	before, last, row := &buffers[0], &buffers[1], &buffers[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(row[j-1]+1, last[j]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			least = min(least, d)
		}
		if least > most {
			return most + 1
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], most+1)
}
