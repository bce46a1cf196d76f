package retrieve_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"bedside/internal/retrieve"
)

// A mistake in the file is reported with its file and line.
func TestSynonymsFaults(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"not YAML", "groups:\n  - [a, b\n", "synonyms/en.yaml:"},
		{"a list at the top", "- a\n", "synonyms/en.yaml:1: expected names with values"},
		{"unknown section", "groups:\n  - [a, b]\nwords: [c]\n", "synonyms/en.yaml:3: unknown section \"words\""},
		{"a group of one", "groups:\n  - [a, b]\n  - [c]\n", "synonyms/en.yaml:3: a group is of two words or more"},
		{"a group that is a word", "groups:\n  - a\n", "synonyms/en.yaml:2: expected a list"},
		{"no word", "groups:\n  - [a, '--']\n", "synonyms/en.yaml:2: expected a word"},
		{"no list", "expansions:\n  a: b\n", "synonyms/en.yaml:2: expected a list"},
		{"nothing meant", "expansions:\n  a: []\n", "synonyms/en.yaml:2: expected words"},
		{"half a sense", "senses:\n  - word: a\n", "synonyms/en.yaml:2: a sense needs word, beside and means"},
		{"a field too many", "senses:\n  - word: a\n    near: [b]\n", "synonyms/en.yaml:3: unknown field \"near\""},
		{"a number", "phrases: 3\n", "synonyms/en.yaml:1: expected a list"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := retrieve.LoadSynonyms(fstest.MapFS{"synonyms/en.yaml": {Data: []byte(test.text)}})
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("error %q, want %q", err, test.want)
			}
		})
	}
}

func TestSynonymsFolder(t *testing.T) {
	if _, err := retrieve.LoadSynonyms(fstest.MapFS{}); err != nil {
		t.Errorf("no file is fine: %v", err)
	}
	if _, err := retrieve.LoadSynonyms(fstest.MapFS{"synonyms/en.yaml": {Data: []byte("# none yet\n")}}); err != nil {
		t.Errorf("an empty file is fine: %v", err)
	}
	if _, err := retrieve.LoadSynonyms(fstest.MapFS{"synonyms/fr.yaml": {Data: []byte("groups: []")}}); err == nil {
		t.Error("a language that nothing is searched in was taken")
	}
}
