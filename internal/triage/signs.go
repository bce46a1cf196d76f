package triage

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"math"

	"bedside/internal/chat"
	"bedside/internal/textconv"
)

// The learned signs are scores of stretches of a message, for danger that is
// told in words no rule lists: two small convolutional networks over the words'
// beginnings (textconv), read as sums of rows of a table, and beside them the phrases.
// They only ever add a finding: what a rule has found stands.

// signClass is what the examples of the signs are told apart into.
type signClass int

// The first two are no danger.
const (
	signNone signClass = iota
	signTopic
	signSelf
	signOther
	signHarm
	signEmergency
	signAbuse
	signPsychiatric
	signClasses               // how many there are
	signBackground = signSelf // the classes below are no danger
)

// signLabels name the classes in files of examples. What is only indirect has the
// same class as what is said outright: both get a crisis's reply.
var signLabels = map[string]signClass{
	"none": signNone, "topic": signTopic, "self": signSelf, "indirect": signSelf, "other": signOther,
	"harm": signHarm, "emergency": signEmergency, "abuse": signAbuse, "psych": signPsychiatric,
}

// signRules are what a learned sign comes to. Only crises have a softer form.
var signRules = [signClasses]*rule{
	signSelf:        {name: "signs/crisis-self", category: chat.CrisisSelf, level: chat.Indirect},
	signOther:       {name: "signs/crisis-other", category: chat.CrisisOther, level: chat.Indirect},
	signHarm:        {name: "signs/harm-to-others", category: chat.HarmToOthers, level: chat.Explicit},
	signEmergency:   {name: "signs/emergency", category: chat.MedicalEmergency, level: chat.Explicit},
	signAbuse:       {name: "signs/abuse", category: chat.AbuseViolence, level: chat.Explicit},
	signPsychiatric: {name: "signs/acute-psychiatric", category: chat.AcutePsychiatric, level: chat.Explicit},
}

// stemLetters is how many letters of a word its stem keeps.
const stemLetters = 5

// hashes returns the hashes of a word and of its first letters.
func hashes[T string | []byte](w T) (whole, stem uint32) {
	const offset, prime = 2166136261, 16777619 // FNV-1a
	whole = offset
	for i := range len(w) {
		whole = (whole ^ uint32(w[i])) * prime
		if i+1 == stemLetters {
			stem = whole
		}
	}
	if len(w) < stemLetters {
		stem = whole
	}
	return whole, stem
}

// What stands between words is read as words of its own.
const (
	signStop  uint32 = 1 // a sentence begins
	signComma uint32 = 2 // a clause begins
	signAsk   uint32 = 3 // a question ends
	signEnd   uint32 = 4 // the message ends
)

// signUnknown has no row. It stands for the words of an idiom, which do not mean what
// they say.
const signUnknown uint32 = 0

// signWords appends what the signs see of the tokens from one to another, and of what
// stands between them. The learner and the scorer see a message through it, once its
// idioms are known.
func (m *message) signWords(words []signWord, from, to int) []signWord {
	for i := from; i < to; i++ {
		t := &m.tokens[i]
		switch {
		case i == from:
		case t.first:
			words = append(words, signWord{stem: signStop})
		case t.clause:
			words = append(words, signWord{stem: signComma})
		}
		if m.idiom.has(i) {
			words = append(words, signWord{stem: signUnknown})
		} else {
			words = append(words, signWord{t.stem, t.hash})
		}
		if t.asks {
			words = append(words, signWord{stem: signAsk})
		}
	}
	return words
}

const (
	signWidth   = 3  // neighbouring words that a filter sees
	signFilters = 96 // of one network
	signNets    = 2  // networks whose probabilities are averaged
	signValues  = signFilters * signNets
	// A long message is read in stretches of four blocks, each a block on from
	// the last, so that a sign does not drown and a chance pair does not count
	// for what stands far away.
	signBlock  = 12
	signBlocks = 4
)

// signWeights are the learned numbers, in the format of the file.
type signWeights struct {
	threshold float32 // of the probability of danger, from which it is one
	lowered   float32 // the same where a rule has found something else
	nets      [signNets]signNet
	bias      [signValues]int16 // in units of scale
	scale     float32           // of a row's unit
	slots     string            // a hash table from stems to rows: stem and row, 4 bytes each
	phrases   phrases
	rows      string // by word and position, a byte for each filter, byteZero more than its number; row 0 is the unknown word's
}

// signNet is what one network makes of its filters' values.
type signNet struct {
	out  [signFilters][signClasses]float32
	bias [signClasses]float32
}

// The file, numbers in little-endian order: a mark, how many rows and slots there
// are, the numbers of signWeights and phrases in their order, the slots, the phrases'
// weights, the rows.
const (
	signMark     = "bedside signs 4\n"
	slotBytes    = 8
	signRowBytes = signWidth * signValues
)

//go:embed signs.weights
var shippedSigns string

// readSigns reads weights. The rows stay where they are, so that a start does not
// touch them.
func readSigns(file string) (*signWeights, error) {
	r := signReader{rest: file}
	mark := r.take(len(signMark))
	rows, slots := int(r.number()), int(r.number())
	w := &signWeights{threshold: r.float(), lowered: r.float()}
	for n := range w.nets {
		for f := range signFilters {
			for c := range signClasses {
				w.nets[n].out[f][c] = r.float()
			}
		}
		for c := range signClasses {
			w.nets[n].bias[c] = r.float()
		}
	}
	for f := range w.bias {
		w.bias[f] = int16(r.number())
	}
	w.scale = r.float()
	w.phrases.bias, w.phrases.scale = r.float(), r.float()
	w.slots, w.phrases.weights, w.rows = r.take(slots*slotBytes), r.take(phraseCount), r.rest
	if mark != signMark || r.short || slots == 0 || slots&(slots-1) != 0 || len(w.rows) != rows*signRowBytes {
		return nil, errors.New("signs.weights is not a file of learned weights: make it anew with `bedside learn signs`")
	}
	return w, nil
}

type signReader struct {
	rest  string
	short bool
}

func (r *signReader) take(n int) string {
	if n < 0 || n > len(r.rest) {
		r.short = true
		return ""
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *signReader) number() uint32 {
	if b := r.take(4); b != "" {
		return littleEndian(b)
	}
	return 0
}

func (r *signReader) float() float32 { return math.Float32frombits(r.number()) }

func littleEndian(b string) uint32 {
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

// write returns the weights as readSigns takes them.
func (w *signWeights) write() []byte {
	file := []byte(signMark)
	number := func(x uint32) { file = binary.LittleEndian.AppendUint32(file, x) }
	float := func(x float32) { number(math.Float32bits(x)) }
	number(uint32(len(w.rows) / signRowBytes))
	number(uint32(len(w.slots) / slotBytes))
	float(w.threshold)
	float(w.lowered)
	for _, n := range w.nets {
		for _, filter := range n.out {
			for _, x := range filter {
				float(x)
			}
		}
		for _, x := range n.bias {
			float(x)
		}
	}
	for _, x := range w.bias {
		number(uint32(int32(x)))
	}
	float(w.scale)
	float(w.phrases.bias)
	float(w.phrases.scale)
	return append(append(append(file, w.slots...), w.phrases.weights...), w.rows...)
}

// row finds the row of a stem, 0: it is unknown.
func (w *signWeights) row(stem uint32) int32 {
	if stem == signUnknown {
		return 0
	}
	last := uint32(len(w.slots)/slotBytes - 1)
	for at := stem & last; ; at = (at + 1) & last {
		slot := w.slots[at*slotBytes:][:slotBytes]
		row := littleEndian(slot[4:])
		if row == 0 || littleEndian(slot) == stem {
			return int32(row)
		}
	}
}

// signs is the working space of the scorer.
type signs struct {
	words  []signWord
	read   []int32     // the rows of the words, with unknown ones at both ends
	blocks []lanes     // by block: the largest value of each filter
	sums   []phraseSum // by block
	known  runs
}

// score returns how probable danger is in the most dangerous stretch of the
// tokens between from and to, and of which class it is.
func (m *message) score(w *signWeights, from, to int) (float32, signClass) {
	m.read = append(m.read[:0], make([]int32, signWidth-1)...)
	m.words = m.signWords(m.words[:0], from, to)
	for _, word := range m.words {
		m.read = append(m.read, w.row(word.stem))
	}
	m.read = append(m.read, make([]int32, signWidth-1)...)
	m.readBlocks(w)
	m.sumPhrases(w)
	var danger float32
	class := signNone
	var last lanes
	var p [signClasses]float32
	for b := 0; b == 0 || b+signBlocks <= len(m.blocks); b++ {
		largest := m.blocks[b]
		for i := b + 1; i < min(b+signBlocks, len(m.blocks)); i++ {
			largest.raise(&m.blocks[i])
		}
		if b == 0 || largest != last {
			p = w.classes(&largest)
			last = largest
		}
		odds := w.phrases.odds(m.sums[b:min(b+signBlocks, len(m.sums))])
		if d := w.phrases.together(1-p[signNone]-p[signTopic], odds); d > danger {
			danger, class = d, signBackground
			for c := signBackground; c < signClasses; c++ {
				if p[c] > p[class] {
					class = c
				}
			}
		}
	}
	return danger, class
}

// readBlocks finds the filters' largest sums by block, of the rows read.
func (m *message) readBlocks(w *signWeights) {
	m.blocks = m.blocks[:0]
	m.known.forget()
	places := len(m.read) - (signWidth - 1)
	for at := 0; at < places; {
		if at%signBlock == 0 {
			m.blocks = append(m.blocks, lanes{})
		}
		block := &m.blocks[len(m.blocks)-1]
		if at+signRun > places {
			w.filter((*[signWidth]int32)(m.read[at:]), block)
			at++
			continue
		}
		run := (*[signRunWords]int32)(m.read[at:])
		if at%signBlock == 0 || *run != *(*[signRunWords]int32)(m.read[at-signRun:]) {
			block.raise(m.known.at(w, run))
		}
		at += signRun
	}
}

// classes returns how probable each class is where the filters have these sums.
func (w *signWeights) classes(largest *lanes) (p [signClasses]float32) {
	for n := range w.nets {
		net := &w.nets[n]
		s0, s1, s2, s3 := net.bias[0], net.bias[1], net.bias[2], net.bias[3]
		s4, s5, s6, s7 := net.bias[4], net.bias[5], net.bias[6], net.bias[7] // so that all stay in registers
		for f := range signFilters {
			at := n*signFilters + f
			x := largest.value(at) + int(w.bias[at])
			if x <= 0 {
				continue
			}
			value := float32(x) * w.scale
			out := &net.out[f]
			s0 += value * out[0]
			s1 += value * out[1]
			s2 += value * out[2]
			s3 += value * out[3]
			s4 += value * out[4]
			s5 += value * out[5]
			s6 += value * out[6]
			s7 += value * out[7]
		}
		scores := [signClasses]float32{s0, s1, s2, s3, s4, s5, s6, s7}
		textconv.Softmax(scores[:])
		for c, x := range scores {
			p[c] += x / signNets
		}
	}
	return p
}

// against is the score that goes against what a rule found: that a message speaks of
// suicide as a subject, or is something else. Of harmless examples that the signs did not
// learn from, two in a hundred lie above them, of dangerous ones six in ten.
func (w *signWeights) against(c chat.Category) float32 {
	const topic, other = 0.7, 0.75
	if c == chat.SuicideTopic {
		return max(w.threshold, w.lowered, topic)
	}
	return max(w.threshold, w.lowered, other)
}

// fewestWords is how many words a message must have to be scored: one or two say
// too little without a rule that knows them.
const fewestWords = 3

// isOneWord says whether the message from a token on is the same word again and again.
func (m *message) isOneWord(from int) bool {
	for _, t := range m.tokens[from+1:] {
		if t.hash != m.tokens[from].hash {
			return false
		}
	}
	return true
}

// splitWords is how short a message is that may be the end of a sentence which
// the message before began.
const splitWords = 12

// agreement is the least score that makes a crisis of what a weak rule found. Of
// examples that the signs did not learn from, weak rules' true findings lie above
// it but for one in fifty, their false ones below it in six of ten cases.
const agreement = 0.2

// addSigns adds what the learned signs say of a current message in which no rule
// has found danger, or only a weak one.
func (t *Triage) addSigns(m *message, f *findings) {
	needed := t.signs.threshold
	for c := range categories {
		switch found := f.get(c); {
		case !found.found:
		case takesOver(c):
			f.addWeak(true)
			return
		case !found.rule.yields: // a rule knows the message for something else
			needed = max(needed, t.signs.against(c))
		}
	}
	danger, class, read := m.readSigns(t.signs, f, needed)
	f.addWeak(!read || danger >= agreement)
	if r := signRules[class]; danger >= needed && !(isCrisis(r.category) && f.hasCrisis()) {
		f.add(r.category, r.level, r)
	}
}

// readSigns scores the current message, unless it has too few words. One that is
// short is also read together with the end of the message before it, unless that
// was dangerous by itself.
func (m *message) readSigns(w *signWeights, f *findings, needed float32) (danger float32, class signClass, read bool) {
	last := m.segment[len(m.segment)-1]
	if len(m.tokens)-last < fewestWords || m.isOneWord(last) {
		return 0, signNone, false
	}
	danger, class = m.score(w, last, len(m.tokens))
	if n := len(m.segment) - 2; danger < needed && n >= 0 && len(m.tokens)-last <= splitWords && !f.before[n] {
		from := max(m.segment[n], last-splitWords)
		if before, _ := m.score(w, from, last); before < needed {
			if d, c := m.score(w, from, len(m.tokens)); d > danger {
				danger, class = d, c
			}
		}
	}
	return danger, class, true
}
