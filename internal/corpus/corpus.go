package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"bedside/internal/chat"
)

// Supplement is the section of pages that were not made from the clinic's own
// material: they are left out until a clinician approved them.
const Supplement = "supplement"

// DefaultLanguage is the language whose passages have ids without a prefix, and
// in which a qualifier's text and short form are written.
const DefaultLanguage = "en"

// Options says what Load takes in.
type Options struct {
	// IncludePending takes in supplement pages that wait for review; their
	// passages are marked Pending. Pages of other sections are always in.
	IncludePending bool
	// SkipPending leaves the bodies of supplement pages that wait for review
	// unread, faults and all, where they are not included: for the shipped
	// material, which tests hold to be whole.
	SkipPending bool
}

// Corpus is the material, ready to be searched.
type Corpus struct {
	// Passages of all languages, in the order of files and headings.
	Passages []chat.Passage
	// Pages that the passages stand on, in the order of files.
	Pages []Page
	// Facts that the pages tell, in the order of their files.
	Facts []Fact
	// Gaps are subjects that the folder says it does not answer, in the order of
	// their files.
	Gaps []chat.Gap
	// References of passages to what they rest on, beyond the page that
	// Passage.URL names. For those who review, not for patients.
	References map[chat.PassageID][]Source
	// Version names this content: it changes when a byte of a page or fact does.
	Version string

	pending []Pending
}

// Page is one file of the material.
type Page struct {
	File     string // inside the folder
	Title    string
	Section  string
	Language string // BCP 47
	Source   Source
	Review   Review
}

// Source says where a page's matter can be read.
type Source struct {
	Title string `yaml:"title"`
	URL   string `yaml:"url"`
}

// Review is what a clinician decided.
type Review struct {
	State ReviewState `yaml:"state"`
	By    string      `yaml:"by"` // who approved
}

// ReviewState is where a review stands.
type ReviewState string

// The states of a review.
const (
	ReviewPending  ReviewState = "pending"
	ReviewApproved ReviewState = "approved"
)

// Pending is something that patients would see and that no clinician has
// approved.
type Pending struct {
	File string
	Line int
	What string // such as `page "How ketamine works"` or "qualifier Q-FDA"
}

func (p Pending) String() string {
	return fmt.Sprintf("%s:%d: %s is not approved by a clinician", p.File, p.Line, p.What)
}

// Pending lists what waits for review among what was taken in: pages, and the
// qualifiers that their passages carry. In production it has to be empty.
func (c *Corpus) Pending() []Pending { return slices.Clone(c.pending) }

// ErrEmpty means that a folder holds no passage to answer from.
var ErrEmpty = errors.New("no passage can be used: pages are files whose names end in .md, and supplement pages that wait for review are left out")

// Load reads a folder of material. The error joins a *Problem for each fault of
// the files, or says which file could not be read.
func Load(fsys fs.FS, options Options) (*Corpus, error) {
	var faults problems
	files, err := readFolder(fsys, &faults)
	if err != nil {
		return nil, fmt.Errorf("read the material: %w", err)
	}
	pages, gaps, book := parseFiles(files, options.SkipPending && !options.IncludePending, &faults)
	book.check(&faults)
	checkPages(pages, book, &faults)
	if err := faults.err(); err != nil {
		return nil, fmt.Errorf("check the material: %w", err)
	}
	c := assemble(pages, book, options)
	if len(c.Passages) == 0 {
		return nil, fmt.Errorf("check the material: %w", ErrEmpty)
	}
	c.Gaps = gaps
	c.Version = version(files, c)
	return c, nil
}

// parseFiles reads pages and facts. One file after the other: side by side they
// were no faster, since the time goes into memory that both would wait for.
func parseFiles(files []file, skipPending bool, faults *problems) (pages []page, gaps []chat.Gap, book *factBook) {
	book = newFactBook()
	parser := pageParser{skipPending: skipPending}
	var supplement *file // its facts, which are read if a page of it is
	for i, f := range files {
		switch f.kind {
		case factsFile:
			if skipPending && strings.HasPrefix(f.name, Supplement+"/") {
				supplement = &files[i]
				continue
			}
			book.add(f, faults)
		case gapsFile:
			gaps = append(gaps, readGaps(f, faults)...)
		case pageFile:
			pages = append(pages, parser.parse(f, faults))
		}
	}
	taken := func(p page) bool { return p.Section == Supplement && len(p.passages) > 0 }
	if supplement != nil && slices.ContainsFunc(pages, taken) {
		book.add(*supplement, faults)
	}
	return pages, gaps, book
}
