package corpus

import (
	"bytes"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"bedside/internal/chat"
)

// Sizes over which a part of a page is taken for a mistake.
const (
	mostTitle          = 200
	mostPassageText    = 6_000
	mostQuestions      = 60
	mostQuestion       = 300
	mostIDs            = 100
	mostLabel          = 80
	frontMatterDivider = "---"
)

var (
	languagePattern = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	// A number in brackets is how a model cites; in a passage it would read as a
	// citation that nobody made.
	markerPattern = regexp.MustCompile(`\[\s*\d+\s*\]`)
)

// isSlug says whether s is words of small letters and digits, parted by hyphens.
func isSlug(s string) bool { return isLabel(s, "-") && strings.ToLower(s) == s }

// isLabel says whether s is words of letters and digits, each parted from the
// next by one of the marks.
func isLabel(s, marks string) bool {
	inside := false // of a word
	for i := range len(s) {
		switch {
		case isLetter(s[i]) || s[i] >= '0' && s[i] <= '9':
			inside = true
		case inside && strings.IndexByte(marks, s[i]) >= 0:
			inside = false
		default:
			return false
		}
	}
	return inside
}

// factMarks part the words of facts' and qualifiers' ids.
const factMarks = "-._"

// page is a file in the making.
type page struct {
	Page
	titleLine  int
	reviewLine int
	passages   []passage
}

// passage is a heading in the making; lines and block serve to say where a
// fault stands.
type passage struct {
	chat.Passage
	line         int
	block        []byte
	blockLine    int
	qualifierIDs []string
	references   []Source
}

type frontMatter struct {
	Title      string   `yaml:"title"`
	Section    string   `yaml:"section"`
	Language   string   `yaml:"language"`
	Source     Source   `yaml:"source"`
	References []Source `yaml:"references"`
	Review     Review   `yaml:"review"`
}

// passageBlock is what stands in a passage's fenced block.
type passageBlock struct {
	ID         string   `yaml:"id"`
	Facts      []string `yaml:"facts"`
	Qualifiers []string `yaml:"qualifiers"`
	Questions  []string `yaml:"questions"`
	Source     *Source  `yaml:"source"`
	References []Source `yaml:"references"`
}

// parse reads one page. It reports every fault and returns what could be read.
func (p *pageParser) parse(f file, faults *problems) page {
	result := page{Page: Page{File: f.name}}
	if !checkText(f, faults) {
		return result
	}
	head, body, bodyLine, ok := cutFrontMatter(f.text)
	if !ok {
		faults.addf(f.name, 1, "has no front matter: a page begins with a line %q, its fields, and a line %q", frontMatterDivider, frontMatterDivider)
		return result
	}
	var meta frontMatter
	if !decodeYAML(f, 2, head, &meta, faults) {
		return result
	}
	checkFrontMatter(f, head, meta, faults)
	result.Page = Page{
		File: f.name, Title: meta.Title, Section: meta.Section, Language: meta.Language,
		Source: meta.Source, Review: meta.Review,
	}
	result.titleLine = lineOf(head, 2, "title")
	result.reviewLine = lineOf(head, 2, "review")
	if p.skipPending && result.Section == Supplement && result.Review.State != ReviewApproved {
		return result
	}
	name := pageName(f.name, meta.Language)
	for _, s := range p.split(f, meta.Title, body, bodyLine, faults) {
		one := readPassage(f, s, meta, faults)
		one.ID = chat.PassageID(name + "/" + string(one.ID))
		result.passages = append(result.passages, one)
	}
	if len(result.passages) == 0 {
		faults.addf(f.name, 0, "has no passage: each begins with a heading such as \"## What it is\"")
	}
	return result
}

// cutFrontMatter parts a page after its second divider. bodyLine is the line on
// which the body begins.
func cutFrontMatter(text []byte) (head, body []byte, bodyLine int, ok bool) {
	rest, ok := bytes.CutPrefix(text, []byte(frontMatterDivider+"\n"))
	if !ok {
		return nil, nil, 0, false
	}
	line := 2
	for at := 0; at < len(rest); line++ {
		end := len(rest)
		if i := bytes.IndexByte(rest[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		if string(bytes.TrimRight(rest[at:end], " \t\n")) == frontMatterDivider {
			return rest[:at], rest[end:], line + 1, true
		}
		at = end
	}
	return nil, nil, 0, false
}

// pageName is the first part of the ids of a page's passages: its path without
// the folder of its language and the ending, after the language where that is
// not the default.
func pageName(file, language string) string {
	parts := strings.Split(strings.TrimSuffix(file, path.Ext(file)), "/")
	folder := parts[:len(parts)-1]
	if i := slices.Index(folder, language); i >= 0 {
		parts = slices.Delete(parts, i, i+1)
	}
	name := strings.Join(parts, "/")
	if language != DefaultLanguage {
		name = language + "/" + name
	}
	return name
}

func checkFrontMatter(f file, head []byte, meta frontMatter, faults *problems) {
	at := func(field string) int { return lineOf(head, 2, field) }
	if strings.TrimSpace(meta.Title) == "" || utf8.RuneCountInString(meta.Title) > mostTitle {
		faults.addf(f.name, at("title"), "needs a title of 1 to %d characters", mostTitle)
	}
	if len(meta.Section) > mostLabel || !isSlug(meta.Section) {
		faults.addf(f.name, at("section"), "needs a section in small letters, such as \"history\"")
	}
	if len(meta.Language) > mostLabel || !languagePattern.MatchString(meta.Language) {
		faults.addf(f.name, at("language"), "needs a language, such as \"en\"")
	}
	checkSource(f, at("source"), meta.Source, faults)
	checkReferences(f, at("references"), meta.References, faults)
	checkReview(f, at("review"), meta.Review, faults)
	checkFolder(f, at("language"), meta.Language, faults)
	for _, part := range strings.Split(pageName(f.name, ""), "/") {
		if part != "" && !isSlug(part) {
			faults.addf(f.name, 0, "needs a name of small letters, digits and hyphens, since it is part of the passages' ids")
			break
		}
	}
}

// checkFolder holds that a file in a language's folder is in that language.
func checkFolder(f file, line int, language string, faults *problems) {
	for _, part := range strings.Split(path.Dir(f.name), "/") {
		if len(part) == 2 && languagePattern.MatchString(part) && part != language {
			faults.addf(f.name, line, "stands in the folder %q and says that its language is %q", part, language)
		}
	}
}

func checkSource(f file, line int, s Source, faults *problems) {
	if strings.TrimSpace(s.Title) == "" || utf8.RuneCountInString(s.Title) > mostTitle {
		faults.addf(f.name, line, "needs a source with a title of 1 to %d characters", mostTitle)
	}
	checkURL(f, line, s.URL, faults)
}

func checkReferences(f file, line int, references []Source, faults *problems) {
	for _, r := range references {
		if strings.TrimSpace(r.Title) == "" {
			faults.addf(f.name, line, "has a reference without a title")
		}
		if r.URL != "" {
			checkURL(f, line, r.URL, faults)
		}
	}
}

// checkURL lets through what may stand behind a link that a patient taps.
func checkURL(f file, line int, address string, faults *problems) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		faults.addf(f.name, line, "needs a source whose url begins with https:// or http://")
	}
}

func checkReview(f file, line int, r Review, faults *problems) {
	named := strings.TrimSpace(r.By) != ""
	switch r.State {
	case ReviewPending:
		if named {
			faults.addf(f.name, line, "is pending, yet names %q as the one who approved it", r.By)
		}
	case ReviewApproved:
		if !named {
			faults.addf(f.name, line, "is approved, yet names nobody under \"by\"")
		}
	default:
		faults.addf(f.name, line, "needs a review whose state is %q or %q", ReviewPending, ReviewApproved)
	}
}
