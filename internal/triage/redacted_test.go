package triage_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bedside/internal/chat"
	"bedside/internal/redact"
	"bedside/internal/triage"
)

func strength(d triage.Decision) int {
	switch {
	case d.Outcome == chat.Emergency, d.Outcome == chat.Crisis && d.Level == chat.Explicit:
		return 4
	case d.Outcome == chat.Crisis:
		return 3
	case d.Outcome == chat.Safety:
		return 2
	case d.Level == chat.Topic:
		return 1
	}
	return 0
}

// TestRedactionNeverWeakensTriage takes every positive, bare and with one
// of the identifiers around it that redaction replaces.
func TestRedactionNeverWeakensTriage(t *testing.T) {
	tri, err := triage.New(os.DirFS("../../knowledge"), triage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/frozen/positives-*.tsv")
	if err != nil {
		t.Fatal(err)
	}
	frames := []string{
		"%", "My name is Ana Lopez. %", "% call me at 415-555-0172", "% (ana@example.com)", "Dr. Smith, %",
		"%\n\n12 Oak Street, Springfield, IL 62704", "on 3/14/2024 %", "MRN 4471902 %", "hi, this is Peter. %",
	}
	checked, message := 0, 0
	for _, file := range append(files, "testdata/cases.tsv") {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			fields := strings.Split(lines.Text(), "\t")
			if strings.HasPrefix(lines.Text(), "#") || len(fields) != 3 {
				continue
			}
			message++
			for _, frame := range []string{frames[0], frames[1+message%(len(frames)-1)]} {
				raw := chat.NewRawText(strings.ReplaceAll(frame, "%", fields[2]))
				before := tri.Decide(raw, triage.Context{})
				if strength(before) < 2 {
					continue
				}
				text := redact.Redact(raw)
				after := tri.Decide(chat.NewRawText(string(text)), triage.Context{})
				checked++
				if strength(after) < strength(before) {
					t.Errorf("%q came to %s/%s, redacted %q to %s/%s", raw.Reveal(), before.Outcome, before.Level, text, after.Outcome, after.Level)
				}
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if checked < 800 {
		t.Errorf("only %d positives were compared", checked)
	}
}
