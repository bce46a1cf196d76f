package app

import (
	"context"
	"strings"
	"testing"

	"bedside/internal/chat"
	"bedside/internal/config"
	"bedside/internal/draft"
	"bedside/internal/turn"
)

// TestAnswersCarryTheirQualifiers asks every question of the material: whatever
// an answer rests on, its qualifiers are said with it, and the whole stays within
// its length.
func TestAnswersCarryTheirQualifiers(t *testing.T) {
	program, err := New(t.Context(), config.Config{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := program.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	plain := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	asked := 0
	rested := make(map[string]bool) // facts that an answer rested on
	for _, passage := range program.material.Load().corpus.Passages {
		for _, question := range passage.Questions {
			answer, err := program.Ask(t.Context(), question, "", nil)
			if err != nil {
				t.Errorf("%q: %v", question, err)
				continue
			}
			asked++
			text := plain(answer.Text)
			if words := len(strings.Fields(text)); words > draft.WordsWhole {
				t.Errorf("%q is answered in %d words", question, words)
			}
			for _, citation := range answer.Citations {
				cited, _ := program.material.Load().passage(citation.Passage)
				for _, fact := range cited.Facts {
					rested[fact] = true
				}
				for _, q := range cited.Qualifiers {
					if !strings.Contains(text, plain(q.Text)) && (q.Short == "" || !strings.Contains(text, plain(q.Short))) {
						t.Errorf("%q lacks %s of %s: %s", question, q.ID, cited.ID, text)
					}
				}
			}
		}
	}
	for _, passage := range program.material.Load().corpus.Passages {
		for _, fact := range passage.Facts {
			if !rested[fact] {
				t.Errorf("no answer rests on %s of %s: whether its qualifiers are said was not seen", fact, passage.ID)
				rested[fact] = true
			}
		}
	}
	if asked < 100 {
		t.Errorf("only %d questions were asked", asked)
	}
}

// TestOfferedQuestionsAreAnswered asks every question that may be offered.
func TestOfferedQuestionsAreAnswered(t *testing.T) {
	program, err := New(t.Context(), config.Config{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := program.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	for _, passage := range program.material.Load().corpus.Passages {
		question := turn.Offer(passage)
		if question == "" {
			continue
		}
		if answer, err := program.Ask(t.Context(), question, "", nil); err != nil || answer.Outcome != chat.Answered {
			t.Errorf("%q of %s: %s, %v", question, passage.ID, answer.Outcome, err)
		}
	}
}
