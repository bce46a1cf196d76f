package ground

import (
	"strings"
	"testing"
)

// Each kind of untruth has its rule, and each rule its own wrong sentences beside
// true ones, made here from the same passages: shared words see none of them.
func TestEachKindOfUntruth(t *testing.T) {
	const (
		speed, lasting, approval, pain, history, action, crisis, both = 1, 2, 3, 4, 5, 6, 7, 9
	)
	passages := readPassages(t)
	type try struct {
		sentence string
		cites    []int
	}
	for kind, test := range map[string]struct{ wrong, right []try }{
		"number swapped": {
			wrong: []try{{"Chemists first made ketamine in 1972.", []int{history}}, {"The proof was fair for CRPS, for up to about 14 weeks.", []int{pain}}},
			right: []try{{"Chemists first made ketamine in 1962.", []int{history}}},
		},
		"number said of something else": {
			wrong: []try{
				{"It was first given to people in 1962.", []int{history}},
				{"Some people took it as a party drug in the 1960s.", []int{history}},
				{"Ketamine may ease depression within weeks.", []int{both}},
				{"Other medicines for it may take hours.", []int{both}},
				{"45.3% of people who went on with treatment fell ill again.", []int{lasting}},
			},
			right: []try{
				{"It was first given to people in 1964.", []int{history}},
				{"45.3% of people who stopped treatment fell ill again.", []int{lasting}},
				{"The effect often fades in two weeks.", []int{lasting}},
			},
		},
		"dose invented": {
			wrong: []try{{"Ketamine can ease low mood within hours for some people at a dose of 50 mg.", []int{speed}}, {"Most people need two sprays.", []int{lasting}}},
			right: []try{{"Most people need more treatments.", []int{lasting}}},
		},
		"negation put in": {
			wrong: []try{
				{"This may not raise a protein called BDNF, which helps brain cells grow and connect.", []int{action}},
				{"Ketamine may not ease depression within hours.", []int{both}},
				{"A doctor may not still use it for depression, anxiety, PTSD or pain.", []int{approval}},
			},
			right: []try{{"It doesn't replace emergency care.", []int{crisis}}},
		},
		"negation taken out": {
			wrong: []try{
				{"It does replace emergency care.", []int{crisis}},
				{"Experts do fully know how ketamine helps mood.", []int{action}},
				{"A large review in 2025 found clear proof that ketamine helps long-lasting pain.", []int{pain}},
			},
			right: []try{{"Experts do not fully know how ketamine helps mood.", []int{action}}},
		},
		"hedge turned to certainty": {
			wrong: []try{
				{"Ketamine eases depression within hours, and other medicines for it may take weeks.", []int{both}},
				{"Ketamine can ease low mood within hours for everyone.", []int{speed}},
				{"The fast effect comes from glutamate, a chemical messenger in the brain.", []int{speed}},
				{"Everyone needs more treatments to keep it.", []int{lasting}},
			},
			right: []try{
				{"Ketamine can ease low mood within hours for certain people.", []int{speed}},
				{"Ketamine might ease depression within hours.", []int{both}},
			},
		},
		"drug or name swapped": {
			wrong: []try{{"Sertraline can ease low mood within hours for some people.", []int{speed}}, {"The WHO has approved ketamine only as an anesthetic.", []int{approval}}},
			right: []try{{"Ketamine medication can ease low mood within hours for some people.", []int{speed, both}}},
		},
		"approved or proven, of something else": {
			wrong: []try{{"Ketamine is approved for depression.", []int{approval}}},
			right: []try{{"The FDA has approved ketamine only as an anesthetic.", []int{approval}}},
		},
		"what no passage says": {
			wrong: []try{{"Insurance pays for most of the treatment.", []int{lasting}}, {"Ketamine can ease low mood within hours for some people, and children like it.", []int{speed}}},
			right: []try{{"In short, ketamine can ease low mood within hours for some people.", []int{speed}}},
		},
		"citation of another passage": {
			wrong: []try{{"Chemists first made ketamine in 1962.", []int{action}}, {"Small studies saw fewer thoughts of suicide.", []int{pain}}, {"It does not work for everyone.", []int{history}}},
			right: []try{{"It does not work for everyone.", []int{history, speed}}},
		},
		"no citation, or of none that was given": {
			wrong: []try{{"It does not work for everyone.", nil}, {"It does not work for everyone.", []int{77}}, {"It does not work for everyone.", []int{speed, 77}}},
			right: []try{{"It does not work for everyone.", []int{speed}}},
		},
		"what a false end leaves over": {
			wrong: []try{
				{"Ketamine can ease low mood within approx.", []int{speed}},
				{"5 hours.", []int{speed}},
				{"Ketamine can ease low mood within hours, e.g. in a dose of 2.5 mg a day, for some people.", []int{speed}},
			},
			right: []try{{"In one study, 26.7% of people who went on with treatment fell ill again.", []int{lasting}}},
		},
	} {
		t.Run(kind, func(t *testing.T) {
			for _, try := range test.wrong {
				if got := New(passages).Check(try.sentence, try.cites); got.Verdict != "" {
					t.Errorf("%q was let through", try.sentence)
				}
			}
			for _, try := range test.right {
				if got := New(passages).Check(try.sentence, try.cites); got.Verdict == "" {
					t.Errorf("%q was withheld: %s", try.sentence, got.Reason)
				}
			}
		})
	}
}

// The cheap question before an address is looked for misses none.
func TestMayAddressHidesNoAddress(t *testing.T) {
	texts := []string{
		"See example.com for more.", "Go to www.example.org", "Write to a@b", "See http://x", "mood[.]shop", "mood(.)shop", "Mood DOT shop", "mood punto shop",
		"Look <b>here", "javascript:alert(1)", "Ends here.But goes on", "One. Two... three.", "It is 2.5 times.",
	}
	for _, c := range readClaims(t, readPassages(t)) {
		texts = append(texts, c.sentence)
	}
	for _, text := range texts {
		if address().MatchString(text) && !mayAddress(text) {
			t.Errorf("%q holds %q", text, address().FindString(text))
		}
	}
	if mayAddress(strings.Repeat("Nothing to see. ", 3) + "At all...") {
		t.Error("full stops alone are looked into")
	}
}
