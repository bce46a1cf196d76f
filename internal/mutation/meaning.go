package mutation

import (
	"regexp"
	"strings"
)

// auxiliaries are the words behind which English puts a "not".
var auxiliaries = regexp.MustCompile(`\b(?:can|may|might|could|will|would|should|is|are|was|were|has|have|had|does|do|did)\b`)

// negationsIn are the sentence with a "not" behind each of its auxiliaries.
func negationsIn(text string) []string {
	var out []string
	for _, at := range auxiliaries.FindAllStringIndex(text, -1) {
		behind := text[at[1]:]
		if strings.HasPrefix(behind, " not") || strings.HasPrefix(behind, " neither") || strings.Contains(text[:at[0]], `"`) || strings.HasPrefix(behind, " no ") || strings.HasPrefix(text[at[0]:], "can not") {
			continue
		}
		if strings.HasPrefix(text[at[0]:], "can ") {
			out = append(out, text[:at[1]]+"not"+behind)
		} else {
			out = append(out, text[:at[1]]+" not"+behind)
		}
	}
	return out
}

// positives are what is left when a negation is taken out.
var positives = []struct{ negative, positive string }{
	{" cannot ", " can "},
	{" is not ", " is "},
	{" are not ", " are "},
	{" was not ", " was "},
	{" were not ", " were "},
	{" has not ", " has "},
	{" have not ", " have "},
	{" had not ", " had "},
	{" may not ", " may "},
	{" does not ", " does "},
	{" do not ", " do "},
	{" did not ", " did "},
	{" not ", " "},
	{" no ", " a "},
	{"No ", "A "},
	{" never ", " always "},
	{"Not ", ""},
	{" nothing ", " much "},
	{" without ", " with "},
}

// negationsOut are the sentence with one of its negations taken out.
func negationsOut(text string) []string {
	if strings.Contains(text, " neither ") {
		return []string{strings.NewReplacer(" neither ", " both ", " nor ", " and ").Replace(text)}
	}
	for _, p := range positives {
		if strings.Contains(text, p.negative) {
			changed := strings.Replace(text, p.negative, p.positive, 1)
			return []string{strings.ToUpper(changed[:1]) + changed[1:]}
		}
	}
	return nil
}

// certainties turn a hedge into what the passage does not dare to say.
var certainties = []struct{ hedge, certain string }{
	{"may", "will"},
	{"might", "will"},
	{"could", "will"},
	{"can", "will always"},
	{"often", "always"},
	{"usually", "always"},
	{"some people", "everyone"},
	{"many", "all"},
	{"most people", "everyone"},
	{"most patients", "all patients"},
	{"possible", "certain"},
	{"likely to", "certain to"},
	{"is believed to", "is known to"},
	{"are believed to", "are known to"},
	{"believed", "proven"},
	{"thought to", "known to"},
	{"suggest", "prove"},
	{"seem", "prove"},
	{"as a rule", "always"},
	{"mostly", "only"},
	{"mainly", "only"},
	{"being explored", "proven"},
	{"sometimes", "always"},
	{"early studies", "all studies"},
	{"potential", "certain"},
	{"generally", "always"},
	{"about", "exactly"},
}

// hedgesTurned are the sentence with one of its hedges turned to certainty.
func hedgesTurned(text string) []string {
	var out []string
	for _, c := range certainties {
		if c.hedge == "about" && !regexp.MustCompile(`\babout \d`).MatchString(text) {
			continue
		}
		if at := wordAt(text, c.hedge); at >= 0 {
			out = append(out, text[:at]+likeCase(text[at:], c.certain)+text[at+len(c.hedge):])
		}
	}
	// "may ease" without its "may".
	if modal := regexp.MustCompile(`\b(?:may|might|can) ([a-z]+) `).FindStringSubmatchIndex(text); modal != nil && verbs[text[modal[2]:modal[3]]] {
		out = append(out, text[:modal[0]]+text[modal[2]:modal[3]]+"s"+text[modal[1]-1:])
	}
	return out
}

// verbs make a sentence without their "may".
var verbs = func() map[string]bool {
	out := make(map[string]bool)
	for verb := range strings.FieldsSeq(`help ease act work give offer improve reduce raise lower calm make mean cause lead bring support strengthen
		change last affect feel start protect prevent treat block lessen form grow`) {
		out[verb] = true
	}
	return out
}()

// others stand in the place of a name.
var others = []struct {
	name    string
	instead []string
}{
	{"ketamine", []string{"sertraline", "lithium", "psilocybin", "Botox"}},
	{"FDA", []string{"EMA", "WHO"}},
	{"glutamate", []string{"dopamine", "serotonin"}},
	{"NMDA", []string{"GABA", "AMPA"}},
	{"BDNF", []string{"GDNF"}},
	{"PCP", []string{"LSD", "morphine"}},
	{"PTSD", []string{"OCD", "ADHD"}},
	{"CRPS", []string{"migraine"}},
	{"fibromyalgia", []string{"arthritis"}},
	{"GAD", []string{"OCD"}},
	{"depression", []string{"schizophrenia", "autism", "dementia"}},
	{"anxiety", []string{"epilepsy", "addiction"}},
	{"Vietnam", []string{"Korean", "Gulf"}},
	{"antidepressants", []string{"antibiotics", "benzodiazepines"}},
}

// namesSwapped are the sentence with a drug, a condition or a name another one.
func namesSwapped(text string, turn int) []string {
	var out []string
	for _, o := range others {
		if at := wordAt(text, o.name); at >= 0 {
			out = append(out, text[:at]+likeCase(text[at:], o.instead[turn%len(o.instead)])+text[at+len(o.name):])
		}
	}
	return out[:min(2, len(out))]
}

// rewordings are a true sentence as a model may put it.
func rewordings(text string) []string {
	var out []string
	first := text[0]
	plain := !strings.Contains(text, `"`)
	if plain && (strings.HasPrefix(text, "It ") || strings.HasPrefix(text, "Ketamine ") || strings.HasPrefix(text, "They ") || strings.HasPrefix(text, "Our ")) {
		out = append(out, "In short, "+lower(text), "Also, "+lower(text))
	}
	for _, same := range []struct{ from, to string }{
		{"does not", "doesn't"},
		{"is not", "isn't"},
		{"do not", "don't"},
		{"cannot", "can't"},
		{"did not", "didn't"},
		{"may", "might"},
		{"may", "can possibly"},
		{"early 1960s", "early nineteen-sixties"},
		{"some people", "certain people"},
		{"whom", "that"},
		{"because", "since"},
		{"but", "though"},
		{"our pages say", "the pages say"},
		{"treatment", "therapy"},
		{"medicines", "medications"},
		{"ease", "help with"},
		{"begin", "start"},
	} {
		if at := wordAt(text, same.from); at >= 0 && same.to != "early nineteen-sixties" {
			out = append(out, text[:at]+likeCase(text[at:], same.to)+text[at+len(same.from):])
		}
	}
	// What stands first can stand last.
	for _, opening := range []string{"In ", "As ", "For ", "After ", "Before ", "Today, ", "On "} {
		front, rest, found := strings.Cut(text, ", ")
		if found && strings.HasPrefix(text, opening) && len(strings.Fields(front)) < 7 && !strings.Contains(rest, ",") && first < 'a' {
			out = append(out, strings.ToUpper(rest[:1])+strings.TrimSuffix(rest[1:], ".")+" "+lower(front)+".")
			break
		}
	}
	if plain && strings.Count(text, ", and ") == 1 && !strings.Contains(text, ":") {
		head, _, _ := strings.Cut(text, ", and ")
		if len(strings.Fields(head)) > 4 {
			out = append(out, head+".")
		}
	}
	return out
}
