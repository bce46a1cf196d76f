package ground

import (
	"regexp"
	"sync"
)

// lazily compiles an expression when it is first used: together they would take
// a good part of a millisecond of the program's start.
func lazily(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
