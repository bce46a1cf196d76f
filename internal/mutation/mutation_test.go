package mutation

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bedside/internal/chat"
)

var own = []chat.Passage{
	{ID: "a", Language: "en", Text: "River otters may eat crayfish within hours of waking. Their dens were not known before 1962."},
	{ID: "b", Language: "en", Text: "Beavers build dams out of branches in three weeks. The ponds behind the dams shelter ducks."},
}

func TestEveryMutationDiffersFromTheTruth(t *testing.T) {
	for number, a := range answers(Sets(own)) {
		for _, s := range a.statements {
			stands := strings.Contains(own[0].Text, s.text) || strings.Contains(own[1].Text, s.text)
			switch {
			case s.kind == verbatim && !stands:
				t.Errorf("answer %d: %q stands in no passage", number, s.text)
			case s.kind == reworded && stands:
				t.Errorf("answer %d: %q is not reworded", number, s.text)
			case s.kind == "" && stands && a.kind != citationWrong && a.kind != citationNone:
				t.Errorf("answer %d (%s): %q stands in a passage", number, a.kind, s.text)
			}
		}
	}
}

func TestEachKindIsMade(t *testing.T) {
	made := make(map[string][]string)
	for _, a := range answers(Sets(own)) {
		if a.kind != "" {
			made[a.kind] = append(made[a.kind], a.statements[0].text)
		}
	}
	for kind, want := range map[string]string{
		numberSwapped: "Their dens were not known before 1963.",
		numberMoved:   "River otters may eat crayfish within weeks of waking.",
		negationIn:    "River otters may not eat crayfish within hours of waking.",
		negationOut:   "Their dens were known before 1962.",
		hedgeTurned:   "River otters will eat crayfish within hours of waking.",
	} {
		if !strings.Contains(strings.Join(made[kind], "\n"), want) {
			t.Errorf("%s: no %q among %q", kind, want, made[kind])
		}
	}
	for _, kind := range Kinds() {
		if len(made[kind]) == 0 && kind != nameSwapped {
			t.Errorf("nothing of the kind %q", kind)
		}
	}
}

func TestTheSamePassagesGiveTheSameTable(t *testing.T) {
	var reports [2]Report
	for i := range reports {
		var err error
		if reports[i], err = Run(t.Context(), Sets(own)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(reports[0], reports[1]); diff != "" {
		t.Error(diff)
	}
	if reports[0].Answers < 20 || len(reports[0].True) != 2 {
		t.Errorf("%+v", reports[0])
	}
}

// What is shown and not true is counted against the check, what is true and not
// shown, too.
func TestCounting(t *testing.T) {
	c := newCount()
	a := answer{kind: negationIn, passages: own, statements: []statement{{text: "Otters do not eat."}, {"Beavers build dams.", []int{2}, verbatim}}}
	c.add(a, []string{"Otters do not eat."}, map[string]string{"Beavers build dams.": "coverage"})
	a.passages = own[1:]
	c.add(a, []string{"Beavers build dams."}, nil)
	report := c.report()
	want := Report{
		Answers: 2, Rows: []Row{{negationIn, 2, 1}}, True: []TrueRow{{verbatim, 2, 1}}, Withheld: 0.5,
		Faults: []Fault{{"true: " + verbatim, "Beavers build dams.", "coverage"}, {negationIn, "Otters do not eat.", ""}},
	}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Error(diff)
	}
}

func TestPercentNeverRoundsToAllOrNothing(t *testing.T) {
	for _, test := range []struct {
		part, whole int
		want        string
	}{{5, 5, "all"}, {0, 5, "none"}, {9999, 10000, "> 99.9 %"}, {1, 10000, "< 0.1 %"}, {2, 3, "66.7 %"}} {
		if got := percent(test.part, test.whole); got != test.want {
			t.Errorf("%d of %d: %s, want %s", test.part, test.whole, got, test.want)
		}
	}
}

func TestReadPassages(t *testing.T) {
	got, err := ReadPassages(strings.NewReader(`{"title": "One", "text": "The first of the passages."}` + "\n\n" + `{"passages": ["The second.", "The first of the passages."]}`))
	if err != nil || len(got) != 2 || got[0].Title != "One" || got[1].Text != "The second." || got[0].Language != "en" {
		t.Errorf("%+v, %v", got, err)
	}
	for _, lines := range []string{"", "{}", "text"} {
		if _, err := ReadPassages(strings.NewReader(lines)); err == nil {
			t.Errorf("%q: no error", lines)
		}
	}
}
