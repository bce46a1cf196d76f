package triage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bedside/internal/language"
)

// A pattern is written as words in order:
//
//	<want> to .. <die>
//
// word     that word
// <name>   any word or phrase of the class
// a|<b>    either; words of a phrase are joined by _ here; a|$ that word or the end
// x?       may be left out
// *        any word
// ..       up to three words between; ..7 up to seven; ... any number
// ^ and $  the beginning and the end of a sentence; $? the end of a question
// &        begins a further pattern that must stand in the same sentence
// &&       begins a further pattern that must stand in the same message
//
// Nothing matches across the end of a sentence.
type pattern struct {
	source string
	id     patternID
	parts  []part // the first is the one whose place counts
}

type part struct {
	elements []element
	start    bool // of a sentence
	end      bool
	asks     bool // ends a question
	message  bool // may stand anywhere in the message
}

type element struct {
	classes []classID // any of them; anyWord: every token
	gap     int       // how many tokens may stand before it
}

// patternID numbers the patterns of all rules.
type patternID int32

// anyWord is every token's class.
const anyWord classID = -1

const (
	plainGap  = 3
	wholeGap  = 30
	mostParts = 64 // patterns that one with options may stand for
)

// parse compiles a pattern; options and all it may stand for several.
func (r *rules) parse(source string) ([]pattern, error) {
	fields := strings.Fields(source)
	if len(fields) == 0 {
		return nil, fmt.Errorf("an empty pattern")
	}
	variants := [][]string{nil}
	for i, f := range fields {
		choices, err := readings(f, i == len(fields)-1)
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", source, err)
		}
		var longer [][]string
		for _, v := range variants {
			for _, c := range choices {
				if c == "" {
					longer = append(longer, v)
				} else {
					longer = append(longer, append(v[:len(v):len(v)], c))
				}
			}
		}
		if variants = longer; len(variants) > mostParts {
			return nil, fmt.Errorf("pattern %q has too many options", source)
		}
	}
	var patterns []pattern
	for _, v := range variants {
		p, err := r.compile(source, v)
		if err != nil {
			return nil, err
		}
		patterns = append(patterns, p)
	}
	return patterns, nil
}

// readings returns what a field may be read as: itself; nothing, where it is an
// option; the end of the sentence, where $ is one of its choices.
func readings(field string, last bool) ([]string, error) {
	if field == "$" || field == "$?" {
		return []string{field}, nil
	}
	field, option := strings.CutSuffix(field, "?")
	all := []string{field}
	if before, ok := strings.CutSuffix(field, "|$"); ok {
		if !last {
			return nil, fmt.Errorf("%s ends the sentence before the pattern ends", field)
		}
		all = []string{before, "$"}
	} else if strings.Contains(field, "$") {
		return nil, fmt.Errorf("$ is not the last choice of %s", field)
	}
	if option {
		all = append(all, "")
	}
	return all, nil
}

func (r *rules) compile(source string, fields []string) (pattern, error) {
	p := pattern{source: source, id: patternID(len(r.first))}
	current := part{}
	gap := 0
	finish := func() error {
		if len(current.elements) == 0 {
			return fmt.Errorf("pattern %q has a part without words", source)
		}
		p.parts = append(p.parts, current)
		current, gap = part{}, 0
		return nil
	}
	for _, f := range fields {
		switch {
		case f == "&" || f == "&&":
			if err := finish(); err != nil {
				return p, err
			}
			current.message = f == "&&"
		case f == "^":
			current.start = true
		case f == "$":
			current.end = true
		case f == "$?":
			current.end, current.asks = true, true
		case f == "...":
			gap = wholeGap
		case strings.HasPrefix(f, ".."):
			gap = plainGap
			if n := strings.TrimPrefix(f, ".."); n != "" {
				var err error
				if gap, err = strconv.Atoi(n); err != nil || gap > wholeGap {
					return p, fmt.Errorf("pattern %q: %s is not a distance", source, f)
				}
			}
		default:
			classes, err := r.classesOf(f)
			if err != nil {
				return p, fmt.Errorf("pattern %q: %w", source, err)
			}
			current.elements = append(current.elements, element{classes, gap})
			gap = 0
		}
	}
	if err := finish(); err != nil {
		return p, err
	}
	r.first = append(r.first, p.parts[0])
	return p, nil
}

// settlePatterns lists the patterns by a class that each needs, so that a message
// tries only those that it may hold. Small words are in nearly every message, and
// a class that holds none of them rules out more.
func (r *rules) settlePatterns() {
	small := make([]bool, r.count)
	for _, lang := range []string{language.English, language.Spanish} {
		for w := range language.StopWords(lang) {
			if id, ok := r.vocabulary.words[w]; ok {
				for _, c := range r.vocabulary.single.of(id) {
					small[c] = true
				}
			}
		}
	}
	holdsSmall := func(classes []classID) bool {
		return slices.ContainsFunc(classes, func(c classID) bool { return c == anyWord || small[c] })
	}
	for id, p := range r.first {
		key := p.elements[0]
		for _, e := range p.elements[1:] {
			if holdsSmall(key.classes) && !slices.Contains(e.classes, anyWord) && (!holdsSmall(e.classes) || slices.Contains(key.classes, anyWord)) {
				key = e
			}
		}
		for _, c := range key.classes {
			if c == anyWord {
				r.always = append(r.always, patternID(id))
			} else {
				r.needing.add(int32(c), patternID(id))
			}
		}
	}
	r.needing.settle(r.count)
}

// classesOf returns the classes of a word, a named class, or a choice.
func (r *rules) classesOf(field string) ([]classID, error) {
	if field == "*" {
		return []classID{anyWord}, nil
	}
	if known, ok := r.fields[field]; ok {
		return known, nil
	}
	var classes []classID
	words := anyWord // the class of the words that stand here themselves
	for choice := range strings.SplitSeq(field, "|") {
		if strings.HasPrefix(choice, "<") {
			class, ok := r.byName[choice]
			if !ok {
				return nil, fmt.Errorf("no class %s", choice)
			}
			classes = append(classes, class)
			continue
		}
		if words == anyWord {
			words = r.newClass()
			classes = append(classes, words)
		}
		r.vocabulary.add(choice, words)
	}
	r.fields[field] = classes
	return classes, nil
}
