package turn

import (
	"os"
	"slices"
	"testing"

	"bedside/internal/chat"
	"bedside/internal/retrieve"
	"bedside/internal/triage"
)

// onlyTriage is material that holds the shipped rules and nothing else.
func onlyTriage(t *testing.T) *material {
	t.Helper()
	rules, err := triage.New(os.DirFS("../../knowledge"), triage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &material{Material: Material{Triage: rules}}
}

// Suicide is offered as a subject to those only who have spoken of it.
func TestSuicideIsNotOfferedUnasked(t *testing.T) {
	m := onlyTriage(t)
	found := retrieve.Result{Hits: []retrieve.Hit{
		{Passage: chat.Passage{ID: "uses/thoughts", Questions: []string{"does it help against suicidal thoughts"}}},
		{Passage: chat.Passage{ID: "uses/pain", Questions: []string{"does it help against pain"}}},
	}}
	for text, want := range map[string][]string{
		"my phone is about to die, where are you?": {"does it help against pain"},
		"what do studies say about suicide?":       {"does it help against suicidal thoughts", "does it help against pain"},
	} {
		decided := m.Triage.Decide(chat.NewRawText(text), triage.Context{})
		if got := m.offered(&writer{}, &job{decision: decided}, found); !slices.Equal(got, want) {
			t.Errorf("%q (%s): offered %q, want %q", text, decided.Level, got, want)
		}
	}
}
