package triage

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"

	"bedside/internal/chat"
	"bedside/internal/textconv"
)

// SignExample is a message and what it is: none, topic, self, indirect, other,
// harm, emergency, abuse or psych.
type SignExample struct {
	Label string
	Text  string
}

// ReadSignExamples reads one example a line: the label, a tab, the message. An
// error names the line.
func ReadSignExamples(r io.Reader) ([]SignExample, error) {
	const longest = 1 << 20
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longest)
	var examples []SignExample
	for n := 1; lines.Scan(); n++ {
		label, text, tab := strings.Cut(lines.Text(), "\t")
		switch _, known := signLabels[label]; {
		case lines.Text() == "" || strings.HasPrefix(label, "#"):
			continue
		case !tab || strings.TrimSpace(text) == "":
			return nil, fmt.Errorf("line %d: not a label, a tab and a message", n)
		case !known:
			return nil, fmt.Errorf("line %d: no label %q; there are %s", n, label, strings.Join(slices.Sorted(maps.Keys(signLabels)), ", "))
		}
		examples = append(examples, SignExample{label, text})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the examples: %w", err)
	}
	return examples, nil
}

// SignShare is how many examples of a label are answered as danger: by the rules, weak
// ones where the signs agree, and by these or the signs.
type SignShare struct {
	Label        string `json:"label"`
	Examples     int    `json:"examples"`
	Rules        int    `json:"rules"`
	RulesOrSigns int    `json:"rules_or_signs"`
}

// SignReport says how the signs do on examples they did not learn from.
type SignReport struct {
	Threshold float32     `json:"threshold"`
	Lowered   float32     `json:"threshold_where_a_rule_found_the_topic"`
	Shares    []SignShare `json:"shares"`
}

// SignOptions are how signs are learned.
type SignOptions struct {
	// FalseAlarms is the share of harmless examples, of those that no rule
	// takes, that may be taken for danger; the threshold follows from it.
	FalseAlarms float64
}

// signFolds is in how many parts the examples are cut to try what is learned.
const signFolds = 3

// signTraining is how one network is learned; each of them has its own seed.
var signTraining = textconv.Options{
	Classes: int(signClasses), Dimensions: 64, Filters: signFilters, Width: signWidth,
	Epochs: 12, Rate: 0.002, DropWords: 0.3, DropFilters: 0.5,
}

// LearnSigns learns the signs from examples, and tries on each third of them what
// the others teach. It returns the file of weights that the program ships.
func (t *Triage) LearnSigns(ctx context.Context, examples []SignExample, options SignOptions) ([]byte, SignReport, error) {
	if len(examples) < signFolds || options.FalseAlarms <= 0 || options.FalseAlarms >= 1 {
		return nil, SignReport{}, errors.New("there must be examples, and a share of false alarms between 0 and 1")
	}
	part := partsOf(examples)
	learned := make([]*signWeights, signFolds+1) // the last one from all
	var parts sync.WaitGroup
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	for fold := range learned {
		parts.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			var others []SignExample
			for i, e := range examples {
				if part[i] != fold {
					others = append(others, e)
				}
			}
			if ctx.Err() == nil {
				learned[fold] = t.learnSigns(others)
			}
		})
	}
	parts.Wait()
	if err := ctx.Err(); err != nil {
		return nil, SignReport{}, err
	}
	ruled := make([]Decision, len(examples)) // whatever the threshold
	var harmless, topics []float32
	for i, e := range examples {
		w := learned[part[i]]
		ruled[i] = t.decideWith(w, e.Text)
		switch {
		case signLabels[e.Label] >= signBackground || takesOver(ruled[i].Category):
		case ruled[i].Category == chat.SuicideTopic:
			topics = append(topics, t.scoreText(w, e.Text))
		default:
			harmless = append(harmless, t.scoreText(w, e.Text))
		}
	}
	for _, w := range learned {
		w.threshold, w.lowered = threshold(harmless, options.FalseAlarms), threshold(topics, options.FalseAlarms)
	}
	shares := newShares()
	for i, e := range examples {
		shares.add(e.Label, ruled[i], t.decideWith(learned[part[i]], e.Text))
	}
	w := learned[signFolds]
	return w.write(), SignReport{Threshold: w.threshold, Lowered: w.lowered, Shares: shares.list}, nil
}

// partsOf draws the part of each example, so that no order in a file matters. One that
// is given several times is in one part, and so never tried on what itself teaches.
func partsOf(examples []SignExample) []int {
	random := rand.New(rand.NewPCG(1, 3))
	part := make([]int, len(examples))
	drawn := map[string]int{}
	for i, e := range examples {
		n, ok := drawn[e.Text]
		if !ok {
			n = random.IntN(signFolds)
			drawn[e.Text] = n
		}
		part[i] = n
	}
	return part
}

// shares counts decisions by label, in the order of the first examples.
type shares struct {
	list []SignShare
	at   map[string]int
}

func newShares() *shares { return &shares{at: map[string]int{}} }

func (s *shares) add(label string, rules, both Decision) {
	n, ok := s.at[label]
	if !ok {
		n = len(s.list)
		s.at[label] = n
		s.list = append(s.list, SignShare{Label: label})
	}
	share := &s.list[n]
	share.Examples++
	if takesOver(rules.Category) {
		share.Rules++
	}
	if takesOver(both.Category) {
		share.RulesOrSigns++
	}
}

// signSeen is in how many examples a stem must stand to be learned: names and
// slips of the finger teach nothing.
const signSeen = 3

// learnSigns learns the networks and folds them into weights.
func (t *Triage) learnSigns(examples []SignExample) *signWeights {
	texts := make([][]signWord, len(examples))
	danger := make([]bool, len(examples))
	seen, last := map[uint32]int{}, map[uint32]int{}
	for i, e := range examples {
		texts[i], danger[i] = t.signWordsOf(e.Text), signLabels[e.Label] >= signBackground
		for _, word := range texts[i] {
			if last[word.stem] != i+1 {
				last[word.stem] = i + 1
				seen[word.stem]++
			}
		}
	}
	stems := make([]uint32, 1, len(seen)) // the first is the unknown one
	for stem, n := range seen {
		if n >= signSeen && stem != signUnknown {
			stems = append(stems, stem)
		}
	}
	// What is frequent stands together, so that few pages of the file are read.
	slices.SortFunc(stems[1:], func(a, b uint32) int {
		return cmp.Or(cmp.Compare(seen[b], seen[a]), cmp.Compare(a, b))
	})
	number := make(map[uint32]int32, len(stems))
	for i, stem := range stems[1:] {
		number[stem] = int32(i) + 1
	}
	learned := make([]textconv.Example, len(examples))
	for i, e := range examples {
		learned[i].Class = int(signLabels[e.Label])
		for _, word := range texts[i] {
			learned[i].Words = append(learned[i].Words, number[word.stem])
		}
	}
	var nets [signNets]*textconv.Network
	for n := range nets {
		training := signTraining
		training.Words, training.Seed = len(stems), uint64(n+1)
		nets[n] = textconv.Train(learned, training)
	}
	w := quantize(nets, stems)
	w.phrases = learnPhrases(texts, danger)
	return w
}

// signWordsOf returns the words of a text as the signs read them.
func (t *Triage) signWordsOf(text string) []signWord {
	m := t.messages.Get().(*message)
	defer t.messages.Put(m)
	t.read(m, text)
	return m.signWords(nil, 0, len(m.tokens))
}

// read takes a text that stands by itself, and finds its idioms.
func (t *Triage) read(m *message, text string) {
	m.reset()
	m.take(t.rules.vocabulary, text)
	m.index(t.rules)
	m.dropIdioms(t.rules)
}

func (t *Triage) scoreText(w *signWeights, text string) float32 {
	m := t.messages.Get().(*message)
	defer t.messages.Put(m)
	t.read(m, text)
	danger, _, _ := m.readSigns(w, &findings{}, noThreshold)
	return danger
}

// noSigns never find anything.
var noSigns = &signWeights{threshold: noThreshold, lowered: noThreshold, slots: string(make([]byte, slotBytes)), rows: string(make([]byte, signRowBytes))}

// noThreshold is reached by no score.
const noThreshold = 2

// decideWith decides on a text by itself, with other signs than those that ship.
func (t *Triage) decideWith(w *signWeights, text string) Decision {
	other := &Triage{replies: t.replies, line: t.line, rules: t.rules, signs: w}
	other.messages.New = t.messages.New
	return other.Decide(chat.NewRawText(text), Context{})
}

// quantize rounds the networks' rows to a byte for each number.
func quantize(nets [signNets]*textconv.Network, stems []uint32) *signWeights {
	w := &signWeights{threshold: noThreshold, lowered: noThreshold}
	most := float32(1e-6)
	for _, n := range nets {
		for _, x := range n.Rows {
			most = max(most, x, -x)
		}
	}
	w.scale = most / math.MaxInt8
	round := func(x float32) int { return int(math.Round(float64(x / w.scale))) }
	rows := make([]byte, len(stems)*signRowBytes)
	for n, net := range nets {
		for word := range stems {
			for k := range signWidth {
				for f := range signFilters {
					rows[word*signRowBytes+k*signValues+n*signFilters+f] = byte(byteZero + round(net.Rows[(word*signWidth+k)*signFilters+f]))
				}
			}
		}
		for f, x := range net.Bias {
			w.bias[n*signFilters+f] = int16(max(math.MinInt16, min(round(x), math.MaxInt16)))
		}
		for f := range signFilters {
			for c := range signClasses {
				w.nets[n].out[f][c] = net.Out[int(c)*signFilters+f]
			}
		}
		copy(w.nets[n].bias[:], net.OutBias)
	}
	w.rows = string(rows)
	w.slots = slots(stems)
	return w
}

// slots puts the stems' rows into a hash table that is half empty.
func slots(stems []uint32) string {
	n := 1
	for n < 2*len(stems) {
		n *= 2
	}
	table := make([]byte, n*slotBytes)
	for row, stem := range stems {
		if row == 0 {
			continue
		}
		at := int(stem) & (n - 1)
		for binary.LittleEndian.Uint32(table[at*slotBytes+4:]) != 0 {
			at = (at + 1) & (n - 1)
		}
		binary.LittleEndian.PutUint32(table[at*slotBytes:], stem)
		binary.LittleEndian.PutUint32(table[at*slotBytes+4:], uint32(row))
	}
	return string(table)
}

// threshold is a score that no more than a share of the harmless examples reaches.
func threshold(harmless []float32, share float64) float32 {
	const unseen = 0.9 // where there is nothing to go by
	if len(harmless) == 0 {
		return unseen
	}
	slices.Sort(harmless)
	most := harmless[len(harmless)-1-int(share*float64(len(harmless)))]
	return math.Nextafter32(most, 2)
}
