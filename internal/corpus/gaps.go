package corpus

import (
	"errors"
	"strings"
	"unicode/utf8"

	"bedside/internal/chat"
	"bedside/internal/yamlfile"
)

// mostGaps is over how many subjects in one file it is taken for a mistake.
const mostGaps = 1_000

// gapReader takes in a file of what the pages do not answer.
type gapReader struct {
	*yamlfile.File
	faults *problems
}

func (r gapReader) faultf(n yamlfile.Node, format string, arguments ...any) {
	r.faults.addf(r.Name, max(n.Line, 1), format, arguments...)
}

// readGaps reads subjects that the pages do not answer, with the questions that
// patients ask about them.
func readGaps(f file, faults *problems) []chat.Gap {
	if !checkText(f, faults) {
		return nil
	}
	content, err := yamlfile.Parse(f.name, f.text)
	if err != nil {
		keepFault(f, err, faults)
		return nil
	}
	r := gapReader{content, faults}
	if r.Top.Kind == yamlfile.Null { // nothing but comments
		return nil
	}
	entries, err := r.EntriesOf(r.Top)
	if err != nil {
		keepFault(f, err, faults)
		return nil
	}
	language := ""
	var gaps []chat.Gap
	for _, e := range entries {
		switch e.Key.Text {
		case "language":
			language = e.Value.Text
		case "subjects":
			gaps = r.subjects(f, e.Value)
		default:
			r.faultf(e.Key, "unknown field %q: want language or subjects", e.Key.Text)
		}
	}
	if len(language) > mostLabel || !languagePattern.MatchString(language) {
		r.faultf(r.Top, "needs a language, such as \"en\"")
	}
	checkFolder(f, 1, language, faults)
	for i := range gaps {
		gaps[i].Language = language
	}
	return gaps
}

func (r gapReader) subjects(f file, list yamlfile.Node) []chat.Gap {
	items, err := r.ItemsOf(list)
	if err != nil {
		keepFault(f, err, r.faults)
		return nil
	}
	if len(items) > mostGaps {
		r.faultf(list, "has more than %d subjects", mostGaps)
		return nil
	}
	gaps := make([]chat.Gap, 0, len(items))
	seen := map[string]bool{}
	for _, item := range items {
		gap, ok := r.subject(f, item)
		if !ok {
			continue
		}
		if seen[gap.Subject] {
			r.faultf(item, "subject %q stands there twice", gap.Subject)
		}
		seen[gap.Subject] = true
		gaps = append(gaps, gap)
	}
	return gaps
}

func (r gapReader) subject(f file, item yamlfile.Node) (gap chat.Gap, ok bool) {
	entries, err := r.EntriesOf(item)
	if err != nil {
		keepFault(f, err, r.faults)
		return gap, false
	}
	for _, e := range entries {
		switch e.Key.Text {
		case "subject":
			gap.Subject = strings.TrimSpace(e.Value.Text)
		case "questions":
			gap.Questions = r.questions(f, e.Value)
		default:
			r.faultf(e.Key, "unknown field %q: want subject or questions", e.Key.Text)
		}
	}
	switch {
	case gap.Subject == "" || utf8.RuneCountInString(gap.Subject) > mostTitle:
		r.faultf(item, "needs a subject of 1 to %d characters", mostTitle)
	case len(gap.Questions) == 0:
		r.faultf(item, "subject %q has no questions: say how patients ask about it", gap.Subject)
	case len(gap.Questions) > mostQuestions:
		r.faultf(item, "subject %q has more than %d questions", gap.Subject, mostQuestions)
	default:
		return gap, true
	}
	return gap, false
}

func (r gapReader) questions(f file, list yamlfile.Node) []string {
	items, err := r.ItemsOf(list)
	if err != nil {
		keepFault(f, err, r.faults)
		return nil
	}
	questions := make([]string, 0, len(items))
	seen := map[string]bool{}
	for _, item := range items {
		plain := strings.ToLower(strings.Join(strings.Fields(item.Text), " "))
		switch {
		case plain == "" || item.Kind != yamlfile.String || utf8.RuneCountInString(item.Text) > mostQuestion:
			r.faultf(item, "needs questions of 1 to %d characters", mostQuestion)
		case seen[plain]:
			r.faultf(item, "asks %q twice", item.Text)
		default:
			seen[plain] = true
			questions = append(questions, item.Text)
		}
	}
	return questions
}

// keepFault takes in what is wrong with a data file.
func keepFault(f file, err error, faults *problems) {
	if fault, ok := errors.AsType[*yamlfile.Fault](err); ok {
		faults.addf(fault.File, fault.Line, "%s", fault.Message)
		return
	}
	faults.addf(f.name, 0, "%v", err)
}
