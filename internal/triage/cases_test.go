package triage

import (
	"os"
	"strings"
	"testing"

	"bedside/internal/chat"
)

func TestCases(t *testing.T) {
	triage := open(t, Clinic{})
	b, err := os.ReadFile("testdata/cases.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for n, line := range strings.Split(string(b), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 3 {
			t.Fatalf("cases.tsv:%d: %d fields, not 3", n+1, len(f))
		}
		d := triage.Decide(chat.NewRawText(f[2]), Context{})
		got := string(d.Outcome)
		switch {
		case d.Category == chat.SuicideTopic:
			got = "topic"
		case got == "":
			got = "pass"
		}
		stronger := f[0] == "crisis" && got == "emergency"
		if !stronger && (got != f[0] || f[1] != "-" && string(d.Category) != f[1]) {
			t.Errorf("cases.tsv:%d: %q came to %s/%s by %s, not %s/%s", n+1, f[2], got, d.Category, d.Rule, f[0], f[1])
		}
	}
}
