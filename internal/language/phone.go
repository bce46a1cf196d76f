package language

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
)

// "form form = word" a line; a line that begins with # is a comment. Before "?="
// stand forms that are names of other things too: messages keep them.
var (
	//go:embed phone/en.txt
	englishForms string
	//go:embed phone/es.txt
	spanishForms string
)

// LongestForm is the length of the longest form in bytes.
const LongestForm = 12

// forms are what each form stands for.
type forms struct {
	sure, doubtful map[string]string
}

var (
	formsEnglish = sync.OnceValue(func() forms { return longForms(englishForms) })
	formsSpanish = sync.OnceValue(func() forms { return longForms(spanishForms) })
)

func longForms(list string) forms {
	f := forms{make(map[string]string, len(list)/10), map[string]string{}}
	for line := range strings.Lines(list) {
		short, word, found := strings.Cut(line, "=")
		if !found || strings.HasPrefix(line, "#") {
			continue
		}
		to := f.sure
		if sure, doubt := strings.CutSuffix(short, "?"); doubt {
			short, to = sure, f.doubtful
		}
		for form := range strings.FieldsSeq(short) {
			to[form] = strings.TrimSpace(word)
		}
	}
	return f
}

func formsOf(lang string) forms {
	switch Known(lang) {
	case English:
		return formsEnglish()
	case Spanish:
		return formsSpanish()
	}
	return forms{}
}

// LongForm returns the word or words that a form typed on a phone may stand for
// ("wil", "thru", but "mst" too), whatever stands beside it; "": it is none that
// is known.
func LongForm(lang, form string) string {
	f := formsOf(lang)
	if long := f.sure[form]; long != "" {
		return long
	}
	return f.doubtful[form]
}

// WriteOut returns a patient's message with what is typed on a phone for everyday
// words written out ("wat r u gona do w/ it"). Nothing else of it changes; a text
// in neither English nor Spanish, or without such forms, is returned as it is.
func WriteOut(text string) string {
	pieces := make([]piece, 0, 32)
	hurried := false
	loud := !strings.ContainsFunc(text, unicode.IsLower)
	for start, end := nextPiece(text, 0); start < end; start, end = nextPiece(text, end) {
		p := piece{start: start, end: end}
		if end-start <= LongestForm {
			p.word = strings.ToLower(text[start:end])
		}
		hurried = hurried || p.mayBeForm()
		pieces = append(pieces, p)
	}
	if !hurried {
		return text
	}
	lang := Guess(text)
	if lang == "" {
		return text
	}
	var out strings.Builder
	done := 0
	for i, p := range pieces {
		word, end := writtenOut(lang, text, pieces, i)
		if word == "" || p.start < done || !loud && p.initials(text) {
			continue
		}
		out.WriteString(text[done:p.start])
		out.WriteString(word)
		done = end
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// piece is a run of letters, digits and apostrophes.
type piece struct {
	start, end int
	word       string // in lower case; empty: too long for a form
}

func (p *piece) mayBeForm() bool {
	switch p.word {
	case "":
		return false
	case "2", "4", "b", "c", "n", "w", "y", "dose", "dr", "hr", "mos":
		return true
	}
	return formsEnglish().sure[p.word] != "" || formsSpanish().sure[p.word] != ""
}

func nextPiece(text string, from int) (start, end int) {
	start = from
	for start < len(text) && !pieceByte(text[start]) {
		start++
	}
	for end = start; end < len(text) && (pieceByte(text[end]) || text[end] == '\'' || text[end] == '.' && digitAt(text, end-1) && digitAt(text, end+1)); {
		end++
	}
	return start, end
}

func pieceByte(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c >= 0x80
}

// writtenOut returns what stands for the piece at i, "" if it stays, and where
// what it stands for ends.
func writtenOut(lang, text string, pieces []piece, i int) (word string, end int) {
	p := pieces[i]
	at := func(j int) string {
		if j < 0 || j >= len(pieces) {
			return ""
		}
		return strings.ToLower(text[pieces[j].start:pieces[j].end])
	}
	before, next := at(i-1), at(i+1)
	followed := next != "" && strings.TrimSpace(text[p.end:pieces[i+1].start]) == ""
	if p.end < len(text) && text[p.end] == '/' && lang == English {
		joined := i+1 < len(pieces) && pieces[i+1].start == p.end+1
		switch {
		case p.word == "w" && joined && next == "o":
			return "without", pieces[i+1].end
		case p.word == "b" && joined && next == "c":
			return "because", pieces[i+1].end
		case p.word == "w" && joined && len(next) == 1 && !number(next):
			return "", 0 // "w/d", "w/r/t"
		case p.word == "w" && joined:
			return "with ", p.end + 1
		case p.word == "w":
			return "with", p.end + 1
		}
	}
	if len(p.word) == 1 {
		if p.joined(text) || beside().nameBefore[before] {
			return "", 0 // "n/a", "k-hole", "special k", "vitamin d"
		}
		if lang == English {
			return oneLetter(p.word, before, next, followed), p.end
		}
	}
	if lang == Spanish && !spanishForm(p.word, before, next, followed) {
		return "", 0
	}
	if p.word == "dose" && (before == "" || beside().asked[before]) && beside().doesWhat[next] && lang == English {
		return "does", p.end
	}
	if word := shortMeasure(p.word, before); word != "" && lang == English {
		return word, p.end
	}
	return formsOf(lang).sure[p.word], p.end
}

// oneLetter says what a letter or figure by itself stands for in English.
func oneLetter(sign, before, next string, followed bool) string {
	if beside().letterBefore[before] {
		return "" // "group n", "a u turn"
	}
	switch sign {
	case "n":
		if before == "" || before == "or" || before == "y" || number(before) || number(next) || !followed {
			return "" // "y or n"
		}
		return "and"
	case "u":
		if next == "s" || next == "k" {
			return ""
		}
	}
	if word := between(sign, before, next); word != "" {
		return word
	}
	return formsEnglish().sure[sign]
}

// spanishForm says whether what stands beside a Spanish form lets it be one.
func spanishForm(form, before, next string, followed bool) bool {
	switch form {
	case "q", "k":
		return followed && !number(next) && (form == "q" || before != "es")
	case "x", "d":
		return next != ""
	case "pa":
		return followed && !beside().whose[before]
	}
	return true
}

// shortMeasure says what is written out only behind a number or an owner: "HR"
// and "Dr" are said otherwise too.
func shortMeasure(form, before string) string {
	measured := number(before) || beside().measured[before]
	switch {
	case form == "hr" && measured:
		return "hour"
	case form == "mos" && measured:
		return "months"
	case form == "dr" && beside().owner[before]:
		return "doctor"
	}
	return ""
}

// initials says whether the piece is two or three capitals: a short name.
func (p *piece) initials(text string) bool {
	length := p.end - p.start
	if length != 2 && length != 3 {
		return false
	}
	for i := p.start; i < p.end; i++ {
		if text[i] < 'A' || text[i] > 'Z' {
			return false
		}
	}
	return true
}

// joined says whether a sign binds the piece to what stands beside it.
func (p *piece) joined(text string) bool {
	return p.end < len(text) && strings.IndexByte("/-&.'", text[p.end]) >= 0 && p.end+1 < len(text) && pieceByte(text[p.end+1]) ||
		p.start > 0 && strings.IndexByte("/-&.'$#", text[p.start-1]) >= 0
}

// between says what a sign by itself stands for between two words; "": nothing
// but itself.
func between(sign, before, next string) string {
	switch sign {
	case "y":
		if next == "or" {
			return "" // "y or n"
		}
		if before == "" || beside().help[next] || before == "and" || before == "n" || before == "but" || before == "so" {
			return "why"
		}
		return ""
	case "b":
		if beside().toBe[before] {
			return "be"
		}
	case "c":
		if before == "i" || before == "to" || before == "2" || before == "can" || before == "gona" || before == "gonna" {
			return "see"
		}
	case "2":
		if beside().toDo[before] && !number(next) && !beside().counted[next] && !strings.HasSuffix(next, "s") || beside().doing[next] {
			return "to"
		}
	case "4":
		if before != "" && !beside().counting[before] && !(next != "" && beside().being[before]) && !number(before) && !number(next) && !beside().counted[next] && (next == "this" || !strings.HasSuffix(next, "s")) {
			return "for"
		}
	}
	return ""
}

func number(word string) bool { return word != "" && '0' <= word[0] && word[0] <= '9' }
