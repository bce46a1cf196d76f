package redact

import (
	"strings"
	"unicode"
)

const (
	capital  = `\p{Lu}[\p{Ll}\p{M}'’-]+(?:-?\p{Lu}[\p{Ll}]+)*`
	fullName = capital + `(?:[ \t]+(?:(?:de|del|la|van|von|der|den|bin|al|da|di|st\.?)[ \t]+)*(?:\p{Lu}\.|` + capital + `)){0,3}`
	kin      = `(?:husband|wife|spouse|partner|boyfriend|girlfriend|fianc[eé]e?|son|daughter|child|kid|mother|mom|mum|father|dad|brother|sister|uncle|aunt|cousin|nephew|niece|grandson|granddaughter|grandmother|grandma|grandfather|grandpa|friend|roommate|coworker|boss|neighbou?r|doctor|nurse|therapist|psychiatrist|provider|dog|cat|ex|twin|stepson|stepdaughter|esposo|esposa|marido|hijo|hija|hermano|hermana|madre|padre|mam[aá]|pap[aá]|amigo|amiga|novio|novia|t[ií]o|t[ií]a|primo|prima|abuelo|abuela|vecino|vecina)`
)

var (
	introduced = newForm(`(?i:\bmy (?:full |first |last |legal |real |maiden )?(?:name is|name's|names)|\bmi nombre es|\bme llamo|\bmi apellido es|\bcall me|\bthe name is|\bthe name's|\bname:|\bnombre:|\bpatient:|\bpatient name:?|\bi go by)[ \t]+(?P<x>[\p{L}][\p{L}\p{M}'’-]*(?:[ \t]+(?:\p{Lu}\.|\p{Lu}[\p{L}'’-]+|(?:de|del|la|van|von|der)[ \t]+\p{Lu}[\p{L}'’-]+)){0,3})`)
	lowerFull  = newForm(`(?i)\b(?:my (?:full |legal )?name is|mi nombre es|me llamo)[ \t]+(?P<x>\p{Ll}[\p{Ll}'’-]+(?:[ \t]+\p{Ll}[\p{Ll}'’-]+)?)[ \t]*(?:[.,;!?\n]|$|\band\b|\by\b)`)
	titled     = newForm(`\b(?i:dr|drs|doctor|doctora|mr|mrs|ms|mx|miss|prof|professor|sr|sra|srta|dra|se[nñ]or|se[nñ]ora|nurse|father|sister|rev|reverend|rabbi|officer|judge|sir|madam|don|do[nñ]a)\.?[ \t]+(?P<x>` + fullName + `)`)
	lowerDr    = newForm(`\b(?i:dr|dra|mr|mrs|ms|srta)\.?[ \t]+(?P<x>\p{Ll}[\p{Ll}'’-]{2,})\b`)
	related    = newForm(`\b(?i:my|our|his|her|their|mi|su|nuestro|nuestra)[ \t]+(?i:(?:\d+[ -]?(?:year|yr)s?[ -]?old|best|late|older|younger|little|big|ex|new|old|good|dear)[ \t-]+)*(?i:` + kin + `)[ \t]*,?[ \t]+(?P<x>` + fullName + `)`)
	named      = newForm(`\b(?i:named|called|llamad[oa]|se llama|name is|named is|known as|whose name is|'s name is|names are)[ \t]+(?P<x>` + fullName + `)`)
	iAm        = newForm(`(?:^|[.!?,;\n][ \t]*|\b(?i:hi|hello|hey|hola|and|y)[, \t]+)(?i:i am|i'm|im|i’m|this is|soy|it's|it is)[ \t]+(?P<x>` + fullName + `)`)
	signed     = newForm(`(?:^|\n)[ \t]*(?i:sincerely|thanks|thank you|regards|best regards|best|love|cheers|yours|gracias|saludos|atentamente|from)[,\n][ \t\n]*(?P<x>` + fullName + `)[ \t.]*$`)
	hereNow    = newForm(`^(?P<x>` + fullName + `)[ \t]+here\b`)
	greeted    = newForm(`^(?i:hi|hello|hey|dear|hola|good morning|good afternoon)[ \t]+(?P<x>` + capital + `)[ \t]*[,!.]`)
	lastFirst  = newForm(`\b(?i:patient|name|member|insured)[ \t]*[:#][ \t]*(?P<x>` + fullName + `(?:,[ \t]*` + capital + `)?)`)
)

// names where people give them.
func names(s string) []found {
	if !strings.ContainsFunc(s, unicode.IsUpper) && !hasAny(s, "name", "nombre", "llamo", "apellido", "call me", "go by", "patient:", "dr", "mr", "ms", "srta") {
		return nil
	}
	all := each(lastFirst, s, "[name]", nil)
	all = append(all, each(lowerFull, s, "[name]", notCommon)...)
	all = append(all, each(introduced, s, "[name]", notCommon)...)
	all = append(all, each(lowerDr, s, "[name]", notCommon)...)
	if shouted(s) {
		return all
	}
	for _, e := range []*form{titled, related, named, iAm, signed, hereNow, greeted} {
		for _, f := range each(e, s, "[name]", nil) {
			f.end = f.start + len(leadingName(s[f.start:f.end]))
			if f.end > f.start {
				all = append(all, f)
			}
		}
	}
	return all
}

// leadingName cuts a run of capitalised words where the name ends.
func leadingName(s string) string {
	end := 0
	for end < len(s) {
		rest := s[end:]
		word := rest
		if i := strings.IndexAny(strings.TrimLeft(rest, " \t"), " \t"); i >= 0 {
			word = rest[:i+len(rest)-len(strings.TrimLeft(rest, " \t"))]
		}
		if !notCommon(strings.TrimSpace(word)) {
			break
		}
		end += len(word)
	}
	return strings.TrimRight(s[:end], " \t")
}

// shouted says whether capital letters say nothing here: most words have one.
func shouted(s string) bool {
	words, capitals := 0, 0
	for _, w := range strings.Fields(s) {
		if r := []rune(w)[0]; unicode.IsLetter(r) {
			words++
			if unicode.IsUpper(r) {
				capitals++
			}
		}
	}
	return words > 5 && capitals*3 > words*2
}

// notCommon says whether a word can be a name: it is neither a word that people
// often write with a capital letter nor a medicine.
func notCommon(name string) bool {
	first, _, _ := strings.Cut(strings.ToLower(name), " ")
	first = strings.Trim(first, ".,'’")
	return len(first) > 1 && !common[first] && !strings.HasSuffix(first, "ing") && !strings.HasSuffix(first, "amine")
}

var common = setOf(`
	a about after again against all also always am an and any are as asked at away awake back bad be because been before being bleeding but by called calls came
	can cannot cant can't could cut cuts dead depressed did didn't died dies do does doesn't doing done don't down drank dying ending even ever every fell felt fine first
	for found from gave gets gives going gone good got had happy has hasn't hates have having he hears held her here hit hits him his how hurt hurts i if i'm in into is isn't it its
	just keeps kept killed kills know knows last left let like lives lost loves made makes may me might must my need needs never new no not now of off often
	ok okay old on once one only or our out over overdosed passed please posted put ready really said sad saw says sees self seems seen she shot should sick since sleeps so some
	soon started still stopped stop stuck such suicide suicidal swallowed takes talks tells texted than thank that the their them then there they think thinks this threatened through tired to today told
	tonight too took tried tries turned two under until unresponsive up us used very wakes want wanted wants was wasn't we went were what when where which while who whose why will wished wishes with
	without won't worried would wouldn't wrote year yes yesterday you your
	monday tuesday wednesday thursday friday saturday sunday january february march april june july august september october november december
	christmas english spanish american bipolar adhd ptsd ocd crps trd mdd covid ceo er ai dr mr mrs ms
	el la los las un una de que se y o no si es era dijo dice quiere tiene murió murio cree necesita me te le lo por para con sin muy mal bien cuando
	zoloft sertraline prozac fluoxetine lexapro escitalopram celexa paxil effexor venlafaxine cymbalta duloxetine pristiq wellbutrin bupropion remeron trazodone trintellix
	lithium lamictal depakote abilify seroquel zyprexa latuda vraylar rexulti xanax klonopin ativan valium ambien buspar gabapentin neurontin lyrica adderall vyvanse ritalin
	spravato ketamine esketamine ketalar suboxone tylenol advil motrin aspirin benadryl botox ozempic auvelity gabapentina ketamina
	mom dad mother father doctor nurse clinic hospital god jesus medicare medicaid medicine depression anxiety
`)

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}
