package draft

import (
	"cmp"
	"slices"
	"strings"

	"bedside/internal/chat"
	"bedside/internal/language"
)

const (
	// telling is the share of a question that a further passage has to speak to
	// beyond what was said.
	telling = 0.12
	// leads is the fit from which a passage may answer first, and covers what the
	// question's words in it count for beside the fit.
	leads, covers = 0.7, 0.5
	// signposts is what a passage that tells no fact loses where pages are not asked for.
	signposts = 0.5
	// timeless is what a passage that tells no time loses where one is asked for.
	timeless = 0.5
)

// asked is what a question asks, as sentences are compared with it.
type asked struct {
	subjects []subject
	list     bool // it asks for several things by name
	broad    bool // it asks for whatever there is
	pages    bool // it asks where something stands
	when     bool // it asks for a time
}

type subject struct {
	stems [][]string // any of these runs of stems speaks of it
	share float64
}

func newAsked(request Request) asked {
	words := language.Words(language.WriteOut(request.question()))
	a := asked{list: asksForList(words), broad: asksBroadly(words), pages: asksForPages(words), when: asksWhen(words)}
	for _, s := range request.Subjects {
		one := subject{share: s.Share}
		for _, term := range s.Terms {
			if stems := language.ContentStems(request.Language, term); len(stems) > 0 {
				one.stems = append(one.stems, stems)
			}
		}
		a.subjects = append(a.subjects, one)
	}
	return a
}

func asksForList(words []string) bool {
	for i, w := range words {
		switch w {
		case "list", "lista", "enumera":
			return true
		case "name", "nombra":
			return i == 0 || words[i-1] == "you" || words[i-1] == "please"
		case "every", "all":
			return i > 0 && i+1 < len(words)
		}
	}
	return false
}

func asksForPages(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool {
		switch w {
		case "page", "pages", "section", "sections", "site", "website", "where", "topics", "read", "pagina", "paginas", "seccion", "sitio", "donde", "temas":
			return true
		}
		return false
	})
}

// asksWhen says whether a question asks for a time, at its beginning: further on
// "when" joins clauses.
func asksWhen(words []string) bool {
	for i, w := range words[:min(len(words), 4)] {
		switch w {
		case "when", "cuando":
			return i == 0 || words[i-1] == "and" || words[i-1] == "but" || words[i-1] == "so" || words[i-1] == "y" || words[i-1] == "desde" || words[i-1] == "since"
		case "year", "decade", "date", "ano", "decada", "fecha":
			return i > 0 && (words[i-1] == "what" || words[i-1] == "which" || words[i-1] == "que")
		}
	}
	return false
}

// tellsTime says whether a sentence tells a year, a decade or how long something takes.
func (w *Words) tellsTime() bool {
	for _, word := range language.Words(w.text) {
		switch word {
		case "minute", "minutes", "hour", "hours", "day", "days", "week", "weeks", "month", "months", "year", "years", "decade",
			"minuto", "minutos", "hora", "horas", "dia", "dias", "semana", "semanas", "mes", "meses", "ano", "anos", "decada":
			return true
		}
		if year := strings.TrimSuffix(word, "s"); len(year) == 4 && (year[:2] == "18" || year[:2] == "19" || year[:2] == "20") {
			return true
		}
	}
	return false
}

func asksBroadly(words []string) bool {
	text := " " + strings.Join(words, " ") + " "
	return slices.ContainsFunc([]string{
		" tell me about ", " tell me more ", " more about ", " everything ", " overview ", " summary ", " summarize ", " sum up ", " explain ", " hablame ", " resumen ", " explica ",
	}, func(phrase string) bool { return strings.Contains(text, phrase) })
}

// held notes which subjects the sentences speak of.
func (a *asked) held(sentences []*Words, into []bool) []bool {
	if into == nil {
		into = make([]bool, len(a.subjects))
	}
	for i, s := range a.subjects {
		into[i] = into[i] || slices.ContainsFunc(sentences, s.in)
	}
	return into
}

func (s subject) in(sentence *Words) bool {
	return slices.ContainsFunc(s.stems, func(run []string) bool { return coverage(run, sentence.stems) == 1 })
}

// adds is the share of the question that a sentence speaks to and what was said
// does not.
func (a *asked) adds(sentence *Words, held []bool) float64 {
	sum := 0.0
	for i, s := range a.subjects {
		if !held[i] && s.in(sentence) {
			sum += s.share
		}
	}
	return sum
}

// further chooses what a passage adds to an answer that was begun: its first
// sentence, which stands alone, and the one that speaks to what is still open. A
// list is taken whole or not at all.
func (a *asked) further(passage *readPassage, held []bool) []*Words {
	most, at := 0.0, -1
	for i, sentence := range passage.sentences {
		if gain := a.adds(sentence, held); gain > most {
			most, at = gain, i
		}
	}
	switch {
	case most >= telling && passage.list:
		return passage.sentences
	case most >= telling && at > 0:
		return []*Words{passage.sentences[0], passage.sentences[at]}
	case most >= telling, a.broad && !passage.list && len(passage.sentences) > 0:
		return passage.sentences[:1]
	}
	return nil
}

// pointsElsewhere says whether a passage only tells where something stands, which
// was not asked.
func (a *asked) pointsElsewhere(passage chat.Passage) bool {
	return len(passage.Facts) == 0 && !a.pages
}

// order returns the passages in the order in which they answer: of those that fit
// nearly as well as the best, the one that speaks to most of the question first;
// where a list is asked for, a list.
func (x *Extractor) order(request Request, a *asked) []int {
	order := make([]int, len(request.Passages))
	worth := make([]float64, len(order))
	for i, passage := range request.Passages {
		order[i] = i
		if i < request.Leads { // in the order of the questions
			worth[i] = float64(2 * (1 + request.Leads - i))
			continue
		}
		if i >= len(request.Fit) || request.Fit[i] < leads {
			continue
		}
		read := x.passage(passage)
		worth[i] = request.Fit[i]
		for j, held := range a.held(append(slices.Clone(read.sentences), read.heading), nil) {
			if held {
				worth[i] += covers * a.subjects[j].share
			}
		}
		if a.list && read.list {
			worth[i]++
		}
		if a.pointsElsewhere(request.Passages[i]) {
			worth[i] -= signposts
		}
		if a.when && !slices.ContainsFunc(read.sentences, (*Words).tellsTime) {
			worth[i] -= timeless
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(worth[j], worth[i]) })
	return order
}
