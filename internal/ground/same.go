package ground

import "bedside/internal/language"

// same are words that mean the same in whatever a clinic says of a treatment. Few
// are: what a passage calls one thing, a claim may not call another.
var same = map[string]map[string]string{
	language.English: {
		"medication": "medicine", "medications": "medicines", "therapy": "treatment", "therapies": "treatments",
		"physician": "doctor", "physicians": "doctors", "begin": "start", "begins": "starts", "began": "started", "beginning": "starting",
		"quickly": "fast", "rapid": "fast", "rapidly": "fast", "quick": "fast", "aid": "help", "aids": "helps",
	},
	language.Spanish: {
		"farmaco": "medicamento", "farmacos": "medicamentos", "terapia": "tratamiento", "terapias": "tratamientos",
	},
}

// stemOf is the stem under which a word is compared.
func stemOf(lang, word string) string {
	if other, ok := same[lang][word]; ok {
		word = other
	}
	return language.Stem(lang, word)
}
