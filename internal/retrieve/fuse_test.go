package retrieve

import (
	"slices"
	"testing"

	"bedside/internal/chat"
)

func TestRankingsAreFused(t *testing.T) {
	passages := []chat.Passage{
		{ID: "speed", Language: "en", Heading: "How fast", Text: "It works within hours.", Questions: []string{"how fast does it work"}},
		{ID: "war", Language: "en", Heading: "The war", Text: "The army worked fast with it.", Questions: []string{"was it used in the war"}},
		{ID: "pain", Language: "en", Heading: "Pain", Text: "Nothing of the kind.", Questions: []string{"does it ease pain"}},
		{ID: "es", Language: "es", Heading: "Dolor", Text: "Nada.", Questions: []string{"alivia el dolor"}},
	}
	x, err := New(passages, Options{})
	if err != nil {
		t.Fatal(err)
	}
	plain := x.Search(Query{Text: "how fast does it work"})
	for name, test := range map[string]struct {
		near []chat.PassageID
		want []chat.PassageID
	}{
		"no vectors":             {nil, []chat.PassageID{"speed", "war"}},
		"found by meaning":       {[]chat.PassageID{"speed", "pain"}, []chat.PassageID{"speed", "war", "pain"}},
		"both agree":             {[]chat.PassageID{"war", "speed"}, []chat.PassageID{"speed", "war"}},
		"unknown, other tongue":  {[]chat.PassageID{"gone", "es", "speed"}, []chat.PassageID{"speed", "war"}},
		"meaning outweighs last": {[]chat.PassageID{"war", "pain"}, []chat.PassageID{"war", "speed", "pain"}},
	} {
		result := x.Search(Query{Text: "how fast does it work", Near: test.near})
		var got []chat.PassageID
		for _, hit := range result.Hits {
			got = append(got, hit.Passage.ID)
		}
		if !slices.Equal(got, test.want) || result.Confidence != plain.Confidence {
			t.Errorf("%s: %v, want %v; confidence %v, want %v", name, got, test.want, result.Confidence, plain.Confidence)
		}
	}
	whole := x.Whole(Query{Text: "and for that?", Previous: []string{"does it ease pain", "how fast does it work"}})
	if whole != "how fast does it work\nand for that?" {
		t.Errorf("the whole is %q", whole)
	}
}
