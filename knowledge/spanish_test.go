package knowledge_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"bedside/internal/chat"
	"bedside/internal/corpus"
	"bedside/internal/language"

	"github.com/google/go-cmp/cmp"
)

const (
	spanish              = "es"
	mostWordsOnAverage   = 15 // of a Spanish sentence
	mostSpanishPassage   = 90 // words: Spanish needs more of them than English
	spanishPassagePrefix = spanish + "/"
)

// A Spanish passage says the same as the English one with its name, so that a
// reviewer can lay them side by side: the same facts and the same qualifiers.
func TestEachPassageOfTheClinicIsToldInSpanish(t *testing.T) {
	type told struct {
		Section           string
		Facts, Qualifiers []string
	}
	by := map[string]map[chat.PassageID]told{spanish: {}, corpus.DefaultLanguage: {}}
	for _, p := range load(t).Passages {
		if !slices.Contains(clinicSections, p.Section) {
			continue
		}
		one := told{Section: p.Section, Facts: p.Facts}
		for _, q := range p.Qualifiers {
			one.Qualifiers = append(one.Qualifiers, q.ID)
		}
		by[p.Language][chat.PassageID(strings.TrimPrefix(string(p.ID), spanishPassagePrefix))] = one
	}
	if diff := cmp.Diff(by[corpus.DefaultLanguage], by[spanish]); diff != "" {
		t.Errorf("English (-) and Spanish (+) tell other things:\n%s", diff)
	}
}

func TestCorrectedFactsSayBothInSpanish(t *testing.T) {
	says := map[string][]string{
		"INT-04": {"Nuestra introducción dice", "primero para animales", "pero las historias del medicamento no lo respaldan", "búsqueda de un nuevo medicamento para operar"},
		"BEN-14": {"Nuestra página de beneficios dice", "«reiniciar»", "pero es una forma de hablar", "no tiene un significado acordado en la ciencia", "puede ayudar a las células del cerebro a formar y fortalecer conexiones"},
	}
	c := load(t)
	for _, fact := range c.Facts {
		if fact.Handling != corpus.Correct {
			continue
		}
		if says[fact.ID] == nil {
			t.Errorf("%s is to be corrected: say here what its Spanish passages have to hold", fact.ID)
		}
		for _, p := range c.Passages {
			if p.Language == spanish && slices.Contains(p.Facts, fact.ID) {
				inOrder(t, p, says[fact.ID])
			}
		}
	}
}

// No formula for grades holds for Spanish here; short sentences are counted.
func TestSpanishSentencesAreShort(t *testing.T) {
	all, sentences := 0, 0
	texts(t, spanish, nil, func(t *testing.T, where, text string) {
		if n := len(words(text)); n > mostSpanishPassage {
			t.Errorf("%s: %d words; a passage is one idea of at most %d", where, n, mostSpanishPassage)
		}
		for line := range strings.Lines(text) {
			for _, sentence := range language.Sentences(line) {
				n := len(words(sentence))
				all, sentences = all+n, sentences+1
				if n > mostWords {
					t.Errorf("%s: a sentence of %d words, at most %d: %s", where, n, mostWords, sentence)
				}
			}
		}
	})
	if sentences == 0 || all > mostWordsOnAverage*sentences {
		t.Errorf("%d sentences have %d words, more than %d each", sentences, all, mostWordsOnAverage)
	}
}

func TestSpanishFirstSentencesStandAlone(t *testing.T) {
	leaning := regexp.MustCompile(`^(Est[aeo]s?|Es[aeo]s?|Ell[ao]s?|Él|Lo|Sí|No|Pero|Y|Así|Aquí|Allí|Tales|Dicen?)(\s|,)`)
	standing := regexp.MustCompile(`^(No está decidido cómo ayuda la ketamina|Lo que decían los pacientes)`)
	for _, p := range load(t).Passages {
		if word := leaning.FindString(p.Text); p.Language == spanish && word != "" && !standing.MatchString(p.Text) {
			t.Errorf("%s begins with %q, which leans on its heading", p.ID, word)
		}
	}
}

// The approved explanations, in Spanish.
func TestSpanishTermsAreExplained(t *testing.T) {
	terms := map[string]string{
		`NMDA`:                     `puntos? de enganche`,
		`[Gg]lutamato`:             `mensajero`,
		`[Nn]eurotransmisor`:       `mensajero`,
		`[Aa]ntagonista`:           `bloqueador|bloquea`,
		`[Pp]lasticidad sináptica`: `crea y cambia conexiones`,
		`[Ss]inapsis`:              `conexi(ón|ones) entre`,
		`BDNF`:                     `proteína`,
		`[Ee]xcitotoxicidad`:       `exceso de señales`,
		`[Dd]isocia`:               `separado`,
		`[Ee]uforia`:               `alegría`,
		`[Ss]ubanestésic`:          `más bajas`,
		`\b[Aa]nestésicos?\b`:      `oper(ar|ación)|cirugía`,
		`[Rr]esistentes? al trat`:  `no mejoró|no respond|no (les )?ayud|no habían respondido|no habían ayudado`,
		`[Aa]ntidepresivos?\b`:     `medicamentos|depresión`,
		`crónico`:                  `dura mucho`,
		`PCP`:                      `fenciclidina|medicamento (más )?antiguo`,
		`TEPT`:                     `trastorno de estrés postraumático`,
		`TAG`:                      `trastorno de ansiedad generalizada`,
		`SDRC`:                     `síndrome de dolor regional complejo`,
		`[Cc]ontracultura`:         `recreativa|al margen`,
		`[Ii]deación`:              `pensamientos de suicidio`,
	}
	for _, p := range load(t).Passages {
		if p.Language != spanish {
			continue
		}
		for term, explained := range terms {
			if regexp.MustCompile(term).MatchString(p.Text) && !regexp.MustCompile(explained).MatchString(p.Text) {
				t.Errorf("%s uses %s without its explanation (%s)", p.ID, term, explained)
			}
		}
	}
}

var quotedSpanish = regexp.MustCompile(`«[^»]*»`)

func TestSpanishWordsToAvoid(t *testing.T) {
	avoid := regexp.MustCompile(`(?i)(^|[^\p{L}])(cura[rn]?|curad[oa]s?|garanti\p{L}*|milagr\p{L}*|instantáne\p{L}*|inmediat\p{L}*|revolucionari\p{L}*|transformador\p{L}*|sin riesgos?|reinici\p{L}*|usted debe(ría)?|buen candidato|adict\p{L}*|suicida|cometer suicidio|probad[oa] que|tú|vos|tu)($|[^\p{L}])`)
	safe := regexp.MustCompile(`(?i)(\p{L}+\s+)?\bsegur[oa]s?($|[^\p{L}])`)
	texts(t, spanish, nil, func(t *testing.T, where, text string) {
		own := quotedSpanish.ReplaceAllString(text, "")
		if word := avoid.FindString(own); word != "" {
			t.Errorf("%s says %q", where, word)
		}
		for _, found := range safe.FindAllString(own, -1) {
			before, _, _ := strings.Cut(strings.ToLower(found), " ")
			if before != "más" && before != "no" && before != "es" { // "no es seguro": it is uncertain
				t.Errorf("%s says %q without saying compared with what", where, found)
			}
		}
	})
}

// Nothing may be said in Spanish that is not said in English: the numbers are
// the same.
func TestSpanishNumbers(t *testing.T) {
	allowed := regexp.MustCompile(`^(19[67]\d|20[0-2]\d|988|911|12|2)$`)
	texts(t, spanish, nil, func(t *testing.T, where, text string) {
		for _, number := range regexp.MustCompile(`\d[\w.,]*\w|\d`).FindAllString(text, -1) {
			onlyThere := map[string]string{"12": "Q-PAIN", "2": "Q-SI"}[number] // "oprima 2" is Spanish at 988
			if !allowed.MatchString(number) || !strings.HasPrefix(where, onlyThere) {
				t.Errorf("%s says %s", where, number)
			}
		}
	})
}
