package triage

import (
	"io/fs"
	"strings"

	"bedside/internal/chat"
)

// The languages of the fixed replies.
const (
	english = "en"
	spanish = "es"
)

// reply is one fixed reply with the clinic's particulars already in it.
type reply struct {
	help  []string
	words map[string]wording // by language
}

// wording is a reply in one language.
type wording struct {
	text     string
	soft     string   // text with its opening softened; empty: there is none
	resource string   // the paragraph that another category's reply gains
	forms    []string // what is said instead when the category comes again
}

// after returns the form that is given instead of one that was just given.
func (w wording) after(form string) string {
	for i, f := range w.forms {
		if f == form && i+1 < len(w.forms) {
			return w.forms[i+1]
		}
	}
	if form == w.text || form == w.soft {
		if len(w.forms) > 0 {
			return w.forms[0]
		}
	}
	return w.text
}

type replyEntry struct {
	Review   string       `yaml:"review"`
	Reviewer string       `yaml:"reviewer"`
	Help     []string     `yaml:"help"`
	EN       wordingEntry `yaml:"en"`
	ES       wordingEntry `yaml:"es"`
}

type wordingEntry struct {
	Text     string   `yaml:"text"`
	Soft     string   `yaml:"soft"`
	Resource string   `yaml:"resource"`
	Forms    []string `yaml:"forms"`
}

const replyFiles = "safety/replies*.yaml"

// required are the replies that the product cannot do without.
var required = []string{
	"crisis_self", "crisis_other", "emergency_medical", "harm_to_others", "abuse_violence",
	"acute_psych", "minor", "misuse_diversion", "dosing", "medication", "diagnosis", "pregnancy",
	"injection", "off_topic", "small_talk", "in_need", "thanks", "goodbye", "chit_chat", "are_you_human",
	"not_covered", "partly_covered", "all_told", "you_could_ask", "answers_in", "disclosure", "suicide_topic_line", "pending_notice", "help_bar",
}

func (t *Triage) loadReplies(data fs.FS) error {
	names, err := fs.Glob(data, replyFiles)
	if err != nil {
		return err
	}
	t.replies = make(map[string]*reply)
	for _, name := range names {
		if err := t.loadReplyFile(data, name); err != nil {
			return err
		}
	}
	for _, name := range required {
		if t.replies[name] == nil {
			return missing(replyFiles, "the reply "+name)
		}
	}
	return t.loadLanguages(data)
}

// review keeps whether a text that patients read has been approved.
func (t *Triage) review(name, review string) {
	if review == approved {
		t.approved = append(t.approved, name)
	} else {
		t.pending = append(t.pending, name)
	}
}

func (t *Triage) loadReplyFile(data fs.FS, name string) error {
	file, under, err := readUnder(data, name, "replies")
	if err != nil {
		return err
	}
	entries, err := file.EntriesOf(under)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		key := entry.Key.Text
		var e replyEntry
		if err := file.Decode(entry.Value, &e); err != nil {
			return err
		}
		if problem := t.problem(key, e); problem != "" {
			return file.Faultf(entry.Key, "reply %s: %s", key, problem)
		}
		t.replies[key] = &reply{help: e.Help, words: map[string]wording{
			english: t.clinic.fill(e.EN), spanish: t.clinic.fill(e.ES),
		}}
		t.review(key, e.Review)
	}
	return nil
}

func (t *Triage) problem(key string, e replyEntry) string {
	problem := reviewProblem(e.Review, e.Reviewer)
	switch {
	case t.replies[key] != nil:
		return "stands here twice"
	case problem != "":
		return problem
	case strings.TrimSpace(e.EN.Text) == "" || strings.TrimSpace(e.ES.Text) == "":
		return "en.text and es.text are needed"
	case len(e.EN.Forms) != len(e.ES.Forms):
		return "en and es do not have the same number of forms"
	}
	for _, id := range e.Help {
		if _, ok := t.line[id]; !ok {
			return "no help line has the id " + id
		}
	}
	return ""
}

// What a text's review can be.
const (
	pending  = "pending"
	approved = "approved"
)

func reviewProblem(review, reviewer string) string {
	switch {
	case review != pending && review != approved:
		return "review is neither pending nor approved"
	case review == approved && reviewer == "":
		return "approved without a reviewer"
	}
	return ""
}

func (c Clinic) fill(e wordingEntry) wording {
	w := wording{text: c.fillText(e.Text), resource: c.fillText(e.Resource)}
	if soft := c.fillText(e.Soft); soft != "" {
		_, rest, more := strings.Cut(w.text, "\n\n")
		w.soft = soft
		if more {
			w.soft += "\n\n" + rest
		}
	}
	for _, f := range e.Forms {
		w.forms = append(w.forms, c.fillText(f))
	}
	return w
}

// fillText puts the clinic's particulars in the place of {clinic_name},
// {clinic_phone} and {clinic_hours}. A stretch in brackets is left out, or gives
// way to what follows its bar, when one of its particulars is not set.
func (c Clinic) fillText(s string) string {
	var out strings.Builder
	for s != "" {
		before, rest, open := strings.Cut(s, "[")
		out.WriteString(c.named(before))
		if !open {
			break
		}
		segment, after, _ := strings.Cut(rest, "]")
		with, without, _ := strings.Cut(segment, "|")
		if c.knows(with) {
			out.WriteString(c.named(with))
		} else {
			out.WriteString(c.named(without))
		}
		s = after
	}
	return strings.TrimSpace(out.String())
}

func (c Clinic) knows(s string) bool {
	return (c.Name != "" || !strings.Contains(s, "{clinic_name}")) &&
		(c.Phone != "" || !strings.Contains(s, "{clinic_phone}")) &&
		(c.Hours != "" || !strings.Contains(s, "{clinic_hours}"))
}

func (c Clinic) named(s string) string {
	return strings.NewReplacer("{clinic_name}", c.Name, "{clinic_phone}", c.Phone, "{clinic_hours}", c.Hours).Replace(s)
}

// languageOf reduces a locale to one of the two languages.
func languageOf(locale string) string {
	base, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(locale, "_", "-")), "-")
	if base == spanish {
		return spanish
	}
	return english
}

func (t *Triage) fixed(name, locale string) string {
	return t.replies[name].words[languageOf(locale)].text
}

// card gathers the help of the named replies, each line once.
func (t *Triage) card(locale string, names ...string) chat.Card {
	language := languageOf(locale)
	card := chat.Card{}
	seen := map[string]bool{}
	for _, name := range names {
		for _, id := range t.replies[name].help {
			if seen[id] {
				continue
			}
			seen[id] = true
			link := t.line[id].linkIn(language)
			card.Lines = append(card.Lines, link.Label)
			card.Links = append(card.Links, link)
		}
	}
	return card
}

// sentences cuts a fixed text into sentences and lines, each with the white
// space that follows it, so that the parts joined are the text.
func sentences(text string) []string {
	var parts []string
	start := 0
	for i := 0; i < len(text); i++ {
		if text[i] != '\n' && text[i] != ' ' {
			continue
		}
		end := i
		for i+1 < len(text) && (text[i+1] == '\n' || text[i+1] == ' ') {
			i++
		}
		if i+1 < len(text) && (strings.Contains(text[end:i+1], "\n") || endsSentence(text[start:end])) {
			parts = append(parts, text[start:i+1])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

func endsSentence(s string) bool {
	s = strings.TrimRight(s, "\"')”»")
	if strings.HasSuffix(s, "EE.") || strings.HasSuffix(s, "UU.") { // the abbreviation of Estados Unidos
		return false
	}
	return strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?")
}
