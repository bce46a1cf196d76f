package triage

import (
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"bedside/internal/chat"
)

// Questions that a page answers in general and triage leaves to a clinician,
// because they ask about the person who writes.
var personal = map[string]bool{
	"is my depression the resistant kind": true,
	"is this right for me":                true,
}

// TestQuestionsOfTheMaterialReachIt reads what patients are expected to ask,
// beside each passage of the clinic's own pages. None of it is an emergency, a
// crisis or out of bounds.
func TestQuestionsOfTheMaterialReachIt(t *testing.T) {
	triage := open(t, Clinic{})
	read := 0
	for _, folder := range []string{"en", "es"} {
		err := fs.WalkDir(os.DirFS("../../knowledge"), folder, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || path.Ext(name) != ".md" {
				return err
			}
			b, err := os.ReadFile("../../knowledge/" + name)
			if err != nil {
				return err
			}
			asked := false
			for n, line := range strings.Split(string(b), "\n") {
				line = strings.TrimSpace(line)
				question, item := strings.CutPrefix(line, "- ")
				if !item {
					asked = strings.HasPrefix(line, "questions:")
					continue
				}
				question = strings.Trim(question, `"'`)
				if !asked || personal[question] {
					continue
				}
				read++
				if d := triage.Decide(chat.NewRawText(question), Context{}); d.Outcome != "" {
					t.Errorf("%s:%d: %q came to %s by %s", name, n+1, question, d.Outcome, d.Rule)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if read < 300 {
		t.Errorf("only %d questions were read", read)
	}
}
