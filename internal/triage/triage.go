// Package triage reads every message before anything else does.
package triage

import "bedside/internal/chat"

// Decision is what a message came to. The zero value lets it through.
type Decision struct {
	Rule     string        // the name of the rule that decided; empty: none did
	Level    chat.Level    // of emergencies, crises and the suicide topic; empty otherwise
	Category chat.Category // empty: an ordinary question
	Outcome  chat.Outcome  // of the fixed reply; empty: the question is answered from the material
	// Urgent replies go before queue, limits and refusals: emergencies and crises.
	Urgent bool
	// Reply is the fixed text, each element a sentence or line with its trailing
	// space or line break; nil: the question is answered from the material.
	Reply []string
	// Footer is a fixed line that the answer from the material carries as its last delta.
	Footer  string
	Card    chat.Card // help to show above everything; no lines: none
	HelpBar bool      // switch on the session's help bar
}
