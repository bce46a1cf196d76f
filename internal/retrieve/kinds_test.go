package retrieve

import (
	"slices"
	"strings"
	"testing"

	"bedside/internal/chat"
)

func TestKindsFaults(t *testing.T) {
	for text, want := range map[string]string{
		"asked: why":             "f:1: expected",
		"[a]\nwhatever":          "f:2: expected",
		"[a] special":            "f:1: a kind is",
		"[a]\nasked: why, , how": "f:2: an empty phrase",
		"\n[]":                   "f:2: a kind is",
	} {
		if _, err := parseKinds("f", text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: error %q, want %q", text, err, want)
		}
	}
}

func TestKindsAsked(t *testing.T) {
	index, err := New([]chat.Passage{{Title: "Gout", Text: "Gout is a disease of the joints."}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]string{
		"what is gout":                            {"definition"},
		"how do i know if i have gout":            {"signs"},
		"how is gout diagnosed":                   {"finding out"},
		"what can be done about gout":             {"treatment"},
		"why do people get gout":                  {"cause"},
		"does gout run in families":               {"inheritance"},
		"how common is gout":                      {"frequency"},
		"how long does gout last":                 {"how long"},
		"will gout go away or shorten my life":    {"outlook"},
		"how can i keep from getting gout":        {"prevention"},
		"gout":                                    nil,
		"what are the symptoms and what to do":    {"signs"}, // the general kind gives way
		"which foods should people with it avoid": {"eating"},
	} {
		a := index.analyse(text, "en")
		var got []string
		for _, k := range a.kinds {
			got = append(got, index.kinds.names[k])
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q: kinds %q, want %q", text, got, want)
		}
	}
}

// Of passages on one topic the kind decides; a passage on another topic is not
// lifted by sounding right.
func TestKindIsGated(t *testing.T) {
	index, err := New([]chat.Passage{
		{ID: "gout/what", Title: "Gout", Text: "Gout is a disease in which crystals form in the joints."},
		{ID: "gout/why", Title: "Gout", Text: "Gout results from uric acid, which leads to crystals."},
		{ID: "gout/cure", Title: "Gout", Text: "Doctors prescribe medicines. Rest and ice relieve the joint."},
		{ID: "flu/cure", Title: "Flu", Text: "Treatment: medicines are prescribed. Treat fever with rest. Gout is another matter."},
	}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]chat.PassageID{
		"what is gout":                "gout/what",
		"what brings on gout":         "gout/why",
		"how do doctors manage gout?": "gout/cure",
	} {
		if hits := index.Search(Query{Text: text}).Hits; len(hits) == 0 || hits[0].Passage.ID != want {
			t.Errorf("%q: found %+v, want %q first", text, hits, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		most int
		want int
	}{
		{"ketamine", "ketamine", 2, 0},
		{"ketamien", "ketamine", 1, 1}, // swapped
		{"ketmine", "ketamine", 1, 1},  // left out
		{"kettamine", "ketamine", 1, 1},
		{"ketamyne", "ketamine", 1, 1},
		{"ketamyn", "ketamine", 2, 2},
		{"abcdef", "ghijkl", 2, 3}, // more than asked for
		{"abc", "abcdef", 2, 3},
	} {
		if got := distance(test.a, test.b, test.most); got != test.want {
			t.Errorf("distance(%q, %q, %d) = %d, want %d", test.a, test.b, test.most, got, test.want)
		}
		if got := distance(test.b, test.a, test.most); got != test.want {
			t.Errorf("distance(%q, %q, %d) = %d, want %d", test.b, test.a, test.most, got, test.want)
		}
	}
}
