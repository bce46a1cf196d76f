package ground

import (
	"math"
	"strings"
	"testing"

	"bedside/internal/chat"
)

var otters = []chat.Passage{
	{ID: "a", Language: "en", Text: "River otters live near streams and eat crayfish at dawn. They sleep in dens for most of the day."},
	{ID: "b", Language: "en", Text: "Beavers build dams out of branches. The ponds behind the dams shelter ducks."},
}

func support(evidence *Evidence, sentence string) float64 {
	m := evidence.Answer(false).Measure(sentence)
	return m.Support()
}

// The score falls with each thing that the passages do not say.
func TestSupportFallsWithWhatIsInvented(t *testing.T) {
	evidence := New(otters)
	last := 1.0
	for _, sentence := range []string{
		"River otters eat crayfish at dawn.",
		"River otters eat crayfish at dawn, and salmon.",
		"River otters eat 12 crayfish and salmon under quiet bridges.",
		"Fishermen dislike seals because of 12 torn nets in Norway.",
	} {
		score := support(evidence, sentence)
		if score >= last {
			t.Errorf("%q has %.3f, and more was said by the one before (%.3f)", sentence, score, last)
		}
		last = score
	}
	if last > 0.3 {
		t.Errorf("what nothing supports has %.3f", last)
	}
}

// Words that stand far apart in the passages are less support than a sentence.
func TestSupportSeesWhatStandsTogether(t *testing.T) {
	evidence := New(otters)
	if near, far := support(evidence, "The ponds behind the dams shelter ducks."), support(evidence, "Crayfish in dens shelter otters behind branches."); near <= far {
		t.Errorf("%.3f for a sentence, %.3f for its words", near, far)
	}
}

func TestMeasures(t *testing.T) {
	evidence := New(otters)
	answer := evidence.Answer(true)
	m := answer.Measure("River otters live near streams:")
	for name, want := range map[int]float64{unknownWords: 0, unknownTail: 0, window: 1, nearby: 1, heading: 1, placed: 1, first: 1, position: 0, saidKnown: 0} {
		if got := m[name]; math.Abs(got-want) > 1e-9 {
			t.Errorf("%s is %.3f, want %.3f", MeasureNames()[name], got, want)
		}
	}
	m = answer.Measure("Overall, otters may chase 7 walruses.")
	for name, want := range map[int]float64{unknownWords: math.Log(4), unknownNumber: 1, hedged: 1, sumsUp: 1, first: 0, position: math.Log(2), heading: 0} {
		if got := m[name]; math.Abs(got-want) > 1e-9 {
			t.Errorf("%s is %.3f, want %.3f", MeasureNames()[name], got, want)
		}
	}
	if m[saidKnown] <= 0 {
		t.Error("otters were said before, and it is not seen")
	}
	if alone := evidence.Answer(false).Measure("Overall, otters chase walruses."); alone[placed] != 0 || alone[saidKnown] != 0 {
		t.Errorf("a place in an answer nobody knows: %v", alone)
	}
}

// The table has a weight for every measure, and none rewards what nothing carries.
func TestShippedWeights(t *testing.T) {
	if names := MeasureNames(); len(names) != measureCount || len(supportWeights) != measureCount {
		t.Errorf("%d names and %d weights for %d measures", len(names), len(supportWeights), measureCount)
	}
	for _, i := range []int{unknownWords, unknownTail, unknownNumber, unknownName} {
		if supportWeights[i] >= 0 {
			t.Errorf("%s raises the score", MeasureNames()[i])
		}
	}
	for _, i := range []int{window, nearby, aligned} {
		if supportWeights[i] <= 0 {
			t.Errorf("%s lowers the score", MeasureNames()[i])
		}
	}
}

// What a sentence says of itself earns it nothing in the check.
func TestTheMannerEarnsNothing(t *testing.T) {
	for _, sentence := range []string{"Seals tear nets.", "In short, according to the information given, seals tear nets:"} {
		if got := New(otters).Check(sentence, []int{1}); got.Reason != Coverage {
			t.Errorf("%q: %+v", sentence, got)
		}
	}
}

func TestLearnedSourceIsTheTable(t *testing.T) {
	learned := Learned{Bias: supportBias, Weights: supportWeights}
	source := string(learned.Source())
	for _, name := range MeasureNames() {
		if strings.Count(source, "// "+name+"\n") != 1 {
			t.Errorf("%q does not stand in the table once", name)
		}
	}
	if !strings.Contains(source, "supportBias = 2.") {
		t.Errorf("no bias in %s", source)
	}
}
