package corpus_test

import (
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"bedside/internal/chat"
	"bedside/internal/corpus"

	"github.com/google/go-cmp/cmp"
)

const gapPage = `---
title: A page
section: introduction
language: en
source: {title: "The clinic", url: https://clinic.example/page}
review: {state: pending, by: ""}
---

# A page

## A heading

` + "```passage\nid: one\nfacts: []\nquestions:\n  - what is it\n```" + `

A text.
`

func gapFolder(name, text string) fstest.MapFS {
	return fstest.MapFS{"en/page.md": {Data: []byte(gapPage)}, name: {Data: []byte(text)}}
}

func TestGaps(t *testing.T) {
	folder := gapFolder("en/not-covered.yaml", "language: en\nsubjects:\n  - subject: parking\n    questions:\n      - where can I park\n      - \"parking: is it free\"\n")
	folder["es/not-covered.yaml"] = &fstest.MapFile{Data: []byte("language: es\nsubjects:\n  - subject: precio\n    questions: [cuánto cuesta]\n")}
	c, err := corpus.Load(folder, corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []chat.Gap{
		{Subject: "parking", Language: "en", Questions: []string{"where can I park", "parking: is it free"}},
		{Subject: "precio", Language: "es", Questions: []string{"cuánto cuesta"}},
	}
	if diff := cmp.Diff(want, c.Gaps); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	if len(c.Passages) != 1 || len(c.Pending()) != 1 {
		t.Errorf("%d passages, %d pending: gaps are neither", len(c.Passages), len(c.Pending()))
	}
	fewer := maps.Clone(folder)
	delete(fewer, "es/not-covered.yaml")
	other, err := corpus.Load(fewer, corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if other.Version == c.Version {
		t.Error("the version does not tell that a subject is gone")
	}
}

func TestGapFaults(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"no YAML", "language: en\nsubjects: [a\n", "en/not-covered.yaml:"},
		{"unknown field", "language: en\nsubject: []\n", `en/not-covered.yaml:2: unknown field "subject"`},
		{"no language", "subjects: []\n", "en/not-covered.yaml:1: needs a language"},
		{"another language", "language: es\nsubjects: []\n", `stands in the folder "en" and says that its language is "es"`},
		{"no list", "language: en\nsubjects: parking\n", "en/not-covered.yaml:2: expected a list"},
		{"no mapping", "language: en\nsubjects:\n  - parking\n", "en/not-covered.yaml:3: expected names with values"},
		{"no subject", "language: en\nsubjects:\n  - questions: [a]\n", "en/not-covered.yaml:3: needs a subject"},
		{"no questions", "language: en\nsubjects:\n  - subject: parking\n", `en/not-covered.yaml:3: subject "parking" has no questions`},
		{"unknown part", "language: en\nsubjects:\n  - subject: parking\n    answer: yes\n", `en/not-covered.yaml:4: unknown field "answer"`},
		{"twice", "language: en\nsubjects:\n  - subject: a\n    questions: [b]\n  - subject: a\n    questions: [c]\n", `en/not-covered.yaml:5: subject "a" stands there twice`},
		{"a question twice", "language: en\nsubjects:\n  - subject: a\n    questions:\n      - b c\n      - B  c\n", `en/not-covered.yaml:6: asks "B  c" twice`},
		{"no question", "language: en\nsubjects:\n  - subject: a\n    questions: [3]\n", "en/not-covered.yaml:4: needs questions of 1 to 300 characters"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := corpus.Load(gapFolder("en/not-covered.yaml", test.text), corpus.Options{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
	if _, err := corpus.Load(gapFolder("en/not-covered.yaml", "# nothing yet\n"), corpus.Options{}); err != nil {
		t.Errorf("a file of comments: %v", err)
	}
}
