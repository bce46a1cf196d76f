package language

import (
	_ "embed"
	"slices"
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
		if p.joined(text) || slices.Contains(nameBefore, before) {
			return "", 0 // "n/a", "k-hole", "special k", "vitamin d"
		}
		if lang == English {
			return oneLetter(p.word, before, next, followed), p.end
		}
	}
	if lang == Spanish && !spanishForm(p.word, before, next, followed) {
		return "", 0
	}
	if p.word == "dose" && (before == "" || before == "how" || before == "hw" || before == "why") && slices.Contains(doesWhat, next) && lang == English {
		return "does", p.end
	}
	if word := shortMeasure(p.word, before); word != "" && lang == English {
		return word, p.end
	}
	return formsOf(lang).sure[p.word], p.end
}

// oneLetter says what a letter or figure by itself stands for in English.
func oneLetter(sign, before, next string, followed bool) string {
	if slices.Contains(letterBefore, before) {
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
	if word := besides(sign, before, next); word != "" {
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
		return followed && !slices.Contains(whose, before)
	}
	return true
}

// shortMeasure says what is written out only behind a number or an owner: "HR"
// and "Dr" are said otherwise too.
func shortMeasure(form, before string) string {
	measured := number(before) || slices.Contains(measures, before)
	switch {
	case form == "hr" && measured:
		return "hour"
	case form == "mos" && measured:
		return "months"
	case form == "dr" && slices.Contains(owners, before):
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

var (
	nameBefore = []string{"special", "especial", "vitamin", "vitamina", "rayos", "hepatitis", "type", "tipo", "plan", "class", "schedule", "phase", "stage", "step", "part"}
	// letterBefore are words behind which a letter stands for itself.
	letterBefore = []string{"a", "an", "the", "group", "word", "letter", "grade"}
	// whose are words behind which "pa" is a father.
	whose = []string{"mi", "tu", "su", "mis", "el", "un"}
	// measures are words that a measure of time follows, as it does a number.
	measures = strings.Fields("an half per every each few couple one two three four five six seven eight nine ten twelve")
	owners   = strings.Fields("a my the your ur yur her his their our")
	// helps are auxiliaries, with which a question goes on after "why".
	helps = strings.Fields("is are r was were do does dos did can cant could will wil would should has have had am dont doesnt didnt isnt")
	// doesWhat are words that "does" is asked of, and "dose" is not said before.
	doesWhat = strings.Fields("it this that he she ketamine ketamin anybody anyone everyone")
	// toBe are words that "be" follows.
	toBe = strings.Fields("will wil wl would wud could cud can should shud might may must to 2 not ill id gonna gona wont cant there ther ketamine it u you")
	// toDo are words that "to" follows, and doing those that follow it.
	toDo  = strings.Fields("need ned want wnat have hav has had like going goin able hard safe ok okay bad good easy used try tryin trying come how hw supposed scared afraid ready time got happens happened happen due close next talk listen")
	doing = strings.Fields("be b do get go have hav take tak treat talk work wrk help hlp stop feel see c know kno make mak me my the u you it old young late much many sick long lng come block sleep eat drink drive driv pay call cancel cancl pick bring fix stay say")
	// counted are words that a number stands before, and counting those after which one does.
	counted  = strings.Fields("or and to of more hr hour day week wk month mth yr year ppl people min minute mg ml am pm x time session infusion treatment different diffrent meds med dose other othr hundred thousand percent out enough too")
	being    = strings.Fields("is are r was were be would will could can should do does if")
	counting = strings.Fields("in after about every last past only at under over least than or and age aged grade first next these those all these took take tried tryd had got number day week within")
)

// besides says what a sign by itself stands for between two words; "": nothing
// but itself.
func besides(sign, before, next string) string {
	switch sign {
	case "y":
		if next == "or" {
			return "" // "y or n"
		}
		if before == "" || slices.Contains(helps, next) || before == "and" || before == "n" || before == "but" || before == "so" {
			return "why"
		}
		return ""
	case "b":
		if slices.Contains(toBe, before) {
			return "be"
		}
	case "c":
		if before == "i" || before == "to" || before == "2" || before == "can" || before == "gona" || before == "gonna" {
			return "see"
		}
	case "2":
		if slices.Contains(toDo, before) && !number(next) && !slices.Contains(counted, next) && !strings.HasSuffix(next, "s") || slices.Contains(doing, next) {
			return "to"
		}
	case "4":
		if before != "" && !slices.Contains(counting, before) && !(next != "" && slices.Contains(being, before)) && !number(before) && !number(next) && !slices.Contains(counted, next) && (next == "this" || !strings.HasSuffix(next, "s")) {
			return "for"
		}
	}
	return ""
}

func number(word string) bool { return word != "" && '0' <= word[0] && word[0] <= '9' }
