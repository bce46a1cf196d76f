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

	f.replace()
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

// An answer that is cut short after its material was replaced has what qualifies its
// sentences all the same.
func TestCutShortWithTheMaterialItBeganWith(t *testing.T) {
	for name, cut := range map[string]func(*fixture, turn.Receipt){
		"by a crisis": func(f *fixture, _ turn.Receipt) { f.answer(f.ask("i want to die")) },
		"by the patient": func(f *fixture, running turn.Receipt) {
			if err := f.Cancel(f.t.Context(), running.Response); err != nil {
				f.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			next := make(chan struct{})
			defer close(next)
			f := newFixture(t, &script{pieces: []string{"Ketamine can ease depression within hours for some people [1]. ", "x"}, next: next})
			running := f.ask("how fast does it work?")
			next <- struct{}{}
			f.until(running, func(event chat.Event) bool { _, ok := event.(chat.Delta); return ok })
			f.replace()
			cut(f, running)
			answer := f.answer(running)
			if answer.Status != chat.StatusIncomplete || answer.KnowledgeVersion != "test" || !strings.Contains(answer.Text, "It does not work for everyone.") {
				t.Errorf("%s from the material %q: %q", answer.Status, answer.KnowledgeVersion, answer.Text)
			}
		})
	}
}

// replace has the service go on with other material, in which nothing of the old stands.
func (f *fixture) replace() {
	f.t.Helper()
	rules, err := triage.New(os.DirFS("../../knowledge"), triage.Options{})
	if err != nil {
		f.t.Fatal(err)
	}
	index, err := retrieve.New([]chat.Passage{{
		ID: "new/speed", Section: "benefits", Title: "Benefits", Heading: "How fast it acts", Language: "en",
		Text: "Some people feel better on the same day.", Questions: []string{"how fast does it work"},
	}}, retrieve.Options{})
	if err != nil {
		f.t.Fatal(err)
	}
	f.Use(turn.Material{Triage: rules, Index: index, Version: "new"})
}
