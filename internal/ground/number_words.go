package ground

import (
	"strings"

	"bedside/internal/language"
)

var englishNumbers = map[string]int{
	"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
	"nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
	"hundred": 100, "thousand": 1000, "million": 1000000, "billion": 1000000000, "dozen": 12,
}

// uno and una are left out: they are articles, too.
var spanishNumbers = map[string]int{
	"cero": 0, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10, "once": 11,
	"doce": 12, "trece": 13, "catorce": 14, "quince": 15, "dieciseis": 16, "diecisiete": 17, "dieciocho": 18, "diecinueve": 19,
	"veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80, "noventa": 90,
	"cien": 100, "ciento": 100, "mil": 1000, "millon": 1000000, "docena": 12,
}

func numberWords(lang string) map[string]int {
	if lang == language.Spanish {
		return spanishNumbers
	}
	return englishNumbers
}

// fraction is a word that says a number without naming it.
type fraction struct {
	value string
	only  string // the words of which one must stand before it; empty: any
	not   string // the words of which none may stand behind it
}

var fractions = map[string]fraction{
	"half": {value: "1/2"}, "halves": {value: "1/2"}, "mitad": {value: "1/2"},
	"third": {value: "1/3", only: " a one two "}, "thirds": {value: "1/3"}, "tercio": {value: "1/3"}, "tercios": {value: "1/3"},
	"quarter": {value: "1/4", only: " a one three "}, "quarters": {value: "1/4"}, "cuarto": {value: "1/4", only: " un "},
	"fifth": {value: "1/5", only: " a one "}, "tenth": {value: "1/10", only: " a one "},
	"twice": {value: "x2"}, "double": {value: "x2", not: " blind check "}, "doubles": {value: "x2"}, "doubled": {value: "x2"},
	"triple": {value: "x3"}, "triples": {value: "x3"}, "tripled": {value: "x3"}, "doble": {value: "x2"},
	"dozens": {value: "dozens"}, "hundreds": {value: "hundreds"}, "thousands": {value: "thousands"}, "millions": {value: "millions"},
	"docenas": {value: "dozens"}, "cientos": {value: "hundreds"}, "miles": {value: "thousands"}, "millones": {value: "millions"},
}

// units maps the words for what is counted to one name each.
var units = func() map[string]string {
	out := make(map[string]string)
	for name, words := range map[string]string{
		"second":    "seconds sec secs segundo segundos",
		"minute":    "minute minutes min mins minuto minutos",
		"hour":      "hour hours hr hrs h hora horas",
		"day":       "day days dia dias",
		"week":      "week weeks wk wks semana semanas",
		"month":     "month months mo mos mes meses",
		"year":      "year years yr yrs ano años año",
		"decade":    "decade decades decada decadas",
		"percent":   "percent percentage",
		"dollar":    "dollar dollars usd dolar dolares",
		"euro":      "euro euros",
		"mg":        "mg milligram milligrams miligramo miligramos",
		"mcg":       "mcg ug µg microgram micrograms microgramo microgramos",
		"g":         "g gram grams gramo gramos",
		"kg":        "kg kilogram kilograms kilo kilos",
		"ml":        "ml milliliter milliliters mililitro mililitros cc",
		"person":    "person people persons patient patients adult adults participant participants volunteer volunteers veteran veterans man men woman women child children persona personas paciente pacientes adulto adultos",
		"study":     "study studies trial trials review reviews estudio estudios ensayo ensayos",
		"treatment": "treatment treatments session sessions infusion infusions visit visits dose doses tratamiento tratamientos sesion sesiones infusion infusiones dosis",
		"medicine":  "medicine medicines medication medications drug drugs pill pills antidepressant antidepressants medicamento medicamentos antidepresivo antidepresivos",
		"time":      "times veces vez",
	} {
		for word := range strings.FieldsSeq(words) {
			out[word] = name
		}
	}
	return out
}()

// spans are the units of which "a" is as good as "one".
var spans = map[string]bool{"minute": true, "hour": true, "day": true, "week": true, "month": true, "year": true, "decade": true}

// unitBefore are units that stand before their number: "day 3".
var unitBefore = map[string]string{
	"day": "day", "week": "week", "month": "month", "year": "year", "hour": "hour", "dia": "day", "semana": "week", "dollar": "dollar", "euro": "euro",
}

// joiners stand between the numbers of a range.
var joiners = map[string]bool{"to": true, "or": true, "and": true, "through": true, "a": true, "o": true, "y": true, "hasta": true}

// fillerWords may stand between a number and its unit.
var fillerWords = map[string]bool{
	"full": true, "more": true, "whole": true, "other": true, "different": true, "additional": true, "long": true, "short": true, "separate": true,
	"small": true, "large": true, "older": true, "healthy": true, "hospital": true, "mas": true, "pequenos": true, "distintos": true,
}
