package knowledge_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"bedside/internal/corpus"
	"bedside/internal/readability"
)

const (
	mostGrade        = 8.0
	mostWords        = 25 // of a sentence
	mostPassageWords = 80
)

// texts calls check for each text that patients may read in a language, with
// where it stands. Of the sections, all are taken if none is given.
func texts(t *testing.T, language string, sections []string, check func(t *testing.T, where, text string)) {
	t.Helper()
	seen := map[string]bool{}
	for _, p := range load(t).Passages {
		if p.Language != language || len(sections) > 0 && !slices.Contains(sections, p.Section) {
			continue
		}
		check(t, string(p.ID), p.Text)
		for _, q := range p.Qualifiers {
			if !seen[q.ID] {
				check(t, q.ID, q.Text)
				check(t, q.ID+" (short)", q.Short)
			}
			seen[q.ID] = true
		}
	}
}

// definedTerms are names that cannot be put simpler and that each passage
// explains. Guides to plain language leave them out of the grade.
var definedTerms = []string{
	"generalized anxiety disorder", "GAD", "complex regional pain syndrome", "CRPS", "fibromyalgia",
	"post-traumatic stress disorder", "PTSD", "phencyclidine", "PCP", "N-methyl-D-aspartate", "NMDA",
	"brain-derived neurotrophic factor", "BDNF", "esketamine", "Spravato", "antidepressant", "anesthetic",
	"excitotoxicity", "neurotransmitter", "synaptic plasticity", "treatment-resistant depression",
	"dissociation", "aneurysm", "arteriovenous malformation", "AVM", "schizophrenia",
	"electroconvulsive therapy", "ECT", "transcranial magnetic stimulation", "TMS", "Schedule III", //nolint:misspell // It is a treatment.
	"benzodiazepine", "opioid", "amphetamine", "methylphenidate", "modafinil", "MAOI", "lamotrigine",
	"lithium", "quetiapine", "midazolam", "paroxetine", "sertraline", "venlafaxine",
}

// mostFullGrade bounds the grade on all words, terms included: leaving terms out
// must not hide a hard text. Supplement passages name more drugs and illnesses.
const (
	mostFullGrade           = 9.5
	mostFullSupplementGrade = 10.5
)

func TestReadingGrade(t *testing.T) {
	texts(t, corpus.DefaultLanguage, nil, func(t *testing.T, where, text string) {
		m := readability.Of(text)
		// A short form is one sentence of set terms; the formula means little there.
		if !strings.HasSuffix(where, "(short)") {
			if grade := readability.Of(text, definedTerms...).Grade(); grade > mostGrade {
				t.Errorf("%s: grade %.1f, at most %.0f: %s", where, grade, mostGrade, text)
			}
			most := mostFullGrade
			if strings.HasPrefix(where, "supplement/") {
				most = mostFullSupplementGrade
			}
			if grade := m.Grade(); grade > most && where != "conditions/conditions-named" { // a list of names
				t.Errorf("%s: grade %.1f with its terms, at most %.1f: %s", where, grade, most, text)
			}
		}
		if m.Longest > mostWords {
			t.Errorf("%s: a sentence of %d words, at most %d", where, m.Longest, mostWords)
		}
		if m.Words > mostPassageWords {
			t.Errorf("%s: %d words; a passage is one idea of at most %d", where, m.Words, mostPassageWords)
		}
	})
}

// Answers often begin with a passage's first sentence, which therefore names
// its subject.
func TestFirstSentencesStandAlone(t *testing.T) {
	leaning := regexp.MustCompile(`^(It|This|That|They|These|Those|He|She|There|Here|Such|Yes|No|But|And|So)\b`)
	for _, p := range load(t).Passages {
		if p.Language != corpus.DefaultLanguage {
			continue
		}
		if word := leaning.FindString(p.Text); word != "" {
			t.Errorf("%s begins with %q, which leans on its heading", p.ID, word)
		}
	}
}

// A term is explained in each passage that uses it, since an answer may rest on
// that passage alone. The words on the right are the approved explanations.
func TestTermsAreExplained(t *testing.T) {
	terms := map[string]string{
		`NMDA`:                   `docking spot`,
		`[Gg]lutamate`:           `messenger`,
		`[Nn]eurotransmitter`:    `messenger`,
		`[Aa]ntagoni`:            `blocker|blocks`,
		`[Ss]ynaptic plasticity`: `make and change connections`,
		`[Ss]ynapses?\b`:         `connections? between`,
		`BDNF`:                   `protein`,
		`[Ee]xcitotoxicity`:      `too much signaling`,
		`[Dd]issociat`:           `cut off`,
		`[Ee]uphoria`:            `joy`,
		`[Ss]ubanesthetic`:       `lower`,
		`\b[Aa]nesthetic\b`:      `surgery|operating`,
		`[Tt]reatment-resistant`: `not get better|not respond|not help|not better`,
		`[Aa]ntidepressants?\b`:  `medicines|depression`,
		`[Cc]hronic`:             `long`,
		`PCP`:                    `phencyclidine|older drug`,
		`PTSD`:                   `post-traumatic stress disorder`,
		`GAD`:                    `generalized anxiety disorder`,
		`CRPS`:                   `complex regional pain syndrome`,
		`[Cc]ounterculture`:      `recreational|outside the mainstream`,
		`[Ii]deation`:            `thoughts of suicide`,
	}
	for _, p := range load(t).Passages {
		if p.Language != corpus.DefaultLanguage {
			continue
		}
		for term, explained := range terms {
			if regexp.MustCompile(term).MatchString(p.Text) && !regexp.MustCompile(explained).MatchString(p.Text) {
				t.Errorf("%s uses %s without its explanation (%s)", p.ID, term, explained)
			}
		}
	}
}

var quoted = regexp.MustCompile(`"[^"]*"`)

// Words that promise too much stand only in quotation marks, with whose words
// they are.
func TestWordsToAvoid(t *testing.T) {
	avoid := regexp.MustCompile(`(?i)\b(cures?|cured|guarantee\w*|risk-free|miracles?|instant\w*|immediate\w*|breakthroughs?|groundbreaking|transformative|game-chang\w*|life-chang\w*|resets?|you should|good candidate|our doctors say|lifeline|addicts?|abusers?|committed suicide|suicidal|I understand)\b`)
	safe := regexp.MustCompile(`(?i)\bsafe(ly)?\b`)
	proven := regexp.MustCompile(`(?i)(\b\w+\s+)?\bproven\b`)
	texts(t, corpus.DefaultLanguage, nil, func(t *testing.T, where, text string) {
		own := quoted.ReplaceAllString(text, "")
		if word := avoid.FindString(own); word != "" {
			t.Errorf("%s says %q", where, word)
		}
		if word := safe.FindString(own); word != "" {
			t.Errorf("%s says %q without saying compared with what", where, word)
		}
		for _, found := range proven.FindAllString(own, -1) {
			if !strings.HasPrefix(strings.ToLower(found), "not ") {
				t.Errorf("%s says %q", where, found)
			}
		}
	})
}

// What the clinic's page never says, no passage made from it may say or seem to
// say. Supplement passages are there to say some of it.
func TestNothingThatThePageNeverSays(t *testing.T) {
	never := map[string]*regexp.Regexp{
		"a dose":                 regexp.MustCompile(`(?i)\d\s*(mg|mcg|µg|g|ml|milligrams?|micrograms?|milliliters?)\b`),
		"a number of sessions":   regexp.MustCompile(`(?i)\b(\d+|one|two|three|four|five|six|eight|ten|twelve)\s+(sessions?|infusions?|visits?|doses|sprays?)\b`),
		"minutes or hours":       regexp.MustCompile(`(?i)\b(\d+|one|two|three|forty|a few)\s+(minutes?|hours?)\b`),
		"a price":                regexp.MustCompile(`(?i)\$|\b(dollars?|cost|price|insurance|copay)\b`),
		"a share or a rate":      regexp.MustCompile(`(?i)\d\s*%|\bpercent\b|\b\d+ (in|of|out of) (10|100)\b`),
		"a route":                regexp.MustCompile(`(?i)\b(infusions?|injections?|intravenous|IV|lozenges?|troches?|nasal|tablets?)\b`),
		"what a session is like": regexp.MustCompile(`(?i)\b(sessions?|appointments?|recliner|drip)\b`),
		"a side effect":          regexp.MustCompile(`(?i)\b(nausea|vomit\w*|dizz\w*|blood pressure|bladder|headaches?|hallucinat\w*|drows\w*)\b`),
		"who should not have it": regexp.MustCompile(`(?i)\b(pregnan\w*|breastfe\w*|under 18|children|contraindicat\w*|interact\w*)\b`),
		"dependence":             regexp.MustCompile(`(?i)\baddict\w*|\bdependence\b`),
		"a promise":              regexp.MustCompile(`(?i)\bwill (help|work|ease|fix|heal|improve|cure)\b|\bworks for everyone\b`),
		"a diagnosis":            regexp.MustCompile(`(?i)(^|[.!?:]\s+)you (have|are|qualify|suffer)\b`),
		"stopping a medicine":    regexp.MustCompile(`(?i)\b(stop|quit|skip|taper|come off)\b.{0,20}\b(medicines?|antidepressants?|taking)\b`),
	}
	texts(t, corpus.DefaultLanguage, clinicSections, func(t *testing.T, where, text string) {
		for what, pattern := range never {
			if found := pattern.FindString(text); found != "" {
				t.Errorf("%s says %q: %s", where, found, what)
			}
		}
	})
}

// Years, decades and the numbers of help lines are all the numbers there are.
func TestNumbers(t *testing.T) {
	allowed := regexp.MustCompile(`^(19[5-9]0s|19[67]\d|20[0-2]\d|2000s|988|911|12)$`)
	texts(t, corpus.DefaultLanguage, clinicSections, func(t *testing.T, where, text string) {
		for _, number := range regexp.MustCompile(`\d[\w.,]*\w|\d`).FindAllString(text, -1) {
			if !allowed.MatchString(number) || number == "12" && !strings.HasPrefix(where, "Q-PAIN") {
				t.Errorf("%s says %s", where, number)
			}
		}
	})
}
