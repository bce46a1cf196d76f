package readability_test

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"bedside/internal/readability"
)

func TestSyllables(t *testing.T) {
	for word, want := range map[string]int{
		"made": 1, "helped": 1, "needed": 2, "times": 1, "uses": 2, "branches": 2, "table": 2, "tables": 2,
		"ketamine": 3, "anxiety": 4, "depression": 3, "being": 2, "people": 2, "medicine": 3, "glutamate": 3,
		"receptor": 3, "disorder": 3, "the": 1, "social": 2, "usual": 3, "anesthetic": 4, "brain": 1,
		"treatment": 2, "treatments": 2, "antidepressants": 5, "chemical": 3, "PTSD": 4, "hours": 1, "Vietnam": 3,
		"create": 2, "area": 3, "cautious": 2, "various": 3, "studied": 2, "doctor's": 2,
	} {
		if got := readability.Of(word).Syllables; got != want {
			t.Errorf("%s: %d syllables, want %d", word, got, want)
		}
	}
}

func TestCounts(t *testing.T) {
	for _, test := range []struct {
		name, text                string
		sentences, words, longest int
	}{
		{"nothing", "", 0, 0, 0},
		{"only numbers", "911. 988.", 0, 0, 0},
		{"two sentences", "It helps. It may not last.", 2, 6, 4},
		{"lines are sentences", "one two three\nfour five", 2, 5, 3},
		{"abbreviation", "Dr. Smith may help.", 1, 4, 4},
		{"decimal", "It was 1.5 times as much.", 1, 5, 5},
		{"address", "See https://clinic.example/a.b?c for more.", 1, 3, 3},
		{"quotation", "\"Within hours.\" That is it.", 2, 5, 3},
		{"question first", "Is it? It is.", 2, 4, 2},
	} {
		m := readability.Of(test.text)
		if m.Sentences != test.sentences || m.Words != test.words || m.Longest != test.longest {
			t.Errorf("%s: %+v, want %d sentences, %d words, longest %d", test.name, m, test.sentences, test.words, test.longest)
		}
	}
}

// Counted by hand: 6 words, 1 sentence, 10 syllables.
func TestGradeIsTheFormula(t *testing.T) {
	got := readability.Of("The patient needed a longer treatment.").Grade()
	if want := 0.39*6 + 11.8*10/6 - 15.59; math.Abs(got-want) > 0.001 {
		t.Errorf("grade %.3f, want %.3f", got, want)
	}
}

func TestGradeTellsEasyFromHard(t *testing.T) {
	easy := readability.Of("The cat sat on the mat. It was a big cat. The cat was fat.").Grade()
	hard := readability.Of("Pharmacological antagonism facilitates neurobiological adaptation, notwithstanding considerable methodological uncertainty.").Grade()
	if easy > 1 || hard < 16 {
		t.Errorf("a first reader has grade %.1f, jargon %.1f", easy, hard)
	}
}

func TestTermsAreLeftOut(t *testing.T) {
	text := "Synaptic plasticity may help."
	if got := readability.Of(text, "synaptic plasticity").Words; got != 2 {
		t.Errorf("%d words besides the term, want 2", got)
	}
	if all, some := readability.Of(text).Grade(), readability.Of(text, "synaptic plasticity").Grade(); some >= all {
		t.Errorf("grade %.1f without the term, %.1f with it", some, all)
	}
}

func FuzzOf(f *testing.F) {
	f.Add("It helps. It may not last.")
	f.Add("\xff…!? A")
	f.Add(strings.Repeat("e", 100))
	f.Fuzz(func(t *testing.T, text string) {
		m := readability.Of(text)
		if m.Sentences > m.Words || m.Words > m.Syllables || m.Longest > m.Words {
			t.Errorf("%+v cannot be", m)
		}
		if m.Words > utf8.RuneCountInString(text) {
			t.Errorf("%d words in %d characters", m.Words, utf8.RuneCountInString(text))
		}
		if g := m.Grade(); math.IsNaN(g) || math.IsInf(g, 0) {
			t.Errorf("grade %v", g)
		}
	})
}
