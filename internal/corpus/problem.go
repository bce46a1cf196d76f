package corpus

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Problem is a fault of a file. Line counts from 1; 0 is the file as a whole.
type Problem struct {
	File    string
	Line    int
	Message string
}

func (p *Problem) Error() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
}

// mostProblems bounds what is reported of a folder that is no material at all.
const mostProblems = 200

// problems gathers faults, so that all of a folder are reported at once.
type problems struct {
	found []*Problem
	more  int
}

func (p *problems) addf(file string, line int, format string, args ...any) {
	if len(p.found) >= mostProblems {
		p.more++
		return
	}
	p.found = append(p.found, &Problem{File: file, Line: line, Message: fmt.Sprintf(format, args...)})
}

// keep takes in a fault of a file and returns any other error.
func (p *problems) keep(err error) error {
	if one, ok := errors.AsType[*Problem](err); ok {
		p.addf(one.File, one.Line, "%s", one.Message)
		return nil
	}
	return err
}

// err joins the faults in the order of files and lines; nil if there are none.
func (p *problems) err() error {
	slices.SortStableFunc(p.found, func(a, b *Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	p.found = slices.CompactFunc(p.found, func(a, b *Problem) bool { return *a == *b })
	errs := make([]error, 0, len(p.found)+1)
	for _, f := range p.found {
		errs = append(errs, f)
	}
	if p.more > 0 {
		errs = append(errs, fmt.Errorf("and %d more faults", p.more))
	}
	return errors.Join(errs...)
}
