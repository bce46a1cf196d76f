package ground

import (
	"slices"
	"strings"

	"bedside/internal/language"
)

// closing are the marks that end what each opening one begins.
var closing = map[rune]string{'"': `"”`, '“': `”"`, '«': "»", '‘': "’'", '\'': "'’"}

// misquoted says whether the claim puts words between quotation marks that no cited
// passage has in a row, or that it says only to deny or to narrow them: a quotation
// lends a passage's name to what stands in it. One of nothing but a doubt says nothing.
func misquoted(c claim, cited []citedSource) bool {
	for _, words := range quotations(c.text) {
		doubt := !slices.ContainsFunc(words, func(word string) bool { return !doubts[word] })
		if !doubt && !slices.ContainsFunc(cited, func(s citedSource) bool { return s.says(words) }) {
			return true
		}
	}
	return false
}

// quotations returns the words of each quotation in a text. One in double marks that
// does not end goes on to the end of the text; a single mark may be an apostrophe.
func quotations(text string) [][]string {
	if !strings.ContainsAny(text, `"“«‘'`) {
		return nil
	}
	var out [][]string
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		ends, single := closing[runes[i]], runes[i] == '\'' || runes[i] == '‘'
		if ends == "" || single && i > 0 && isWordRune(runes[i-1]) {
			continue
		}
		end := i + 1
		for end < len(runes) && !(strings.ContainsRune(ends, runes[end]) && !(single && end+1 < len(runes) && isWordRune(runes[end+1]))) {
			end++
		}
		if end == len(runes) && single {
			continue
		}
		if words := language.Words(string(runes[i+1 : end])); len(words) > 0 {
			out = append(out, words)
		}
		i = end
	}
	return out
}

// says says whether the passage has the words in a row, so that they may be quoted.
func (s *source) says(words []string) bool {
	for i := range s.parts {
		p := &s.parts[i]
		if slices.ContainsFunc(quotations(p.text), func(own []string) bool { return row(words, own) >= 0 }) {
			return true
		}
		at := row(words, p.words)
		if at < 0 {
			continue
		}
		settles := slices.ContainsFunc(words, func(word string) bool { return strong[word] })
		term := len(read(strings.Join(words, " "), s.language, s.forms).content) < 2 && !settles
		if rest := slices.Concat(p.words[:at], p.words[at+len(words):]); term || !slices.ContainsFunc(rest, limits) {
			return true
		}
	}
	return false
}

// limits says whether a word that a quotation leaves out may have denied or narrowed it.
func limits(word string) bool {
	return negators[word] || word == "only" || word == "solo" || word == "solamente"
}

// row returns where the words stand one behind the other among others, or -1.
func row(words, among []string) int {
	for i := 0; i+len(words) <= len(among); i++ {
		if slices.Equal(words, among[i:i+len(words)]) {
			return i
		}
	}
	return -1
}
