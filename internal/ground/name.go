package ground

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"bedside/internal/language"
)

// newName says whether the claim names something that no cited passage names: a
// word with a capital inside the sentence, an abbreviation, or a drug.
func newName(c claim, cited []citedSource) bool {
	known := func(word string) bool {
		return slices.ContainsFunc(cited, func(s citedSource) bool {
			return s.words[word] || s.words[language.Singular(s.language, word)] || s.words[word+"s"]
		})
	}
	for _, name := range capitals(c.text) {
		for _, word := range language.Words(name) {
			if !startsWithDigit(word) && !known(word) {
				return true
			}
		}
	}
	for _, word := range c.words {
		if isDrug(word) && !known(word) {
			return true
		}
	}
	return false
}

// capitals returns the words that begin with a capital where nothing but a name
// does, and abbreviations anywhere.
func capitals(sentence string) []string {
	var out []string
	begins := true
	for field := range strings.FieldsSeq(sentence) {
		word := strings.TrimFunc(field, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		first, size := utf8.DecodeRuneInString(word)
		opened := strings.HasPrefix(field, "\"") || strings.HasPrefix(field, "“") || strings.HasPrefix(field, "«") || strings.HasPrefix(field, "¿") || strings.HasPrefix(field, "¡")
		if unicode.IsUpper(first) {
			rest := word[size:]
			shout := len(rest) > 0 && strings.ContainsFunc(rest, unicode.IsUpper)
			if shout || !begins && !opened && !pronoun[word] {
				out = append(out, word)
			}
		}
		if word != "" {
			begins = strings.ContainsAny(field[len(field)-1:], ".!?:;") || strings.HasSuffix(field, "…")
		}
	}
	return out
}

var pronoun = map[string]bool{"I": true, "I'm": true, "I’m": true, "Ud": true, "Uds": true, "Usted": true}

// drugEndings are the endings that names of drugs have and few other words;
// drugs are names that have no such ending.
var (
	drugEndings = strings.Fields(`oxetine traline alopram azepam azolam zodone triptyline pramine faxine peridone apine piprazole statin olol sartan
		cycline mycin profen codone morphone morphine barbital giline phenidate amphetamine setron gliptin flurane caine ketamine
		ketamina fentanil fentanyl oxetina tralina pramina faxina cilina cillin thyroxine midazole conazole cybin cibina gabalin
		gabapentin trigine trigina`)
	drugs = wordSet(`lithium litio methadone metadona heroin heroina cocaine cocaina cannabis marijuana marihuana alcohol lsd mdma ecstasy
		extasis aspirin aspirina acetaminophen paracetamol insulin insulina propofol nitrous bupropion naltrexone naltrexona buprenorphine buprenorfina
		opioid opioids opioides benzodiazepine benzodiazepines benzodiacepinas botox steroid steroids esteroides cbd thc ayahuasca
		melatonin melatonina tramadol clonidine clonidina mirtazapine trazodone testosterone testosterona`)
)

func isDrug(word string) bool {
	return drugs[word] || len(word) > 5 && slices.ContainsFunc(drugEndings, func(ending string) bool { return strings.HasSuffix(word, ending) })
}

func wordSet(words string) map[string]bool {
	out := make(map[string]bool)
	for word := range strings.FieldsSeq(words) {
		out[word] = true
	}
	return out
}

// address matches what a person could follow: a link, a host, an e-mail, a tag, a
// handle, and hosts that were written so that nothing recognises them.
var address = lazily(`(?i)\b[a-z][a-z0-9+.-]*://\S+|www\.\S+|\S*@\S+|\b[a-z0-9-]{2,}(?:\.|\[\.\]|\(\.\))[a-z]{2,}\b(?:/\S*)?|\b[a-z0-9-]+ (?:dot|punto) [a-z]{2,}\b|<\s*[a-z/!][^>]*>?|\b(?:javascript|data|mailto|file):\S+`)

// mayAddress says, cheaply, whether address can match at all: most sentences have
// no more than their full stop.
func mayAddress(text string) bool {
	if strings.ContainsAny(text, ":<@") || strings.Contains(text, "[.]") || strings.Contains(text, "(.)") ||
		strings.Contains(strings.ToLower(text), " dot ") || strings.Contains(strings.ToLower(text), " punto ") {
		return true
	}
	for i := 0; i+1 < len(text); i++ {
		if text[i] == '.' && text[i+1] != ' ' && text[i+1] != '.' {
			return true
		}
	}
	return false
}

// newLink says whether the claim holds an address that no cited passage holds.
func newLink(c claim, cited []citedSource) bool {
	if !mayAddress(c.text) {
		return false
	}
	for _, found := range address().FindAllString(c.text, -1) {
		found = strings.TrimRight(found, ".,;:!?)\"”’")
		if !slices.ContainsFunc(cited, func(s citedSource) bool { return s.mentions(found) }) {
			return true
		}
	}
	return false
}

func (s *source) mentions(text string) bool {
	return slices.ContainsFunc(s.parts, func(p part) bool { return strings.Contains(p.text, text) })
}

// webAddress matches what is an address for sure, in a text that was not made to
// hide one.
var webAddress = lazily(`(?i)\b[a-z][a-z0-9+.-]*://\S+|\bwww\.\S+|\S+@[a-z0-9-]+\.\S+|\b(?:[a-z0-9-]+\.)+(?:com|org|net|gov|edu|io|info|co|us|ai|app|biz|ly|xyz|site|online|shop|health|ru|cn)\b`)

// strayAddress says whether a sentence of the material leads to another host than
// the page's own: the links of an answer are those of its citations.
func strayAddress(sentence, own string) bool {
	if !strings.ContainsAny(sentence, ".:@") {
		return false
	}
	for _, found := range webAddress().FindAllString(sentence, -1) {
		if i := strings.LastIndexByte(found, '@'); i >= 0 {
			found = found[i+1:]
		}
		if at := host(found); own == "" || at != own && !strings.HasSuffix(at, "."+own) && !strings.HasSuffix(own, "."+at) {
			return true
		}
	}
	return false
}

// host is the name of the machine in an address.
func host(address string) string {
	if _, rest, ok := strings.Cut(address, "://"); ok {
		address = rest
	}
	if i := strings.IndexAny(address, "/?#:"); i >= 0 {
		address = address[:i]
	}
	return strings.TrimPrefix(strings.ToLower(strings.TrimRight(address, ".,;)\"”")), "www.")
}
