package triage

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bedside/internal/chat"
)

// saidOutright are crises as they are said outright, for the test of what stands beside.
var saidOutright = []string{
	"I want to die", "i wish i was dead", "I don't want to live anymore", "i dont want to be here anymore", "i want to kill myself",
	"im going to kill myself", "I think about suicide every day", "i'm thinking about suicide", "i have been thinking about suicide",
	"i'm having suicidal thoughts", "i have been suicidal", "im suicidal", "i keep thinking about ending my life", "i am planning suicide",
	"i cut myself last night", "i tried to kill myself on monday", "everyone would be better off without me and i want to end it",
	"my son wants to kill himself", "my wife says she's suicidal", "my husband wants to die", "my daughter is talking about suicide",
	"quiero morirme", "me quiero matar", "voy a suicidarme", "quiero quitarme la vida", "ya no quiero vivir", "pienso en el suicidio todos los días",
	"mi hija quiere matarse",
}

// materialQuestions are the questions that the shipped pages answer, every so many of them.
func materialQuestions(t *testing.T, every int) (questions []string) {
	t.Helper()
	pages, err := filepath.Glob("../../knowledge/*/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	n := 0
	for _, page := range pages {
		f, err := os.Open(page)
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if question, found := strings.CutPrefix(lines.Text(), "  - "); found {
				if n++; n%every == 0 {
					questions = append(questions, question)
				}
			}
		}
		_ = f.Close()
	}
	return questions
}

// A crisis that rules find is one beside any ordinary question: the question's words
// lower what the learned signs make of both together.
func TestOrdinaryQuestionsTakeNoCrisisBack(t *testing.T) {
	triage := open(t, Clinic{})
	every := 12
	if testing.Short() {
		every = 120
	}
	questions := append(materialQuestions(t, every),
		"is ketamine safe with zoloft", "does insurance cover ketamine", "how much does it cost", "what are your hours", "do you take aetna",
		"can i book an appointment", "¿cuánto cuesta el tratamiento?", "cuanto dura el tratamiento", "aceptan seguro")
	tried, lost := 0, 0
	for _, crisis := range saidOutright {
		for _, question := range questions {
			for _, text := range []string{crisis + ". " + question, crisis + ", " + question, crisis + " " + question, question + " " + crisis, question + ". " + crisis} {
				m := triage.messages.Get().(*message)
				m.reset()
				m.take(triage.rules.vocabulary, text)
				found := triage.rules.weigh(m)
				triage.messages.Put(m)
				if !found.hasCrisis() {
					continue
				}
				tried++
				if d := triage.Decide(chat.NewRawText(text), Context{}); !d.Urgent {
					if lost++; lost <= 10 {
						t.Errorf("%q came to %q by %s", text, d.Outcome, d.Rule)
					}
				}
			}
		}
	}
	if lost > 0 || tried < 1000 {
		t.Errorf("%d of %d are taken back", lost, tried)
	}
}
