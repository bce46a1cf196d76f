package corpus

import (
	"maps"
	"slices"
	"strings"

	"bedside/internal/chat"
)

// Fact is one thing that the material says, in words of its own, with how an
// answer may use it.
type Fact struct {
	ID       string   `yaml:"id"`
	Section  string   `yaml:"section"`
	Claim    string   `yaml:"claim"`
	Handling Handling `yaml:"handling"`
	// Qualifiers that every passage has to carry that tells the fact.
	Qualifiers []string `yaml:"qualifiers"`
	// Correction is what a passage says after it said what the page says.
	Correction string   `yaml:"correction"`
	Sources    []string `yaml:"sources"` // of the correction, or of the fact itself
	// Certainty of a supplement fact: A read in a primary text, B in a report of
	// one, C neither. Facts of certainty C are told by no passage.
	Certainty string `yaml:"certainty"`
	Note      string `yaml:"note"` // for those who review
}

// Handling says how an answer may use a fact.
type Handling string

// The handlings of a fact.
const (
	Plain   Handling = "plain"   // may be restated
	Qualify Handling = "qualify" // only together with its qualifiers
	Correct Handling = "correct" // only followed by its correction
	Omit    Handling = "omit"    // not at all
)

// qualifier is one text that a clinician approves once, with its translations.
type qualifier struct {
	ID           string                 `yaml:"id"`
	Text         string                 `yaml:"text"`
	Short        string                 `yaml:"short"`
	Review       Review                 `yaml:"review"`
	Translations map[string]translation `yaml:"translations"`

	file string
	line int
}

type translation struct {
	Text   string `yaml:"text"`
	Short  string `yaml:"short"`
	Review Review `yaml:"review"`
}

// in returns the qualifier's words in a language.
func (q *qualifier) in(language string) (chat.Qualifier, Review, bool) {
	if language == DefaultLanguage {
		return chat.Qualifier{ID: q.ID, Text: q.Text, Short: q.Short}, q.Review, true
	}
	t, ok := q.Translations[language]
	return chat.Qualifier{ID: q.ID, Text: t.Text, Short: t.Short}, t.Review, ok
}

type factsYAML struct {
	Qualifiers []*qualifier `yaml:"qualifiers"`
	Facts      []Fact       `yaml:"facts"`
}

// mostShortWords is the most words of a qualifier's short form.
const mostShortWords = 12

// factBook holds the facts and qualifiers of all facts files.
type factBook struct {
	files      []string
	facts      []Fact
	factLines  map[string]place
	byID       map[string]*Fact
	qualifiers map[string]*qualifier
}

type place struct {
	file string
	line int
}

func newFactBook() *factBook {
	return &factBook{factLines: map[string]place{}, byID: map[string]*Fact{}, qualifiers: map[string]*qualifier{}}
}

// add reads one facts file.
func (b *factBook) add(f file, faults *problems) {
	b.files = append(b.files, f.name)
	var content factsYAML
	if !checkText(f, faults) || !decodeYAML(f, 1, f.text, &content, faults) {
		return
	}
	lines := idLines(f.text)
	for _, q := range content.Qualifiers {
		if q == nil {
			faults.addf(f.name, 0, "has an empty qualifier")
			continue
		}
		q.file, q.line = f.name, lines[q.ID]
		if _, found := b.qualifiers[q.ID]; found {
			faults.addf(f.name, q.line, "qualifier %s stands there twice", q.ID)
			continue
		}
		b.qualifiers[q.ID] = q
		checkQualifier(f, q, faults)
	}
	for _, one := range content.Facts {
		if _, found := b.factLines[one.ID]; found {
			faults.addf(f.name, lines[one.ID], "fact %s stands there twice", one.ID)
			continue
		}
		b.factLines[one.ID] = place{f.name, lines[one.ID]}
		b.facts = append(b.facts, one)
	}
}

// idLines finds the lines on which ids are given, the last where one is given
// twice: the decoder keeps no places.
func idLines(text []byte) map[string]int {
	lines := map[string]int{}
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		line = strings.TrimLeft(line, "\t -{")
		if id, found := strings.CutPrefix(line, "id:"); found {
			id = strings.TrimLeft(id, "\t \"'")
			if end := strings.IndexAny(id, "\"',} \t\r\n"); end > 0 {
				lines[id[:end]] = number
			}
		}
	}
	return lines
}

func checkQualifier(f file, q *qualifier, faults *problems) {
	if len(q.ID) > mostLabel || !isLabel(q.ID, factMarks) {
		faults.addf(f.name, q.line, "%q can be no qualifier's id", q.ID)
	}
	words := func(in, text, short string, r Review) {
		if strings.TrimSpace(text) == "" || strings.TrimSpace(short) == "" {
			faults.addf(f.name, q.line, "qualifier %s%s needs a text and a short form", q.ID, in)
		}
		if strings.ContainsAny(text+short, "\n") || markerPattern.MatchString(text+" "+short) {
			faults.addf(f.name, q.line, "qualifier %s%s has to be one line without numbers in brackets", q.ID, in)
		}
		if n := len(strings.Fields(short)); n > mostShortWords {
			faults.addf(f.name, q.line, "the short form of qualifier %s%s has %d words; at most %d stand beside each other", q.ID, in, n, mostShortWords)
		}
		checkReview(f, q.line, r, faults)
	}
	words("", q.Text, q.Short, q.Review)
	for _, language := range slices.Sorted(maps.Keys(q.Translations)) {
		t := q.Translations[language]
		if language == DefaultLanguage || !languagePattern.MatchString(language) {
			faults.addf(f.name, q.line, "qualifier %s cannot be translated into %q", q.ID, language)
		}
		words(" in "+language, t.Text, t.Short, t.Review)
	}
}

// check looks at the facts once all files are read, since a fact may name a
// qualifier of another file.
func (b *factBook) check(faults *problems) {
	for i := range b.facts {
		one := &b.facts[i]
		b.byID[one.ID] = one
		at := b.factLines[one.ID]
		fault := func(format string, args ...any) { faults.addf(at.file, at.line, format, args...) }
		if len(one.ID) > mostLabel || !isLabel(one.ID, factMarks) {
			fault("%q can be no fact's id", one.ID)
		}
		if strings.TrimSpace(one.Claim) == "" || !isSlug(one.Section) {
			fault("fact %s needs a claim and a section", one.ID)
		}
		for _, id := range one.Qualifiers {
			if b.qualifiers[id] == nil {
				fault("fact %s names unknown qualifier %s", one.ID, id)
			}
		}
		switch one.Handling {
		case Plain, Omit:
		case Qualify:
			if len(one.Qualifiers) == 0 {
				fault("fact %s is to be qualified and names no qualifier", one.ID)
			}
		case Correct:
			if strings.TrimSpace(one.Correction) == "" {
				fault("fact %s is to be corrected and has no correction", one.ID)
			}
		default:
			fault("fact %s needs a handling: %s, %s, %s or %s", one.ID, Plain, Qualify, Correct, Omit)
		}
		if !slices.Contains([]string{"", "A", "B", "C"}, one.Certainty) {
			fault("fact %s has the certainty %q; A, B and C are known", one.ID, one.Certainty)
		}
	}
}
