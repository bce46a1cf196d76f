package app_test

import (
	"os"
	"strings"
	"testing"

	"bedside/internal/app"
	"bedside/internal/config"
)

// TestMutations holds the sentence check to its targets on answers that were made
// wrong on purpose, and the README to the table as it is.
func TestMutations(t *testing.T) {
	report, err := app.EvaluateMutations(t.Context(), config.Config{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if report.Answers < 1000 {
		t.Errorf("only %d mutated answers", report.Answers)
	}
	targets := map[string]float64{
		"number swapped": 1, "dose invented": 1, "abbreviations and decimals like ends": 0.99, "sentence ends split over pieces": 0.99,
		"drug or name swapped": 0.97, "what no passage says": 0.97, "the same behind a true clause": 0.97, "citation of another passage": 0.97,
		"no citation, or of none that was given": 1, "hedge turned to certainty": 0.9, "negation put in": 0.7, "negation taken out": 0.7,
		"number said of something else": 0.7,
	}
	for _, row := range report.Rows {
		target, ok := targets[row.Kind]
		if !ok {
			t.Errorf("no target for %q", row.Kind)
		}
		delete(targets, row.Kind)
		if row.Share() < target {
			t.Errorf("%s: %d of %d stopped, want a share of %.2f", row.Kind, row.Stopped, row.Answers, target)
		}
	}
	for kind := range targets {
		t.Errorf("no answers of the kind %q", kind)
	}
	for _, row := range report.True {
		if share := float64(row.Withheld) / float64(row.Sentences); share > 0.05 {
			t.Errorf("%.3f of the true sentences withheld: %s", share, row.Kind)
		}
	}
	if t.Failed() {
		for _, fault := range report.Faults {
			t.Logf("%s: %s (%s)", fault.Kind, fault.Sentence, fault.Reason)
		}
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(report.Table()) {
		if !strings.Contains(string(readme), line) {
			t.Errorf("the README lacks this line of what \"bedside eval mutations\" prints: %s", line)
		}
	}
}
