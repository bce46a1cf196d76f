package corpus

import (
	"slices"
	"strings"

	"bedside/internal/chat"
)

// checkPages looks at what needs all files: ids, and the facts and qualifiers
// that passages name. It also puts the qualifiers' words into the passages.
func checkPages(pages []page, book *factBook, faults *problems) {
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
