package language_test

import (
	"strings"
	"testing"

	"bedside/internal/language"
)

func TestWriteOut(t *testing.T) {
	for _, c := range []struct{ written, want string }{
		{"Wil it wrk 4 me?", "will it work for me?"},
		{"wat r u gona do w/ it", "what are you gonna do with it"},
		{"is it ok w/meds", "is it ok with meds"},
		{"i been sad 4 yrs", "i been sad 4 years"},
		{"took 4 antidepressants", "took 4 antidepressants"},
		{"is it w/o risk b/c i dont kno", "is it without risk because i dont know"},
		{"y is it so fst", "why is it so fast"},
		{"is it hard 2 treat", "is it hard to treat"},
		{"i had 2 infusions", "i had 2 infusions"},
		{"wil there b pain", "will there be pain"},
		{"is special k the same", "is special k the same"},
		{"what is a k-hole", "what is a k-hole"},
		{"can i take vitamin b and c", "can i take vitamin b and c"},
		{"q es la ketamina", "que es la ketamina"},
		{"xq actua tan rapido", "por que actua tan rapido"},
		{"para dos personas", "para dos personas"},
		{"dos it help", "does it help"},
		{"dose it help", "does it help"},
		{"how fats dose it work", "how fats does it work"},
		{"how long dose it last", "how long does it last"},
		{"what dose it do to the brain", "what does it do to the brain"},
		{"what dose is used", "what dose is used"},
		{"is the dose it takes high", "is the dose it takes high"},
		{"how fast does it work?", "how fast does it work?"},
		{"wat kost dat voor mij en mijn man", "wat kost dat voor mij en mijn man"},
		{"i hav mst n ptsd", "i have mst and ptsd"},
		{"wat about my fnd and hd", "what about my fnd and hd"},
		{"ned and da nang wil do", "ned and da nang will do"},
		{"HR told me it is an HRT", "HR told me it is an HRT"},
		{"can i take it 2 hr after food", "can i take it 2 hour after food"},
		{"6 mos later i dont kno", "6 months later i dont know"},
		{"wil my dr kno dr smith", "will my doctor know dr smith"},
		{"is BC ok wit it", "is BC ok wit it"},
		{"IS IT OK BC I DONT KNO", "IS IT OK because I DONT know"},
		{"pain n sadness, wat now", "pain and sadness, what now"},
		{"antidepressants n ketamine", "antidepressants and ketamine"},
		{"answer y or n plese", "answer y or n please"},
		{"y or n plese", "y or n please"},
		{"what is group n like", "what is group n like"},
		{"what is the n", "what is the n"},
		{"is it for alcohol w/d", "is it for alcohol w/d"},
		{"what do you do w/r/t pain", "what do you do w/r/t pain"},
		{"is 4 enough for me", "is 4 enough for me"},
		{"what is it 4", "what is it for"},
		{"is it made in the U S", "is it made in the U S"},
		{"did U S soldiers get it", "did U S soldiers get it"},
		{"tengo tb y mido 150 cm", "tengo tb y mido 150 cm"},
		{"q es k", "que es k"},
		{"es k segura para mi", "es k segura para mi"},
		{"la ketamina es lo mismo q k", "la ketamina es lo mismo que k"},
		{"que es la q", "que es la q"},
		{"me hicieron rayos x en la cabeza", "me hicieron rayos x en la cabeza"},
		{"la ketamina es pa la ansiedad", "la ketamina es para la ansiedad"},
		{"mi pa tiene depresion", "mi pa tiene depresion"},
		{"mi hijo toy tiene depresion", "mi hijo toy tiene depresion"},
		{"", ""},
	} {
		if got := language.WriteOut(c.written); got != c.want {
			t.Errorf("%q: got %q, want %q", c.written, got, c.want)
		}
	}
}

// Where danger is looked for, a form that is a short name too is still the word.
func TestLongForm(t *testing.T) {
	for _, c := range []struct{ lang, form, want string }{
		{language.English, "wil", "will"},
		{language.English, "mst", "must"},
		{language.English, "ned", "need"},
		{language.Spanish, "toy", "estoy"},
		{language.Spanish, "ketamina", ""},
		{"de", "wil", ""},
	} {
		if got := language.LongForm(c.lang, c.form); got != c.want {
			t.Errorf("%s %q: got %q, want %q", c.lang, c.form, got, c.want)
		}
	}
}

// A form that is a word of its own would take that word's place.
func TestLongFormsAreNoWords(t *testing.T) {
	for _, lang := range []string{language.English, language.Spanish} {
		for word := range language.StopWords(lang) {
			long := language.LongForm(lang, word)
			if long == "" {
				continue
			}
			for part := range strings.FieldsSeq(long) {
				if language.LongForm(lang, part) != "" {
					t.Errorf("%s: %s = %s, which is a form itself", lang, word, long)
				}
			}
		}
	}
}
