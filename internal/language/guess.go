package language

import (
	"strings"
	"unicode"
)

// guessWords is how many words of a message Guess reads.
const guessWords = 60

// Guess returns "en" or "es", or "" when the text is in neither or says
// nothing. It counts small words, so that it needs no more than a short
// question; a text of Latin letters without any such word counts as English.
func Guess(text string) string {
	if text == "" {
		return ""
	}
	latin, foreign := 0, 0
	var spanish, other float64
	for i, r := range text {
		if i > 2000 {
			break
		}
		switch {
		case r < 0x80:
			if 'a' <= r|0x20 && r|0x20 <= 'z' {
				latin++
			}
		case r == '¿' || r == '¡' || r == 'ñ' || r == 'Ñ':
			spanish += 2
		case strings.ContainsRune("áíóúÁÍÓÚ", r):
			spanish += 0.6
		case strings.ContainsRune("ãõçêôàèùûâîäößąęłżřğşÃÕÇÊÔÀÈÄÖ", r):
			latin++
			other += 2
		case unicode.IsLetter(r):
			if unicode.Is(unicode.Latin, r) {
				latin++
			} else {
				foreign++
			}
		}
	}
	if foreign > latin {
		return ""
	}
	words := Words(text)
	if len(words) == 0 || latin == 0 {
		return ""
	}
	if len(words) > guessWords {
		words = words[:guessWords]
	}
	english := 0.0
	for _, word := range words {
		en, es, no := stopEnglish()[word], stopSpanish()[word], stopOther()[word]
		switch {
		case en && !es && !no:
			english++
		case es && !en && !no:
			spanish++
		case no && !en && !es:
			other++
		case es && no && !en:
			spanish += 0.5
			other += 0.5
		case en && no && !es:
			english += 0.5
			other += 0.4
		case en && es:
			english += 0.5
			spanish += 0.5
		case inSpanish()[word]:
			spanish += 0.7
		default:
			spanish += spanishEnding(word)
		}
	}
	switch {
	case other > english && other > spanish:
		return ""
	case spanish > english:
		return Spanish
	}
	return English
}

// spanishEnding weighs endings that Spanish words have and English ones hardly.
func spanishEnding(word string) float64 {
	if len(word) < 5 {
		return 0
	}
	for _, ending := range [...]string{"cion", "ciones", "mente", "idad", "amos", "emos", "ando", "iendo", "amiento", "ismo", "anza"} {
		if strings.HasSuffix(word, ending) {
			return 0.7
		}
	}
	switch word[len(word)-1] {
	case 'a', 'o':
		return 0.2
	}
	return 0
}
