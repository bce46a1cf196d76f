package draft_test

import (
	"strings"
	"testing"

	"bedside/internal/chat"
	"bedside/internal/draft"
)

func long(n int, subject string) string {
	var text strings.Builder
	for i := range n {
		text.WriteString(subject + " sentence number " + strings.Repeat("x", i+1) + " says one more new thing about subject " + strings.Repeat("y", i+1) + ". ")
	}
	return strings.TrimSpace(text.String())
}

var vary = chat.Qualifier{ID: "Q-VARY", Text: "It does not work for everyone. Results differ.", Short: "It does not work for everyone."}

func TestExtract(t *testing.T) {
	speed := chat.Passage{ID: "a/speed", Facts: []string{"F-1"}, Language: "en", Text: "Ketamine may act within hours. Usual medicines take weeks."}
	same := chat.Passage{ID: "b/speed", Facts: []string{"F-1"}, Language: "en", Text: "Ketamine may act within hours. Doctors have noticed the speed."}
	war := chat.Passage{ID: "c/war", Facts: []string{"F-2"}, Language: "en", Text: "Army doctors used it in Vietnam."}
	list := chat.Passage{ID: "d/list", Facts: []string{"F-3"}, Language: "en", Text: "The pages name:\ndepression\nanxiety disorders\nfibromyalgia\nregional pain\ntrauma\nmood disorders\nchronic pain"}
	tests := []struct {
		name    string
		request draft.Request
		said    []string
		want    []string
		not     []string
	}{
		{"the best passage whole", draft.Request{Passages: []chat.Passage{speed, war}, Fit: []float64{1, .3}}, nil, []string{"within hours", "take weeks"}, []string{"Vietnam"}},
		{"a second one that fits, without what it repeats", draft.Request{Passages: []chat.Passage{speed, same}, Fit: []float64{1, .9}, Subjects: []draft.Subject{{Terms: []string{"weeks"}, Share: .5}, {Terms: []string{"doctor"}, Share: .5}}, Language: "en"}, nil, []string{"within hours", "take weeks", "noticed"}, nil},
		{"nothing of a second one that adds nothing asked for", draft.Request{Passages: []chat.Passage{speed, same}, Fit: []float64{1, .9}, Subjects: []draft.Subject{{Terms: []string{"hours"}, Share: 1}}, Language: "en"}, nil, []string{"within hours", "take weeks"}, []string{"noticed"}},
		{"a second one where all is asked for", draft.Request{Question: "tell me more about it", Passages: []chat.Passage{speed, war}, Fit: []float64{1, .9}, Language: "en"}, nil, []string{"within hours", "Vietnam"}, nil},
		{"a list where one is asked for", draft.Request{Question: "please list them", Passages: []chat.Passage{war, list}, Fit: []float64{1, .8}, Language: "en"}, nil, []string{"depression\n", "chronic pain"}, []string{"Vietnam"}},
		{"a fact before a passage that only points to a page", draft.Request{Passages: []chat.Passage{{ID: "g", Language: "en", Text: "The history page tells of it."}, war}, Fit: []float64{1, .8}, Language: "en"}, nil, []string{"Vietnam"}, []string{"page"}},
		{"such a passage where pages are asked for", draft.Request{Question: "which page is that on", Passages: []chat.Passage{{ID: "g", Language: "en", Text: "The history page tells of it."}, war}, Fit: []float64{1, .8}, Language: "en"}, nil, []string{"page"}, []string{"Vietnam"}},
		{"the one that speaks to more of the question", draft.Request{Passages: []chat.Passage{speed, war}, Fit: []float64{1, .9}, Subjects: []draft.Subject{{Terms: []string{"army"}, Share: .6}}, Language: "en"}, nil, []string{"Vietnam"}, []string{"hours"}},
		{"the one that tells a time where one is asked for", draft.Request{Question: "and when did the army start with it?", Passages: []chat.Passage{war, {ID: "h", Facts: []string{"F-4"}, Language: "en", Text: "It began in the 1960s."}}, Fit: []float64{1, .8}, Language: "en"}, nil, []string{"1960s"}, []string{"Vietnam"}},
		{"nothing that was said before", draft.Request{Passages: []chat.Passage{speed, war}, Fit: []float64{1, .9}, Subjects: []draft.Subject{{Terms: []string{"vietnam"}, Share: .2}, {Terms: []string{"hours"}, Share: .8}}, Language: "en"}, []string{"Usual medicines take weeks."}, []string{"within hours", "Vietnam"}, []string{"take weeks"}},
		{"a list is taken whole", draft.Request{Passages: []chat.Passage{list}, Fit: []float64{1}}, nil, []string{"depression\n", "chronic pain"}, nil},
		{"short items that share a verb are all kept", draft.Request{Passages: []chat.Passage{{ID: "f", Language: "en", Text: "The system is essential for three things.\nIt serves synaptic plasticity, the way to change connections.\nIt serves thinking.\nIt helps feelings."}}, Fit: []float64{1}}, nil, []string{"plasticity", "It serves thinking.", "feelings"}, nil},
		{"a long passage is cut to what the question asks", draft.Request{Passages: []chat.Passage{{ID: "e", Language: "en", Text: "Opening words stand here. One is about apples. Two is about pears. Three is about plums. Four is about cherries. Five is about bananas. Six is about oranges."}}, Fit: []float64{1}, Terms: []string{"orang"}}, nil, []string{"Opening", "oranges"}, []string{"bananas"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var said draft.Said
			for _, sentence := range test.said {
				said.Add(draft.NewExtractor().Words("en", draft.Sentence{Text: sentence}))
			}
			var text strings.Builder
			for _, sentence := range draft.NewExtractor().Extract(test.request, said) {
				if len(sentence.Cites) != 1 {
					t.Errorf("%q cites %v", sentence.Text, sentence.Cites)
				}
				body := strings.TrimSpace(sentence.Text)
				if source := test.request.Passages[sentence.Cites[0]-1].Text; !strings.Contains(source, body) {
					t.Errorf("%q does not stand in its passage", body)
				}
				text.WriteString(sentence.Text)
			}
			for _, words := range test.want {
				if !strings.Contains(text.String(), words) {
					t.Errorf("%q lacks %q", text.String(), words)
				}
			}
			for _, words := range test.not {
				if strings.Contains(text.String(), words) {
					t.Errorf("%q holds %q", text.String(), words)
				}
			}
			if got := strings.Count(text.String(), "within hours"); got > 1 {
				t.Errorf("said %d times", got)
			}
		})
	}
}

func TestExtractKeepsToTheLimit(t *testing.T) {
	request := draft.Request{
		Passages: []chat.Passage{{ID: "a", Language: "en", Text: long(9, "First")}, {ID: "b", Language: "en", Text: long(9, "Second")}},
		Fit:      []float64{1, 1},
	}
	words := 0
	for _, sentence := range draft.NewExtractor().Extract(request, draft.Said{}) {
		words += len(strings.Fields(sentence.Text))
	}
	if words == 0 || words > draft.WordsMax {
		t.Errorf("%d words", words)
	}
}

func TestQualifiers(t *testing.T) {
	fda := chat.Qualifier{ID: "Q-FDA", Text: "The FDA has approved it as an anesthetic only.", Short: "The FDA has approved it as an anesthetic."}
	passages := []chat.Passage{
		{ID: "a", Language: "en", Qualifiers: []chat.Qualifier{vary}},
		{ID: "b", Language: "en", Qualifiers: []chat.Qualifier{fda, vary}},
	}
	tests := []struct {
		name  string
		cited []int
		said  string
		want  string
	}{
		{"one in full", []int{1}, "", "It does not work for everyone. Results differ. "},
		{"several in short, each once", []int{1, 2}, "", "It does not work for everyone. The FDA has approved it as an anesthetic. "},
		{"not again", []int{1}, "It does not work for everyone.", ""},
		{"short where the whole would be too long", []int{1}, strings.Repeat("word ", 155), "It does not work for everyone. "},
		{"none without a citation", nil, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var said draft.Said
			said.Add(draft.NewExtractor().Words("en", draft.Sentence{Text: test.said}))
			var text strings.Builder
			for _, sentence := range draft.NewExtractor().Qualifiers(passages, test.cited, &said) {
				text.WriteString(sentence.Text)
			}
			if text.String() != test.want {
				t.Errorf("got %q, wanted %q", text.String(), test.want)
			}
		})
	}
}

func TestExtractAsWished(t *testing.T) {
	passages := []chat.Passage{
		{ID: "how", Language: "en", Text: "Ketamine blocks a docking spot. The pharmacological antagonism modulates glutamatergic neurotransmission considerably. New links may grow. Researchers investigate downstream intracellular cascades intensively. It is a strong effect."},
		{ID: "why", Language: "en", Text: "Speed is one reason to use it. Some people feel better soon."},
	}
	extract := func(wish draft.Wish, told string) string {
		var text strings.Builder
		for _, sentence := range draft.NewExtractor().Extract(draft.Request{Passages: passages, Fit: []float64{1, .6}, Language: "en", Wish: wish, Told: told}, draft.Said{}) {
			text.WriteString(sentence.Text)
		}
		return strings.TrimSpace(text.String())
	}
	if got := extract(draft.Simpler, ""); got != "Ketamine blocks a docking spot. New links may grow." {
		t.Errorf("simpler: %q", got)
	}
	plain := extract("", "")
	if strings.Contains(plain, "Speed") {
		t.Errorf("as it comes: %q", plain)
	}
	if got := extract(draft.Detailed, plain); got != "Speed is one reason to use it. Some people feel better soon." {
		t.Errorf("more detail: %q", got)
	}
	if got := extract(draft.Detailed, plain+" "+passages[1].Text); got != "" {
		t.Errorf("when all was told: %q", got)
	}
}
