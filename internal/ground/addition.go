package ground

import (
	"slices"
	"strings"

	"bedside/internal/language"
)

// A model may phrase and not add. The share of known words lets a long sentence
// carry whatever is short beside it; the rules of this file look at what was
// added, wherever in the sentence it stands.

// spelled is how many single letters in a row spell something out.
const spelled = 3

// added says whether the claim holds something beside what its passages say: a
// word that none of them has and that is not one of the plain ones, two such
// words together though they be plain, a clause of its own, letters one by one, or
// something to do or chatter in words that say nothing of a subject.
func added(c claim, cited []citedSource) bool {
	for _, word := range c.words {
		if (deeds[word] || chatter[word]) && !slices.ContainsFunc(cited, func(s citedSource) bool { return s.words[word] }) {
			return true
		}
	}
	known := func(k clause, j int) bool {
		stem, word := k.stems[j], k.words[k.at[j]]
		return slices.ContainsFunc(cited, func(s citedSource) bool { return s.stems[stem] }) || isNumber(word, c.language)
	}
	for _, k := range c.clauses {
		carried, row := 0, 0
		for j, stem := range k.stems {
			switch {
			case known(k, j):
				carried++
				row = 0
			case openers(c.language)[stem]:
			case !plain(c.language)[stem] || row > 0:
				return true
			default:
				row++
			}
		}
		if row > 0 && carried == 0 {
			return true
		}
		if letterByLetter(k.words) {
			return true
		}
	}
	return false
}

// isNumber says whether the word is a number, which a rule of its own looks at.
func isNumber(word, lang string) bool {
	if startsWithDigit(word) || units[word] != "" && !counted[units[word]] {
		return true
	}
	value, _, _ := number([]string{word}, 0, lang)
	return value != ""
}

// counted are units that are things of their own: a sentence that names children or
// pills says something of them, with or without a number.
var counted = map[string]bool{"person": true, "study": true, "treatment": true, "medicine": true}

func letterByLetter(words []string) bool {
	row := 0
	for _, word := range words {
		if len(word) > 1 {
			row = 0
		} else if row++; row >= spelled {
			return true
		}
	}
	return false
}

func openers(lang string) map[string]bool {
	if lang == language.Spanish {
		return openersSpanish
	}
	return openersEnglish
}

func plain(lang string) map[string]bool {
	if lang == language.Spanish {
		return plainSpanish
	}
	return plainEnglish
}

func stemSet(lang, words string) map[string]bool {
	out := make(map[string]bool)
	for word := range strings.FieldsSeq(words) {
		out[language.Stem(lang, word)] = true
	}
	return out
}

// deeds are what a person could be told to do, chatter what a page does not say;
// both stand among the stop words of a language.
var (
	deeds   = wordSet(`take use put try call ask tell go toma tome tomar use usa usar llame llama llamar pida pide vaya ve`)
	chatter = wordSet(`hi hello hey hiya greetings dear sir madam maam doc folks guys thank thanks thankyou thx ty cheers bye goodbye regards
		sincerely lol lmao haha hahaha hehe omg wow ugh yikes gotcha dunno ya yo yall hola adios gracias saludos jaja`)
)

// openers lead a sentence from one thing to the next and say nothing themselves.
var (
	openersEnglish = stemSet(language.English, `additionally also alternatively although besides briefly broadly consequently essentially
		example finally first firstly furthermore generally general however importantly instance instead lastly likewise meanwhile moreover
		namely nevertheless nonetheless overall particular particularly rather second secondly short simply similarly sum summary
		specifically still therefore though thus whereas while yet`)
	openersSpanish = stemSet(language.Spanish, `ademas ahora asi aunque brevemente cambio conclusion consecuencia decir ejemplo embargo
		especial especialmente finalmente general generalmente igualmente lugar mientras obstante primero pues realidad resumen segundo
		simplemente tambien tampoco todavia ultimo`)
)

// plain words put what is known in other words. None names a thing, a deed, a
// time or a judgement on which somebody could act.
var (
	plainEnglish = stemSet(language.English, `able about account act add affect aid aim access achieve after allow also among amount appear approach appropriate available area
		arise around aspect associate based basis become before begin behind believe belong bring broad build call carry case cause certain
		change challenge characterize choose component concept class clear close come common compare concern condition connect consider consist contain continue
		contribute contrast course create critical crucial current deal depend derive describe design desire despite determine develop difference different difficult discuss distinct due early
		ease easily easy effect effective emphasize enable end enhance ensure especially essential establish exact examine exist expect experience explain explore
		extent face fact factor feature feel fewer find focus follow form former found frequent full further gain generate get give go group grow
		happen hard help high history hold idea identify impact important improve include increase indicate individual influence initial involve issue
		join keep key kind larger know known lack large last later lead learn leave less level life likely limit link list long look low main
		make manage manner mark matter mean middle meaning mention method mind mood move much multiple name nature near need new next normal note number
		object observe occur offer often ongoing open option order origin outcome part pass patient people perhaps period practice prefer person place
		play point possible potential prepare presence present primary process produce promising promote protect prove provide purpose put quality quick
		quickly range reach read reason receive recent recognize recommend reduce refer regard relate relationship relevant relief
		relieve remain report represent require research result role say scientist section see seem sense serve set several share show sign significant
		similar simple single situation small sometimes sort speak specific stage start state stay step strong study subject suffer suggest
		summarize support symptom take talk target tell tend term thing think thought time together toward traditional treat treatment true try
		turn type typical under understand unlike use useful usual usually various vary view wait way website whole wide within word work world
		write year`)
	plainSpanish = stemSet(language.Spanish, `accion ademas afectar agregar ahora alguno aliviar alto ambito aparecer aportar asociar
		aspecto ayudar bajo base bueno cambiar cambio caracteristica caso causa causar cierto clase claro comenzar comparar comprender
		comun condicion conectar conocer conocido consistir contener continuar corto creer dar deber decir demostrar depender describir
		diferencia diferente dificil distinto efecto ejemplo empezar encontrar entender entre especial estado estudiar estudio etapa
		existir experiencia explicar factor favor forma formar funcion funcionar funciona general generar grado grande grupo haber hacer
		idea igual importante incluir indicar influir informacion investigacion lado largo limitar llamar llegar llevar lograr lugar
		manera mantener mejor mejorar menor menudo mismo modo mostrar motivo mucho necesario necesitar nivel nombre nuevo numero
		objeto obtener ocurrir ofrecer opcion origen paciente parecer parte pasar pensar pequeno permitir persona poder posible presentar
		principal proceso producir propio punto quedar querer rapido razon recibir referir relacion respuesta resultado saber sentir
		ser serie servir significar similar simple sintoma situacion suceder suele tardar tema tener termino tiempo tipo tomar trabajar
		tratar tratamiento usar uso util vario ver vez vida`)
)
