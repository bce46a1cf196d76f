package yamlfile

import (
	"fmt"
	"io/fs"
)

// Kind is what a node is.
type Kind uint8

// The kinds of nodes. Whether a plain scalar is a text is decided as YAML 1.2
// does: yes, no, on and off are texts.
const (
	Null Kind = iota
	String
	Bool
	Number
	List
	Map
)

// String names the kind as a message to the file's author does.
func (k Kind) String() string {
	return [...]string{"nothing", "a text", "true or false", "a number", "a list", "names with values"}[k]
}

// Node is a value of a file. The zero value is nothing, on no line.
type Node struct {
	Kind Kind
	Line int    // on which it begins, from 1
	Text string // of a scalar: as it is meant, numbers as they are written
	// Items are a list's.
	Items []Node
	// Entries are a mapping's, in the order of the file, each key once.
	Entries []Entry
}

// Entry is a key of a mapping with its value.
type Entry struct {
	Key   Node // a scalar
	Value Node
}

// File is a file that was read.
type File struct {
	Name string
	// Top is the file's value: Null if there is none.
	Top Node
}

// Fault is what is wrong with a file.
type Fault struct {
	File    string
	Line    int
	Message string
}

func (f *Fault) Error() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Message) }

// Read reads a file of a folder. What is wrong with its content is a *Fault.
func Read(folder fs.FS, name string) (*File, error) {
	text, err := fs.ReadFile(folder, name)
	if err != nil {
		return nil, fmt.Errorf("read data file: %w", err)
	}
	return Parse(name, text)
}

// Parse reads the content of the named file. An error is a *Fault.
func Parse(name string, content []byte) (*File, error) {
	text := string(content)
	if top, ok := readPlain(text); ok {
		return &File{name, top}, nil
	}
	top, err := readByLibrary(name, text)
	if err != nil {
		return nil, err
	}
	return &File{name, top}, nil
}

// Faultf says what is wrong with a node of the file.
func (f *File) Faultf(n Node, format string, arguments ...any) error {
	return &Fault{f.Name, max(n.Line, 1), fmt.Sprintf(format, arguments...)}
}

// EntriesOf returns the entries of a mapping; of what is none, a fault.
func (f *File) EntriesOf(n Node) ([]Entry, error) {
	if n.Kind != Map {
		return nil, f.wants(n, Map)
	}
	return n.Entries, nil
}

// ItemsOf returns the items of a list; of what is none, a fault.
func (f *File) ItemsOf(n Node) ([]Node, error) {
	if n.Kind != List {
		return nil, f.wants(n, List)
	}
	return n.Items, nil
}

func (f *File) wants(n Node, kind Kind) error {
	hint := ""
	if n.Kind == Map && kind == String {
		hint = " (a text that holds a colon needs quotation marks)"
	}
	return f.Faultf(n, "expected %s, found %s%s", kind, n.Kind, hint)
}
