package retrieve_test

import (
	"slices"
	"strings"
	"testing"

	"bedside/internal/chat"
	"bedside/internal/retrieve"
)

// clinic is material with what it does not answer. Further passages come first.
func clinic(t testing.TB, further ...chat.Passage) *retrieve.Index {
	t.Helper()
	index, err := retrieve.New(append(further, []chat.Passage{
		{
			ID: "knee/exercises", Title: "Your new knee", Heading: "Exercises", Language: "en",
			Text:      "Bend and stretch the knee three times a day. Swelling after exercise is normal.",
			Questions: []string{"which exercises should I do", "is swelling normal", "how often do I stretch my knee"},
		},
		{
			ID: "knee/stairs", Title: "Your new knee", Heading: "Stairs", Language: "en",
			Text:      "Climb stairs with the healthy leg first. Hold the rail.",
			Questions: []string{"how do I climb stairs", "who may help me on the stairs"},
		},
		{
			ID: "es/knee/stairs", Title: "Su rodilla nueva", Heading: "Escaleras", Language: "es",
			Text:      "Suba las escaleras primero con la pierna sana.",
			Questions: []string{"cómo subo las escaleras"},
		},
	}...), retrieve.Options{Gaps: []chat.Gap{
		{Subject: "driving", Language: "en", Questions: []string{"can I drive with my new knee", "when may I drive again"}},
		{Subject: "swimming", Language: "en", Questions: []string{"can I swim with the knee", "is the pool allowed"}},
		{Subject: "who must not", Language: "en", Questions: []string{"who should not climb stairs"}},
		{Subject: "manejar", Language: "es", Questions: []string{"puedo manejar con la rodilla nueva"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return index
}

func TestGaps(t *testing.T) {
	index := clinic(t)
	for _, test := range []struct {
		name, text string
		covered    bool
	}{
		{"a passage's question", "how often should I stretch my knee", true},
		{"a gap's question", "can I drive with my new knee", false},
		{"nearly a gap's question", "when can I drive with the new knee again", false},
		{"a slip in a gap's word", "when may I drvie my knee again", false},
		{"small words decide for the passage", "who may help me climb stairs", true},
		{"small words decide for the gap", "who should not climb stairs", false},
		{"Spanish, of a passage", "¿cómo subo las escaleras?", true},
		{"Spanish, of a gap", "¿puedo manejar con la rodilla nueva?", false},
		{"Spanish without a small word", "manejar rodilla nueva", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if r := index.Search(retrieve.Query{Text: test.text}); r.Covered != test.covered {
				t.Errorf("%q: covered %v with %.2f, want %v", test.text, r.Covered, r.Confidence, test.covered)
			}
		})
	}
}

// Whoever brings a page on a subject need not take it from the list first.
func TestPassageWinsOverGap(t *testing.T) {
	query := retrieve.Query{Text: "when can I drive again"}
	if r := clinic(t).Search(query); r.Covered {
		t.Fatalf("covered with %.2f though no page is on driving", r.Confidence)
	}
	index := clinic(t, chat.Passage{
		ID: "knee/driving", Title: "Your new knee", Heading: "Driving", Language: "en",
		Text:      "You may drive again when you can brake without pain.",
		Questions: []string{"when can I drive", "am I allowed to drive a car"},
	})
	if r := index.Search(query); !r.Covered || first(r) != "knee/driving" {
		t.Errorf("covered %v with %.2f, first %q: want the page on driving", r.Covered, r.Confidence, first(r))
	}
}

// What is found beside a gap are passages that can be offered instead, and no
// word of the gap leaves the index.
func TestGapsAreNeverFound(t *testing.T) {
	r := clinic(t).Search(retrieve.Query{Text: "can I swim in the pool with my knee"})
	if r.Covered || first(r) != "knee/exercises" && first(r) != "knee/stairs" {
		t.Errorf("covered %v, first %q: want the nearest passages", r.Covered, first(r))
	}
	for _, h := range r.Hits {
		if h.Passage.ID == "" || h.Score <= 0 {
			t.Errorf("a hit that is no passage: %+v", h)
		}
	}
	if slices.ContainsFunc(r.Terms, func(term string) bool { return strings.Contains("swim pool", term) }) {
		t.Errorf("terms %q: no passage has them", r.Terms)
	}
}

// A question goes back as far as the ones before it lean as well.
func TestLeansOnAChain(t *testing.T) {
	index := clinic(t)
	query := retrieve.Query{Text: "and that?", Previous: []string{"how do I climb stairs", "why that one?"}}
	if got := first(index.Search(query)); got != "knee/stairs" {
		t.Errorf("found %q, want what the first question was about", got)
	}
	query.Previous = []string{"how do I climb stairs", "which exercises should I do for swelling"}
	if got := first(index.Search(query)); got != "knee/exercises" {
		t.Errorf("found %q, want what the last question was about: it stands alone", got)
	}
}
