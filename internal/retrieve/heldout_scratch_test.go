package retrieve_test

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"bedside/internal/retrieve"
)

func TestHeldout(t *testing.T) {
	name := os.Getenv("HELDOUT")
	if name == "" {
		t.Skip()
	}
	f, _ := os.Open(name)
	index := shipped(t)
	lines := bufio.NewScanner(f)
	right, total := map[string]int{}, map[string]int{}
	for lines.Scan() {
		var q struct {
			ID, Text, Kind string
			Sections       []string `json:"expected_sections"`
			History        []string
		}
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			t.Fatal(err)
		}
		r := index.Search(retrieve.Query{Text: q.Text, Previous: q.History})
		ok := false
		switch q.Kind {
		case "answerable", "followup":
			ok = r.Covered && len(r.Hits) > 0 && slices.Contains(q.Sections, r.Hits[0].Passage.Section)
		case "unanswerable", "offtopic":
			ok = !r.Covered
		default:
			continue
		}
		total[q.Kind]++
		if ok {
			right[q.Kind]++
			continue
		}
		if len(r.Hits) > 0 {
			t.Logf("%s %s %q %.2f %s", q.ID, q.Kind, q.Text, r.Confidence, r.Hits[0].Passage.ID)
		} else {
			t.Logf("%s %s %q %.2f", q.ID, q.Kind, q.Text, r.Confidence)
		}
	}
	for k, n := range total {
		t.Logf("%s %d/%d", k, right[k], n)
	}
}
