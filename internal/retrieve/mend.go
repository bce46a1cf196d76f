package retrieve

import "math/bits"

// What a misspelling may be, by the length of the written word in bytes.
const (
	shortestMended   = 5  // shorter ones are too near to other words
	shortestTwoWrong = 8  // from here on two slips are forgiven
	longestWord      = 40 // longer ones are no words
)

// neighbours finds the terms that a written word may be a slip of. It looks
// through all terms of nearly the same length: a comparison of letter sets,
// some nanoseconds each, leaves few to compare letter by letter. A deletion
// index would be faster and take thirty entries a term.
type neighbours struct {
	terms   []string
	having  []uint32
	byLen   [longestWord + 1][]uint32
	letters [longestWord + 1][]uint32 // sets, in step with byLen
}

func newNeighbours(terms []string, having []uint32) neighbours {
	n := neighbours{terms: terms, having: having}
	for t, term := range terms {
		if len(term) >= shortestMended-1 && len(term) <= longestWord && plain(term) {
			n.byLen[len(term)] = append(n.byLen[len(term)], uint32(t))
			n.letters[len(term)] = append(n.letters[len(term)], letterSet(term))
		}
	}
	return n
}

// find returns the likeliest term that word is a slip of. The first letter must
// be right, unless it changed places with the second or is the only slip in a
// long word; of two candidates the one with fewer slips and then the commoner wins.
func (n *neighbours) find(word string) (term uint32, slips int, ok bool) {
	if len(word) < shortestMended || len(word) > longestWord || !plain(word) {
		return 0, 0, false
	}
	most := 1
	if len(word) >= shortestTwoWrong {
		most = 2
	}
	set := letterSet(word)
	best, bestHaving := most+1, uint32(0)
	for length := max(len(word)-most, shortestMended-1); length <= min(len(word)+most, longestWord); length++ {
		sets := n.letters[length]
		for i, t := range n.byLen[length] {
			if bits.OnesCount32(set^sets[i]) > 2*most {
				continue
			}
			candidate := n.terms[t]
			d := distance(word, candidate, most)
			if d > most || d > best || d == best && n.having[t] <= bestHaving || !alike(word, candidate, d) {
				continue
			}
			term, best, bestHaving = t, d, n.having[t]
		}
	}
	return term, best, best <= most
}

// alike says whether two words at the given distance look like one word to a
// reader: people seldom get the first letter wrong.
func alike(word, candidate string, slips int) bool {
	if word[0] == candidate[0] {
		return true
	}
	if word[0] == candidate[1] && word[1] == candidate[0] {
		return true
	}
	return slips == 1 && len(word) >= shortestTwoWrong
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
