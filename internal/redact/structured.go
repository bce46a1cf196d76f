package redact

import "strings"

// each returns the stretches that an expression matches, or of its group "x"
// where it has one, as far as keep agrees.
func each(e *form, s, placeholder string, keep func(match string) bool) []found {
	var all []found
	group := 2 * e.group()
	for _, m := range e.findAll(s) {
		if m[group] >= 0 && (keep == nil || keep(s[m[group]:m[group+1]])) {
			all = append(all, found{m[group], m[group+1], placeholder})
		}
	}
	return all
}

var placeholder = newForm(`\[(?:phone|email|address|date|record|account|ssn|card|url|ip|age|name)\]`)

// placeholders are left as they are.
func placeholders(s string) []found {
	var all []found
	for _, m := range placeholder.findAll(s) {
		all = append(all, found{m[0], m[1], s[m[0]:m[1]]})
	}
	return all
}

var (
	link = newForm(`(?i)\b(?:https?|ftp|wss?)://[^\s<>"']+|\bwww\.[^\s<>"']+`)
	host = newForm(`(?i)\b(?:[a-z0-9](?:[a-z0-9-]{0,62})\.)+(?:com|org|net|edu|gov|mil|info|biz|io|co|me|us|uk|ca|au|de|fr|es|it|nl|be|ch|at|se|no|dk|fi|pl|cz|sk|hu|ru|br|mx|ar|cl|in|jp|cn|kr|nz|za|ie|pt|gr|tr|ro|bg|si|hr|ee|lv|lt|is|lu|eu|app|dev|health|clinic|online|site|xyz|tv|ly|gg)(?:\.[a-z]{2})?(?::\d+)?(?:/[^\s<>"']*)?(?:\b|$)`)

	email  = newForm(`(?i)[\p{L}\p{N}._%+'-]+\s?@\s?[\p{L}\p{N}-]+(?:\s?\.\s?[\p{L}\p{N}-]+)+`)
	spoken = newForm(`(?i)\b[\w.+-]+\s*(?:\(at\)|\[at\]|\{at\}|\sat\s|\sarroba\s)\s*[\w-]+(?:\s*(?:\(dot\)|\[dot\]|\sdot\s|\spunto\s|\.)\s*(?:com|org|net|edu|gov|co|uk|es|mx|us|me|io))+\b`)

	ip4 = newForm(`\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b(?:/\d{1,2}\b)?`)
	ip6 = newForm(`(?i)(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}|(?:[0-9a-f]{1,4}:){3,7}:|::(?:[0-9a-f]{1,4}:){1,6}[0-9a-f]{1,4}`)
	mac = newForm(`(?i)\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b`)
)

func links(s string) []found {
	if !strings.Contains(s, ".") && !strings.Contains(s, "://") {
		return nil
	}
	all := each(link, s, "[url]", nil)
	for i := range all {
		for all[i].end > all[i].start && strings.ContainsRune(".,;:!?)]}", rune(s[all[i].end-1])) {
			all[i].end--
		}
	}
	// An e-mail address's host is the address's, and "did.it" is no host.
	for _, f := range each(host, s, "[url]", func(m string) bool { return len(m) > 5 }) {
		if (f.start == 0 || !strings.ContainsRune("@+", rune(s[f.start-1]))) && (f.end >= len(s) || s[f.end] != '@') && !glued(s[f.start:f.end]) {
			all = append(all, f)
		}
	}
	return all
}

// glued says whether a host is two words whose space was left out: its ending is
// also a common word, and nothing else makes it a host.
func glued(h string) bool {
	i := strings.LastIndexByte(h, '.')
	if strings.ContainsAny(h, "/:") || strings.Count(h, ".") > 1 {
		return false
	}
	switch strings.ToLower(h[i+1:]) {
	case "me", "us", "in", "is", "it", "no", "at", "be", "de", "es", "se", "si", "app", "health", "clinic", "online", "site", "info", "co", "ca", "ar", "my", "to", "so":
		return true
	}
	return false
}

func emails(s string) []found {
	var all []found
	if strings.Contains(s, "@") {
		all = each(email, s, "[email]", nil)
	}
	for i := range all {
		for all[i].end > all[i].start && s[all[i].end-1] == '.' {
			all[i].end--
		}
	}
	if !hasAny(s, " dot ", "(dot)", "[dot]", ".com", ".org", ".net", ".edu", " punto ") {
		return all
	}
	return append(all, each(spoken, s, "[email]", nil)...)
}

func network(s string) []found {
	if !hasDigit(s) || !strings.ContainsAny(s, ".:-") {
		return nil
	}
	all := each(ip4, s, "[ip]", nil)
	all = append(all, each(mac, s, "[record]", nil)...)
	return append(all, each(ip6, s, "[ip]", func(m string) bool { return len(m) > 6 })...)
}

var (
	// digits in groups, as telephone, card and account numbers are written
	grouped = newForm(`(?:\+|\b00)?(?:\(\+?\d{1,5}\)|\d+)(?:[ \t]?[ .\-/–]?[ \t]?(?:\(\d{1,5}\)|\d+))*(?:\s?(?:x|ext\.?|extension|#)\s?\d{1,6}\b)?`)
	iban    = newForm(`(?i)\b[a-z]{2}\d{2}(?:[ -]?[a-z0-9]{4}){2,7}(?:[ -]?[a-z0-9]{1,3})?\b`)
	// letters and many digits in one word
	code = newForm(`(?i)\b[a-z]{1,4}-?\d{5,}[a-z0-9-]*\b|\b\d{4,}[a-z]{1,3}\d*\b|\b[a-z]\d{3}-?\d{3,}(?:-\d+)*\b`)
	vin  = newForm(`(?i)\b[a-hj-npr-z0-9]{17}\b`)
	uuid = newForm(`(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
	// a word that announces a number, then the number
	announced    = newForm(`(?i)\b(?:mrn|medical record|record|chart|patient|member|subscriber|policy|plan|group|account|acct|routing|case|claim|certificate|licen[cs]e(?: plate)?|driver'?s|dl|passport|visa|plate|vin|serial|device|model|reference|ref|confirmation|order|prescription|rx|medicare|medicaid|insurance|npi|dea|badge|student|employee|tax|itin|ein|health|beneficiary|expediente|cuenta|p[oó]liza|pasaporte|licencia|seguro|dni|nie|curp|rfc|pin|id)(?:[ \t]+(?:id|card|plate|number|num|no|n[uú]mero|record|plan))*[ \t]*(?:\.|:|#|is|es|=|was|n[ºo°]\.?)*[ \t]*(?:is|es|#|:)?[ \t]*#?(?P<x>[a-z]{0,4}[ -]?\d[a-z0-9-]{2,}|\d{4,})\b`)
	announcedSSN = newForm(`(?i)\b(?:ssn|social(?: security)?|seguro social)\b[^\d\n]{0,24}(?P<x>\d{3}[ .-]?\d{2}[ .-]?\d{4}|\d{4})\b`)
	announcedTel = newForm(`(?i)\b(?:phone|cell|mobile|tel|telephone|fax|call me(?: at)?|text me(?: at)?|reach me(?: at)?|my number(?: is)?|tel[eé]fono|celular|m[oó]vil|ll[aá]m[ae]me al)\b[^\d\n+(]{0,20}(?P<x>\+?\(?\d[\d ().\-/]{4,}\d)`)
	ordinary     = newForm(`^\d+$`)
)

func numbers(s string) []found {
	if !hasDigit(s) {
		return nil
	}
	all := each(uuid, s, "[record]", nil)
	all = append(all, each(announcedSSN, s, "[ssn]", nil)...)
	all = append(all, each(iban, s, "[account]", func(m string) bool { return countDigits(m) >= 8 })...)
	all = append(all, each(announcedTel, s, "[phone]", func(m string) bool { return countDigits(m) >= 6 && !helpLine(m) })...)
	for _, m := range grouped.findAll(s) {
		if m[0] > 0 && strings.IndexByte("$€£", s[m[0]-1]) >= 0 || m[1] < len(s) && s[m[1]] == '%' {
			continue // money and shares
		}
		m[1] = beforeReading(s, m[0], m[1])
		if kind := kindOf(s[m[0]:m[1]]); kind != "" {
			all = append(all, found{m[0], m[1], kind})
		}
	}
	return all
}

// readingFollows is the rest of a blood pressure said in words.
var readingFollows = newForm(`(?i)^\s*(?:over|on|sobre|con)\s+\d{2,3}\b`)

// beforeReading gives back the last group of a row of digits where it is the
// first number of a blood pressure: "415-555-0172 190 over 110".
func beforeReading(s string, start, end int) int {
	cut := strings.LastIndexAny(s[start:end], " \t")
	if cut < 0 || !readingFollows.matches(s[end:]) {
		return end
	}
	return start + cut
}

// said are numbers that a word announces.
func said(s string) []found {
	if !hasDigit(s) {
		return nil
	}
	return each(announced, s, "[record]", func(m string) bool { return countDigits(m) >= 3 && !year(m) && !amount(m) })
}

func codes(s string) []found {
	if !hasDigit(s) {
		return nil
	}
	all := each(vin, s, "[record]", func(m string) bool {
		return countDigits(m) >= 3 && countDigits(m) < len(m)-2
	})
	return append(all, each(code, s, "[record]", func(m string) bool { return !amount(m) })...)
}

var amountForm = newForm(`(?i)^\d+(mg|mcg|ml|kg|lbs?|g|iu|k|m|s|th|st|nd|rd|hz|cc|ug|hrs?|h|min|am|pm|yo|yrs?|yr|x|cal|kcal)$`)

// amount says whether a word is a number with its unit.
func amount(w string) bool { return amountForm.matches(w) }

func year(w string) bool {
	return len(w) == 4 && ordinary.matches(w) && ("1900" <= w && w <= "2099")
}

// kindOf says what a row of digits is, "" where it may stay.
func kindOf(s string) string {
	digits := onlyDigits(s)
	groups := strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	n := len(digits)
	switch {
	case n < 7 || helpLine(s):
		return ""
	case dateLike(groups, s) || yearsOnly(groups) || reading(s):
		return ""
	case len(groups) == 3 && len(groups[0]) == 3 && len(groups[1]) == 2 && len(groups[2]) == 4:
		return "[ssn]"
	case n >= 12 && n <= 19 && luhn(digits) && (len(groups) == 1 || len(groups) >= 3 && len(groups) <= 5):
		return "[card]"
	case len(groups) == 1 && !strings.ContainsAny(s, "+("):
		return bare(digits)
	case n > 15 && len(groups) <= 6:
		return "[account]"
	case n <= 20 && telephone(groups, s):
		return "[phone]"
	}
	return ""
}

func bare(digits string) string {
	switch n := len(digits); {
	case strings.TrimRight(digits, "0") == digits[:1] || len(strings.TrimRight(digits, "0")) <= n-4: // a round number
		return ""
	case n >= 12 && n <= 19:
		return "[account]"
	case n >= 10 && n <= 11:
		return "[phone]"
	}
	return "[record]"
}

// telephone says whether groups of digits are written as telephone numbers are,
// and not as a list of numbers.
func telephone(groups []string, s string) bool {
	if strings.ContainsAny(s, "+(") || strings.Contains(s, "ext") || strings.Contains(s, "x") {
		return true
	}
	if strings.ContainsRune(s, '/') && !strings.Contains(s, "-") && len(groups) > 2 {
		return false
	}
	if len(groups) == 2 && strings.Contains(s, ".") && !strings.Contains(s, "-") {
		return len(groups[0]) == 3 && len(groups[1]) >= 4 // else a fraction
	}
	short := 0
	for _, g := range groups {
		if len(g) < 2 {
			short++
		}
	}
	return short <= 1 && len(groups) <= 7
}

// dateLike says whether the groups are a date's, which dates finds.
func dateLike(groups []string, s string) bool {
	return dateForm.find(s) == s && len(groups) >= 3
}

func yearsOnly(groups []string) bool {
	for _, g := range groups {
		if !year(g) {
			return false
		}
	}
	return len(groups) > 1
}

var readingForm = newForm(`^\d{2,3}\s?/\s?\d{2,3}(?:[ ,/-]+\d{2,3}\s?/\s?\d{2,3})*$`)

// reading says whether the digits are blood pressures.
func reading(s string) bool { return readingForm.matches(s) }

// helpLine says whether a number is one that anybody may call; to keep it helps
// whoever reads on.
func helpLine(s string) bool {
	switch onlyDigits(s) {
	case "988", "911", "741741", "838255", "88788", "18002738255", "8002738255", "18002221222", "8002221222",
		"18007997233", "8007997233", "18006564673", "8006564673", "18004224453", "8004224453", "18006624357", "8006624357":
		return true
	}
	return false
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func countDigits(s string) int { return len(onlyDigits(s)) }

// luhn checks the last digit of a card's number.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			d *= 2
			if d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
