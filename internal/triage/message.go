package triage

import (
	"bytes"
	"slices"
)

// token is a word of a message with its spelling mended.
type token struct {
	word   int32     // in the vocabulary; unknown: no rule knows it
	extra  []classID // of the prefixes of an unknown word
	number int32     // its value; unknown: it is none
	hash   uint32    // of its letters
	stem   uint32    // of its first letters
	slash  bool
	quoted bool
	clause bool // begins a clause
	first  bool // begins a sentence
	asks   bool // ends a question
}

const unknown int32 = -1

// message is what the rules see: the tokens of the person's last messages and of
// this one, and for every class where it stands. It is reused.
type message struct {
	scan    scan
	tokens  []token
	segment []int // where each message begins; the last one is the current
	width   int   // of a set, in machine words
	arena   []uint64
	slot    []int32 // by class: where its set begins in the arena; unknown: none
	head    []int32 // by class: its first span; unknown: none
	spans   []span
	touched []classID
	latest  []int32 // by word: the last token that it stands at; unknown: none
	earlier []int32 // by token: the one before with the same word; unknown: none
	joined  []byte  // for words put together
	segmentations
	frames
	matching
	signs
}

// span is where a phrase stands. A span that was taken away has no class.
type span struct {
	class      classID
	start, end int32
	next       int32 // of the same class
}

const noClass classID = -2

func newMessage(classes, words int) *message {
	m := &message{slot: make([]int32, classes), head: make([]int32, classes), latest: make([]int32, words)}
	for i := range m.latest {
		m.latest[i] = unknown
	}
	for i := range m.slot {
		m.slot[i], m.head[i] = unknown, unknown
	}
	return m
}

func (m *message) reset() {
	for _, c := range m.touched {
		m.slot[c], m.head[c] = unknown, unknown
	}
	m.touched, m.spans, m.tokens = m.touched[:0], m.spans[:0], m.tokens[:0]
	m.segment, m.arena = m.segment[:0], m.arena[:0]
}

// take adds one message's words.
func (m *message) take(v *vocabulary, text string) {
	m.segment = append(m.segment, len(m.tokens))
	m.scan.reset()
	m.scan.run(text)
	raw := m.scan.tokens
	for i := 0; i < len(raw); i++ {
		if n := m.lettersFrom(raw, i); n >= shortestSpaced {
			m.spaced(v, raw[i:i+n])
			i += n - 1
			continue
		}
		if i+1 < len(raw) && raw[i+1].joined && m.hyphened(v, raw[i], raw[i+1]) {
			i++
			continue
		}
		m.resolve(v, raw[i], m.scan.text[raw[i].start:raw[i].end])
	}
}

func (m *message) lettersFrom(raw []rawToken, i int) int {
	n := 0
	for i+n < len(raw) && raw[i+n].single && (n == 0 || raw[i+n].before == markNone) {
		n++
	}
	return n
}

// shortestSpaced is how many single letters in a row are read as words.
const shortestSpaced = 3

// spaced reads letters that stand by themselves as the words they spell. What
// spells none stays a letter.
func (m *message) spaced(v *vocabulary, raw []rawToken) {
	m.joined = m.joined[:0]
	for _, t := range raw {
		m.joined = append(m.joined, m.scan.text[t.start])
	}
	m.cheapest(v, m.joined, 1)
	start := 0
	for i := len(m.cuts) - 1; i >= 0; i-- {
		end := m.cuts[i]
		t := raw[start]
		t.asks = raw[end-1].asks
		id, ok := v.words[string(m.joined[start:end])]
		if !ok {
			id = unknown
		}
		m.put(v, t, token{word: id, number: unknown}, m.joined[start:end])
		start = end
	}
}

// hyphened reads two tokens with a hyphen between as the one word they spell,
// such as sui-cide.
func (m *message) hyphened(v *vocabulary, a, b rawToken) bool {
	m.joined = append(append(m.joined[:0], m.scan.text[a.start:a.end]...), m.scan.text[b.start:b.end]...)
	id, ok := v.words[string(m.joined)]
	if !ok && len(m.joined) >= shortestGlued {
		id, ok = v.mend(m.joined)
	}
	if ok {
		a.asks = b.asks
		m.put(v, a, token{word: id, number: unknown}, nil)
	}
	return ok
}

// put adds a token; w is what was written, read where no rule knows the word.
func (m *message) put(v *vocabulary, raw rawToken, t token, w []byte) {
	if t.word == unknown {
		t.hash, t.stem = hashes(w)
	} else {
		t.hash, t.stem = v.hash[t.word], v.stem[t.word]
	}
	t.slash, t.quoted, t.asks = raw.slash, raw.quoted, raw.asks
	t.clause, t.first = raw.before != markNone, raw.before == markSentence
	m.tokens = append(m.tokens, t)
}

// resolve finds the word that a raw token stands for.
func (m *message) resolve(v *vocabulary, raw rawToken, w []byte) {
	if id, ok := v.words[string(w)]; ok {
		m.put(v, raw, token{word: id, number: number(w)}, w)
		return
	}
	if n := number(w); n != unknown {
		m.put(v, raw, token{word: unknown, number: n}, w)
		return
	}
	if digits := leadingDigits(w); digits > 0 && digits < len(w) && m.amount(v, raw, w, digits) {
		return
	}
	if raw.leet {
		if id, ok := m.plain(v, w); ok {
			m.put(v, raw, token{word: id, number: unknown}, w)
			return
		}
	}
	if id, ok := m.respell(v, w); ok {
		m.put(v, raw, token{word: id, number: unknown}, w)
		return
	}
	if c := v.prefixed(w); c != nil {
		m.put(v, raw, token{word: unknown, number: unknown, extra: c}, w)
		return
	}
	if id, ok := v.mend(w); ok {
		m.put(v, raw, token{word: id, number: unknown}, w)
		return
	}
	if len(w) >= shortestGlued && len(w) <= longestGlued && m.split(v, raw, w) {
		return
	}
	m.put(v, raw, token{word: unknown, number: unknown}, w)
	if id, ok := v.longForm(w); ok {
		// What the signs were learned from are the letters as they were written.
		m.tokens[len(m.tokens)-1].word = id
	}
}

// amount splits 50mg into 50 and mg, where mg is known.
func (m *message) amount(v *vocabulary, raw rawToken, w []byte, digits int) bool {
	id, ok := v.words[string(w[digits:])]
	if !ok {
		return false
	}
	asks := raw.asks
	raw.asks = false
	m.put(v, raw, token{word: unknown, number: number(w[:digits])}, w[:digits])
	m.put(v, rawToken{quoted: raw.quoted, asks: asks}, token{word: id, number: unknown}, nil)
	return true
}

// respell tries a word without repeated letters, without its possessive or
// plural s, and with the g that was left off.
func (m *message) respell(v *vocabulary, w []byte) (int32, bool) {
	for _, keep := range [...]int{2, 1} {
		if w2, changed := m.squeeze(w, keep); changed {
			if id, ok := v.words[string(w2)]; ok {
				return id, true
			}
			if id, ok := v.mend(w2); ok {
				return id, true
			}
		}
	}
	if stem, ok := bytes.CutSuffix(w, []byte("s")); ok && len(stem) > 2 {
		if id, ok := v.words[string(stem)]; ok {
			return id, true
		}
	}
	if bytes.HasSuffix(w, []byte("in")) && len(w) > 4 {
		m.joined = append(append(m.joined[:0], w...), 'g')
		if id, ok := v.words[string(m.joined)]; ok {
			return id, true
		}
	}
	return 0, false
}

// squeeze shortens runs of a letter that are longer than keep allows.
func (m *message) squeeze(w []byte, keep int) ([]byte, bool) {
	m.joined = m.joined[:0]
	run := 0
	for i, c := range w {
		if i > 0 && c == w[i-1] {
			run++
		} else {
			run = 1
		}
		if run <= keep {
			m.joined = append(m.joined, c)
		}
	}
	return m.joined, len(m.joined) != len(w)
}

// plain reads digits and signs as the letters they stand for; a star stands for
// any letter.
func (m *message) plain(v *vocabulary, w []byte) (int32, bool) {
	for _, one := range [...]byte{'i', 'l'} {
		m.joined = m.joined[:0]
		stars := 0
		for _, c := range w {
			if l := leetLetters[c]; l != 0 {
				c = l
			} else if c == '1' || c == '!' || c == '|' {
				c = one
			} else if c == '*' || c == '#' || c == '+' {
				stars++
				c = '*'
			}
			m.joined = append(m.joined, c)
		}
		if stars > 0 {
			return v.starred(m.joined)
		}
		if id, ok := v.words[string(m.joined)]; ok {
			return id, true
		}
		if id, ok := v.mend(m.joined); ok {
			return id, true
		}
	}
	return 0, false
}

var leetLetters = [256]byte{'0': 'o', '3': 'e', '4': 'a', '5': 's', '7': 't', '8': 'b', '9': 'g', '@': 'a', '$': 's'}

// starred finds the key word that letters and stars stand for.
func (v *vocabulary) starred(w []byte) (int32, bool) {
	for _, id := range v.hidden[len(w)] {
		key := v.spelled[id]
		same := true
		for i, c := range w {
			if c != '*' && c != key[i] {
				same = false
				break
			}
		}
		if same && w[0] == key[0] {
			return id, true
		}
	}
	return 0, false
}

func leadingDigits(w []byte) int {
	n := 0
	for n < len(w) && isDigit(w[n]) {
		n++
	}
	return n
}

// number is the value of digits; a fraction is cut off.
func number(w []byte) int32 {
	const most = 100_000_000
	n := int32(0)
	for i, c := range w {
		if c == '.' && i > 0 {
			break
		}
		if !isDigit(c) || n >= most {
			return unknown
		}
		n = n*10 + int32(c-'0')
	}
	return n
}

const (
	shortestGlued = 7
	longestGlued  = 40
	longestPiece  = 14
)

type segmentations struct {
	piece []int8  // by end: how long the last piece of the best reading is
	cost  []int32 // by end: what that reading costs
	cuts  []int   // the ends of the pieces, last first
}

const (
	costWord   = 2  // a word of the vocabulary: fewer are better
	costShort  = 3  // one of "i", "a", "y"
	costLetter = 16 // a letter that belongs to no word
)

// cheapest finds the cheapest reading of w as known words, and leaves the ends
// of its pieces in cuts. It returns how many letters belong to no word.
func (m *message) cheapest(v *vocabulary, w []byte, shortest int) int {
	for len(m.piece) <= len(w) {
		m.piece, m.cost = append(m.piece, 0), append(m.cost, 0)
	}
	for end := 1; end <= len(w); end++ {
		m.piece[end], m.cost[end] = 1, m.cost[end-1]+costLetter
		if w[end-1] == 'i' || shortest == 1 && (w[end-1] == 'a' || w[end-1] == 'y') {
			m.cost[end] = m.cost[end-1] + costShort
		}
		for n := 2; n <= min(end, longestPiece); n++ {
			piece := w[end-n : end]
			if c := m.cost[end-n] + costWord; c < m.cost[end] && v.begins.has(piece[0], piece[1], n) && v.segments[string(piece)] {
				m.piece[end], m.cost[end] = int8(n), c
			}
		}
	}
	m.cuts = m.cuts[:0]
	letters := 0
	for end := len(w); end > 0; end -= int(m.piece[end]) {
		m.cuts = append(m.cuts, end)
		if m.cost[end] == m.cost[end-1]+costLetter {
			letters++
		}
	}
	return letters
}

// split reads w as known words without spaces between, and puts them. Ordinary
// words fall into short ones by chance: unless it begins with "i" or holds a key
// word, a reading's words must be of some length.
func (m *message) split(v *vocabulary, raw rawToken, w []byte) bool {
	if m.cheapest(v, w, 2) > 0 {
		return false
	}
	if first := m.cuts[len(m.cuts)-1]; first > 1 && 4*len(w) < 11*len(m.cuts) && !m.cutsKey(v, w) {
		return false
	}
	start := 0
	asks := raw.asks
	for i := len(m.cuts) - 1; i >= 0; i-- {
		raw.asks = asks && i == 0
		m.put(v, raw, token{word: v.words[string(w[start:m.cuts[i]])], number: unknown}, w)
		start, raw.before = m.cuts[i], markNone
	}
	return true
}

// cutsKey says whether one of the pieces of w is a key word.
func (m *message) cutsKey(v *vocabulary, w []byte) bool {
	start := 0
	for i := len(m.cuts) - 1; i >= 0; i-- {
		piece := w[start:m.cuts[i]]
		if id, ok := v.words[string(piece)]; ok && slices.Contains(v.hidden[len(piece)], id) && v.spelled[id] == string(piece) {
			return true
		}
		start = m.cuts[i]
	}
	return false
}
