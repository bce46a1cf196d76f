package corpus

import (
	"slices"
	"strings"

	"bedside/internal/chat"
)

// checkPages looks at what needs all files: ids, copies, and the facts and qualifiers
// that passages name. It also puts the qualifiers' words into the passages.
func checkPages(pages []page, book *factBook, faults *problems) {
	checkCopies(pages, faults)
	firsts := map[chat.PassageID]place{}
	for i := range pages {
		for j := range pages[i].passages {
			one := &pages[i].passages[j]
			file := pages[i].File
			if one.Heading == "" || strings.HasSuffix(string(one.ID), "/") {
				continue // it could not be read, which is reported already
			}
			if first, found := firsts[one.ID]; found {
				faults.addf(file, one.line, "passage %q stands in %s:%d as well", one.ID, first.file, first.line)
			} else {
				firsts[one.ID] = place{file, one.line}
			}
			checkFacts(file, one, book, faults)
			resolveQualifiers(file, one, book, faults)
		}
	}
}

// checkCopies refuses a page that was copied: answers would rest on both under one
// source, and on the old one's words after the new one was mended. Pages are about
// different things, so no two of a language and section have one title, or passages
// that ask the same questions.
func checkCopies(pages []page, faults *problems) {
	titles, asked := map[[3]string]place{}, map[[3]string]place{}
	for _, p := range pages {
		if p.Title == "" {
			continue // it could not be read, which is reported already
		}
		if first, found := note(titles, [3]string{p.Language, p.Section, plainly(p.Title)}, place{p.File, p.titleLine}); found {
			faults.addf(p.File, p.titleLine, "the page %q of this section stands in %s:%d as well: is one a copy of the other?", p.Title, first.file, first.line)
			continue
		}
		for i := range p.passages {
			one := &p.passages[i]
			if len(one.Questions) == 0 {
				continue
			}
			questions := make([]string, len(one.Questions))
			for j, question := range one.Questions {
				questions[j] = plainly(question)
			}
			slices.Sort(questions)
			if first, found := note(asked, [3]string{p.Language, p.Section, strings.Join(questions, "\n")}, place{p.File, one.line}); found && first.file != p.File {
				faults.addf(p.File, one.line, "passage %q has the same questions as the one in %s:%d: is one a copy of the other?", one.ID, first.file, first.line)
			}
		}
	}
}

// note keeps the first place of a key and says whether there was one before.
func note(firsts map[[3]string]place, key [3]string, at place) (place, bool) {
	first, found := firsts[key]
	if !found {
		firsts[key] = at
	}
	return first, found
}

// plainly is a text for comparing it without regard to case and spaces.
func plainly(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

func checkFacts(file string, one *passage, book *factBook, faults *problems) {
	for _, id := range one.Facts {
		line := lineOf(one.block, one.blockLine, id)
		known := book.byID[id]
		switch {
		case known == nil && len(book.files) == 0:
			faults.addf(file, line, "passage %q names fact %s, and the folder has no facts.yaml", one.ID, id)
			continue
		case known == nil:
			faults.addf(file, line, "passage %q names unknown fact %s", one.ID, id)
			continue
		case known.Handling == Omit || known.Certainty == "C":
			faults.addf(file, line, "passage %q tells fact %s, which must not be told", one.ID, id)
			continue
		}
		for _, q := range known.Qualifiers {
			if !slices.Contains(one.qualifierIDs, q) {
				faults.addf(file, line, "passage %q tells fact %s without its qualifier %s", one.ID, id, q)
			}
		}
	}
}

func resolveQualifiers(file string, one *passage, book *factBook, faults *problems) {
	for _, id := range one.qualifierIDs {
		line := lineOf(one.block, one.blockLine, id)
		known := book.qualifiers[id]
		if known == nil {
			faults.addf(file, line, "passage %q names unknown qualifier %s", one.ID, id)
			continue
		}
		words, _, ok := known.in(one.Language)
		if !ok {
			faults.addf(file, line, "passage %q names qualifier %s, which has no words in %q", one.ID, id, one.Language)
			continue
		}
		one.Qualifiers = append(one.Qualifiers, words)
	}
}
