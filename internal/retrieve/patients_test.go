package retrieve_test

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"bedside/internal/retrieve"
)

// asked is a line of the files in testdata that patients' questions stand in.
type asked struct {
	line  int
	query retrieve.Query
	where []string // pages and passages that answer it
}

// readAsked reads "earlier > question | passage passage"; the earlier questions
// and the passages may be missing.
func readAsked(t testing.TB, name string) []asked {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // Only read from.
	var list []asked
	lines := bufio.NewScanner(f)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		said, where, _ := strings.Cut(line, "|")
		parts := strings.Split(said, ">")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		last := len(parts) - 1
		list = append(list, asked{number, retrieve.Query{Text: parts[last], Previous: parts[:last]}, strings.Fields(where)})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func (a asked) found(r retrieve.Result) bool {
	if len(r.Hits) == 0 {
		return false
	}
	for _, where := range a.where {
		id := strings.TrimPrefix(string(r.Hits[0].Passage.ID), "es/") // a translation has the same id
		if id == where || strings.HasPrefix(id, where+"/") {
			return true
		}
	}
	return false
}

// TestMisspelledQuestions counts every third question apart and tells only how many
// came out right: nothing may be mended against them, so that they say how the mending
// does on others.
func TestMisspelledQuestions(t *testing.T) {
	index := retrieve.ShippedIndex(t)
	for _, file := range []struct {
		name        string
		answerable  bool
		seen, apart float64 // shares that have to come out right
	}{
		{"testdata/misspelled-answerable.txt", true, 0.93, 0.9},
		{"testdata/misspelled-unanswerable.txt", false, 0.95, 0.9},
	} {
		t.Run(file.name, func(t *testing.T) {
			var right, all [2]int
			for i, a := range readAsked(t, file.name) {
				r := index.Search(a.query)
				apart := 0
				if i%3 == 2 {
					apart = 1
				}
				all[apart]++
				if file.answerable && r.Covered && a.found(r) || !file.answerable && !r.Covered {
					right[apart]++
					continue
				}
				if apart == 1 {
					continue
				}
				best := "nothing"
				if len(r.Hits) > 0 {
					best = string(r.Hits[0].Passage.ID)
				}
				t.Logf("%s:%d: %q: %.2f %s %q", file.name, a.line, a.query.Text, r.Confidence, best, r.Terms)
			}
			for apart, least := range []float64{file.seen, file.apart} {
				t.Logf("%d of %d came out right", right[apart], all[apart])
				if share := float64(right[apart]) / float64(all[apart]); share < least {
					t.Errorf("%d of %d came out right, want %.0f %%", right[apart], all[apart], 100*least)
				}
			}
		})
	}
}

func TestPatientsQuestions(t *testing.T) {
	index := retrieve.ShippedIndex(t)
	for _, file := range []struct {
		name       string
		answerable bool
		least      float64 // share that has to come out right
	}{
		{"testdata/answerable.txt", true, 0.9},
		{"testdata/unanswerable.txt", false, 0.9},
	} {
		t.Run(file.name, func(t *testing.T) {
			list := readAsked(t, file.name)
			right := 0
			for _, a := range list {
				r := index.Search(a.query)
				if file.answerable && r.Covered && a.found(r) || !file.answerable && !r.Covered {
					right++
					continue
				}
				best := "nothing"
				if len(r.Hits) > 0 {
					best = string(r.Hits[0].Passage.ID)
				}
				t.Logf("%s:%d: %q: %.2f %s", file.name, a.line, a.query.Text, r.Confidence, best)
			}
			if share := float64(right) / float64(len(list)); share < file.least {
				t.Errorf("%d of %d came out right, want %.0f %%", right, len(list), 100*file.least)
			}
		})
	}
}
