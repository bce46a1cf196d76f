package redact

import (
	"regexp"
	"sync"
)

// form is a regular expression that is compiled when it is first used. Compiling
// them all takes longer than the rest of the program's start but reading the
// material, and the first message is later than that.
type form struct {
	source     string
	once       sync.Once
	expression *regexp.Regexp
}

// forms are all of the package's: newForm is called for its variables only.
var forms []*form

func newForm(source string) *form {
	f := &form{source: source}
	forms = append(forms, f)
	return f
}

func (f *form) compiled() *regexp.Regexp {
	f.once.Do(func() { f.expression = regexp.MustCompile(f.source) })
	return f.expression
}

func (f *form) String() string { return f.source }

func (f *form) matches(s string) bool { return f.compiled().MatchString(s) }

func (f *form) find(s string) string { return f.compiled().FindString(s) }

func (f *form) findAll(s string) [][]int { return f.compiled().FindAllStringSubmatchIndex(s, -1) }

// group is the number of the group named x; 0, all of the match, if there is none.
func (f *form) group() int { return max(0, f.compiled().SubexpIndex("x")) }
