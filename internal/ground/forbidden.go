package ground

import (
	"regexp"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Forbidden names the rule that keeps a sentence from every patient, whoever
// wrote it: a model, the material, or a fixed reply. "" if none does.
func Forbidden(sentence string) string {
	text := forbiddenText(sentence)
	tried := forbiddenWords().in(text)
	for i, compiled := range forbiddenRules() {
		if tried.has(i) && compiled().matches(text) {
			return rules[i].reason
		}
	}
	return ""
}

// compiledRule is a rule whose word was found.
type compiledRule struct {
	pattern *regexp.Regexp
	needed  [][]string // of each set, a match holds one
	unless  *regexp.Regexp
	spares  bool
}

// forbiddenRules are the rules, each compiled when its word first stands somewhere.
var forbiddenRules = sync.OnceValue(func() []func() *compiledRule {
	out := make([]func() *compiledRule, len(rules))
	for i := range rules {
		out[i] = sync.OnceValue(rules[i].compile)
	}
	return out
})

func (r *rule) compile() *compiledRule {
	c := &compiledRule{pattern: regexp.MustCompile(r.pattern), needed: literals(r.pattern), spares: r.spares}
	if r.unless != "" {
		c.unless = regexp.MustCompile(r.unless)
	}
	return c
}

func (r *compiledRule) matches(text string) bool {
	if !holdsEach(text, r.needed) {
		return false
	}
	for at := 0; at < len(text); {
		found := r.pattern.FindStringIndex(text[at:])
		if found == nil {
			return false
		}
		start, end := at+found[0], at+found[1]
		if !(r.spares && denied(text[:start], text[start:end])) && !(r.unless != nil && r.unless.MatchString(clauseAround(text, start, end))) {
			return true
		}
		at = max(end, start+1)
	}
	return false
}

// denial matches a clause whose end is denied: "it is not", "nobody can", "does
// not mean that", and a few words more.
var denial = lazily(`(?:\b(?:no (?:\w+ )??(?:that|proof|evidence|guarantee|promise|way|sign|reason|one|drug|medicine|treatment|page|pages)|not|never|cannot|nobody|none|neither|nor|without|nothing|instead of|rather than|avoid|nunca|ni|sin|nadie|jamas|tampoco|ningun|ninguna)\b|n't\b)[^.;:!?]{0,60}$|\bno (?:\w+ ){0,2}$`)

// denied says whether the clause before a match denies it.
func denied(before, match string) bool {
	if i := strings.LastIndexAny(before, `.;:!?("`); i >= 0 {
		before = before[i+1:]
	}
	for _, turn := range []string{" - ", ", but ", " but ", ", pero ", ", so ", ", and you ", ", yes", ", then ", ", it ", ", this ", ", they ", ", ketamine ", ", the treatment "} {
		if i := strings.LastIndex(before, turn); i >= 0 {
			before = before[i+len(turn):]
		}
	}
	return denial().MatchString(before) || denialInside().MatchString(match)
}

var denialInside = lazily(`\b(?:not|never|cannot|no)\b|n't\b`)

// clauseAround returns the match with what stands before it in its sentence.
func clauseAround(text string, start, end int) string {
	from := strings.LastIndexAny(text[:start], ".;!?") + 1
	return text[from:end]
}

var forbiddenFold = strings.NewReplacer("’", "'", "‘", "'", "ʼ", "'", "“", "\"", "”", "\"", "á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u",
	"–", "-", "—", "-", "‑", "-", "µ", "u", "μ", "u", "*", "", "_", "", "`", "", "½", "0.5", "¼", "0.25", "¾", "0.75")

// forbiddenText is a sentence as the rules read it: lower case, straight quotes,
// no accents, no emphasis, single spaces, and letters as whatever they look like.
func forbiddenText(sentence string) string {
	folded := forbiddenFold.Replace(strings.ToLower(visible(sentence)))
	if strings.ContainsFunc(folded, func(r rune) bool { return r >= unicode.MaxASCII }) {
		folded = strings.ToLower(lookAlikes.Replace(strings.Map(unmarked, norm.NFKD.String(folded))))
	}
	return strings.Join(strings.Fields(folded), " ")
}

func unmarked(r rune) rune {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return -1
	}
	return r
}

// lookAlikes are the small letters of other scripts that are read as Latin ones.
var lookAlikes = strings.NewReplacer("а", "a", "в", "b", "е", "e", "һ", "h", "і", "i", "ј", "j", "к", "k", "м", "m", "н", "h", "о", "o", "р", "p", "с", "c", "т", "t",
	"у", "y", "х", "x", "ѕ", "s", "ԁ", "d", "ԛ", "q", "ԝ", "w", "ɡ", "g", "ɑ", "a", "ı", "i", "ո", "n", "ս", "u", "օ", "o", "հ", "h",
	"α", "a", "β", "b", "γ", "y", "ε", "e", "η", "n", "ι", "i", "κ", "k", "ν", "v", "ο", "o", "ρ", "p", "σ", "o", "τ", "t", "υ", "u", "χ", "x", "ω", "w")

// visible drops the characters that nobody sees, so that none can hide a word.
func visible(sentence string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u00ad' || r >= '\u200b' && r <= '\u200f' || r >= '\u202a' && r <= '\u202e' || r >= '\u2060' && r <= '\u2069' || r == '\ufeff':
			return -1
		case r >= '！' && r <= '～': // full-width forms
			return r - '！' + '!'
		}
		return r
	}, sentence)
}
