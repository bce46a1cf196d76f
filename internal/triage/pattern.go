package triage

import (
	"fmt"
	"strconv"
	"strings"
)

// A pattern is written as words in order:
//
//	<want> to .. <die>
//
// word     that word
// <name>   any word or phrase of the class
// a|<b>    either; words of a phrase are joined by _ here
// x?       may be left out
// *        any word
// ..       up to three words between; ..7 up to seven; ... any number
// ^ and $  the beginning and the end of a sentence
// &        begins a further pattern that must stand in the same sentence
// &&       begins a further pattern that must stand in the same message
//
// Nothing matches across the end of a sentence.
type pattern struct {
	source string
	parts  []part // the first is the one whose place counts
}

type part struct {
	elements []element
	start    bool // of a sentence
	end      bool
	message  bool // may stand anywhere in the message
}

type element struct {
	class classID // anyWord: every token
	gap   int     // how many tokens may stand before it
}

const (
	anyWord   classID = -1
	plainGap          = 3
	wholeGap          = 30
	mostParts         = 64 // patterns that one with options may stand for
)

// parse compiles a pattern; options and all it may stand for several.
func (r *rules) parse(source string) ([]pattern, error) {
	fields := strings.Fields(source)
	if len(fields) == 0 {
		return nil, fmt.Errorf("an empty pattern")
	}
	variants := [][]string{nil}
	for _, f := range fields {
		without := variants
		optional := strings.HasSuffix(f, "?") && len(f) > 1
		var with [][]string
		for _, v := range variants {
			with = append(with, append(v[:len(v):len(v)], strings.TrimSuffix(f, "?")))
		}
		variants = with
		if optional {
			variants = append(variants, without...)
		}
		if len(variants) > mostParts {
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

func (r *rules) compile(source string, fields []string) (pattern, error) {
	p := pattern{source: source}
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
			class, err := r.classOf(f)
			if err != nil {
				return p, fmt.Errorf("pattern %q: %w", source, err)
			}
			current.elements = append(current.elements, element{class, gap})
			gap = 0
		}
	}
	return p, finish()
}

// classOf returns the class of a word, a named class, or a choice.
func (r *rules) classOf(field string) (classID, error) {
	if field == "*" {
		return anyWord, nil
	}
	if id, ok := r.byName[field]; ok {
		return id, nil
	}
	if strings.HasPrefix(field, "<") && strings.HasSuffix(field, ">") && !strings.Contains(field, "|") {
		return 0, fmt.Errorf("no class %s", field)
	}
	id := r.newClass(field)
	for choice := range strings.SplitSeq(field, "|") {
		if !strings.HasPrefix(choice, "<") {
			r.vocabulary.add(strings.ReplaceAll(choice, "_", " "), id)
			continue
		}
		entries, ok := r.entries[strings.Trim(choice, "<>")]
		if !ok {
			return 0, fmt.Errorf("no class %s", choice)
		}
		for _, e := range entries {
			r.vocabulary.add(e, id)
		}
		if computed, ok := r.byName[choice]; ok {
			r.also[computed] = append(r.also[computed], id)
		}
	}
	return id, nil
}
