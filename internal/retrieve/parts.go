package retrieve

import (
	"slices"
	"strings"

	"bedside/internal/language"
)

const (
	// mostParts is how many questions of one message are looked for by themselves.
	mostParts = 3
	// sideCovered is how much of a comparison's subject a passage has to cover for
	// its two sides not to be looked for apart.
	sideCovered = 0.75
	// standsAlone is the confidence from which a part is taken for a question of its
	// own that names nothing: "how does it work?", and not "why does it matter?".
	standsAlone = 0.9
)

// partsOf splits a message into the questions that it asks: "what is it and how
// does it work?" is two. What is said before a question stays with it. Nil: it
// asks one thing.
func partsOf(text string) []string {
	var parts []string
	said := "" // what is told and not asked, waiting for its question
	for _, sentence := range sentencesOf(text) {
		for _, clause := range clauses(sentence) {
			one, other := twoManners(clause)
			if other == "" && !asks(language.Words(clause)) && !strings.HasSuffix(strings.TrimSpace(clause), "?") {
				said += clause + " "
				continue
			}
			parts = append(parts, strings.TrimSpace(said+one))
			if other != "" {
				parts = append(parts, other)
			}
			said = ""
		}
	}
	if len(parts) < 2 || len(parts) > mostParts {
		return nil
	}
	parts[len(parts)-1] = strings.TrimSpace(parts[len(parts)-1] + " " + said)
	return parts
}

// sentencesOf cuts after question marks, full stops and line breaks.
func sentencesOf(text string) []string {
	var sentences []string
	begin := 0
	for i, r := range text {
		if strings.ContainsRune("?!.\n;", r) {
			sentences = append(sentences, text[begin:i+1])
			begin = i + 1
		}
	}
	return append(sentences, text[begin:])
}

// clauses cuts a sentence before the words that join another question to it.
func clauses(sentence string) []string {
	fields := strings.Fields(sentence)
	var all []string
	begin := 0
	for i := 1; i+1 < len(fields); i++ {
		joined := joins(fields[i]) || strings.HasSuffix(fields[i-1], ",")
		next := i
		if joins(fields[i]) {
			next = i + 1
		}
		if joined && !isManner(fields[i-1]) && begins(wordsOf(fields[next:])) && asksSomewhere(wordsOf(fields[begin:i])) {
			all = append(all, strings.Join(fields[begin:i], " "))
			begin = next
			i = next
		}
	}
	return append(all, strings.Join(fields[begin:], " "))
}

// twoManners takes a question that asks in two ways of one thing for two: "who made it
// and when", "when and why was it made". Where it asks in one way other is empty.
func twoManners(clause string) (one, other string) {
	fields := strings.Fields(strings.TrimRight(clause, " ?!.;"))
	at, last := slices.IndexFunc(fields, isManner), len(fields)-1
	if at < 0 || at+3 > last {
		return clause, ""
	}
	before := fields[:at]
	if joins(fields[at+1]) && isManner(fields[at+2]) {
		rest := fields[at+3:]
		return joined(before, fields[at:at+1], rest), joined(before, fields[at+2:at+3], rest)
	}
	if !joins(fields[last-1]) || !isManner(fields[last]) {
		return clause, ""
	}
	rest := fields[at+1 : last-1]
	switch first := strings.ToLower(rest[0]); strings.ToLower(fields[at]) {
	case "how": // "how long does it last and why"
		if !auxiliary(first) {
			rest = rest[1:]
		}
	case "what", "qué", "que": // "what year was it and where"
		if !auxiliary(first) {
			return clause, ""
		}
	}
	return joined(fields[:last-1]), joined(before, fields[last:], rest)
}

func joined(parts ...[]string) string { return strings.Join(slices.Concat(parts...), " ") }

// isManner says whether a word alone asks for something.
func isManner(field string) bool {
	words := language.Words(field)
	if len(words) != 1 {
		return false
	}
	switch words[0] {
	case "who", "when", "where", "why", "how", "what", "quien", "cuando", "donde", "como", "que":
		return true
	}
	return false
}

func joins(field string) bool {
	switch strings.ToLower(field) {
	case "and", "&", "n", "plus", "also", "y", "e":
		return true
	}
	return false
}

func wordsOf(fields []string) []string {
	return language.Words(strings.Join(fields[:min(len(fields), 12)], " "))
}

// begins says whether words begin a question that can stand by itself.
func begins(words []string) bool {
	if len(words) < 2 {
		return false
	}
	if len(words) > 2 && joins(words[0]) {
		words = words[1:]
	}
	switch words[0] {
	case "what", "whats", "how", "hows", "why", "who", "whos", "where", "wheres", "when", "which",
		"que", "como", "cuanto", "cuanta", "cuantos", "cuantas", "cuando", "donde", "quien", "cual", "cuales":
		// "When I take it" and "who did not" join clauses of one question.
		return words[0] != "when" && words[0] != "who" && words[0] != "which" || auxiliary(words[1]) || words[0] == "which"
	case "para", "por":
		return words[1] == "que"
	}
	return auxiliary(words[0]) && pronoun(words[1])
}

func auxiliary(w string) bool {
	switch w {
	case "is", "are", "was", "were", "do", "does", "did", "can", "could", "will", "would", "should", "has", "have", "am",
		"es", "esta", "fue", "puede", "puedo", "hay", "sirve", "ayuda", "tiene", "duele":
		return true
	}
	return false
}

func pronoun(w string) bool {
	switch w {
	case "it", "i", "you", "u", "they", "we", "this", "that", "there", "my", "he", "she", "ketamine", "the", "people",
		"para", "con", "en", "la", "el", "efectos":
		return true
	}
	return false
}

// asks says whether words are a question or tell to answer one.
func asks(words []string) bool {
	for len(words) > 0 && (joins(words[0]) || opener(words[0])) {
		words = words[1:]
	}
	if len(words) == 0 {
		return false
	}
	if begins(words) || auxiliary(words[0]) && len(words) > 1 {
		return true
	}
	switch words[0] {
	case "tell", "explain", "describe", "list", "name", "dime", "explica", "explique":
		return true
	}
	return false
}

// asksSomewhere says whether a question begins anywhere in the words: "i wonder
// what it is".
func asksSomewhere(words []string) bool {
	if asks(words) {
		return true
	}
	for i := range words {
		switch words[i] {
		case "what", "whats", "how", "why", "where", "que", "como", "cuanto", "cuando":
			return true
		}
	}
	return false
}

// sidesOf returns the two things that a message asks to compare; nil: none.
func sidesOf(words []string) [][]string {
	for i, w := range words {
		var from int
		switch {
		case w == "vs" || w == "versus":
			return twoSides(words[:i], words[i+1:])
		case w == "compare" || w == "compara" || w == "compared" && i > 0 && i+1 < len(words) && (words[i+1] == "to" || words[i+1] == "with"):
			if w == "compared" {
				return twoSides(words[:i], words[i+2:])
			}
			from = i + 1
		case (w == "between" || w == "entre") && i > 0 && strings.HasPrefix(words[i-1], "difer") || w == "between" && i > 0 && strings.HasPrefix(words[i-1], "differ"):
			from = i + 1
		default:
			continue
		}
		for j := from + 1; j < len(words); j++ {
			switch words[j] {
			case "with", "to", "and", "against", "con", "y", "e":
				return twoSides(words[from:j], words[j+1:])
			}
		}
		return nil
	}
	return nil
}

func twoSides(one, other []string) [][]string {
	if len(one) == 0 || len(other) == 0 {
		return nil
	}
	return [][]string{one, other}
}

// searchParts looks for each question of a message that asks several, and for
// each side of a comparison that no passage makes, and puts the best passages of
// those that are covered first.
func (x *Index) searchParts(q Query, whole Result, lang string) Result {
	parts := partsOf(q.Text)
	compares := false
	if parts == nil {
		sides := sidesOf(language.Words(q.Text))
		for _, side := range sides {
			if !x.knowsAny(side, lang) {
				whole.Covered = false // it compares with what the material does not speak of
				return whole
			}
			parts = append(parts, strings.Join(side, " "))
		}
		compares = sides != nil
		if compares && (len(whole.Hits) == 0 || whole.Hits[0].Coverage >= sideCovered) {
			return whole
		}
	}
	if parts == nil {
		return whole
	}
	var leads []Hit
	found := whole
	found.Partly = false
	confidence := 1.0
	for i, part := range parts {
		query := Query{Text: part, Language: lang, Limit: q.Limit}
		if i == 0 {
			query.Previous = q.Previous
		}
		r, _ := x.searchOne(query)
		if !compares && r.Confidence < standsAlone && !x.saysWhat(part, lang) {
			return whole // it is about what the rest of the message names
		}
		if !r.Covered {
			found.Partly = true
			continue
		}
		confidence = min(confidence, r.Confidence)
		if !slices.ContainsFunc(leads, func(h Hit) bool { return h.Passage.ID == r.Hits[0].Passage.ID }) {
			leads = append(leads, r.Hits[0])
		}
	}
	if len(leads) == 0 || found.Partly && compares || len(leads) == 1 && !found.Partly {
		return whole
	}
	found.Leads, found.Covered, found.Confidence = len(leads), true, confidence
	found.Hits = leads
	for _, h := range whole.Hits {
		if !slices.ContainsFunc(leads, func(l Hit) bool { return l.Passage.ID == h.Passage.ID }) {
			found.Hits = append(found.Hits, h)
		}
	}
	return found
}

// saysWhat says whether a question names what it is about, and does not only ask
// ("and why does it matter?").
func (x *Index) saysWhat(question, lang string) bool {
	a := x.analyse(question, lang)
	return slices.ContainsFunc(a.concepts, func(c concept) bool { return c.bare >= 1 && !strings.HasPrefix(c.word, asking) })
}

// knowsAny says whether the material has a word for any of the words.
func (x *Index) knowsAny(words []string, lang string) bool {
	a := x.analyse(strings.Join(words, " "), lang)
	for i := range a.concepts {
		if a.concepts[i].known {
			return true
		}
	}
	return len(a.concepts) == 0 // nothing but small words: "this", "the usual"
}
