package yamlfile

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

type handling string

type sample struct {
	ID     string            `yaml:"id"`
	Kind   handling          `yaml:"kind"`
	Count  int               `yaml:"count"`
	Bare   bool              `yaml:"bare"`
	Names  []string          `yaml:"names"`
	By     map[string]string `yaml:"by"`
	Inner  *sample           `yaml:"inner"`
	Others []*sample         `yaml:"others"`
	line   int               `yaml:"line"` //nolint:unused // a tag on what nobody can set
}

func TestDecode(t *testing.T) {
	const text = `id: 0911
kind: plain
count: -3
bare: true
names: [988, "true", yes, 2026-11-23, null, 1.50, True]
by: {a: b, 5: c}
inner:
  id: "x: y"
others:
  - id: z
  - ~
  - names:
`
	file, err := Parse("data.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := sample{
		ID: "0911", Kind: "plain", Count: -3, Bare: true,
		Names:  []string{"988", "true", "yes", "2026-11-23", "", "1.50", "True"},
		By:     map[string]string{"a": "b", "5": "c"},
		Inner:  &sample{ID: "x: y"},
		Others: []*sample{{ID: "z"}, nil, {}},
	}
	var got sample
	if err := file.Decode(file.Top, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(sample{})); diff != "" {
		t.Errorf("wanted (-), got (+):\n%s", diff)
	}
}

func TestFaults(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"unknown field", "id: a\n\ncolour: red\n", `data.yaml:3: unknown field "colour"`},
		{"a field that is not exported", "line: 3\n", `data.yaml:1: unknown field "line"`},
		{"unknown field below", "others:\n  - id: a\n    colour: red\n", `data.yaml:3: unknown field "colour"`},
		{"a list for a text", "id: [a]\n", "data.yaml:1: expected a text, found a list"},
		{"a colon in a text", "names:\n  - a\n  - b: c\n", "data.yaml:3: expected a text, found names with values (a text that holds a colon needs quotation marks)"},
		{"a text for a list", "names: a\n", "data.yaml:1: expected a list, found a text"},
		{"a text for names", "by: a\n", "data.yaml:1: expected names with values, found a text"},
		{"a text for names in a struct", "inner: a\n", "data.yaml:1: expected names with values, found a text"},
		{"yes is a text", "bare: yes\n", "data.yaml:1: expected true or false, found a text"},
		{"a text for a number", "id: a\ncount: many\n", "data.yaml:2: expected a number, found a text"},
		{"half a number", "count: 1.5\n", "data.yaml:1: 1.5 is no whole number that fits here"},
		{"a key twice", "id: a\nid: b\n", "data.yaml:2: "},
		{"a key twice, quoted", "id: a\n\"id\": b\n", "data.yaml:2: "},
		{"an open list", "names: [a\n", "data.yaml:1: "},
		{"an open quotation", "id: a\nkind: \"b\n", "data.yaml:2: "},
		{"a tab", "id: a\n\tkind: b\n", "data.yaml:"},
		{"odd indentation", "others:\n  - id: a\n   kind: b\n", "data.yaml:"},
		{"a second document", "id: a\n---\nid: b\n", "data.yaml:3: a second document: a file is one"},
		{"an unknown alias", "id: *a\n", "data.yaml:1: no anchor &a stands above"},
		{"an alias in itself", "names: &a [*a]\n", "data.yaml:1: no anchor &a stands above"},
		{"a mapping as a key", "? {a: b}\n: c\n", "data.yaml:"},
		{"a merge of a text", "<<: a\n", "data.yaml:1: expected names with values, found a text"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			file, err := Parse("data.yaml", []byte(test.text))
			if err == nil {
				err = file.Decode(file.Top, &sample{})
			}
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("%v, want %s", err, test.want)
			}
		})
	}
}

// What only the library reads comes out as the same kind of nodes.
func TestAllOfYAML(t *testing.T) {
	const text = `--- # one
id: !!str 5
kind: &k plain
names: [a,
  *k, !!str null]
count: !!int "7"
by: &by
  a: b
  c: d
inner:
  <<: {id: e, kind: f}
  id: "\u0067"
  by:
    <<: [*by, {c: i, j: k}]
    a: >+
      l
      m

`
	file, err := Parse("data.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if _, plain := readPlain(text); plain {
		t.Fatal("the plain reader knows anchors")
	}
	want := sample{
		ID: "5", Kind: "plain", Names: []string{"a", "plain", "null"}, Count: 7,
		By:    map[string]string{"a": "b", "c": "d"},
		Inner: &sample{ID: "g", Kind: "f", By: map[string]string{"a": "l m\n\n", "c": "d", "j": "k"}},
	}
	var got sample
	if err := file.Decode(file.Top, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(sample{})); diff != "" {
		t.Errorf("wanted (-), got (+):\n%s", diff)
	}
}

func TestAliasesAreBounded(t *testing.T) {
	var text strings.Builder
	text.WriteString("a: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 9 {
		from, to := string(rune('0'+i)), string(rune('1'+i))
		text.WriteString("b" + to + ": &a" + to + " [" + strings.Repeat("*a"+from+", ", 9) + "*a" + from + "]\n")
	}
	if _, err := Parse("data.yaml", []byte(text.String())); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("%v", err)
	}
}

func TestNothing(t *testing.T) {
	for _, text := range []string{"", "\n", "# nothing yet\n", "---\n"} {
		file, err := Parse("data.yaml", []byte(text))
		if err != nil || file.Top.Kind != Null {
			t.Errorf("%q: %+v, %v", text, file, err)
		}
	}
	if _, err := Read(fstest.MapFS{}, "data.yaml"); err == nil {
		t.Error("a file that is not there was read")
	}
}

// FuzzParse holds that no file ends the program, and that a fault names a line
// of the file.
func FuzzParse(f *testing.F) {
	f.Add("a: &b [*b]\n")
	f.Add("? [a]\n: !!x {<<: *c}\n")
	f.Add("a: 'b\n  c'\n--- |\n d\n...\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Parse("f", []byte(text))
		if err == nil {
			err = file.Decode(file.Top, &sample{})
		}
		if err == nil {
			return
		}
		fault, ok := errors.AsType[*Fault](err)
		if !ok || fault.File != "f" || fault.Line < 1 || fault.Message == "" {
			t.Errorf("%T %v", err, err)
		}
	})
}
