package chaostest

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// report is what came of a run.
type report struct {
	mu   sync.Mutex
	Form string `json:"form"`
	Rows []*row `json:"rows"`
}

// row is one fault with its figure. Fault is its number in the table of faults; 0 is
// what is no fault, and has to go well all the same.
type row struct {
	Fault  int    `json:"fault"`
	What   string `json:"what"`
	Figure string `json:"figure"`
	Held   bool   `json:"held"`
}

// fault begins the test of a fault; it is skipped where nothing is to be broken.
func fault(t *testing.T, number int, what string) *row {
	t.Helper()
	if *form == "" {
		t.Skip("nothing is broken without -chaos")
	}
	r := &row{Fault: number, What: what}
	t.Cleanup(func() {
		if t.Skipped() {
			return
		}
		r.Held = !t.Failed()
		outcome.mu.Lock()
		defer outcome.mu.Unlock()
		outcome.Rows = append(outcome.Rows, r)
	})
	return r
}

// says sets the figure.
func (r *row) says(t *testing.T, format string, args ...any) {
	t.Helper()
	r.Figure = fmt.Sprintf(format, args...)
	t.Log(r.What + ": " + r.Figure)
}

// kept is the report of the full form that the README's table is made from.
const kept = "testdata/report.json"

// table is the report as the README has it.
func (r *report) table() string {
	var all strings.Builder
	all.WriteString("| fault | what is done | what came of it |\n|---|---|---|\n")
	for _, row := range r.Rows {
		figure := cmp.Or(row.Figure, "nothing could be measured")
		if !row.Held {
			figure += "; **not as it must**"
		}
		number := "–"
		if row.Fault > 0 {
			number = strconv.Itoa(row.Fault)
		}
		fmt.Fprintf(&all, "| %s | %s | %s |\n", number, row.What, figure)
	}
	return all.String()
}

// TestReadme holds the README to the kept report, which must be of the full form
// and know every fault.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if r.Form != "full" {
		t.Errorf("the kept report is of the form %q", r.Form)
	}
	for number := 1; number <= 27; number++ {
		if !slices.ContainsFunc(r.Rows, func(row *row) bool { return row.Fault == number }) {
			t.Errorf("the kept report does not know fault %d", number)
		}
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), r.table()) {
		t.Errorf("the README's table is not that of %s; paste:\n%s", kept, r.table())
	}
}

// write writes the report. One of some tests takes the place of their rows only.
func (r *report) write(path, form string) error {
	r.Form = form
	if flag.Lookup("test.run").Value.String() != "" {
		text, err := os.ReadFile(path)
		var before report
		if err == nil && json.Unmarshal(text, &before) == nil && before.Form == form {
			before.Rows = slices.DeleteFunc(before.Rows, func(old *row) bool {
				return slices.ContainsFunc(r.Rows, func(row *row) bool { return row.Fault == old.Fault && row.What == old.What })
			})
			r.Rows = append(r.Rows, before.Rows...)
		}
	}
	slices.SortStableFunc(r.Rows, func(a, b *row) int { return cmp.Or(a.Fault-b.Fault, strings.Compare(a.What, b.What)) })
	encoded, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(encoded, '\n'), 0o644)
}
