package language

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type abbreviation int

const (
	ordinary     abbreviation = iota
	neverEnds                 // a name, an example or a number follows: "Dr.", "e.g."
	beforeNumber              // "No. 5", but "No."
	mayEnd                    // "etc.", "U.S.", an initial
)

// abbreviations of English and Spanish, lower case, without the last stop.
var abbreviations = map[string]abbreviation{
	"dr": neverEnds, "dra": neverEnds, "drs": neverEnds, "mr": neverEnds, "mrs": neverEnds,
	"ms": neverEnds, "prof": neverEnds, "rev": neverEnds, "gen": neverEnds, "sgt": neverEnds,
	"st": neverEnds, "mt": neverEnds, "hon": neverEnds, "sr": neverEnds, "sra": neverEnds,
	"srta": neverEnds, "sres": neverEnds, "lic": neverEnds, "ing": neverEnds, "ud": neverEnds,
	"uds": neverEnds, "vd": neverEnds, "vds": neverEnds, "d.ª": neverEnds,
	"e.g": neverEnds, "i.e": neverEnds, "eg": neverEnds, "ie": neverEnds, "cf": neverEnds,
	"viz": neverEnds, "vs": neverEnds, "v.s": neverEnds, "approx": neverEnds, "aprox": neverEnds,
	"ca": neverEnds, "incl": neverEnds, "esp": neverEnds, "resp": neverEnds, "p": neverEnds,
	"ej": neverEnds, "p.ej": neverEnds, "pág": neverEnds, "págs": neverEnds, "pp": neverEnds,
	"núm": neverEnds, "tel": neverEnds, "tfno": neverEnds, "avda": neverEnds, "ee": neverEnds,
	"no": beforeNumber, "nos": beforeNumber, "fig": beforeNumber, "figs": beforeNumber,
	"vol": beforeNumber, "ch": beforeNumber, "sec": beforeNumber, "eq": beforeNumber, "art": beforeNumber,
	"ext": beforeNumber, "n.º": beforeNumber, "nº": beforeNumber,
	"jan": beforeNumber, "feb": beforeNumber, "mar": beforeNumber, "apr": beforeNumber, "jun": beforeNumber,
	"jul": beforeNumber, "aug": beforeNumber, "sept": beforeNumber, "sep": beforeNumber, "oct": beforeNumber,
	"nov": beforeNumber, "dec": beforeNumber,
	"etc": mayEnd, "al": mayEnd, "jr": mayEnd, "inc": mayEnd, "ltd": mayEnd, "co": mayEnd, "corp": mayEnd,
	"dept": mayEnd, "est": mayEnd, "u.s": mayEnd, "u.k": mayEnd, "u.s.a": mayEnd, "u.n": mayEnd,
	"e.u": mayEnd, "uu": mayEnd, "a.m": mayEnd, "p.m": mayEnd, "a.c": mayEnd, "d.c": mayEnd,
	"ph.d": mayEnd, "m.d": mayEnd, "d.o": mayEnd, "r.n": mayEnd, "b.s": mayEnd, "m.s": mayEnd, "n.p": mayEnd,
	"hr": mayEnd, "hrs": mayEnd, "min": mayEnd, "mins": mayEnd, "wk": mayEnd, "wks": mayEnd, "yr": mayEnd,
	"yrs": mayEnd, "mo": mayEnd, "mos": mayEnd, "mg": mayEnd, "kg": mayEnd, "ml": mayEnd, "lb": mayEnd,
	"lbs": mayEnd, "oz": mayEnd, "max": mayEnd, "avg": mayEnd,
}

// starters are words that begin sentences and hardly ever names.
var starters = set(`a about after all also although an and another any are as ask at because before both but by call
	can do doctors during each even every experts few first for from he her here his how however i if in is it its
	ketamine many more most my new no not now of on once one only or other others our over patients people please
	research researchers results scientists several she since so some still studies such talk that the their then
	there these they this those though to today too treatment two under until we what when where whether which while
	who why with without yes you your
	a al algunas algunos antes aunque cada como con cuando de desde después el ella ellas ellos en entre es esa ese
	eso esta estas este esto estos hay la las lo los más muchas muchos ni no nuestra nuestro o otra otras otro otros
	para pero por porque pregunte puede pueden que quien se según si sin sobre su sus también tiene todas todos tras
	un una unas unos usted y ya`)

func set(words string) map[string]bool {
	out := make(map[string]bool)
	for _, word := range strings.Fields(words) {
		out[word] = true
	}
	return out
}

// kindOf says how the stop behind a word is to be read.
func kindOf(word string) abbreviation {
	if kind, ok := abbreviations[strings.ToLower(word)]; ok {
		return kind
	}
	if r, size := utf8.DecodeRuneInString(word); size == len(word) && size > 0 && unicode.IsUpper(r) {
		return mayEnd // an initial
	}
	if initials(word) {
		return mayEnd
	}
	return ordinary
}

// initials says whether a word is letters with stops between: "J.R", "W.H.O".
func initials(word string) bool {
	if !strings.Contains(word, ".") {
		return false
	}
	for part := range strings.SplitSeq(word, ".") {
		if r, size := utf8.DecodeRuneInString(part); size != len(part) || !unicode.IsLetter(r) {
			return false
		}
	}
	return true
}

// wordBefore returns the word that the stop at i touches, stops within it included.
func wordBefore(text string, i int) string {
	start := i
	for start > 0 && i-start < 24 {
		r, size := utf8.DecodeLastRuneInString(text[:start])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != 'º' && r != 'ª' {
			break
		}
		start -= size
	}
	return strings.TrimLeft(text[start:i], ".")
}

// listNumber says whether the word before the stop at i is the number of a list
// item: alone at the beginning of its sentence.
func listNumber(text string, i int, word string) bool {
	if word == "" || len(word) > 3 || strings.Trim(text[:i-len(word)], " \t\r\n*_#>(-") != "" {
		return false
	}
	if len(word) == 1 && unicode.IsLetter(rune(word[0])) {
		return true
	}
	return strings.Trim(word, "0123456789") == ""
}

func onlyLetters(word string) bool {
	for _, r := range word {
		if !unicode.IsLetter(r) {
			return false
		}
	}
	return true
}
