package corpus_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"bedside/internal/chat"
	"bedside/internal/corpus"
	"bedside/knowledge"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// head is the front matter of a page that is as it should be.
const head = `---
title: History
section: history
language: en
source: {title: Our page, url: "https://clinic.example/history"}
review: {state: pending, by: ""}
---
`

func folder(files map[string]string) fs.FS {
	in := fstest.MapFS{}
	for name, text := range files {
		in[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	return in
}

func mustLoad(t *testing.T, fsys fs.FS, options corpus.Options) *corpus.Corpus {
	t.Helper()
	c, err := corpus.Load(fsys, options)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Each file of testdata/faults is a folder and, as "want", the faults that have
// to be found in it.
func TestFaults(t *testing.T) {
	names, err := filepath.Glob("testdata/faults/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files := map[string]string{}
			for _, f := range archive.Files {
				files[f.Name] = string(f.Data)
			}
			want := strings.Split(strings.TrimSpace(files["want"]), "\n")
			delete(files, "want")
			_, err = corpus.Load(folder(files), corpus.Options{})
			if err == nil {
				t.Fatal("the folder was taken in")
			}
			got := strings.Split(strings.TrimPrefix(err.Error(), "check the material: "), "\n")
			slices.Sort(want)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
			if problem, ok := errors.AsType[*corpus.Problem](err); !ok || problem.File == "" {
				t.Errorf("no Problem in %v", err)
			}
		})
	}
}

const wellFormed = head + `
# History

## *When* it was made

` + "```passage" + `
id: when-made
facts: [F-1]
qualifiers: [Q-1]
questions:
  - when was it made
  - "which year: what then"
references:
  - {title: A journal}
` + "```" + `

It was made in the **early** ` + "`1960s`" + `,
[as we read](https://clinic.example/x) &amp; know\.

- First a list.
- Then *its* second
  line.
  1. And one inside.

> A quotation. See <https://clinic.example/more>.
`

const someFacts = `qualifiers:
  - id: Q-1
    text: Not for all.
    short: Not for all.
    review: {state: approved, by: "Dr. A. Example"}
    translations:
      es: {text: "No para todos.", short: "No para todos.", review: {state: pending, by: ""}}
facts:
  - {id: F-1, section: history, handling: qualify, qualifiers: [Q-1], claim: "It is old."}
`

func TestPassage(t *testing.T) {
	c := mustLoad(t, folder(map[string]string{"en/history.md": wellFormed, "facts.yaml": someFacts}), corpus.Options{})
	want := []chat.Passage{{
		ID: "history/when-made", Section: "history", Title: "History", Heading: "When it was made",
		URL: "https://clinic.example/history", Language: "en",
		Text: "It was made in the early 1960s, as we read & know.\nFirst a list.\nThen its second line.\n" +
			"And one inside.\nA quotation. See https://clinic.example/more.",
		Qualifiers: []chat.Qualifier{{ID: "Q-1", Text: "Not for all.", Short: "Not for all."}},
		Questions:  []string{"when was it made", "which year: what then"},
		Facts:      []string{"F-1"},
	}}
	if diff := cmp.Diff(want, c.Passages); diff != "" {
		t.Errorf("passages (-want +got):\n%s", diff)
	}
	if got := c.References["history/when-made"]; len(got) != 1 || got[0].Title != "A journal" {
		t.Errorf("references %v", got)
	}
	if got := c.Pending(); len(got) != 1 || got[0].File != "en/history.md" || got[0].Line != 6 {
		t.Errorf("pending %v, want the page alone: its qualifier is approved", got)
	}
}

// Editors on other systems write a byte order mark and carriage returns.
func TestOtherLineEnds(t *testing.T) {
	plain := folder(map[string]string{"history.md": wellFormed, "facts.yaml": someFacts})
	windows := folder(map[string]string{
		"history.md": "\ufeff" + strings.ReplaceAll(wellFormed, "\n", "\r\n"),
		"facts.yaml": strings.ReplaceAll(someFacts, "\n", "\r\n"),
	})
	a, b := mustLoad(t, plain, corpus.Options{}), mustLoad(t, windows, corpus.Options{})
	if diff := cmp.Diff(a.Passages, b.Passages); diff != "" {
		t.Errorf("passages differ:\n%s", diff)
	}
}

func TestPageNames(t *testing.T) {
	page := func(language, section, state string) string {
		text := strings.Replace(wellFormed, "language: en", "language: "+language, 1)
		text = strings.Replace(text, "section: history", "section: "+section, 1)
		if state == "approved" {
			text = strings.Replace(text, `{state: pending, by: ""}`, `{state: approved, by: "Dr. A. Example"}`, 1)
		}
		return text
	}
	files := folder(map[string]string{
		"facts.yaml":                  someFacts,
		"en/history.md":               page("en", "history", "pending"),
		"es/history.md":               page("es", "history", "pending"),
		"faq/visits.md":               page("en", "visits", "pending"),
		"supplement/en/approval.md":   page("en", "supplement", "pending"),
		"supplement/es/approval.md":   page("es", "supplement", "approved"),
		"README.md":                   "# Not a page",
		"en/README.md":                "# Not a page",
		".git/notes.md":               "# Not a page",
		"safety/protocol.md":          "# Another room",
		"synonyms/words.yaml":         "a: b",
		"en/notes.txt":                "not a page",
		"supplement/en/.draft.md.swp": "\x00",
	})
	ids := func(c *corpus.Corpus) (pending, all []string) {
		for _, p := range c.Passages {
			all = append(all, string(p.ID))
			if p.Pending {
				pending = append(pending, string(p.ID))
			}
		}
		return pending, all
	}
	without, with := mustLoad(t, files, corpus.Options{}), mustLoad(t, files, corpus.Options{IncludePending: true})
	pending, all := ids(without)
	if diff := cmp.Diff([]string{"history/when-made", "es/history/when-made", "faq/visits/when-made", "es/supplement/approval/when-made"}, all); diff != "" || len(pending) > 0 {
		t.Errorf("pending %v; ids (-want +got):\n%s", pending, diff)
	}
	pending, all = ids(with)
	if !slices.Contains(all, "supplement/approval/when-made") || !slices.Equal(pending, []string{"supplement/approval/when-made"}) {
		t.Errorf("with pending ones: %v, pending %v", all, pending)
	}
	if without.Version == with.Version {
		t.Error("the version does not tell what was taken in")
	}
	if got := without.Passages[1].Qualifiers[0].Text; got != "No para todos." {
		t.Errorf("the Spanish passage carries %q", got)
	}
	var what []string
	for _, p := range with.Pending() {
		what = append(what, p.What)
	}
	want := []string{`page "History"`, `page "History"`, "qualifier Q-1 in es", `page "History"`, `page "History"`}
	if diff := cmp.Diff(want, what); diff != "" {
		t.Errorf("pending (-want +got):\n%s", diff)
	}
}

func TestVersion(t *testing.T) {
	load := func(page, facts string) string {
		return mustLoad(t, folder(map[string]string{"history.md": page, "facts.yaml": facts}), corpus.Options{}).Version
	}
	first := load(wellFormed, someFacts)
	if first != load(wellFormed, someFacts) || len(first) != 12 {
		t.Errorf("version %q is not stable", first)
	}
	if first == load(wellFormed+"\nMore.\n", someFacts) || first == load(wellFormed, someFacts+"\n# More.\n") {
		t.Error("the version does not change with the content")
	}
}

func TestHiddenCharacters(t *testing.T) {
	for name, text := range map[string]string{
		"NUL":             "a\x00b",
		"not UTF-8":       "a\xffb",
		"bidi override":   "a\u202eb",
		"bidi isolate":    "a\u2066b",
		"zero width":      "a\u200bb",
		"line separator":  "a\u2028b",
		"tag":             "a\U000e0041b",
		"entity of bidi":  "a&#x202E;b",
		"lone return":     "a\rb",
		"named zero join": "a&zwj;b",
	} {
		page := strings.Replace(wellFormed, "A quotation.", text, 1)
		_, err := corpus.Load(folder(map[string]string{"history.md": page, "facts.yaml": someFacts}), corpus.Options{})
		if err == nil || !strings.Contains(err.Error(), "history.md:32: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSizes(t *testing.T) {
	big := strings.Replace(wellFormed, "A quotation.", strings.Repeat("words and ", 1000), 1)
	if _, err := corpus.Load(folder(map[string]string{"history.md": big, "facts.yaml": someFacts}), corpus.Options{}); err == nil || !strings.Contains(err.Error(), "longer than 6000 characters") {
		t.Errorf("a long passage: %v", err)
	}
	huge := strings.Repeat("x", 512<<10+1)
	if _, err := corpus.Load(folder(map[string]string{"history.md": huge}), corpus.Options{}); err == nil || !strings.Contains(err.Error(), "history.md: is larger than") {
		t.Errorf("a large file: %v", err)
	}
}

func TestNothingToUse(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"empty":         {},
		"other files":   {"notes.txt": "x"},
		"all left out":  {"a.md": strings.Replace(strings.Replace(wellFormed, "section: history", "section: supplement", 1), "qualifiers: [Q-1]\n", "qualifiers: [Q-1]\n", 1), "facts.yaml": someFacts},
		"only the rest": {"facts.yaml": someFacts},
	} {
		if _, err := corpus.Load(folder(files), corpus.Options{}); !errors.Is(err, corpus.ErrEmpty) {
			t.Errorf("%s: %v, want ErrEmpty", name, err)
		}
	}
}

func TestShippedMaterialLoads(t *testing.T) {
	c := mustLoad(t, knowledge.Files(), corpus.Options{})
	if len(c.Passages) < 80 || len(c.Facts) < 110 {
		t.Errorf("%d passages and %d facts; more were written", len(c.Passages), len(c.Facts))
	}
}
