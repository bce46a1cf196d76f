package ground

import (
	"slices"
	"strconv"
	"strings"

	"bedside/internal/language"
)

// quantity is a number as it stands in a sentence, with what it counts where
// that is a unit.
type quantity struct {
	value string // canonical: "2", "2.5", "1970s", "1/2", "x2"
	unit  string // "hour", "percent", "person", …; empty: none

	around []string // the words beside it, numbers and units left out
	at     int      // its word in the clause

	part, clause int // of its passage
}

// near is the share of a claim's content words that must stand in the sentence
// of the passage from which it has a number or a strong word; bound is how near
// that must come to the sentence that shares most.
const (
	near  = 0.25
	bound = 0.5
)

// unnumbered is the value of a span that no number counts: "within hours".
const unnumbered = "some"

// newNumber says whether the claim holds a number that stands in no cited
// passage, counts something else there, or is said of something else.
func newNumber(c claim, cited []citedSource) bool {
	lang := sentenceLanguage(c)
	for _, k := range c.clauses {
		for _, q := range quantities(k.text, lang) {
			if !stated(q, c, k, cited) || misplacedNumber(q, cited) {
				return true
			}
		}
	}
	return false
}

// misplacedNumber says whether the words beside a number stand in the passages
// beside another number of its kind: "first made in the early 2000s" where that was
// the early 1960s.
func misplacedNumber(q quantity, cited []citedSource) bool {
	own, rival := 0, 0
	for _, s := range cited {
		numbers := s.quantities()
		for i, there := range numbers {
			switch {
			case q.same(there):
				own = max(own, q.beside(there))
			case rivals(q, there) && isYear(q.value) == isYear(there.value) && !q.ranges(numbers, i):
				rival = max(rival, q.beside(there))
			}
		}
	}
	return rival >= own+misplacedBy
}

// same says whether a number of a passage is the claim's.
func (q quantity) same(there quantity) bool {
	return there.unit == q.unit && (there.value == q.value || q.value == unnumbered)
}

// ranges says whether a number of a passage is the other end of the claim's: the
// days of "days to two weeks".
func (q quantity) ranges(numbers []quantity, i int) bool {
	there := numbers[i]
	for _, j := range []int{i - 1, i + 1} {
		if j >= 0 && j < len(numbers) && numbers[j].part == there.part && numbers[j].clause == there.clause &&
			max(numbers[j].at-there.at, there.at-numbers[j].at) <= rangeReach && q.same(numbers[j]) {
			return true
		}
	}
	return false
}

// rangeReach is how many words stand between the ends of a range at most.
const rangeReach = 3

// misplacedBy is how many more words must stand beside the other number.
const misplacedBy = 2

// beside counts the words that two numbers have beside them.
func (q quantity) beside(other quantity) int {
	n := 0
	for i, word := range q.around {
		if slices.Contains(other.around, word) && !slices.Contains(q.around[:i], word) {
			n++
		}
	}
	return n
}

// around is how many words on either side of a number stand beside it.
const around = 6

// neighbours are the words beside words[from:to].
func neighbours(words []string, from, to int) []string {
	var out []string
	for i := max(0, from-around); i < min(len(words), to+around); i++ {
		if (i < from || i >= to) && units[words[i]] == "" && !startsWithDigit(words[i]) {
			out = append(out, words[i])
		}
	}
	return out
}

// stated says whether a passage has the number in a sentence about what the
// claim's clause is about, or the whole claim where the clause says too little.
func stated(q quantity, c claim, k clause, cited []citedSource) bool {
	about := withoutNumbers(k.stems)
	if len(about) < 2 {
		about = withoutNumbers(c.content)
	}
	// That both speak of weeks does not make them speak of the same.
	about = slices.DeleteFunc(about, func(stem string) bool {
		return q.unit != "" && (units[stem] == q.unit || stem == q.unit)
	})
	best := 0
	for _, s := range cited {
		for i := range s.parts {
			best = max(best, s.parts[i].shares(about))
		}
	}
	for _, s := range cited {
		for _, own := range s.quantities() {
			if (own.value == q.value || q.value == unnumbered) && own.unit == q.unit && (best == 0 || float64(s.parts[own.part].shares(about)) > bound*float64(best)) && !s.rivalled(own, about) {
				return true
			}
		}
	}
	return false
}

// rivalled says whether the same sentence of the passage says what the claim is
// about of another number of the kind: "26.7% of those who went on, and 45.3% of
// those who stopped".
func (s *source) rivalled(own quantity, about []string) bool {
	clauses := s.parts[own.part].clauses
	shares := clauses[own.clause].shares(about)
	return slices.ContainsFunc(s.quantities(), func(rival quantity) bool {
		return rival.part == own.part && rival.clause != own.clause && rivals(own, rival) &&
			clauses[rival.clause].shares(about) > 2*shares+1
	})
}

// rivals says whether two quantities can answer the same question: two numbers of
// one unit, or two spans such as hours and weeks.
func rivals(own, rival quantity) bool {
	if own.unit == rival.unit {
		return own.value != rival.value
	}
	return spans[own.unit] && spans[rival.unit]
}

func withoutNumbers(stems []string) []string {
	out := make([]string, 0, len(stems))
	for _, stem := range stems {
		if !startsWithDigit(stem) && !slices.Contains(out, stem) {
			out = append(out, stem)
		}
	}
	return out
}

// sentenceLanguage is whose number words the claim is read with.
func sentenceLanguage(c claim) string {
	if language.Guess(c.text) == language.Spanish {
		return language.Spanish
	}
	return c.language
}

var signs = strings.NewReplacer("%", " percent ", "½", " half ", "¼", " quarter ", "¾", " three quarters ", "⅓", " one third ", "⅔", " two thirds ",
	"$", " dollar ", "€", " euro ", "por ciento", "percent", "per cent", "percent")

// quantities reads the numbers of a sentence.
func quantities(sentence, lang string) []quantity {
	words := language.Words(signs.Replace(sentence))
	var out []quantity
	for i := 0; i < len(words); i++ {
		value, suffix, used := number(words, i, lang)
		if value == "" {
			if unit := units[words[i]]; (spans[unit] || unit == "second") && strings.HasSuffix(words[i], "s") {
				out = append(out, quantity{value: unnumbered, unit: unit, around: neighbours(words, i, i+1), at: i}) // "within hours"
			}
			continue
		}
		unit := units[suffix]
		if unit == "" {
			unit = unitBehind(words, i+used, lang)
		}
		if unit == "" && i > 0 {
			unit = unitBefore[words[i-1]]
		}
		if isYear(value) && !spans[unit] {
			unit = "" // "a 2025 review" counts no reviews
		}
		from := i
		i += used - 1
		if value == "1" && !startsWithDigit(words[i]) && unit == "" {
			continue // "one of them": a pronoun
		}
		out = append(out, quantity{value: value, unit: unit, around: neighbours(words, from, i+1), at: from})
	}
	return out
}

// number reads the number at words[i]: its canonical value, the letters that
// were stuck to it, and how many words it takes. An empty value: none.
func number(words []string, i int, lang string) (value, suffix string, used int) {
	word := words[i]
	if startsWithDigit(word) {
		return digits(word)
	}
	if strings.ContainsAny(word, "0123456789") {
		return word, "", 1 // B12, covid19
	}
	if n, ok := numberWords(lang)[word]; ok {
		if n >= 20 && n < 100 && i+1 < len(words) {
			if ones, ok := numberWords(lang)[words[i+1]]; ok && ones > 0 && ones < 10 {
				return strconv.Itoa(n + ones), "", 2
			}
		}
		return strconv.Itoa(n), "", 1
	}
	if fraction, ok := fractions[word]; ok {
		if fraction.only == "" || i > 0 && strings.Contains(fraction.only, " "+words[i-1]+" ") {
			if fraction.not == "" || i+1 >= len(words) || !strings.Contains(fraction.not, " "+words[i+1]+" ") {
				return fraction.value, "", 1
			}
		}
	}
	if (word == "a" || word == "an" || word == "single") && i+1 < len(words) && spans[units[words[i+1]]] {
		return "1", "", 1 // "within a day" is within one day
	}
	return "", "", 0
}

// digits reads a word that begins with a digit: "2.5", "24h", "1970s", "3rd".
func digits(word string) (value, suffix string, used int) {
	end := strings.IndexFunc(word, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if end < 0 {
		end = len(word)
	}
	suffix = word[end:]
	value = word[:end]
	if f, err := strconv.ParseFloat(value, 64); err == nil && len(value) < 16 {
		value = strconv.FormatFloat(f, 'f', -1, 64)
	}
	switch suffix {
	case "s": // a decade
		return value + "s", "", 1
	case "st", "nd", "rd", "th":
		return value + "th", "", 1
	}
	if suffix != "" && units[suffix] == "" {
		return value + suffix, "", 1
	}
	return value, suffix, 1
}

// unitBehind finds what a number that ends before words[i] counts, over the rest
// of a range ("2 to 3 weeks") and one small word.
func unitBehind(words []string, i int, lang string) string {
	fillers := 1
	for ; i < len(words); i++ {
		word := words[i]
		if unit := units[word]; unit != "" {
			return unit
		}
		if value, _, used := number(words, i, lang); value != "" && used == 1 && value != "1" {
			continue
		}
		switch {
		case joiners[word]:
		case fillerWords[word] && fillers > 0:
			fillers--
		default:
			return ""
		}
	}
	return ""
}

func startsWithDigit(word string) bool { return word[0] >= '0' && word[0] <= '9' }

func isYear(value string) bool {
	value = strings.TrimSuffix(value, "s") // a decade
	return len(value) == 4 && (value[:2] == "19" || value[:2] == "20")
}
