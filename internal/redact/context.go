package redact

import "strings"

const months = `jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre`

var (
	dateForm = newForm(`(?:\d{4}[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])|(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|[12]\d|3[01])[-/.](?:\d{4}|\d{2}))(?:[T ]\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]m)?)?`)
	numeric  = newForm(`(?i)\b` + dateForm.String() + `\b`)
	monthDay = newForm(`(?i)\b(?:` + months + `)\.?\s+(?:the\s+)?(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?\b(?:,?\s+(?:of\s+)?(?:19|20)\d{2}\b)?`)
	dayMonth = newForm(`(?i)\b(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?[\s-]+(?:of\s+|de\s+)?(?:` + months + `)\b\.?(?:[\s,-]+(?:de\s+|del\s+)?(?:19|20)?\d{2}\b)?`)
	ofYear   = newForm(`(?i)\b(?:` + months + `)\.?,?\s+(?:of\s+|de\s+|del\s+)?(?:19|20)\d{2}\b`)
	stated   = newForm(`(?i)\b(?:dob|d\.o\.b\.?|born(?: on)?|birth ?da(?:y|te)|date of birth|nac[ií]|fecha de nacimiento|appointment(?: is)?(?: on)?|on)\b[:\s]*(?:is\s+|es\s+|el\s+)?(?P<x>(?:0?[1-9]|1[0-2])[/-](?:0?[1-9]|[12]\d|3[01]))\b`)
	rating   = newForm(`^(?:\d|10)[/-]10$`)
)

// dates more exact than a year.
func dates(s string) []found {
	if !hasDigit(s) {
		return nil
	}
	var all []found
	for _, e := range []*form{numeric, monthDay, dayMonth, ofYear} {
		all = append(all, each(e, s, "[date]", func(m string) bool {
			// "may 20 patients" and "3 may help" are no dates.
			return !strings.EqualFold(strings.Fields(m)[0], "may") && !mayVerb.matches(m) || mayDate.matches(m)
		})...)
	}
	return append(all, each(stated, s, "[date]", func(m string) bool { return !rating.matches(m) })...)
}

var (
	mayVerb = newForm(`\d\s+may$`)
	mayDate = newForm(`May\s+\d|(?:th|st|nd|rd)\b|of\s+[Mm]ay|\d\s+May|(?:19|20)\d{2}`)

	oldYears = newForm(`(?i)\b(?P<x>9\d|1[0-2]\d)[\s-]*(?:years?|yrs?|yr)?[\s-]*(?:old|of age|y/?o|yo|a[nñ]os)\b`)
	oldAge   = newForm(`(?i)\b(?:aged?|age is|turn(?:s|ed|ing)?|edad(?: de)?|cumpl[ií])[\s:]+(?P<x>9\d|1[0-2]\d)\b`)
	oldWords = newForm(`(?i)\b(?P<x>(?:ninety|noventa)(?:[\s-](?:y\s)?[a-z]+)?|one hundred(?: and)?(?: [a-z]+)?|a hundred(?: and [a-z]+)?)[\s-]*(?:years?|yrs?|a[nñ]os)[\s-]*(?:old|of age|de edad)?\b`)
	oldPlain = newForm(`(?i)\b(?:i'?m|i am|he'?s|she'?s|he is|she is|my (?:grand)?(?:mother|father|mom|dad|ma|pa|grandma|grandpa) is|tengo|tiene)\s+(?P<x>9\d|1[0-1]\d)(?:\s*(?:[.,;!?]|$|and\b|but\b|so\b|y\b))`)
)

// ages over 89.
func ages(s string) []found {
	if !hasDigit(s) && !hasAny(s, "ninety", "noventa", "hundred") {
		return nil
	}
	var all []found
	for _, e := range []*form{oldYears, oldAge, oldWords, oldPlain} {
		all = append(all, each(e, s, "[age]", nil)...)
	}
	return all
}

const (
	streetKind = `(?:street|st|avenue|ave|av|road|rd|boulevard|blvd|drive|dr|lane|ln|court|ct|circle|cir|place|pl|parkway|pkwy|highway|hwy|terrace|ter|trail|trl|way|square|sq|squares|streets|roads|alley|loop|plaza|crescent|close|row|grove|gardens|mews|heights|hill|manor|ranch|station|stravenue|throughway|path|pike|turnpike|causeway|crossing|esplanade|quay|walk|wharf|suite)`
	states     = `(?:AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC|PR|AA|AE|AP)`
)

var (
	street      = newForm(`(?i)\b\d{1,6}[a-z]?(?:-\d+)?,?[ \t]+(?:[nsew]\.?[ \t]+|north[ \t]+|south[ \t]+|east[ \t]+|west[ \t]+)?(?:[\p{L}\d.'-]+[ \t]+){1,4}?` + streetKind + `\b\.?(?:[\s,]+(?:apt|apartment|suite|ste|unit|no|#)\.?\s*#?[\w-]+)?`)
	between     = newForm(`\b\d{3,6}[ \t]+(?:\d{1,3}[ \t]+)?\p{Lu}[\p{L}.'’-]+(?:[ \t]+\p{L}[\p{L}.'’-]+){0,3}[ \t]+\d{1,4}\b`)
	unit        = newForm(`(?i)\b(?:apt|apartment|suite|ste|flat|room|rm)\.?\s*#?\s?(?P<x>\d+[a-z]?)\b`)
	box         = newForm(`(?i)\b(?:p\.?\s?o\.?\s?box|psc|cmr|unit|apartado(?: postal)?)\s+\d+(?:[,\s]+box\s+\d+)?(?:\s+(?:apo|fpo|dpo)\s+` + states + `\s+\d{5})?`)
	zipState    = newForm(`\b` + states + `[\s,]+(?P<x>\d{5}(?:-\d{4})?)\b`)
	zipNamed    = newForm(`(?i)\b(?:zip|postal|post|postcode|c[oó]digo postal|cp)(?:\s?code)?\b[^\d\n]{0,20}(?P<x>\d{3,5}(?:[- ]\d{2,4})?(?:\s?[a-z]{2}\b)?|[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2})\b`)
	zipLong     = newForm(`\b\d{5}-\d{3,4}\b`)
	calle       = newForm(`(?i)\b(?:calle|avenida|avda|carrera|paseo|colonia|camino|carretera|plaza|rua|rue|via)\s+(?:[\p{L}\d.']+\s+){0,4}?(?:n[oº°.]+\s*|#\s*|num\.?\s*)?\d{1,5}\b`)
	suffixed    = newForm(`(?i)\b\p{L}+(?:stra(?:ss|ß)e|str\.|gasse|weg|platz|allee|gata|gatan|vägen|vej|veien|straat|laan|katu|tie|utca|ulica)\s+\d{1,5}\s?[a-z]?\b|\b\p{L}+\s+(?:utca|u\.|út|ulica|ul\.|gade|cesta|tänav)\s+\d{1,5}\b\.?`)
	liveAt      = newForm(`\b(?i:i live at|i live on|my address is|mi direcci[oó]n es|vivo en|address:)\s+(?P<x>\d{1,6}\s+[^\n.;!?]{3,60}|[^\n.;!?\d]{2,40}\d{1,5}\b[^\n.;!?]{0,30})`)
	postLines   = newForm(`(?m)^\s*(?P<x>\d{1,6}\s+\p{Lu}[^\n\d]{1,40}|\p{Lu}[\p{L}.' -]{2,30}\s\d{1,4}\s*)$`)
	addressTail = newForm(`^(?:[\s,]+(?i:apt|apartment|suite|ste|unit|flat|no)\.?\s*#?\s?[\w-]{1,6}\b)*(?:[\s,]*[\n,]\s*(?:\p{Lu}[\p{L}.'’-]*(?:[ \t]+[\p{L}.'’-]+){0,4})){0,3}[\s,]+(?:\p{Lu}[\p{L}]+[\s,]+)?\d{4,6}(?:-\d{3,4})?\b`)
	unitTail    = newForm(`^(?:[\s,]+(?i:apt|apartment|suite|ste|unit|flat)\.?\s*#?\s?[\w-]{1,6}\b)+`)
	lineZip     = newForm(`(?m)\p{L}[,\s]+(?P<x>\d{4,6}(?:-\d{3,4})?)\s*$`)
)

// streets and postal codes. An address over several lines is told by its lines.
func streets(s string) []found {
	if !hasDigit(s) {
		return nil
	}
	all := each(liveAt, s, "[address]", nil)
	for _, e := range []*form{box, street, between, calle, suffixed, zipState, zipNamed, zipLong, unit} {
		all = append(all, each(e, s, "[address]", notAmount)...)
	}
	for i := range all {
		all[i].end += tailOf(s[all[i].end:])
	}
	if strings.Count(s, "\n") >= 2 && (postLines.matches(s) || lineZip.matches(s)) {
		all = append(all, each(postLines, s, "[address]", notAmount)...)
		all = append(all, each(lineZip, s, "[address]", func(m string) bool { return !year(m) })...)
	}
	return all
}

// tailOf returns how much of what follows a street belongs to its address: the
// flat, the town and the postal code.
func tailOf(rest string) int {
	for _, e := range []*form{addressTail, unitTail} {
		if found := e.find(rest); found != "" {
			return len(found)
		}
	}
	return 0
}

var (
	amountWord = newForm(`(?i)^\d+[\s,-]*(?:mg|ml|mcg|times|days?|weeks?|months?|years?|yrs?|hours?|hrs?|minutes?|mins?|pills?|tablets?|sessions?|infusions?|treatments?|percent|people|patients|pounds|lbs|kids?|of|in|and|or|to|am|pm|over|on|out|doses?|sprays?|more|times|x|milligrams?|troches?|lozenges?|nights?|bottles?)\b`)
	healthy    = newForm(`(?i)\b(?:my|me|i|in|a|an|so|to|all|by|out|and|or|is|was|are|do|does|can|after|before|took|have|had|feel|that|it|they|we|you|ketamine|treatment|heart|way to|drive|twice|times)\b|\d/\d`)
)

// notAmount says that digits and words are an address and not an amount of
// something in a sentence.
func notAmount(m string) bool {
	return !amountWord.matches(m) && !healthy.matches(m)
}

func hasDigit(s string) bool {
	for i := range len(s) {
		if '0' <= s[i] && s[i] <= '9' {
			return true
		}
	}
	return false
}

// hasAny says whether one of the words, given in lower case, stands in s.
func hasAny(s string, words ...string) bool {
	s = strings.ToLower(s)
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
