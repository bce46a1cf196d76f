package eval_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"bedside/internal/chat"
	"bedside/internal/corpus"
	"bedside/internal/eval"
	"bedside/internal/retrieve"
	"bedside/knowledge"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func kneeIndex(t *testing.T) *retrieve.Index {
	t.Helper()
	index, err := retrieve.New([]chat.Passage{
		{
			ID: "care/stairs", Section: "care", Title: "Your knee", Heading: "Stairs", Language: "en", Facts: []string{"K-1"},
			Text: "Climb stairs with the healthy leg first.", Questions: []string{"how do I climb stairs", "which leg goes first on stairs"},
		},
		{
			ID: "history/first", Section: "history", Title: "The first knees", Heading: "When it began", Language: "en", Facts: []string{"K-2"},
			Text: "The first artificial knee was made in the 1890s.", Questions: []string{"when was the first artificial knee made"},
		},
	}, retrieve.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return index
}

func TestPatients(t *testing.T) {
	const file = "# kind, sections, facts, question, earlier ones\n\n" +
		"answerable\tcare\tK-1\thow do I climb stairs\n" +
		"answerable\tcare\tK-1\twhen was the first artificial knee made\r\n" +
		"unanswerable\t-\t-\tdo you sell pizza\n" +
		"unanswerable\t-\t-\twhich leg goes first on stairs\n" +
		"followup\tcare,history\t-\twhich leg is that\tis it monday || how do I climb stairs\n"
	report, err := eval.Patients(context.Background(), strings.NewReader(file), kneeIndex(t))
	if err != nil {
		t.Fatal(err)
	}
	want := eval.PatientsReport{
		Kinds: []eval.PatientsScore{
			{Kind: eval.Answerable, Asked: 2, Right: 1, Covered: 2, First: 1, Within: 2, Fact: 2},
			{Kind: eval.Unanswerable, Asked: 2, Right: 1, Covered: 1},
			{Kind: eval.FollowUp, Asked: 1, Right: 1, Covered: 1, First: 1, Within: 1},
		},
		Faults: []eval.PatientsFault{
			{Line: 4, Kind: eval.Answerable, Text: "when was the first artificial knee made", Covered: true, Passage: "history/first", Section: "history"},
			{Line: 6, Kind: eval.Unanswerable, Text: "which leg goes first on stairs", Covered: true, Passage: "care/stairs", Section: "care"},
		},
	}
	if diff := cmp.Diff(want, report, cmpopts.IgnoreFields(eval.PatientsFault{}, "Confidence")); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

// What ships has to answer patients as they write.
func TestPatientsOfTheShippedMaterial(t *testing.T) {
	material, err := corpus.Load(knowledge.Files(), corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	synonyms, err := retrieve.LoadSynonyms(knowledge.Files())
	if err != nil {
		t.Fatal(err)
	}
	index, err := retrieve.New(material.Passages, retrieve.Options{Synonyms: synonyms, Gaps: material.Gaps})
	if err != nil {
		t.Fatal(err)
	}
	for name, least := range map[string]float64{"development.tsv": 0.9, "phone.tsv": 0.88} { // the share that has to come out right
		t.Run(name, func(t *testing.T) {
			file, err := os.Open("testdata/patients/" + name)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close() //nolint:errcheck // Only read from.
			report, err := eval.Patients(context.Background(), file, index)
			if err != nil {
				t.Fatal(err)
			}
			for _, kind := range report.Kinds {
				if share := float64(kind.Right) / float64(kind.Asked); share < least {
					t.Errorf("%s: %d of %d came out right, want %.0f %%", kind.Kind, kind.Right, kind.Asked, 100*least)
				}
			}
			for _, fault := range report.Faults {
				if name == "development.tsv" { // what the others miss is scored and never shown
					t.Logf("%s:%d: %q: %.2f %s", name, fault.Line, fault.Text, fault.Confidence, fault.Passage)
				}
			}
		})
	}
}

func TestPatientsFaults(t *testing.T) {
	for _, test := range []struct{ name, file, want string }{
		{"nothing", "# only a comment\n", "no question"},
		{"unknown kind", "\nperhaps\t-\t-\twhat\n", `line 2: kind "perhaps"`},
		{"too few parts", "answerable\tcare\twhat\n", "line 1: expected 4 parts between tabs, found 3"},
		{"a followup without what came before", "followup\tcare\t-\twhat\n", "line 1: expected 5 parts"},
		{"no question", "unanswerable\t-\t-\t\n", "line 1: an empty question"},
		{"no section", "answerable\t-\t-\twhat\n", "line 1: a question names the sections of its answer"},
		{"a section without an answer", "unanswerable\tcare\t-\twhat\n", "line 1: a question names the sections of its answer"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := eval.Patients(context.Background(), strings.NewReader(test.file), kneeIndex(t))
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := eval.Patients(ctx, strings.NewReader("unanswerable\t-\t-\twhat\n"), kneeIndex(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want cancelled", err)
	}
}
