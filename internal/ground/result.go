// Package ground says which passage supports a sentence, and which sentence must
// not be shown.
//
// Rules come first: what is surely wrong is stopped whatever else speaks for it. A
// score learned from sentences that people judged (Measures) then asks whether
// enough of the sentence stands in its passages, and stands together there. What
// the score is blind to, such as a "not" put in, is the rules' to see.
//
// It promises to fail closed: a sentence with no verdict is withheld, and so is
// one that the rules cannot judge. It reads plain text, does no I/O, asks no
// model and stores nothing. Patients are told that sentences were checked, never
// that they were verified: rules about words cannot promise that.
package ground

import "bedside/internal/chat"

// Result is what the check of one sentence came to.
type Result struct {
	// Verdict is Quoted, Supported, or empty: the sentence is withheld.
	Verdict chat.Verdict
	// Reason says why it is withheld, as a machine's word.
	Reason string
	// Passages are the cited numbers, from 1, that carry the sentence.
	Passages []int
	// Quote is the words of the first of them that carry it, byte for byte.
	Quote string
}

// Reasons for which a sentence is withheld.
const (
	Uncited      = "uncited"       // it names no passage
	CitesUnknown = "cites_unknown" // it names one that it was not given
	Empty        = "empty"         // it says nothing that could be checked
	Number       = "number"        // a number, or its unit, stands in no cited passage
	Name         = "name"          // a proper name or a drug stands in no cited passage
	Link         = "link"          // an address stands in no cited passage
	Writing      = "writing"       // letters or signs that no sentence needs and no cited passage has
	Addition     = "addition"      // something is said beside what the passages say
	Coverage     = "coverage"      // too little of it stands in the cited passages, or in pieces
	Negation     = "negation"      // a "not" was put in or left out
	Strength     = "strength"      // "approved" or "proven" is said of something else, or turned round
	Hedge        = "hedge"         // it is surer than its passage
)
