package cli

import (
	"fmt"
	"slices"
	"strings"

	"bedside/internal/chat"
	"bedside/internal/client"
	"bedside/internal/wire"
)

// view shows a conversation: answers, their sources and help on stdout, the rest
// on stderr.
type view struct {
	out, aside *page
	welcomed   bool
	live       bool // stdout and stderr are one terminal: a line may be taken back
	fleeting   bool // such a line stands there
	locale     string

	answer   chat.ResponseID // the one being shown
	shown    string          // of its text
	trailing string          // space after its last sentence, not written yet
	marked   []int           // numbers written after that sentence
	cited    sources
	sourced  sources           // those of the last answer that had some
	next     []string          // questions to offer after it
	done     []chat.ResponseID // answers shown to their end, which a replay tells again
}

func (p *program) newView() *view {
	out, aside := p.newPage(p.stdout), p.newPage(p.stderr)
	return &view{out: out, aside: aside, live: out.colour && aside.colour, locale: p.locale()}
}

func (v *view) err() error {
	if v.out.err != nil {
		return fmt.Errorf("write the answer: %w", v.out.err)
	}
	return nil
}

// welcome says what a new conversation is.
func (v *view) welcome(ready wire.Ready, watched bool) {
	v.settle()
	v.aside.line(ready.Disclosure)
	if !watched || v.welcomed {
		return
	}
	v.welcomed = true
	if clinic := ready.Clinic; clinic.Phone != "" {
		v.aside.line(listed(clinic.Name, clinic.Phone, clinic.Hours))
	}
	for _, question := range ready.Starters {
		v.aside.line("  " + cleanLine(question))
	}
	v.aside.line("/help shows the commands.")
	if !ready.Durable {
		v.aside.line("This conversation lives in the gateway's memory only.")
	}
}

// listed joins what is known of several things.
func listed(things ...string) string {
	return strings.Join(slices.DeleteFunc(things, func(s string) bool { return s == "" }), ", ")
}

// helpBar shows the help lines in one line.
func (v *view) helpBar(card chat.Card) {
	v.aside.styled(bold, func() { v.aside.line(cleanLine(strings.Join(card.Lines, " · "))) })
}

// unreached says that nobody has what was typed, and whom to call: in full, or in one
// line where that stands there already.
func (v *view) unreached(w words, card chat.Card, clinic wire.Clinic, again bool) {
	if again {
		v.settle()
		v.out.end()
		v.out.styled(bold, func() { v.out.line(w.stillAway + " " + cleanLine(strings.Join(card.Lines, " · "))) })
		v.out.gap()
		return
	}
	card.Lines = append([]string{w.away}, card.Lines...)
	if clinic.Phone != "" {
		name := clinic.Name
		if name == "" {
			name = w.clinic
		}
		card.Links = append(card.Links, chat.Link{Label: name, URL: listed(clinic.Phone, clinic.Hours)})
	}
	v.card(card)
}

// prompt invites a person to type.
func (v *view) prompt(wanted bool) {
	if !wanted || v.aside.width == 0 || v.fleeting || v.aside.column > 0 {
		return
	}
	v.aside.raw("> ")
	v.aside.column = 2
}

// typed takes note that the person ended the line of the prompt.
func (v *view) typed() { v.aside.column, v.aside.spaces = 0, 0 }

// status shows for a moment how far an answer is.
func (v *view) status(stage string) {
	if !v.live || v.shown != "" {
		return
	}
	v.settle()
	v.aside.raw("\r\x1b[2K" + dim + cleanLine(stage) + " …" + plain)
	v.fleeting = true
}

// settle makes room: what was only for a moment is taken back, and a prompt that
// was not answered ends its line.
func (v *view) settle() {
	if v.fleeting {
		v.aside.raw("\r\x1b[2K")
		v.fleeting = false
		v.aside.column = 0
	}
	if v.aside.column > 0 {
		if v.live {
			v.aside.raw("\r\x1b[2K")
			v.aside.column = 0
		} else {
			v.aside.end()
		}
	}
}

// card shows help above everything else.
func (v *view) card(card chat.Card) {
	if len(card.Lines) == 0 {
		return
	}
	v.settle()
	v.out.end()
	v.out.styled(bold, func() {
		for _, line := range card.Lines {
			if !slices.ContainsFunc(card.Links, func(link chat.Link) bool { return link.Label == line }) {
				v.out.line(cleanLine(line))
			}
		}
		for _, link := range card.Links {
			v.out.line(cleanLine(link.Label) + ": " + cleanLine(link.URL))
		}
	})
	v.out.gap()
}

// sentence shows the next part of an answer. A part that stands there already is
// passed over; one that differs from what stands there replaces it.
func (v *view) sentence(e client.Sentence) {
	if slices.Contains(v.done, e.Response) {
		return
	}
	v.begin(e.Response)
	end := e.Offset + len(e.Text)
	switch {
	case end <= len(v.shown) && v.shown[e.Offset:end] == e.Text:
		return
	case e.Offset < len(v.shown):
		v.interrupted()
		v.aside.line("What was shown last had not been stored; it goes on like this:")
		v.shown, v.trailing = v.shown[:e.Offset], ""
	}
	v.out.write(v.trailing)
	text := strings.TrimRight(e.Text, " \n\t")
	v.out.write(text)
	v.trailing, v.marked = e.Text[len(text):], nil
	v.shown += e.Text
}

// begin makes the answer the one being shown.
func (v *view) begin(response chat.ResponseID) {
	v.settle()
	if v.answer == response {
		return
	}
	v.out.end()
	v.answer, v.shown, v.trailing, v.marked, v.cited, v.next = response, "", "", nil, sources{}, nil
}

// cite puts the source's number after the sentence that rests on it.
func (v *view) cite(e client.Cited) {
	if e.Response != v.answer {
		return
	}
	number := v.cited.number(e.Citation)
	if slices.Contains(v.marked, number) || e.Citation.EndIndex < len([]rune(strings.TrimRight(v.shown, " \n\t"))) {
		return
	}
	v.marked = append(v.marked, number)
	v.out.write(fmt.Sprintf(" [%d]", number))
}

// end shows what is left of an answer and its sources, in a conversation that
// goes on.
func (v *view) end(answer chat.Answer) {
	if slices.Contains(v.done, answer.ID) {
		return
	}
	v.last(answer)
	v.out.gap()
	v.trailing = ""
	v.ending(answer)
}

// last shows what is left of an answer and its sources.
func (v *view) last(answer chat.Answer) {
	v.begin(answer.ID)
	if rest, ok := strings.CutPrefix(answer.Text, v.shown); ok && rest != "" {
		v.sentence(client.Sentence{Response: answer.ID, Offset: len(v.shown), Text: rest})
	}
	v.done = append(v.done, answer.ID)
	v.cited = sources{words: wordsIn(languageOf(answer.Text, v.locale))}
	for _, c := range answer.Citations {
		v.cited.number(c)
	}
	v.out.end()
	if len(v.cited.cited) > 0 {
		v.sourced = v.cited
		v.out.gap()
		v.cited.print(v.out)
	}
}

// ending says why an answer is not complete, and what could be asked next.
func (v *view) ending(answer chat.Answer) {
	switch answer.Status {
	case chat.StatusFailed:
		if answer.Error != nil {
			v.aside.line(answer.Error.Message)
		}
	case chat.StatusIncomplete:
		v.aside.line(wordsIn(languageOf(answer.Text, v.locale)).stopped)
	case chat.StatusCompleted, chat.StatusInProgress:
	}
	if len(v.next) > 0 {
		v.aside.line(wordsIn(languageOf(strings.Join(v.next, " "), v.locale)).next)
		for _, question := range v.next {
			v.aside.line("  " + cleanLine(question))
		}
	}
}

// suggest keeps questions to offer when the answer has ended.
func (v *view) suggest(e client.Suggested) {
	if !slices.Contains(v.done, e.Response) {
		v.begin(e.Response)
		v.next = e.Questions
	}
}

// sources shows in full the sources of the answer that is shown or, where it has none,
// of the last one that had some.
func (v *view) sources() {
	v.settle()
	shown := v.cited
	if len(shown.cited) == 0 {
		shown = v.sourced
	}
	if len(shown.cited) == 0 {
		v.aside.line(wordsIn(v.locale).noSources)
		return
	}
	shown.printQuotes(v.out)
}

// interrupted ends a line that was begun, before something else is said.
func (v *view) interrupted() {
	v.settle()
	v.out.end()
}

// forget drops what is known of answers.
func (v *view) forget() {
	*v = view{out: v.out, aside: v.aside, live: v.live, welcomed: v.welcomed, locale: v.locale}
}
