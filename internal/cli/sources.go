package cli

import (
	"fmt"
	"slices"
	"strings"

	"bedside/internal/chat"
	"bedside/internal/language"
)

// sources numbers an answer's passages in the order in which they are cited.
type sources struct {
	cited []chat.Citation // the first citation of each passage
	words words           // of the answer's language
}

// number returns the passage's number, from 1.
func (s *sources) number(c chat.Citation) int {
	i := slices.IndexFunc(s.cited, func(known chat.Citation) bool { return known.Passage == c.Passage })
	if i < 0 {
		i = len(s.cited)
		s.cited = append(s.cited, c)
	}
	return i + 1
}

// print writes the numbered list: title, section, address.
func (s *sources) print(page *page) {
	for i, c := range s.cited {
		page.styled(dim, func() {
			page.line(s.describe(i+1, c))
		})
	}
}

// describe is a source's line. Passages of one page differ only in the heading,
// which their id ends with. Ids are in English whatever the page is in: of a Spanish
// page, whose ids begin with its language, the quote's first words tell the passage.
func (s *sources) describe(number int, c chat.Citation) string {
	title := c.Title
	if at := strings.LastIndex(string(c.Passage), "/"); strings.HasPrefix(string(c.Passage), language.Spanish+"/") && c.Quote != "" {
		title += " («" + opening(c.Quote) + "»)"
	} else if at >= 0 {
		heading := string(c.Passage)[at+1:]
		title += " (" + strings.ReplaceAll(heading, "-", " ") + ")"
	}
	return fmt.Sprintf("[%d] %s, %s, %s", number, cleanLine(title), cleanLine(s.words.section(c)), cleanLine(c.URL))
}

// printQuotes writes the list with the words that were cited first.
func (s *sources) printQuotes(page *page) {
	for i, c := range s.cited {
		page.line(s.describe(i+1, c))
		if quote := cleanLine(c.Quote); quote != "" {
			page.styled(dim, func() { page.line("    “" + quote + "”") })
		}
	}
}

// marked returns the answer's text with the numbers of its sources after the
// sentences that rest on them, before their trailing space.
func marked(answer chat.Answer, s *sources) string {
	text := []rune(answer.Text)
	var marks []mark
	for _, c := range answer.Citations {
		m := mark{min(max(c.EndIndex, 0), len(text)), s.number(c)}
		for m.at > 0 && strings.ContainsRune(" \n\t", text[m.at-1]) {
			m.at--
		}
		if !slices.Contains(marks, m) {
			marks = append(marks, m)
		}
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return a.at - b.at })
	var out strings.Builder
	from := 0
	for _, m := range marks {
		out.WriteString(string(text[from:m.at]))
		fmt.Fprintf(&out, " [%d]", m.number)
		from = m.at
	}
	out.WriteString(string(text[from:]))
	return out.String()
}

// mark is a source's number and where it stands, in code points.
type mark struct{ at, number int }
