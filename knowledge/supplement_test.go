package knowledge_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bedside/internal/chat"
	"bedside/internal/corpus"
	"bedside/internal/ground"
	"bedside/internal/language"
	"bedside/knowledge"
)

// supplementRows are the questions that patients ask and the clinic's page does
// not answer.
const supplementRows = 32

func supplement(c *corpus.Corpus) []chat.Passage {
	return slices.DeleteFunc(slices.Clone(c.Passages), func(p chat.Passage) bool { return p.Section != corpus.Supplement })
}

func factsByID(c *corpus.Corpus) map[string]corpus.Fact {
	facts := map[string]corpus.Fact{}
	for _, f := range c.Facts {
		facts[f.ID] = f
	}
	return facts
}

func TestEveryRowIsTold(t *testing.T) {
	c := load(t)
	told := map[string]bool{} // rows
	for _, p := range supplement(c) {
		if len(p.Facts) == 0 {
			t.Errorf("%s tells no fact: nothing says where it is from", p.ID)
		}
		for _, id := range p.Facts {
			told[id[:len("S-00")]] = true
		}
	}
	for row := 1; row <= supplementRows; row++ {
		if id := fmt.Sprintf("S-%02d", row); !told[id] {
			t.Errorf("no passage tells anything of %s", id)
		}
	}
}

// What is not verified stands in the file for those who review, and nowhere else.
func TestWhatIsNotVerifiedIsNotTold(t *testing.T) {
	c := load(t)
	unverified := 0
	for _, f := range c.Facts {
		if f.Section != corpus.Supplement {
			if f.Certainty != "" {
				t.Errorf("%s is the clinic's own and has a certainty", f.ID)
			}
			continue
		}
		if f.Certainty == "" || len(f.Sources) == 0 {
			t.Errorf("%s does not say how sure it is and from where", f.ID)
		}
		if f.Certainty == "C" {
			unverified++
			if f.Handling != corpus.Omit {
				t.Errorf("%s is not verified and could be told", f.ID)
			}
		}
	}
	if unverified == 0 {
		t.Error("nothing is left out: the facts that are not verified are lost")
	}
	// Words of the facts that are not verified.
	never := regexp.MustCompile(`(?i)\b(bipolar|mania|manic|Zarate|TRANSFORM-3|placebo at 24 hours|about 4 hours|against ketamine)\b`)
	for _, p := range supplement(c) {
		if p.ID == "supplement/conditions/suicide-studies" {
			continue // there, the bipolar disorder of the study's patients is verified
		}
		if word := never.FindString(p.Text); word != "" {
			t.Errorf("%s says %q, which is not verified", p.ID, word)
		}
	}
}

func TestSupplementQualifiersStandWithTheirClaims(t *testing.T) {
	needs := map[string][]string{
		"Q-FDA":   {"S-01b", "S-01c"},
		"Q-SI":    {"S-01c", "S-05b", "S-05d", "S-05e", "S-24a", "S-24b", "S-24c", "S-28b"},
		"Q-SPRAY": {"S-03c", "S-03e", "S-13a", "S-26a"},
		"Q-OWN":   {"S-04a", "S-04b", "S-04c", "S-04d", "S-09a", "S-09b", "S-29a", "S-29b"},
		"Q-MEDS":  {"S-08a", "S-08b", "S-08c", "S-08d", "S-08e", "S-09c", "S-27a", "S-27b"},
		"Q-VARY":  {"S-10a", "S-11a", "S-13a", "S-13b", "S-14a", "S-14b", "S-15a", "S-15b"},
		"Q-LAST":  {"S-12a"},
		"Q-PTSD":  {"S-16a", "S-16b"},
		"Q-PAIN":  {"S-17a", "S-18a", "S-18b"},
		"Q-ANX":   {"S-23a", "S-23b"},
		"Q-MECH":  {"S-19a"},
		"Q-AWAKE": {"S-21a"},
	}
	c := load(t)
	facts := factsByID(c)
	for qualifier, ids := range needs {
		for _, id := range ids {
			if !slices.Contains(facts[id].Qualifiers, qualifier) {
				t.Errorf("fact %s is not there or has lost its qualifier %s", id, qualifier)
			}
		}
	}
}

// A passage that tells of a benefit tells of a risk or a limit as well.
func TestBenefitStandsWithRisk(t *testing.T) {
	benefit := regexp.MustCompile(`(?i)\b(responded|were better|were well|improved|eased|relief|may help|may ease|effect lasts|longer relief|suggests ketamine)\b`)
	risk := []string{"Q-RISKS", "Q-VARY", "Q-SI", "Q-PAIN", "Q-LAST", "Q-PTSD", "Q-ANX"}
	seen := 0
	for _, p := range supplement(load(t)) {
		if !benefit.MatchString(p.Text) {
			continue
		}
		seen++
		if !slices.ContainsFunc(risk, func(q string) bool { return carries(p, q) }) {
			t.Errorf("%s tells of a benefit alone", p.ID)
		}
	}
	if seen < 8 {
		t.Errorf("%d passages tell of a benefit; more do", seen)
	}
}

// Each number of a passage stands in a fact that it tells, at most rounded.
func TestNumbersAreTheFacts(t *testing.T) {
	c := load(t)
	facts := factsByID(c)
	free := []string{"988", "911"}
	inHundred := regexp.MustCompile(`\b(of )(100|1,000)\b`)
	for _, p := range supplement(c) {
		var claims strings.Builder
		for _, id := range p.Facts {
			claims.WriteString(facts[id].Claim + " ")
		}
		known := numbers(claims.String())
		for _, n := range numbers(inHundred.ReplaceAllString(p.Text, "$1")) {
			if slices.Contains(free, strconv.Itoa(int(n))) || slices.ContainsFunc(known, func(k float64) bool { return math.Round(k) == n }) {
				continue
			}
			t.Errorf("%s says %v, which none of its facts says", p.ID, n)
		}
	}
}

var numberWords = strings.NewReplacer(" two hours", " 2 hours", " two to three", " 2 to 3", " four weeks", " 4 weeks", " three weeks", " 3 weeks")

func numbers(text string) []float64 {
	var found []float64
	for _, match := range regexp.MustCompile(`\d[\d,]*(\.\d+)?`).FindAllString(numberWords.Replace(text), -1) {
		n, err := strconv.ParseFloat(strings.ReplaceAll(match, ",", ""), 64)
		if err == nil {
			found = append(found, n)
		}
	}
	return found
}

func TestSourcesCanBeFollowed(t *testing.T) {
	c := load(t)
	for _, page := range c.Pages {
		if page.Section == corpus.Supplement && (page.Review.State != corpus.ReviewPending || !strings.HasPrefix(page.File, "supplement/")) {
			t.Errorf("%s is a supplement page that is %s", page.File, page.Review.State)
		}
	}
	own := regexp.MustCompile(`clinic\.example`)
	for _, p := range supplement(c) {
		if own.MatchString(p.URL) || p.URL == "" {
			t.Errorf("%s cites %q: it is not from the clinic's page", p.ID, p.URL)
		}
		if !p.Pending {
			t.Errorf("%s is not marked as pending", p.ID)
		}
	}
}

// Without being asked for, nothing of the supplement is in.
func TestSupplementWaitsForReview(t *testing.T) {
	c, err := corpus.Load(knowledge.Files(), corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if in := supplement(c); len(in) > 0 {
		t.Errorf("%d supplement passages are in, the first %s", len(in), in[0].ID)
	}
	if in := supplement(load(t)); len(in) < supplementRows {
		t.Errorf("%d supplement passages for %d rows", len(in), supplementRows)
	}
}

// What must never reach a patient does not stand in the material: no dose, no
// promise, no verdict, no way to come to harm. The same rules check answers.
func TestNothingForbiddenIsSaid(t *testing.T) {
	for _, lang := range []string{corpus.DefaultLanguage, spanish} {
		texts(t, lang, nil, func(t *testing.T, where, text string) {
			for line := range strings.Lines(text) {
				for _, sentence := range language.Sentences(line) {
					if reason := ground.Forbidden(sentence); reason != "" {
						t.Errorf("%s would be withheld as %s: %s", where, reason, sentence)
					}
				}
			}
		})
	}
	amount := regexp.MustCompile(`(?i)\d\s*(mg|mcg|µg|ml|milligrams?|micrograms?|milliliters?)\b|\$\s*\d`)
	for _, f := range load(t).Facts {
		if found := amount.FindString(f.Claim + f.Correction + f.Note); found != "" {
			t.Errorf("fact %s says %q", f.ID, found)
		}
	}
}
