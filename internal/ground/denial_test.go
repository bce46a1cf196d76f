package ground

import (
	"testing"

	"bedside/internal/chat"
)

// A "not" somewhere in a sentence covers neither a quotation in it nor a clause
// that was put into it.
func TestWhatIsDeniedStaysDenied(t *testing.T) {
	passages := []chat.Passage{
		{ID: "fda", Language: "en", Text: "The FDA has not approved ketamine itself for depression. It is the US agency that approves drugs. PTSD is another illness.\n\nSome clinics call it \"a fast helper\" in their words."},
		{ID: "work", Language: "en", Text: "It does not work for everyone with depression. No drug is proven to end pain. It may ease low mood."},
		{ID: "es", Language: "es", Text: "La FDA no ha aprobado la ketamina para la depresión. Es la agencia que aprueba los medicamentos."},
	}
	evidence := New(passages)
	for _, test := range []struct {
		cite     int
		sentence string
	}{
		{1, `The FDA has not approved ketamine itself for depression and says "The FDA has approved ketamine for PTSD."`},
		{1, `The FDA has not approved ketamine itself for depression and says "It is approved for depression."`},
		{1, `The FDA has not approved ketamine itself for depression and says “approved ketamine itself for depression”.`},
		{1, `The FDA has not approved ketamine itself for depression and says 'the FDA approves ketamine'.`},
		{1, `The FDA has not approved ketamine itself for depression and says "it approves ketamine.`},
		{1, `The FDA has not It is approved for depression approved ketamine itself for depression.`},
		{1, `The FDA has not The FDA has approved ketamine for PTSD approved ketamine itself for depression.`},
		{1, `The FDA has not approved ketamine itself for depression and says it is approved for depression.`},
		{1, `The FDA has not approved ketamine itself for depression and it approved ketamine for depression.`},
		{2, `It does not It works for everyone work for everyone with depression.`},
		{2, `It does not work for everyone with depression and works for everyone.`},
		{3, `La FDA no ha aprobado la ketamina para la depresión y ha aprobado la ketamina para la depresión.`},
	} {
		if got := evidence.Check(test.sentence, []int{test.cite}); got.Verdict != "" {
			t.Errorf("%q was let through", test.sentence)
		}
	}
	for _, test := range []struct {
		cite     int
		sentence string
	}{
		{1, "In short, the FDA has not approved ketamine itself for depression."},
		{1, "The FDA, the US agency that approves drugs, has not approved ketamine itself for depression."},
		{1, `Some clinics call it "a fast helper".`},
		{1, `In short, "It is the US agency that approves drugs".`},
		{2, "In short, it does not work for everyone with depression."},
		{2, "In short, no drug is proven to end pain."},
		{2, "It doesn't work for everyone with depression."},
		{3, "En resumen, la FDA no ha aprobado la ketamina para la depresión."},
	} {
		if got := evidence.Check(test.sentence, []int{test.cite}); got.Verdict == "" {
			t.Errorf("%q was withheld: %s", test.sentence, got.Reason)
		}
	}
}
