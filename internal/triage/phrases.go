package triage

import (
	"math"

	"bedside/internal/logistic"
)

// phrases are a second opinion of the signs: how far each word, and each two and three
// stems that stand together, speak for danger. The networks see what is like what they
// learned, phrases know it again; together they find more than either.
type phrases struct {
	bias, scale float32 // of the log odds, and of a weight's unit
	weights     string  // by the phrase's hash, a byte each
}

const phraseCount = 1 << 20

// kinds of phrases
const (
	phraseWord uint32 = iota + 1
	phraseStem
	phraseTwo
	phraseThree
)

// phraseOf is a phrase's place among the weights.
func phraseOf(kind, a, b, c uint32) uint32 {
	h := kind * 0x9E3779B1
	for _, x := range [...]uint32{a, b, c} {
		h = (h ^ x) * 0x85EBCA6B
		h ^= h >> 15
	}
	return h & (phraseCount - 1)
}

// signWord is what the signs see of a word, or of what stands between two.
type signWord struct{ stem, whole uint32 }

// eachPhrase calls each with the phrases of a message's words, and with the place at
// which they begin.
func eachPhrase(words []signWord, each func(at int, phrase uint32)) {
	stem := func(i int) uint32 {
		switch {
		case i < 0:
			return signStop
		case i < len(words):
			return words[i].stem
		default:
			return signEnd
		}
	}
	for i := -1; i <= len(words); i++ {
		at := max(i, 0)
		if i >= 0 && i < len(words) && words[i].whole != 0 {
			each(at, phraseOf(phraseWord, words[i].whole, 0, 0))
		}
		each(at, phraseOf(phraseStem, stem(i), 0, 0))
		if i < len(words) {
			each(at, phraseOf(phraseTwo, stem(i), stem(i+1), 0))
		}
		if i+1 < len(words) {
			each(at, phraseOf(phraseThree, stem(i), stem(i+1), stem(i+2)))
		}
	}
}

// phraseSum is what the phrases of a block come to, in units of scale.
type phraseSum struct{ weight, count int32 }

// sumPhrases adds up the phrases by block.
func (m *message) sumPhrases(w *signWeights) {
	m.sums = append(m.sums[:0], make([]phraseSum, len(m.blocks))...)
	if len(w.phrases.weights) == 0 {
		return
	}
	eachPhrase(m.words, func(at int, phrase uint32) {
		sum := &m.sums[at/signBlock]
		sum.weight += int32(int8(w.phrases.weights[phrase]))
		sum.count++
	})
}

// odds are the log odds of danger by the phrases of some blocks.
func (p *phrases) odds(blocks []phraseSum) float32 {
	var all phraseSum
	for _, b := range blocks {
		all.weight += b.weight
		all.count += b.count
	}
	if all.count == 0 {
		return p.bias
	}
	return p.bias + float32(all.weight)*p.scale/float32(math.Sqrt(float64(all.count)))
}

// phraseShare is how much more phrases say than networks in what both come to: what of
// the values 0 to 3 told most on examples that neither had learned from.
const phraseShare = 2

// together is the probability that networks and phrases come to.
func (p *phrases) together(danger, odds float32) float32 {
	if len(p.weights) == 0 {
		return danger
	}
	const sure = 1e-4
	d := math.Min(math.Max(float64(danger), sure), 1-sure)
	both := (math.Log(d/(1-d)) + phraseShare*float64(odds)) / (1 + phraseShare)
	return float32(1 / (1 + math.Exp(-both)))
}

// learnPhrases learns from the words of messages, and whether each is danger.
func learnPhrases(texts [][]signWord, danger []bool) phrases {
	rows := make([][]uint32, len(texts))
	for i, words := range texts {
		eachPhrase(words, func(_ int, phrase uint32) { rows[i] = append(rows[i], phrase) })
	}
	model := logistic.FitSparse(rows, danger, phraseCount, 1)
	most := float32(1e-6)
	for _, x := range model.Weights {
		most = max(most, x, -x)
	}
	p := phrases{bias: model.Bias, scale: most / math.MaxInt8}
	weights := make([]byte, phraseCount)
	for i, x := range model.Weights {
		weights[i] = byte(int8(math.Round(float64(x / p.scale))))
	}
	p.weights = string(weights)
	return p
}
