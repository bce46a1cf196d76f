package retrieve_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"bedside/internal/chat"
	"bedside/internal/language"
	"bedside/internal/retrieve"
)

// small is material of a few passages in two languages.
func small(t testing.TB, synonyms string) *retrieve.Index {
	t.Helper()
	var options retrieve.Options
	if synonyms != "" {
		var err error
		folder := fstest.MapFS{"synonyms/en.yaml": {Data: []byte(synonyms)}}
		if options.Synonyms, err = retrieve.LoadSynonyms(folder); err != nil {
			t.Fatal(err)
		}
	}
	index, err := retrieve.New([]chat.Passage{
		{
			ID: "knee/exercises", Title: "Your new knee", Heading: "Exercises", Language: "en",
			Text:      "Bend and stretch the knee three times a day. Swelling after exercise is normal.",
			Questions: []string{"which exercises should I do", "is swelling normal", "how often do I stretch"},
		},
		{
			ID: "knee/stairs", Title: "Your new knee", Heading: "Stairs", Language: "en",
			Text:      "Climb stairs with the healthy leg first. Hold the rail.",
			Questions: []string{"how do I climb stairs", "why the healthy leg first"},
		},
		{
			ID: "eyes/drops", Title: "After cataract surgery", Heading: "Eye drops", Language: "en",
			Text:       "Use the drops four times a day. They prevent an infection.",
			Qualifiers: []chat.Qualifier{{ID: "Q", Text: "Glaucoma needs other drops."}},
			Questions:  []string{"when do I use the drops", "what are the drops for"},
		},
		{
			ID: "es/eyes/drops", Title: "Después de la operación de cataratas", Heading: "Gotas para los ojos", Language: "es",
			Text:      "Use las gotas cuatro veces al día. Previenen una infección.",
			Questions: []string{"¿cuándo uso las gotas?", "¿para qué son las gotas?"},
		},
	}, options)
	if err != nil {
		t.Fatal(err)
	}
	return index
}

func first(r retrieve.Result) string {
	if len(r.Hits) == 0 {
		return ""
	}
	return string(r.Hits[0].Passage.ID)
}

func TestSearch(t *testing.T) {
	index := small(t, `
groups:
  - [steps, stairs]
phrases: [eye test]
senses:
  - {word: drops, beside: [price], unless: [bottle], means: [discount]}
`)
	tests := []struct {
		name  string
		query retrieve.Query
		want  string
	}{
		{"a word of the title", retrieve.Query{Text: "cataract"}, "eyes/drops"},
		{"a word of the text", retrieve.Query{Text: "rail?"}, "knee/stairs"},
		{"a word of a qualifier", retrieve.Query{Text: "glaucoma"}, "eyes/drops"},
		{"the manner of a question", retrieve.Query{Text: "why the leg?"}, "knee/stairs"},
		{"plural and case", retrieve.Query{Text: "EXERCISE"}, "knee/exercises"},
		{"another form of the word", retrieve.Query{Text: "stretching"}, "knee/exercises"},
		{"a letter left out", retrieve.Query{Text: "exercses"}, "knee/exercises"},
		{"letters swapped", retrieve.Query{Text: "swelilng"}, "knee/exercises"},
		{"two slips in a long word", retrieve.Query{Text: "catarakkt infektion"}, "eyes/drops"},
		{"a synonym", retrieve.Query{Text: "steps"}, "knee/stairs"},
		{"a phrase is not its words", retrieve.Query{Text: "eye test"}, ""},
		{"a word in another sense", retrieve.Query{Text: "drops price"}, ""},
		{"the other sense excluded", retrieve.Query{Text: "price of a bottle of drops"}, "eyes/drops"},
		{"Spanish", retrieve.Query{Text: "¿para qué son las gotas?"}, "es/eyes/drops"},
		{"Spanish without accents", retrieve.Query{Text: "operacion de cataratas"}, "es/eyes/drops"},
		{"language given", retrieve.Query{Text: "gotas", Language: "es-MX"}, "es/eyes/drops"},
		{"nothing like it", retrieve.Query{Text: "parking"}, ""},
		{"no word at all", retrieve.Query{Text: "?!"}, ""},
		{"empty", retrieve.Query{}, ""},
		{"points back", retrieve.Query{Text: "why is that?", Previous: []string{"which leg goes first on stairs"}}, "knee/stairs"},
		{"stands alone", retrieve.Query{Text: "what are eye drops for", Previous: []string{"how do I climb stairs with a knee"}}, "eyes/drops"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := first(index.Search(test.query)); got != test.want {
				t.Errorf("found %q first, want %q", got, test.want)
			}
		})
	}
}

// A question that stands alone gets the same answer whatever came before it.
func TestHistoryDoesNotPollute(t *testing.T) {
	index := small(t, "")
	alone := index.Search(retrieve.Query{Text: "how often should I use eye drops"})
	after := index.Search(retrieve.Query{Text: "how often should I use eye drops", Previous: []string{"tell me about stairs", "and exercises?"}})
	if first(alone) != first(after) || alone.Confidence != after.Confidence || !slices.Equal(alone.Terms, after.Terms) {
		t.Errorf("alone %q %.3f %q, after others %q %.3f %q", first(alone), alone.Confidence, alone.Terms, first(after), after.Confidence, after.Terms)
	}
}

// Words that merely look like the material's are not taken for them.
func TestNotMended(t *testing.T) {
	index := retrieve.ShippedIndex(t)
	for _, word := range []string{
		"headphones", "sundays", "parking", "insurance", "breakfast", "playlist", "alcohol", "pregnant",
		"medicare", "price", "driver", "weather", "covid", "shower", "refund", "needle", "liver", "bladder",
		"lunch", "coffee", "wine", "music", "phone", "wifi", "bus", "blanket", "rice", "printer", "beer", "salary", "marry",
	} {
		if r := index.Search(retrieve.Query{Text: word + "?"}); r.Covered || len(r.Hits) > 0 {
			t.Errorf("%q was searched for as %q and found %q", word, r.Terms, first(r))
		}
	}
}

// Words and short names that are no misspellings are searched for as they are.
func TestWordsThatStay(t *testing.T) {
	index := retrieve.ShippedIndex(t)
	for lang, words := range map[string]string{
		"en": "hrt trt irc gst pmd mdm snr scm prize prise ants desde server servers threat infection induction inspection infected screaming neutral homeless satellite reduction rejection strangle noose bleach",
		"es": "ventana ventanas viernes cabello enfermera enfermeras visita intento marca historial medio quimio saturacion siete carro banco crema fuerza respiracion",
	} {
		for word := range strings.FieldsSeq(words) {
			terms := index.Search(retrieve.Query{Text: word + "?", Language: lang}).Terms
			if !slices.Contains(terms, word) && !slices.Contains(terms, language.Singular(lang, word)) && len(terms) > 0 {
				t.Errorf("%s: %q was searched for as %q", lang, word, terms)
			}
		}
	}
}

func TestLimit(t *testing.T) {
	index := retrieve.ShippedIndex(t)
	for limit, want := range map[int]int{0: 10, -1: 10, 1: 1, 7: 7} {
		if got := len(index.Search(retrieve.Query{Text: "does ketamine help depression", Limit: limit}).Hits); got != want {
			t.Errorf("limit %d: %d hits, want %d", limit, got, want)
		}
	}
}

// Scores fall, the same question always gets the same answer, and an index may
// be searched by many at once.
func TestConcurrent(t *testing.T) {
	index := retrieve.ShippedIndex(t)
	questions := []string{"how fast does it work", "what is glutamate", "did soldiers get it", "¿qué es la ketamina?", "parking"}
	want := make([]retrieve.Result, len(questions))
	for i, q := range questions {
		want[i] = index.Search(retrieve.Query{Text: q})
		if !slices.IsSortedFunc(want[i].Hits, func(a, b retrieve.Hit) int { return int(100 * (b.Score - a.Score)) }) {
			t.Errorf("%q: hits out of order", q)
		}
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				for i, q := range questions {
					got := index.Search(retrieve.Query{Text: q})
					if first(got) != first(want[i]) || got.Confidence != want[i].Confidence {
						t.Errorf("%q: another answer at another time", q)
					}
				}
			}
		})
	}
	group.Wait()
}

func TestNothingToSearch(t *testing.T) {
	for name, passages := range map[string][]chat.Passage{
		"no passage":      nil,
		"empty passages":  {{}, {ID: "a"}},
		"only stop words": {{Title: "the", Text: "of and", Questions: []string{"is it?"}}},
		"another script":  {{Title: "ケタミン", Text: "痛み", Language: "ja"}},
	} {
		t.Run(name, func(t *testing.T) {
			index, err := retrieve.New(passages, retrieve.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if r := index.Search(retrieve.Query{Text: "what is ketamine"}); r.Covered {
				t.Errorf("covered by nothing: %+v", r)
			}
		})
	}
}

// FuzzSearch holds that no text breaks or stalls a search.
func FuzzSearch(f *testing.F) {
	index := retrieve.ShippedIndex(f)
	for _, seed := range []string{"", "what is ketamine", "¿qué es?", "¿qué es la hhh?", "¿qué es la hhhh hh?", "hhhhh", "\xff\xfe", strings.Repeat("ketamine receptor ", 500), "ａ ﬁ ½ 5,299 2.5 don't", "q\u0301\u0301", strings.Repeat("z", 100_000)} {
		f.Add(seed, seed, 3)
	}
	f.Fuzz(func(t *testing.T, text, before string, limit int) {
		start := time.Now()
		r := index.Search(retrieve.Query{Text: text, Previous: []string{before}, Limit: limit})
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("took %v", took)
		}
		if !(r.Confidence >= 0 && r.Confidence <= 1) {
			t.Errorf("confidence %v", r.Confidence)
		}
		for _, h := range r.Hits {
			if !(h.Score >= 0) || !(h.Coverage >= 0 && h.Coverage <= 1.001) {
				t.Errorf("score %v, coverage %v", h.Score, h.Coverage)
			}
		}
	})
}
