package triage

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"math"

	"bedside/internal/chat"
)

// The learned signs are scores of stretches of a message, for danger that is
// told in words no rule lists. They only ever add a finding: what a rule has
// found stands.

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

const (
	// stemLetters is how many letters of a word its stem keeps.
	stemLetters = 5
	// signBuckets is how many features are told apart.
	signBuckets = 1 << 17
	// signStretch is how many words are read together, and signStep how many
	// words after a stretch's beginning the next one begins: a sign does not
	// drown in a long message.
	signStretch = 28
	signStep    = 6
	// signReach is how far apart the words of one feature may stand.
	signReach = 5
)

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

// mix hashes two hashes in their order.
func mix(a, b uint32) uint32 {
	h := uint64(a)*0x9E3779B1 ^ uint64(b)*0x85EBCA77C2B2AE63
	h ^= h >> 29
	h *= 0xBF58476D1CE4E5B9
	return uint32(h >> 32)
}

// Kinds of features.
const (
	wordFeature   uint32 = iota + 1
	stemFeature          // the beginning of a longer word
	pairFeature          // with the word before
	tripleFeature        // with the two words before
	apartFeature         // with the word before the word before
	farFeature           // with a word further before
	asksFeature          // ends a question
)

// sentenceEdge stands before the first word of a sentence.
const sentenceEdge uint32 = 0x51ed270b

// mostFeatures is how many features end at one token.
const mostFeatures = 6 + signReach - 2

// signFeatures appends the features that end at token i and do not reach back
// before token from. The trainer and the scorer see a message through it.
func (m *message) signFeatures(features []uint32, i, from int) []uint32 {
	t := &m.tokens[i]
	put := func(kind, h uint32) { features = append(features, mix(kind, h)%signBuckets) }
	put(wordFeature, t.hash)
	if t.stem != t.hash {
		put(stemFeature, t.stem)
	}
	if t.asks {
		put(asksFeature, 0)
	}
	if i == from || t.first {
		put(pairFeature, mix(sentenceEdge, t.stem))
	} else {
		put(pairFeature, mix(m.tokens[i-1].stem, t.stem))
	}
	if i-2 >= from {
		put(tripleFeature, mix(mix(m.tokens[i-2].stem, m.tokens[i-1].stem), t.stem))
		put(apartFeature, mix(m.tokens[i-2].stem, t.stem))
	}
	for back := 3; back <= signReach && i-back >= from; back++ {
		put(farFeature, mix(m.tokens[i-back].stem, t.stem))
	}
	return features
}

// signStretches calls f with the beginning and the end of each stretch of n words.
func signStretches(n int, f func(from, to int)) {
	for from := 0; ; from += signStep {
		to := min(from+signStretch, n)
		f(from, to)
		if to == n {
			return
		}
	}
}

// signWeights are the learned numbers: what each feature says for each class, in
// the format of the file.
type signWeights struct {
	scale     float32 // of a weight's unit
	bias      [signClasses]float32
	threshold float32 // of the probability of danger, from which it is one
	lowered   float32 // the same where a rule has found the subject and no danger in it
	buckets   string  // signClasses bytes each, a weight and weightZero
}

// The file: a mark, the scale, the biases and the thresholds as 32-bit floating
// point numbers in little-endian order, then the buckets.
const (
	signMark   = "bedside signs 1\n"
	signHeader = len(signMark) + 4*(1+int(signClasses)+2)
)

//go:embed signs.weights
var shippedSigns string

func readSigns(file string) (*signWeights, error) {
	if len(file) != signHeader+signBuckets*int(signClasses) || file[:len(signMark)] != signMark {
		return nil, errors.New("signs.weights is not a file of learned weights: make it anew with `bedside learn signs`")
	}
	at := len(signMark)
	next := func() float32 {
		at += 4
		return math.Float32frombits(binary.LittleEndian.Uint32([]byte(file[at-4 : at])))
	}
	w := &signWeights{scale: next()}
	for c := range w.bias {
		w.bias[c] = next()
	}
	w.threshold, w.lowered = next(), next()
	w.buckets = file[at:]
	return w, nil
}

// write returns the weights as readSigns takes them.
func (w *signWeights) write() []byte {
	file := []byte(signMark)
	put := func(x float32) { file = binary.LittleEndian.AppendUint32(file, math.Float32bits(x)) }
	put(w.scale)
	for _, b := range w.bias {
		put(b)
	}
	put(w.threshold)
	put(w.lowered)
	return append(file, w.buckets...)
}

// weightZero is the byte of the weight 0: bytes without a sign can be added up
// several at once.
const weightZero = 128

// add adds the weights of a token's features to the sums of the classes.
func (w *signWeights) add(sum *[signClasses]int32, features []uint32) {
	const lanes = 0x00ff00ff00ff00ff // every other byte, with room for the sum
	var even, odd uint64
	for _, f := range features {
		b := w.buckets[int(f)*int(signClasses):][:signClasses]
		x := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		even += x & lanes
		odd += x >> 8 & lanes
	}
	zero := int32(len(features)) * weightZero
	for c := range signClasses / 2 {
		sum[2*c] += int32(even>>(16*c)&0xffff) - zero
		sum[2*c+1] += int32(odd>>(16*c)&0xffff) - zero
	}
}

// signs is the working space of the scorer.
type signs struct {
	sums [][signClasses]int32 // by token: of all features that end before it
}

// score returns how probable danger is in the most dangerous stretch of the
// tokens between from and to, and of which class it is.
func (m *message) score(w *signWeights, from, to int) (float32, signClass) {
	m.sums = append(m.sums[:0], [signClasses]int32{})
	var sum [signClasses]int32
	var space [mostFeatures]uint32
	for i := from; i < to; i++ {
		features := m.signFeatures(space[:0], i, from)
		w.add(&sum, features)
		m.sums = append(m.sums, sum)
	}
	var danger float32
	class := signNone
	signStretches(to-from, func(from, to int) {
		p := w.bias
		for c := range p {
			p[c] += w.scale * float32(m.sums[to][c]-m.sums[from][c])
		}
		softmax(&p)
		if d := 1 - p[signNone] - p[signTopic]; d > danger {
			danger, class = d, signBackground
			for c := signBackground; c < signClasses; c++ {
				if p[c] > p[class] {
					class = c
				}
			}
		}
	})
	return danger, class
}

func softmax(p *[signClasses]float32) {
	most := p[0]
	for _, x := range p {
		most = max(most, x)
	}
	sum := float32(0)
	for c, x := range p {
		p[c] = float32(math.Exp(float64(x - most)))
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
	}
}

// splitWords is how short a message is that may be the end of a sentence which
// the message before began.
const splitWords = 12

// addSigns adds what the learned signs say of a current message in which no rule
// has found danger. One that is short is also read together with the end of the
// message before it, unless that was dangerous by itself.
func (t *Triage) addSigns(m *message, f *findings) {
	for c := range categories {
		if takesOver(c) && f.get(c).found {
			return
		}
	}
	threshold := t.signs.threshold
	if f.get(chat.SuicideTopic).found {
		threshold = t.signs.lowered
	}
	last := m.segment[len(m.segment)-1]
	danger, class := m.score(t.signs, last, len(m.tokens))
	if n := len(m.segment) - 2; danger < threshold && n >= 0 && len(m.tokens)-last <= splitWords && !f.before[n] {
		from := max(m.segment[n], last-splitWords)
		if before, _ := m.score(t.signs, from, last); before < threshold {
			danger, class = m.score(t.signs, from, len(m.tokens))
		}
	}
	if danger >= threshold {
		r := signRules[class]
		f.add(r.category, r.level, r)
	}
}
