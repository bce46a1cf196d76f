package ground

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// Most sentences that hold a rule's word hold nothing else of its pattern, and going
// over a sentence with an expression costs more than all else that is asked of it. So
// what any match must hold is read from the pattern itself: of each of some sets of
// texts, one.

const (
	// mostLiterals bounds a set, shortestLiteral the texts that are worth looking for.
	mostLiterals, shortestLiteral = 48, 2
	// fewRunes is the largest class of characters whose members are told apart.
	fewRunes = 12
)

// literals returns the sets of which a match of the pattern holds one text each. A
// pattern that cannot be read has none.
func literals(pattern string) [][]string {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	whole := needsOf(parsed.Simplify())
	if whole.exact != nil {
		return whole.with(whole.exact).sets
	}
	return whole.sets
}

// needs is what a match of an expression holds: exactly one of some texts, or, where
// exact is nil, whatever, but of each set one.
type needs struct {
	exact []string
	sets  [][]string
}

// with adds a set, unless it says nothing.
func (n needs) with(set []string) needs {
	if len(set) > 0 && len(set) <= mostLiterals && shortest(set) >= shortestLiteral {
		n.sets = append(n.sets, set)
	}
	return n
}

func shortest(set []string) int {
	return len(slices.MinFunc(set, func(a, b string) int { return len(a) - len(b) }))
}

func needsOf(re *syntax.Regexp) needs {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return needs{exact: []string{""}}
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return needs{exact: []string{string(re.Rune)}}
		}
	case syntax.OpCharClass:
		return needsOfClass(re.Rune)
	case syntax.OpCapture:
		return needsOf(re.Sub[0])
	case syntax.OpPlus:
		sub := needsOf(re.Sub[0])
		return needs{sets: sub.sets}.with(sub.exact)
	case syntax.OpQuest:
		if sub := needsOf(re.Sub[0]); sub.exact != nil {
			return needs{exact: append(slices.Clone(sub.exact), "")}
		}
	case syntax.OpConcat:
		return needsOfRow(re.Sub)
	case syntax.OpAlternate:
		return needsOfEither(re.Sub)
	case syntax.OpNoMatch, syntax.OpAnyCharNotNL, syntax.OpAnyChar, syntax.OpStar, syntax.OpRepeat:
	}
	return needs{}
}

func needsOfClass(ranges []rune) needs {
	var exact []string
	for i := 0; i < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			if len(exact) == fewRunes {
				return needs{}
			}
			exact = append(exact, string(r))
		}
	}
	return needs{exact: exact}
}

// needsOfRow joins what stands one behind the other, as far as that makes few texts.
func needsOfRow(subs []*syntax.Regexp) needs {
	var out needs
	row, whole := []string{""}, true
	for _, sub := range subs {
		n := needsOf(sub)
		if n.exact != nil && len(row)*len(n.exact) <= mostLiterals {
			row = joined(row, n.exact)
			continue
		}
		out, whole = out.with(row), false
		if row = n.exact; row == nil {
			row = []string{""}
			out.sets = append(out.sets, n.sets...)
		}
	}
	if whole {
		return needs{exact: row}
	}
	return out.with(row)
}

func joined(heads, tails []string) []string {
	out := make([]string, 0, len(heads)*len(tails))
	for _, head := range heads {
		for _, tail := range tails {
			out = append(out, head+tail)
		}
	}
	return out
}

// needsOfEither takes of each way its most telling set, since only one is gone.
func needsOfEither(subs []*syntax.Regexp) needs {
	var exact, all []string
	finite, telling := true, true
	for _, sub := range subs {
		n := needsOf(sub)
		if finite = finite && n.exact != nil; finite {
			exact = append(exact, n.exact...)
		}
		n = n.with(n.exact)
		if telling = telling && len(n.sets) > 0; telling {
			all = append(all, slices.MaxFunc(n.sets, func(a, b []string) int { return shortest(a) - shortest(b) })...)
		}
	}
	switch {
	case finite && len(exact) <= mostLiterals:
		return needs{exact: exact}
	case telling:
		return needs{}.with(all)
	}
	return needs{}
}

// holdsEach says whether the text holds one text of each set.
func holdsEach(text string, sets [][]string) bool {
	for _, set := range sets {
		if !slices.ContainsFunc(set, func(literal string) bool { return strings.Contains(text, literal) }) {
			return false
		}
	}
	return true
}
