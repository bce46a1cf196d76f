package corpus

import (
	"bytes"
	"errors"

	"bedside/internal/yamlfile"
)

// decodeYAML reads data, which begins at the file's given line, into a
// pointer, and reports what is wrong with it. It says whether all was well.
// A field that is not known is a fault: a misspelled one would be lost.
func decodeYAML(f file, line int, data []byte, into any, faults *problems) bool {
	content, err := yamlfile.Parse(f.name, data)
	if err == nil {
		err = content.Decode(content.Top, into)
	}
	if err == nil {
		return true
	}
	if fault, ok := errors.AsType[*yamlfile.Fault](err); ok {
		faults.addf(f.name, line+fault.Line-1, "YAML: %s", fault.Message)
	} else {
		faults.addf(f.name, line, "cannot be read as YAML: %v", err)
	}
	return false
}

// lineOf returns the line on which data, which begins at the given line, first
// says word, or the given line.
func lineOf(data []byte, line int, word string) int {
	before, _, found := bytes.Cut(data, []byte(word))
	if !found {
		return line
	}
	return line + bytes.Count(before, []byte("\n"))
}
