package triage

import (
	"fmt"
	"math"
	"testing"
)

// TestPhrasesAreReadAsTheyWereLearned learns from messages, and scores each by blocks as
// a message of one stretch.
func TestPhrasesAreReadAsTheyWereLearned(t *testing.T) {
	triage := open(t, Clinic{})
	texts := []string{
		"i feel zorbled snafted", "zorbled, and then? snafted. i sleep", "the weather is fine today, my cat likes tuna and we live by the lake",
		"", "zorbled", "who paints boats? she does", "i feel fine", "my cat is snafted and i am zorbled",
	}
	var words [][]signWord
	var danger []bool
	for i, text := range texts {
		words, danger = append(words, triage.signWordsOf(text)), append(danger, i%2 == 0)
	}
	p := learnPhrases(words, danger)
	w := &signWeights{phrases: p, slots: noSigns.slots, rows: noSigns.rows}
	for i, text := range texts {
		sum, count := int32(0), 0
		eachPhrase(words[i], func(_ int, phrase uint32) {
			sum += int32(int8(p.weights[phrase]))
			count++
		})
		want := p.bias + float32(sum)*p.scale/float32(math.Sqrt(float64(count)))
		m := triage.messages.New().(*message)
		triage.read(m, text)
		m.score(w, 0, len(m.tokens))
		if got := p.odds(m.sums); math.Abs(float64(got-want)) > 1e-5 {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
		if (want > p.bias) != danger[i] && text != "" {
			t.Errorf("%q has the odds %v, of which %v are anybody's", text, want, p.bias)
		}
	}
}

// TestPhrasesAreToldApart sees to it that the order of words, and what stands between
// them, makes another phrase.
func TestPhrasesAreToldApart(t *testing.T) {
	triage := open(t, Clinic{})
	seen := map[string]string{}
	for _, text := range []string{"cats like dogs", "dogs like cats", "cats like, dogs", "cats like. dogs", "cats like dogs?", "cats like", "like"} {
		var list []uint32
		eachPhrase(triage.signWordsOf(text), func(_ int, phrase uint32) {
			if phrase >= phraseCount {
				t.Fatalf("phrase %d has no place", phrase)
			}
			list = append(list, phrase)
		})
		key := fmt.Sprint(list)
		if other, ok := seen[key]; ok {
			t.Errorf("%q and %q have the same phrases", text, other)
		}
		seen[key] = text
	}
}

func TestTogether(t *testing.T) {
	p := &phrases{weights: "."}
	for _, test := range []struct{ danger, odds, least, most float32 }{
		{0.5, 0, 0.5, 0.5},
		{0.5, 2, 0.7, 0.9},
		{0.9, -3, 0, 0.3},
		{0.1, 3, 0.7, 1},
		{1, 0, 0.9, 1},
		{0, 0, 0, 0.1},
		{1, -100, 0, 0.01},
		{0, 100, 0.99, 1},
	} {
		if got := p.together(test.danger, test.odds); !(got >= test.least && got <= test.most) {
			t.Errorf("%v and the odds %v come to %v", test.danger, test.odds, got)
		}
	}
	if got := (&phrases{}).together(0.3, 5); got != 0.3 {
		t.Errorf("without phrases %v", got)
	}
}
