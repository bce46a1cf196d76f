package corpus

import (
	"errors"
	"strings"

	"github.com/goccy/go-yaml"
)

// decodeYAML reads data, which begins at the file's given line, into a
// pointer, and reports what is wrong with it. It says whether all was well.
// A field that is not known is a fault: a misspelled one would be lost.
func decodeYAML(f file, line int, data []byte, into any, faults *problems) (ok bool) {
	defer func() {
		// The library has panicked on odd input before; a page must not end
		// the program.
		if p := recover(); p != nil {
			faults.addf(f.name, line, "cannot be read as YAML: %v", p)
			ok = false
		}
	}()
	err := yaml.UnmarshalWithOptions(data, into, yaml.Strict())
	if err == nil {
		return true
	}
	var located yaml.Error
	if errors.As(err, &located) {
		message := yamlFault(located.GetMessage())
		var kind *yaml.TypeError
		if errors.As(err, &kind) { // the library names Go types
			message = "YAML: another kind of value belongs here (a text that holds a colon needs quotation marks)"
		}
		if token := located.GetToken(); token != nil && token.Position != nil {
			line += token.Position.Line - 1
		}
		faults.addf(f.name, line, "%s", message)
		return false
	}
	faults.addf(f.name, line, "%s", yamlFault(err.Error()))
	return false
}

// yamlFault keeps the message and drops the excerpt that may follow it, and
// places, which count from the block's beginning.
func yamlFault(message string) string {
	message, _, _ = strings.Cut(message, "\n")
	message, _, _ = strings.Cut(message, " at [")
	return "YAML: " + message
}

// lineOf returns the line on which data, which begins at the given line, first
// says word, or the given line.
func lineOf(data []byte, line int, word string) int {
	before, _, found := strings.Cut(string(data), word)
	if !found {
		return line
	}
	return line + strings.Count(before, "\n")
}
