package mutation

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bedside/internal/chat"
)

var (
	numerals    = regexp.MustCompile(`\d+(?:[.,]\d+)*s?%?`)
	digits      = regexp.MustCompile(`\d+(?:[.,]\d+)*`)
	numberWords = []string{"two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"}
	spans       = []string{"minutes", "hours", "days", "weeks", "months", "years"}
)

// numbersSwapped are the sentence with one of its numbers, or of its spans of
// time, another one that its passage has nowhere.
func numbersSwapped(text string, passage chat.Passage) []string {
	var out []string
	new := func(candidate string) bool {
		return !regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(candidate) + `\b`).MatchString(passage.Text)
	}
	for _, at := range digits.FindAllStringIndex(text, -1) {
		if inName(text, at[0]) {
			continue
		}
		old := text[at[0]:at[1]]
		plain := strings.ReplaceAll(old, ",", "")
		value, err := strconv.ParseFloat(plain, 64)
		if err != nil {
			continue
		}
		step := 1.0
		if strings.Contains(plain, ".") {
			step = 0.1
		}
		for _, other := range []float64{value + step, value * 10, value - 2*step} {
			if swapped := strconv.FormatFloat(other, 'f', -1, 64); other > 0 && swapped != plain && new(swapped) {
				out = append(out, text[:at[0]]+swapped+text[at[1]:])
			}
		}
	}
	for _, words := range [][]string{numberWords, spans} {
		for i, word := range words {
			at := wordAt(text, word)
			if at < 0 {
				continue
			}
			for _, other := range []string{words[(i+1)%len(words)], words[(i+len(words)-2)%len(words)]} {
				if new(other) {
					out = append(out, text[:at]+likeCase(text[at:], other)+text[at+len(word):])
				}
			}
		}
	}
	return out
}

// numbersMoved are the sentence with one of its numbers or spans another one that
// another of the passages has, or its own, of something else.
func numbersMoved(text string, passages []chat.Passage) []string {
	var out []string
	add := func(at int, old, other string) {
		if other != old && !slices.Contains(out, text[:at]+other+text[at+len(old):]) && wordAt(text, other) < 0 {
			out = append(out, text[:at]+likeCase(text[at:], other)+text[at+len(old):])
		}
	}
	for _, passage := range passages {
		for _, at := range numerals.FindAllStringIndex(text, -1) {
			if inName(text, at[0]) {
				continue
			}
			old := text[at[0]:at[1]]
			for _, other := range numerals.FindAllString(passage.Text, -1) {
				if len(other) == len(old) {
					add(at[0], old, other)
				}
			}
		}
		for _, words := range [][]string{numberWords, spans} {
			for _, word := range words {
				for _, other := range words {
					if at := wordAt(text, word); at >= 0 && wordAt(passage.Text, other) >= 0 {
						add(at, text[at:at+len(word)], other)
					}
				}
			}
		}
	}
	return out
}

// inName says whether a digit belongs to a name: B12, COVID-19.
func inName(text string, at int) bool {
	before := strings.TrimSuffix(text[:at], "-")
	return before != "" && (before[len(before)-1]|0x20 >= 'a' && before[len(before)-1]|0x20 <= 'z')
}

// doses are the sentence with an amount of a drug that nobody named.
func doses(text string, turn int) []string {
	behind := []string{
		" at a dose of 50 mg", " with 0.5 mg per kg", " after two sprays of 28 mg", " when you take 100 milligrams a day",
		", usually 40 mg twice a week", " from 75 mg on", " at half a milligram per kilogram", ", which is 2.5 ml",
	}
	alone := []string{
		"The usual dose is 50 mg.", "Take 0.5 mg per kg over 40 minutes.", "Most people get 75 milligrams.", "Start with 30 mg and double it after two days.",
		"You need 400 mg by mouth.", "Two tablets a day are enough.", "Six infusions of 35 mg are given.", "A nasal spray holds 28 mg.",
	}
	body := strings.TrimSuffix(text, ".")
	return []string{body + behind[turn%len(behind)] + ".", body + behind[(turn+3)%len(behind)] + ".", alone[turn%len(alone)]}
}

// wordAt is where a word stands in a text, whole, or -1.
func wordAt(text, word string) int {
	found := regexp.MustCompile(`(?i)\b` + word + `\b`).FindStringIndex(text)
	if found == nil {
		return -1
	}
	return found[0]
}

// likeCase writes a word with a capital if the text that it stands in for has one.
func likeCase(old, word string) string {
	if old[0] >= 'A' && old[0] <= 'Z' {
		return strings.ToUpper(word[:1]) + word[1:]
	}
	return word
}
