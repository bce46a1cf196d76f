package ground

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"bedside/internal/chat"
)

func readPassages(t testing.TB) []chat.Passage {
	t.Helper()
	data, err := os.ReadFile("testdata/passages.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var entries []struct {
		ID, Heading, Text, Language string
		Qualifiers                  []struct{ Text, Short string }
	}
	if err := yaml.Unmarshal(data, &entries); err != nil {
		t.Fatal(err)
	}
	var passages []chat.Passage
	for _, e := range entries {
		p := chat.Passage{ID: chat.PassageID(e.ID), Heading: e.Heading, Text: e.Text, Language: e.Language}
		for _, q := range e.Qualifiers {
			p.Qualifiers = append(p.Qualifiers, chat.Qualifier{Text: q.Text, Short: q.Short})
		}
		passages = append(passages, p)
	}
	return passages
}

type claimCase struct {
	want     string
	cites    []int
	sentence string
}

func readClaims(t testing.TB, passages []chat.Passage) []claimCase {
	t.Helper()
	data, err := os.ReadFile("testdata/claims.txt")
	if err != nil {
		t.Fatal(err)
	}
	var cases []claimCase
	for line := range strings.Lines(string(data)) {
		fields := strings.SplitN(strings.TrimSpace(line), "|", 3)
		if len(fields) < 3 || strings.HasPrefix(line, "#") {
			continue
		}
		c := claimCase{want: strings.TrimSpace(fields[0]), sentence: strings.TrimSpace(fields[2])}
		for id := range strings.SplitSeq(strings.TrimSpace(fields[1]), ",") {
			if id == "" {
				continue
			}
			at := slices.IndexFunc(passages, func(p chat.Passage) bool { return string(p.ID) == id })
			number, err := strconv.Atoi(id)
			if err != nil {
				number = at + 1
				if at < 0 {
					t.Fatalf("no passage %q", id)
				}
			}
			c.cites = append(c.cites, number)
		}
		cases = append(cases, c)
	}
	return cases
}

func TestCheck(t *testing.T) {
	passages := readPassages(t)
	cases := readClaims(t, passages)
	if len(cases) < 80 {
		t.Fatalf("only %d cases were read", len(cases))
	}
	for _, c := range cases {
		got := New(passages).Check(c.sentence, c.cites)
		switch {
		case c.want == "ok":
			if got.Verdict == "" {
				t.Errorf("%q was withheld: %s", c.sentence, got.Reason)
			}
			checkQuote(t, c, got, passages)
		case got.Verdict != "":
			t.Errorf("%q was let through", c.sentence)
		case c.want != "no" && got.Reason != c.want:
			t.Errorf("%q: %s, want %s", c.sentence, got.Reason, c.want)
		}
	}
}

// checkQuote holds a result to what its fields promise.
func checkQuote(t *testing.T, c claimCase, got Result, passages []chat.Passage) {
	t.Helper()
	if len(got.Passages) == 0 || got.Quote == "" {
		t.Errorf("%q: %d passages, quote %q", c.sentence, len(got.Passages), got.Quote)
		return
	}
	for _, number := range got.Passages {
		if !slices.Contains(c.cites, number) {
			t.Errorf("%q: passage %d was not cited", c.sentence, number)
		}
	}
	p := passages[got.Passages[0]-1]
	stands := strings.Contains(p.Text, got.Quote)
	for _, q := range p.Qualifiers {
		stands = stands || strings.Contains(q.Text, got.Quote) || strings.Contains(q.Short, got.Quote)
	}
	if !stands {
		t.Errorf("%q: the quote %q does not stand in %s", c.sentence, got.Quote, p.ID)
	}
	if got.Verdict == chat.Quoted && got.Quote != c.sentence {
		t.Errorf("%q: quoted, but the quote is %q", c.sentence, got.Quote)
	}
}

func TestVerdicts(t *testing.T) {
	passages := readPassages(t)
	for _, test := range []struct {
		sentence string
		cites    []int
		want     Result
	}{
		{
			"Ketamine can ease low mood within hours for some people.",
			[]int{2, 1},
			Result{Verdict: chat.Quoted, Passages: []int{1}, Quote: "Ketamine can ease low mood within hours for some people."},
		},
		{
			"It does not work for everyone.",
			[]int{1},
			Result{Verdict: chat.Quoted, Passages: []int{1}, Quote: "It does not work for everyone."},
		},
		{ // words out of a sentence are not a quotation of it
			"Older antidepressants may take weeks.",
			[]int{1},
			Result{Verdict: chat.Supported, Passages: []int{1}, Quote: "Older antidepressants may take weeks to work."},
		},
		{ // a needless citation falls away
			"Older antidepressants may take some weeks to work.",
			[]int{4, 1},
			Result{Verdict: chat.Supported, Passages: []int{1}, Quote: "Older antidepressants may take weeks to work."},
		},
		{ // two passages carry it together
			"Older antidepressants may take weeks to work, and chemists made ketamine in 1962.",
			[]int{1, 5},
			Result{Verdict: chat.Supported, Passages: []int{1, 5}, Quote: "Older antidepressants may take weeks to work."},
		},
	} {
		if diff := cmp.Diff(test.want, New(passages).Check(test.sentence, test.cites)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.sentence, diff)
		}
	}
}

// Every sentence of the material passes as its own quotation.
func TestTheMaterialPasses(t *testing.T) {
	passages := readPassages(t)
	for i := range passages {
		s := newSource(passages[i])
		for _, p := range s.parts {
			if got := New(passages).Check(p.text, []int{i + 1}); got.Verdict != chat.Quoted {
				t.Errorf("%q: %q, %s", p.text, got.Verdict, got.Reason)
			}
		}
	}
}

func FuzzCheck(f *testing.F) {
	passages := readPassages(f)
	for _, c := range readClaims(f, passages) {
		f.Add(c.sentence, 1, passages[0].Text)
	}
	f.Add("", 0, "")
	f.Add("2 2 2.", 1, "2 two ½ %$ 1970s B12")
	f.Fuzz(func(t *testing.T, sentence string, cite int, text string) {
		own := []chat.Passage{{ID: "x", Text: text, Language: "en"}}
		got := New(own).Check(sentence, []int{cite})
		if (got.Verdict == "") == (got.Reason == "") {
			t.Fatalf("verdict %q, reason %q", got.Verdict, got.Reason)
		}
		if got.Verdict != "" && (cite != 1 || !strings.Contains(text, got.Quote)) {
			t.Fatalf("%q let through on %q with the quote %q", sentence, text, got.Quote)
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	passages := readPassages(b)
	cases := readClaims(b, passages)
	for name, check := range map[string]func(claimCase){
		"fresh": func(c claimCase) { New(passages).Check(c.sentence, c.cites) },
		"ready": func() func(claimCase) {
			ready := New(passages)
			return func(c claimCase) { ready.Check(c.sentence, c.cites) }
		}(),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				check(cases[i%len(cases)])
			}
		})
	}
}
