package triage

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"bedside/internal/chat"
	"bedside/internal/logistic"
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

// SignShare is how many examples of a label the rules, and the rules or the signs,
// answer as danger.
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

const signFolds = 5

// LearnSigns learns the signs from examples, and tries on each fifth of them what
// the others teach. It returns the file of weights that the program ships.
func (t *Triage) LearnSigns(examples []SignExample, options SignOptions) ([]byte, SignReport, error) {
	if len(examples) < signFolds || options.FalseAlarms <= 0 || options.FalseAlarms >= 1 {
		return nil, SignReport{}, errors.New("there must be examples, and a share of false alarms between 0 and 1")
	}
	learned := make([]logistic.Example, len(examples))
	ruled := make([]Decision, len(examples)) // by rules alone
	for i, e := range examples {
		learned[i] = logistic.Example{Class: int(signLabels[e.Label]), Instances: t.signInstances(e.Text)}
		ruled[i] = t.decideWithout(e.Text)
	}
	dropRare(learned)
	scores := make([]float32, len(examples))
	for fold := range signFolds {
		var others []logistic.Example
		for i := range learned {
			if i%signFolds != fold {
				others = append(others, learned[i])
			}
		}
		w := quantize(logistic.Train(others, signTraining))
		for i := fold; i < len(examples); i += signFolds {
			scores[i], _ = t.scoreText(w, examples[i].Text)
		}
	}
	w := quantize(logistic.Train(learned, signTraining))
	of := func(topic bool) float32 {
		var harmless []float32
		for i, e := range examples {
			if signLabels[e.Label] < signBackground && !takesOver(ruled[i].Category) && (ruled[i].Category == chat.SuicideTopic) == topic {
				harmless = append(harmless, scores[i])
			}
		}
		return threshold(harmless, options.FalseAlarms)
	}
	w.threshold, w.lowered = of(false), of(true)
	report := SignReport{Threshold: w.threshold, Lowered: w.lowered}
	at := map[string]int{}
	for i, e := range examples {
		n, ok := at[e.Label]
		if !ok {
			n = len(report.Shares)
			at[e.Label] = n
			report.Shares = append(report.Shares, SignShare{Label: e.Label})
		}
		s := &report.Shares[n]
		s.Examples++
		needed := w.threshold
		if ruled[i].Category == chat.SuicideTopic {
			needed = w.lowered
		}
		if takesOver(ruled[i].Category) {
			s.Rules++
			s.RulesOrSigns++
		} else if scores[i] >= needed {
			s.RulesOrSigns++
		}
	}
	return w.write(), report, nil
}

var signTraining = logistic.Options{
	Classes: int(signClasses), Dimensions: signBuckets, Background: int(signBackground),
	Epochs: 16, Rate: 0.04, Drop: 0.6, Decay: 1e-4, Seed: 1,
}

// signInstances returns the features of each stretch of a text.
func (t *Triage) signInstances(text string) []logistic.Instance {
	m := t.messages.Get().(*message)
	defer t.messages.Put(m)
	m.reset()
	m.take(t.rules.vocabulary, text)
	var features logistic.Instance
	ends := []int{0}
	var space []uint32
	for i := range m.tokens {
		space = m.signFeatures(space[:0], i, 0)
		for _, f := range space {
			features = append(features, logistic.Feature{Index: f, Value: 1})
		}
		ends = append(ends, len(features))
	}
	var instances []logistic.Instance
	signStretches(len(m.tokens), func(from, to int) { instances = append(instances, features[ends[from]:ends[to]]) })
	return instances
}

// signSeen is in how many examples a feature must stand to be learned: names and
// slips of the finger teach nothing.
const signSeen = 3

// dropRare takes features out that stand in too few examples.
func dropRare(examples []logistic.Example) {
	seen := make([]int, signBuckets)
	last := make([]int, signBuckets)
	for i, e := range examples {
		for _, instance := range e.Instances {
			for _, f := range instance {
				if last[f.Index] != i+1 {
					last[f.Index] = i + 1
					seen[f.Index]++
				}
			}
		}
	}
	for _, e := range examples {
		for n, instance := range e.Instances {
			kept := make(logistic.Instance, 0, len(instance))
			for _, f := range instance {
				if seen[f.Index] >= signSeen {
					kept = append(kept, f)
				}
			}
			e.Instances[n] = kept
		}
	}
}

func (t *Triage) scoreText(w *signWeights, text string) (float32, signClass) {
	m := t.messages.Get().(*message)
	defer t.messages.Put(m)
	m.reset()
	m.take(t.rules.vocabulary, text)
	return m.score(w, 0, len(m.tokens))
}

// decideWithout decides by the rules alone.
func (t *Triage) decideWithout(text string) Decision {
	bare := &Triage{replies: t.replies, line: t.line, rules: t.rules, signs: &signWeights{threshold: 2, lowered: 2, buckets: t.signs.buckets}}
	bare.messages.New = t.messages.New
	return bare.Decide(chat.NewRawText(text), Context{})
}

// quantize rounds weights to a byte each.
func quantize(m *logistic.Model) *signWeights {
	w := &signWeights{}
	most := float32(0)
	for _, x := range m.Weights {
		most = max(most, x, -x)
	}
	w.scale = most / math.MaxInt8
	copy(w.bias[:], m.Bias)
	buckets := make([]byte, len(m.Weights))
	for i, x := range m.Weights {
		buckets[i] = byte(int(math.Round(float64(x/w.scale))) + weightZero)
	}
	w.buckets = string(buckets)
	return w
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
