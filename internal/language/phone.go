package language

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// "form form = word" a line; a line that begins with # is a comment.
var (
	//go:embed phone/en.txt
	englishForms string
	//go:embed phone/es.txt
	spanishForms string
)

// LongestForm is the length of the longest form in bytes.
const LongestForm = 12

var (
	formsEnglish = sync.OnceValue(func() map[string]string { return longForms(englishForms) })
	formsSpanish = sync.OnceValue(func() map[string]string { return longForms(spanishForms) })
)

func longForms(list string) map[string]string {
	forms := make(map[string]string, len(list)/10)
	for line := range strings.Lines(list) {
		short, word, found := strings.Cut(line, "=")
		if !found || strings.HasPrefix(line, "#") {
			continue
		}
		for form := range strings.FieldsSeq(short) {
			forms[form] = strings.TrimSpace(word)
		}
	}
	return forms
}

// LongForm returns the word or words that a form typed on a phone stands for
// ("wil", "thru"), whatever stands beside it; "": it is none that is known.
func LongForm(lang, form string) string {
	switch Known(lang) {
	case English:
		return formsEnglish()[form]
	case Spanish:
		return formsSpanish()[form]
	}
	return ""
}

// WriteOut returns a patient's message with what is typed on a phone for everyday
// words written out ("wat r u gona do w/ it"). Nothing else of it changes; a text
// in neither English nor Spanish, or without such forms, is returned as it is.
func WriteOut(text string) string {
	pieces := make([]piece, 0, 32)
	hurried := false
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
		if word == "" || p.start < done {
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
	case "2", "4", "b", "c", "w", "y", "dose":
		return true
	}
	return formsEnglish()[p.word] != "" || formsSpanish()[p.word] != ""
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
		return pieces[j].word
	}
	before, next := at(i-1), at(i+1)
	if p.end < len(text) && text[p.end] == '/' && lang == English {
		joined := i+1 < len(pieces) && pieces[i+1].start == p.end+1
		switch {
		case p.word == "w" && joined && next == "o":
			return "without", pieces[i+1].end
		case p.word == "b" && joined && next == "c":
			return "because", pieces[i+1].end
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
			if word := besides(p.word, before, next); word != "" {
				return word, p.end
			}
		}
	}
	if p.word == "dose" && (before == "" || before == "how" || before == "hw" || before == "why") && slices.Contains(doesWhat, next) && lang == English {
		return "does", p.end
	}
	return LongForm(lang, p.word), p.end
}

// joined says whether a sign binds the piece to what stands beside it.
func (p *piece) joined(text string) bool {
	return p.end < len(text) && strings.IndexByte("/-&.'", text[p.end]) >= 0 && p.end+1 < len(text) && pieceByte(text[p.end+1]) ||
		p.start > 0 && strings.IndexByte("/-&.'$#", text[p.start-1]) >= 0
}

var (
	nameBefore = []string{"special", "especial", "vitamin", "vitamina", "hepatitis", "type", "tipo", "plan", "class", "schedule", "phase", "stage", "step", "part"}
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
	counted  = strings.Fields("or and to of more hr hour day week wk month mth yr year ppl people min minute mg ml am pm x time session infusion treatment different diffrent meds med dose other othr hundred thousand percent out")
	counting = strings.Fields("in after about every last past only at under over least than or and age aged grade first next these those all these took take tried tryd had got number day week within")
)

// besides says what a sign by itself stands for between two words; "": nothing
// but itself.
func besides(sign, before, next string) string {
	switch sign {
	case "y":
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
		if before != "" && !slices.Contains(counting, before) && !number(before) && !number(next) && !slices.Contains(counted, next) && (next == "this" || !strings.HasSuffix(next, "s")) {
			return "for"
		}
	}
	return ""
}

func number(word string) bool { return word != "" && '0' <= word[0] && word[0] <= '9' }
