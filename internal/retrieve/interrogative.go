package retrieve

import (
	"slices"
	"strings"

	"bedside/internal/language"
)

// asking marks the terms that stand for the manner of a question. Two questions
// with next to no content words ("why is that so fast?", "how fast is it?")
// differ in little else.
const asking = "?"

// interrogative returns what a question or heading asks for, as a term, or "".
// A message says it at its first question word.
func interrogative(lang string, words []string) string {
	for i, w := range words {
		rest := words[i+1:]
		var manner string
		if lang == language.Spanish {
			manner = mannerSpanish(w, words[:i], rest)
		} else {
			manner = mannerEnglish(w, words[:i], rest)
		}
		if manner != "" {
			return asking + manner
		}
	}
	return ""
}

// opens says whether a question may begin after these words.
func opens(before []string) bool {
	if len(before) <= 1 {
		return true
	}
	switch before[len(before)-1] {
	case "and", "but", "so", "or", "then", "know", "tell", "me", "wonder", "wondering", "say", "says", "exactly", "about", "ask", "pls", "please":
		return true
	}
	return false
}

// telling says whether a concept is a manner that few answers can do without: a
// number, a place, a time or a person.
func (c *concept) telling() bool {
	switch c.word {
	case asking + "why", asking + "how many", asking + "how much", asking + "who", asking + "where", asking + "when", asking + "how old", asking + "how often":
		return true
	}
	return false
}

func mannerEnglish(w string, before, rest []string) string {
	next := ""
	if len(rest) > 0 {
		next = rest[0]
	}
	switch w {
	case "why", "whys":
		return "why"
	case "who", "whom", "whose", "whos", "when", "whens", "where", "wheres", "which":
		// Elsewhere they join clauses: "people who", "when I take".
		if !opens(before) {
			return ""
		}
		return strings.TrimSuffix(strings.TrimSuffix(w, "s"), "m")
	case "meaning", "define", "definition":
		return "what is"
	case "whats", "wats":
		return "what is"
	case "what", "wat", "wut":
		switch next {
		case "is", "are", "s", "exactly", "does", "do", "on":
			if next == "does" || next == "do" {
				if strings.Contains(strings.Join(rest, " "), " mean") {
					return "what is"
				}
				return "what"
			}
			return "what is"
		case "year", "time", "day", "date", "decade":
			return "when"
		}
		return "what"
	case "how", "hows":
		switch next {
		case "long":
			if len(rest) > 1 && until(rest[1]) {
				return "how fast"
			}
			return "how long"
		case "fast", "quick", "quickly", "soon", "rapidly", "rapid":
			return "how fast"
		case "much", "many":
			return "how " + next
		case "often", "frequently":
			return "how often"
		case "come":
			return "why"
		case "old", "far", "big", "high":
			return "how " + next
		}
		return "how"
	}
	return ""
}

// until says whether "how long" before the word asks when something comes.
func until(w string) bool {
	switch w {
	case "until", "till", "til", "before", "b4":
		return true
	}
	return false
}

// comesAfter says the same of "cuántas horas pasan hasta que".
func comesAfter(rest []string) bool {
	if len(rest) < 2 || rest[0] != "horas" && rest[0] != "dias" && rest[0] != "semanas" {
		return false
	}
	return slices.ContainsFunc(rest[1:], func(w string) bool { return w == "hasta" || w == "antes" || w == "tarda" || w == "pasan" })
}

func mannerSpanish(w string, before, rest []string) string {
	next := ""
	if len(rest) > 0 {
		next = rest[0]
	}
	switch w {
	case "que":
		if len(before) > 0 {
			switch before[len(before)-1] {
			case "por":
				return "why"
			case "para":
				return "what"
			}
		}
		switch next {
		case "es", "son", "significa":
			return "what is"
		}
		if len(before) == 0 {
			return "what"
		}
	case "quien", "quienes":
		return "who"
	case "cuando":
		return "when"
	case "donde":
		return "where"
	case "cual", "cuales":
		return "which"
	case "como":
		return "how"
	case "cuanto", "cuanta", "cuantos", "cuantas":
		switch next {
		case "tarda", "tardan", "tardara":
			return "how fast"
		case "dura", "duran", "tiempo":
			return "how long"
		}
		if comesAfter(rest) {
			return "how fast"
		}
		if strings.HasSuffix(w, "s") {
			return "how many"
		}
		return "how much"
	}
	return ""
}
