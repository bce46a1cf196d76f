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
		{"what dose is used", "what dose is used"},
		{"how fast does it work?", "how fast does it work?"},
		{"wat kost dat voor mij en mijn man", "wat kost dat voor mij en mijn man"},
		{"", ""},
	} {
		if got := language.WriteOut(c.written); got != c.want {
			t.Errorf("%q: got %q, want %q", c.written, got, c.want)
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
