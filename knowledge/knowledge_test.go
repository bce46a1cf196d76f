package knowledge_test

import (
	"slices"
	"strings"
	"testing"

	"bedside/internal/chat"
	"bedside/internal/corpus"
	"bedside/knowledge"
)

// load reads the material that ships, pending supplements included.
func load(t *testing.T) *corpus.Corpus {
	t.Helper()
	c, err := corpus.Load(knowledge.Files(), corpus.Options{IncludePending: true})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// clinicSections are those of the clinic's own page.
var clinicSections = []string{"introduction", "history", "mechanism", "conditions", "benefits"}

func TestEverySectionHasPassages(t *testing.T) {
	count := map[string]int{}
	for _, p := range load(t).Passages {
		if p.Language == corpus.DefaultLanguage {
			count[p.Section]++
		}
	}
	for _, section := range clinicSections {
		if count[section] < 10 {
			t.Errorf("section %s has %d passages; its facts need more", section, count[section])
		}
	}
}

func TestEveryFactIsToldUnlessOmitted(t *testing.T) {
	c := load(t)
	told := map[string][]chat.PassageID{}
	for _, p := range c.Passages {
		for _, id := range p.Facts {
			told[id] = append(told[id], p.ID)
		}
	}
	sections := map[string]int{}
	for _, fact := range c.Facts {
		sections[fact.Section]++
		switch {
		case fact.Handling == corpus.Omit && len(told[fact.ID]) > 0:
			t.Errorf("%s must not be told, and %v tell it", fact.ID, told[fact.ID])
		case fact.Handling != corpus.Omit && fact.Certainty != "C" && len(told[fact.ID]) == 0:
			t.Errorf("no passage tells %s", fact.ID)
		}
	}
	// The numbers of facts on the clinic's page: a lost line would be a lost fact.
	for section, want := range map[string]int{"introduction": 24, "history": 26, "mechanism": 21, "conditions": 17, "benefits": 22} {
		if sections[section] != want {
			t.Errorf("section %s has %d facts, the clinic's page %d", section, sections[section], want)
		}
	}
}

// Which qualifiers a fact needs is a clinical decision. It stands here a second
// time, so that nobody loosens it in passing.
func TestQualifiersStandWithTheirClaims(t *testing.T) {
	needs := map[string][]string{
		"Q-FDA":   {"INT-02", "INT-09", "INT-11", "INT-19", "INT-21", "HIS-22", "HIS-25", "CON-01", "CON-16", "BEN-09"},
		"Q-VARY":  {"INT-02", "INT-09", "INT-13", "INT-14", "HIS-20", "HIS-23", "MEC-17", "MEC-18", "CON-03", "BEN-01", "BEN-03", "BEN-05", "BEN-06", "BEN-09", "BEN-12", "BEN-17", "BEN-21"},
		"Q-LAST":  {"BEN-16", "BEN-17", "BEN-19", "BEN-20", "BEN-21"},
		"Q-MECH":  {"INT-17", "INT-18", "MEC-02", "MEC-09", "MEC-11", "MEC-12", "MEC-14", "MEC-15", "MEC-19", "MEC-20", "CON-08", "BEN-14"},
		"Q-PTSD":  {"INT-10", "HIS-24"},
		"Q-ANX":   {"CON-04", "CON-05", "CON-06", "CON-08"},
		"Q-PAIN":  {"INT-19", "INT-20", "HIS-18", "CON-10", "CON-11", "CON-12", "CON-14", "CON-15"},
		"Q-SI":    {"BEN-07", "BEN-08"},
		"Q-VET":   {"INT-04"},
		"Q-COG":   {"BEN-18"},
		"Q-AWAKE": {"INT-07"},
		"Q-SAFE":  {"HIS-05"},
	}
	c := load(t)
	for qualifier, facts := range needs {
		for _, id := range facts {
			i := slices.IndexFunc(c.Facts, func(f corpus.Fact) bool { return f.ID == id })
			if i < 0 || !slices.Contains(c.Facts[i].Qualifiers, qualifier) {
				t.Errorf("fact %s is not there or has lost its qualifier %s", id, qualifier)
				continue
			}
			for _, p := range c.Passages {
				if slices.Contains(p.Facts, id) && !carries(p, qualifier) {
					t.Errorf("%s tells %s without %s", p.ID, id, qualifier)
				}
			}
		}
	}
}

func carries(p chat.Passage, qualifier string) bool {
	return slices.ContainsFunc(p.Qualifiers, func(q chat.Qualifier) bool {
		return q.ID == qualifier && q.Text != "" && q.Short != ""
	})
}

func TestThoughtsOfSuicideCarryTheHelpLine(t *testing.T) {
	for _, p := range load(t).Passages {
		for _, q := range p.Qualifiers {
			if q.ID == "Q-SI" && (!strings.Contains(q.Text, "988") || !strings.Contains(q.Short, "988")) {
				t.Errorf("%s: a form of Q-SI lacks 988", p.ID)
			}
		}
		if strings.Contains(strings.ToLower(p.Text), "suicid") && !carries(p, "Q-SI") {
			t.Errorf("%s speaks of suicide without Q-SI", p.ID)
		}
	}
}

// A passage that tells a fact to be corrected says that it is the page that
// says so, and then what is known.
func TestCorrectedFactsSayBoth(t *testing.T) {
	says := map[string][]string{
		"INT-04": {"Our introduction says", "animals first", "but drug histories do not support that", "search for a new drug for surgery"},
		"BEN-14": {"Our benefits page says", `"reset"`, "but that is a figure of speech", "no agreed meaning in science", "may help brain cells form and strengthen connections"},
	}
	c := load(t)
	for _, fact := range c.Facts {
		if fact.Handling != corpus.Correct {
			continue
		}
		parts, known := says[fact.ID]
		if !known {
			t.Errorf("%s is to be corrected: say here what its passages have to hold", fact.ID)
		}
		for _, p := range c.Passages {
			if p.Language == corpus.DefaultLanguage && slices.Contains(p.Facts, fact.ID) {
				inOrder(t, p, parts)
			}
		}
	}
}

func inOrder(t *testing.T, p chat.Passage, parts []string) {
	t.Helper()
	rest := p.Text
	for _, part := range parts {
		_, after, found := strings.Cut(rest, part)
		if !found {
			t.Errorf("%s does not say %q where it should", p.ID, part)
			return
		}
		rest = after
	}
}

// Questions of a passage: too few, and it is not found; with too many, it is
// found for everything.
const (
	fewestQuestions = 3
	mostQuestions   = 20
)

// withoutAccents is how many write Spanish on a phone.
var withoutAccents = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u")

func TestQuestions(t *testing.T) {
	asked := map[string]chat.PassageID{} // by language and question
	for _, p := range load(t).Passages {
		if n := len(p.Questions); n < fewestQuestions || n > mostQuestions {
			t.Errorf("%s has %d questions, want %d to %d", p.ID, n, fewestQuestions, mostQuestions)
		}
		for _, q := range p.Questions {
			plain := p.Language + " " + withoutAccents.Replace(strings.Join(words(q), " "))
			if other, found := asked[plain]; found {
				t.Errorf("%s and %s both answer %q", other, p.ID, q)
			}
			asked[plain] = p.ID
		}
	}
}

// Nothing of the clinic's page is left out for want of review, and everything
// that is not reviewed is known to be so.
func TestReviewState(t *testing.T) {
	c, err := corpus.Load(knowledge.Files(), corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	pending := map[string]bool{}
	for _, p := range c.Pending() {
		pending[p.File] = true
	}
	for _, page := range c.Pages {
		if page.Review.State == corpus.ReviewPending && !pending[page.File] {
			t.Errorf("%s is pending and not listed as such", page.File)
		}
	}
	for _, p := range c.Passages {
		if p.Pending {
			t.Errorf("%s is shown as pending without having been asked for", p.ID)
		}
	}
}
