package retrieve

import (
	"slices"
	"testing"

	"bedside/internal/language"
)

func TestPartsOf(t *testing.T) {
	for text, want := range map[string][]string{
		"what is it and how does it work":                  {"what is it", "how does it work"},
		"Is it FDA approved? And do you take insurance?":   {"Is it FDA approved?", "And do you take insurance?"},
		"i have ptsd. does it help? is it safe?":           {"i have ptsd. does it help?", "is it safe?"},
		"tell me what it does, and how long does it last?": {"tell me what it does,", "how long does it last?"},
		"¿qué es y cómo funciona?":                         {"¿qué es", "cómo funciona?"},
		"how fast does it work":                            nil,
		"who first made it and when?":                      {"who first made it", "when first made it"},
		"do you know when and why it was made":             {"do you know when it was made", "do you know why it was made"},
		"how long does it last and why":                    {"how long does it last", "why does it last"},
		"¿quién la hizo y cuándo?":                         {"¿quién la hizo", "cuándo la hizo"},
		"what year was it and where":                       nil,
		"tell me who and when":                             nil,
		"is it used for pain and anxiety":                  nil,
		"what do I do when I feel low and when I take it":  nil,
		"it was made in a lab and it is used in surgery":   nil,
	} {
		if got := partsOf(text); !slices.Equal(got, want) {
			t.Errorf("partsOf(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestSidesOf(t *testing.T) {
	for text, want := range map[string][][]string{
		"compare war with today":                         {{"war"}, {"today"}},
		"ketamine vs prozac":                             {{"ketamine"}, {"prozac"}},
		"what is the difference between pain and worry?": {{"pain"}, {"worry"}},
		"how fast is it compared to pills":               {{"how", "fast", "is", "it"}, {"pills"}},
		"diferencia entre dolor y ansiedad":              {{"dolor"}, {"ansiedad"}},
		"is it different":                                nil,
		"between us":                                     nil,
	} {
		if got := sidesOf(language.Words(text)); !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("sidesOf(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestSeveralQuestions asks the shipped material several things at once.
func TestSeveralQuestions(t *testing.T) {
	index := ShippedIndex(t)
	for _, c := range []struct {
		text   string
		leads  []string
		partly bool
	}{
		{"what is it and how does it work", []string{"introduction/what-ketamine-is", "mechanism/how-it-works"}, false},
		{"how fast does it work, and how long does it last?", []string{"benefits/how-fast", "benefits/how-long-it-lasts"}, false},
		{"how fast does it work and what does it cost", []string{"benefits/how-fast"}, true},
		{"compare pain and anxiety", []string{"conditions/chronic-pain", "conditions/anxiety"}, false},
		{"what is bdnf and why does it matter", nil, false},
		{"how fast does it work", nil, false},
		{"who first made ketamine and when", []string{"history/when-first-made"}, true},
		{"why was it made and when?", []string{"history/replacement-for-pcp", "history/when-first-made"}, false},
	} {
		r := index.Search(Query{Text: c.text})
		var leads []string
		for _, h := range r.Hits[:r.Leads] {
			leads = append(leads, string(h.Passage.ID))
		}
		if !r.Covered || !slices.Equal(leads, c.leads) || r.Partly != c.partly {
			t.Errorf("%q: covered %v, leads %q, partly %v, want %q, %v", c.text, r.Covered, leads, r.Partly, c.leads, c.partly)
		}
	}
	if r := index.Search(Query{Text: "how much does it cost and where do I park"}); r.Covered {
		t.Errorf("two questions that the material does not answer: covered by %s", r.Hits[0].Passage.ID)
	}
}

func TestMendsHeldDownAndMissingLetters(t *testing.T) {
	var n neighbours
	for _, word := range []string{"fast", "stuff", "pills", "feel", "horse"} {
		n.add(word, 1)
	}
	n.sort()
	for word, want := range map[string]string{"fastttt": "fast", "feeeel": "feel", "stuf": "stuff", "stub": "", "ssss": ""} {
		if got, _ := n.find(word); got != want {
			t.Errorf("find(%q) = %q, want %q", word, got, want)
		}
	}
}
