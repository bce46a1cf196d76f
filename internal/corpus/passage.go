package corpus

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"bedside/internal/chat"
)

// readPassage reads a heading's block and checks all that can be checked
// without the other files.
func readPassage(f file, s section, meta frontMatter, faults *problems) passage {
	one := passage{line: s.line, block: s.block, blockLine: s.blockLine}
	fault := func(word, format string, args ...any) {
		line := s.line
		if word != "" && s.blockLine > 0 {
			line = lineOf(s.block, s.blockLine, word)
		}
		faults.addf(f.name, line, format, args...)
	}
	if s.heading == "" || utf8.RuneCountInString(s.heading) > mostTitle {
		fault("", "needs a heading of 1 to %d characters", mostTitle)
	}
	if s.blockLine == 0 {
		fault("", "the heading %q has no block ```passage with an id and questions", s.heading)
		return one
	}
	if s.open {
		return one
	}
	var b passageBlock
	if !decodeYAML(f, s.blockLine, s.block, &b, faults) {
		return one
	}
	if len(b.ID) > mostLabel || !isSlug(b.ID) {
		fault("id", "needs an id of small letters, digits and hyphens; %q is none", b.ID)
	}
	switch {
	case s.text == "":
		fault("", "passage %q has no text", b.ID)
	case utf8.RuneCountInString(s.text) > mostPassageText:
		fault("", "passage %q is longer than %d characters: an answer needs smaller ones", b.ID, mostPassageText)
	}
	if marker := markerPattern.FindString(s.text); marker != "" {
		fault("", "passage %q holds %q, which would read as a citation", b.ID, marker)
	}
	checkQuestions(b, fault)
	checkNames("fact", b.ID, b.Facts, fault)
	checkNames("qualifier", b.ID, b.Qualifiers, fault)
	source := meta.Source
	if b.Source != nil {
		source = *b.Source
		checkSource(f, lineOf(s.block, s.blockLine, "source"), source, faults)
	}
	if len(b.References) > 0 {
		checkReferences(f, lineOf(s.block, s.blockLine, "references"), b.References, faults)
	}
	one.Passage = chat.Passage{
		ID: chat.PassageID(b.ID), Section: meta.Section, Title: meta.Title, Heading: s.heading,
		URL: source.URL, Language: meta.Language, Text: s.text, Questions: b.Questions, Facts: b.Facts,
		Pending: meta.Section == Supplement && meta.Review.State == ReviewPending,
	}
	one.qualifierIDs = b.Qualifiers
	one.references = slices.Concat(meta.References, b.References)
	return one
}

func checkQuestions(b passageBlock, fault func(word, format string, args ...any)) {
	if len(b.Questions) == 0 {
		fault("questions", "passage %q has no questions: say how patients would ask for it", b.ID)
	}
	if len(b.Questions) > mostQuestions {
		fault("questions", "passage %q has more than %d questions", b.ID, mostQuestions)
	}
	seen := make([]string, 0, len(b.Questions))
	for _, q := range b.Questions {
		plain := strings.ToLower(q)
		if strings.ContainsAny(plain, "\t\n") || strings.Contains(plain, "  ") || strings.TrimSpace(plain) != plain {
			plain = strings.Join(strings.Fields(plain), " ")
		}
		switch {
		case plain == "" || utf8.RuneCountInString(q) > mostQuestion:
			fault(cmp.Or(q, "questions"), "passage %q needs questions of 1 to %d characters", b.ID, mostQuestion)
		case slices.Contains(seen, plain):
			fault(q, "passage %q asks %q twice", b.ID, q)
		}
		seen = append(seen, plain)
	}
}

// checkNames looks at a list of ids: each well formed and named once.
func checkNames(kind, passage string, ids []string, fault func(word, format string, args ...any)) {
	if len(ids) > mostIDs {
		fault(kind, "passage %q names more than %d %ss", passage, mostIDs, kind)
	}
	for i, id := range ids {
		switch {
		case len(id) > mostLabel || !isLabel(id, factMarks):
			fault(kind, "passage %q names %q, which can be no %s's id", passage, id, kind)
		case slices.Contains(ids[:i], id):
			fault(id, "passage %q names %s %s twice", passage, kind, id)
		}
	}
}
