package turn_test

import (
	"os"
	"strings"
	"testing"

	"bedside/internal/chat"
	"bedside/internal/retrieve"
	"bedside/internal/triage"
	"bedside/internal/turn"
)

// An answer that was begun, and a question that waits behind it, keep the material
// that they were asked with; what is asked next has the new one.
func TestMaterialIsReplacedBetweenQuestions(t *testing.T) {
	next := make(chan struct{})
	f := newFixture(t, &script{pieces: []string{"Ketamine can ease depression within hours for some people [1]. ", "x"}, next: next})
	running := f.ask("how fast does it work?")
	next <- struct{}{}
	waiting := f.ask("how soon will I feel better?")

	rules, err := triage.New(os.DirFS("../../knowledge"), triage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	index, err := retrieve.New([]chat.Passage{{
		ID: "new/speed", Section: "benefits", Title: "Benefits", Heading: "How fast it acts", Language: "en",
		Text: "Some people feel better on the same day.", Questions: []string{"how fast does it work"},
	}}, retrieve.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f.Use(turn.Material{Triage: rules, Index: index, Version: "new"})
	later := f.ask("how fast does it work?")
	close(next)

	for _, test := range []struct {
		receipt       turn.Receipt
		version, says string
	}{
		{running, "test", "It does not work for everyone."},
		{waiting, "test", "within hours"},
		{later, "new", "on the same day"},
	} {
		answer := f.answer(test.receipt)
		if answer.Status != chat.StatusCompleted || answer.KnowledgeVersion != test.version || !strings.Contains(answer.Text, test.says) {
			t.Errorf("%s from the material %q: %q, want %q from %q", answer.Status, answer.KnowledgeVersion, answer.Text, test.says, test.version)
		}
	}
}
