package triage

import (
	"os"
	"testing"

	"bedside/internal/chat"
)

func TestProbe(t *testing.T) {
	file := os.Getenv("PROBE")
	if file == "" {
		t.Skip("no probe")
	}
	triage := open(t, Clinic{})
	var miss, fp, p, n int
	for _, l := range linesOf(t, []string{file}) {
		d := triage.Decide(chat.NewRawText(l.text), Context{})
		hit := caught(d, l.expect)
		neg := l.expect == "topic" || l.expect == "none"
		if neg {
			n++
		} else {
			p++
		}
		if hit == neg {
			if neg {
				fp++
			} else {
				miss++
			}
			t.Logf("%s %s: %s [%s %s]", l.expect, l.label, l.text, d.Outcome, d.Rule)
		}
	}
	t.Logf("missed %d of %d, taken %d of %d", miss, p, fp, n)
}
