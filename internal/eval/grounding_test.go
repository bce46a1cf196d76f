package eval

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
)

// ownLines are sources of which the odd sentences say what the passages say and
// the even ones what nobody wrote.
func ownLines(t *testing.T, sources int, placed bool) string {
	t.Helper()
	animals := strings.Fields("otter heron badger beaver lizard falcon salmon turtle donkey walrus marten weasel")
	foods := strings.Fields("clams frogs worms bark crickets pigeons shrimp algae thistles mussels voles eggs")
	var out strings.Builder
	for i := range sources {
		animal, food := animals[i%len(animals)], foods[i%len(foods)]
		passage := fmt.Sprintf("passage 1: The %s lives near water and eats %s at dawn. It sleeps in a den for most of the day.", animal, food)
		for position, sentence := range []string{
			fmt.Sprintf("The %s eats %s at dawn.", animal, food),
			fmt.Sprintf("Farmers value the %s for guarding vineyards against burglars.", animal),
			fmt.Sprintf("Near water lives the %s.", animal),
			"Collectors pay enormous prices for stuffed specimens, especially in Belgium.",
		} {
			line := map[string]any{"passages": []string{passage}, "sentence": sentence, "supported": position%2 == 0}
			if placed {
				line["source"], line["answer"], line["position"] = fmt.Sprintf("s-%02d", i), 0, position
			}
			data, err := json.Marshal(line)
			if err != nil {
				t.Fatal(err)
			}
			out.Write(append(data, '\n'))
		}
	}
	return out.String()
}

func TestGroundingTellsApart(t *testing.T) {
	for name, placed := range map[string]bool{"placed": true, "nothing known but passages": false} {
		t.Run(name, func(t *testing.T) {
			report, err := Grounding(strings.NewReader(ownLines(t, 12, placed)))
			if err != nil {
				t.Fatal(err)
			}
			if report.Sentences != 48 || report.Unsupported != 24 || report.AUROC < 0.99 || report.Recall5 < 0.95 || report.ShownUnsupported > 0 {
				t.Errorf("%+v", report)
			}
			if report.MsPerSentence <= 0 || report.MsP99 < report.MsPerSentence/2 {
				t.Errorf("%+v", report)
			}
		})
	}
}

// The order of the lines is nobody's business but the file's.
func TestGroundingReadsAnswersInTheirOrder(t *testing.T) {
	lines := strings.SplitAfter(strings.TrimSpace(ownLines(t, 12, true)), "\n")
	forth, err := weigh(strings.NewReader(strings.Join(lines, "")))
	if err != nil {
		t.Fatal(err)
	}
	for i, j := 0, len(lines)-1; i < j; i, j = i+1, j-1 {
		lines[i], lines[j] = strings.TrimSpace(lines[j])+"\n", strings.TrimSpace(lines[i])+"\n"
	}
	back, err := weigh(strings.NewReader(strings.Join(lines, "")))
	if err != nil {
		t.Fatal(err)
	}
	for i := range forth {
		if forth[i].Lesson != back[i].Lesson {
			t.Errorf("sentence %d: %+v and %+v", i, forth[i].Lesson, back[i].Lesson)
		}
	}
}

func TestLearnGroundingNeverTriesWhatItLearnedFrom(t *testing.T) {
	learned, report, err := LearnGrounding(strings.NewReader(ownLines(t, 12, true)))
	if err != nil {
		t.Fatal(err)
	}
	if report.AUROC < 0.99 || len(learned.Tried) != 48 {
		t.Errorf("%+v, %d scores", report, len(learned.Tried))
	}
	// Labels that follow from nothing but the source cannot be foreseen.
	lines := strings.Split(strings.TrimSpace(ownLines(t, 12, true)), "\n")
	for i := range lines {
		lines[i] = strings.NewReplacer(`"supported":true`, fmt.Sprintf(`"supported":%v`, i/4%2 == 0), `"supported":false`, fmt.Sprintf(`"supported":%v`, i/4%2 == 0)).Replace(lines[i])
	}
	if _, report, err = LearnGrounding(strings.NewReader(strings.Join(lines, "\n"))); err != nil || report.AUROC > 0.7 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestGroundingRefuses(t *testing.T) {
	for name, lines := range map[string]string{
		"nothing":                  "",
		"no passages":              `{"sentence": "A b.", "supported": true}`,
		"no judgement":             `{"sentence": "A b.", "passages": ["A b."]}`,
		"no JSON":                  `sentence`,
		"too little to learn from": ownLines(t, 3, true),
	} {
		if _, _, err := LearnGrounding(strings.NewReader(lines)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestRecallAt(t *testing.T) {
	negatives := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for _, test := range []struct {
		positives []float64
		rate      float64
		want      float64
	}{
		{[]float64{11, 10, 9.5, 1}, 0, 0.25},
		{[]float64{11, 10, 9.5, 1}, 0.10, 0.75},
		{[]float64{11, 10, 9.5, 8.5}, 0.20, 1},
		{[]float64{10, 10}, 0.05, 0}, // a tie is not above
		{[]float64{0}, 1, 1},
		{nil, 0.5, 0},
	} {
		if got := recallAt(test.positives, negatives, test.rate); math.Abs(got-test.want) > 1e-9 {
			t.Errorf("%v at %v: %v, want %v", test.positives, test.rate, got, test.want)
		}
	}
}
