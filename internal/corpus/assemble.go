package corpus

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"bedside/internal/chat"
)

// assemble takes in what the options allow and notes what of it is pending.
func assemble(pages []page, book *factBook, options Options) *Corpus {
	c := &Corpus{Facts: book.facts, References: map[chat.PassageID][]Source{}}
	noted := map[string]bool{}
	for _, p := range pages {
		pending := p.Review.State != ReviewApproved
		if p.Section == Supplement && pending && !options.IncludePending {
			continue
		}
		c.Pages = append(c.Pages, p.Page)
		if pending {
			c.pending = append(c.pending, Pending{File: p.File, Line: p.reviewLine, What: "page \"" + p.Title + "\""})
		}
		for _, one := range p.passages {
			c.Passages = append(c.Passages, one.Passage)
			if len(one.references) > 0 {
				c.References[one.ID] = one.references
			}
			for _, id := range one.qualifierIDs {
				c.notePending(book.qualifiers[id], p.Language, noted)
			}
		}
	}
	return c
}

func (c *Corpus) notePending(q *qualifier, language string, noted map[string]bool) {
	_, review, _ := q.in(language)
	what := "qualifier " + q.ID
	if language != DefaultLanguage {
		what += " in " + language
	}
	if review.State == ReviewApproved || noted[what] {
		return
	}
	noted[what] = true
	c.pending = append(c.pending, Pending{File: q.file, Line: q.line, What: what})
}

// version hashes the files that were taken in, each with its name and length,
// so that nothing can move from one to the next unseen.
func version(files []file, c *Corpus) string {
	in := map[string]bool{}
	for _, p := range c.Pages {
		in[p.File] = true
	}
	sum := sha256.New()
	for _, f := range files {
		if f.kind == pageFile && !in[f.name] {
			continue
		}
		var head []byte
		head = binary.AppendUvarint(head, uint64(len(f.name)))
		head = append(head, f.name...)
		head = binary.AppendUvarint(head, uint64(len(f.text)))
		sum.Write(head)
		sum.Write(f.text)
	}
	return hex.EncodeToString(sum.Sum(nil))[:versionChars]
}

// versionChars of the hash are enough to tell versions apart.
const versionChars = 12
