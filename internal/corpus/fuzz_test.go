package corpus

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"bedside/knowledge"

	"github.com/google/go-cmp/cmp"
)

// FuzzPage holds that no page ends the program, that every fault names its file
// and a line that exists, and that what is let through is what a reader sees.
func FuzzPage(f *testing.F) {
	pages, err := fs.Glob(knowledge.Files(), "en/*.md")
	if err != nil || len(pages) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range pages {
		text, err := fs.ReadFile(knowledge.Files(), name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text[:min(len(text), 1500)])
	}
	f.Add([]byte("---\ntitle: &a [*a]\n---\n## x\n```passage\nid: x\n```\n\n<b>&#0;"))
	f.Add([]byte("---\n---\n## x\n```passage"))
	f.Fuzz(func(t *testing.T, text []byte) {
		lines := strings.Count(string(text), "\n") + 1
		c, err := Load(fstest.MapFS{"page.md": {Data: text}}, Options{IncludePending: true})
		if err != nil {
			checkFaultLines(t, text, lines)
			return
		}
		for _, p := range c.Passages {
			if p.Text == "" || p.Heading == "" || len(p.Questions) == 0 || !utf8.ValidString(p.Text) {
				t.Errorf("passage %+v was let through", p)
			}
			for line := range strings.SplitSeq(p.Heading+"\n"+p.Text, "\n") {
				if r, found := hiddenRune(line); found || strings.TrimSpace(line) != line || line == "" {
					t.Errorf("line %q (U+%04X) was let through", line, r)
				}
			}
		}
	})
}

func checkFaultLines(t *testing.T, text []byte, lines int) {
	t.Helper()
	var faults problems
	new(pageParser).parse(file{name: "page.md", text: normalizeLines(text)}, &faults)
	for _, problem := range faults.found {
		if problem.File != "page.md" || problem.Line < 0 || problem.Line > lines {
			t.Errorf("%v, in %d lines", problem, lines)
		}
	}
}

// FuzzPlainMarkdown holds that the quick reader of bodies understands what the
// library understands by the same words.
func FuzzPlainMarkdown(f *testing.F) {
	f.Add("A", "# A\n\n## B\n\n```passage\nid: b\n```\n\nOne (two).\nThree: \"four\".\n\n- Five\n- ¿Seis?\n\nSeven\n")
	f.Add("A", "## B\n```passage\nid: b\n```\nOne.\n- Five\n## C\n- One\nTwo\n\n  Three\n")
	f.Add("A", "## B\nOne\n===\nTwo\n---\n1. Three\n- - Four\n")
	f.Fuzz(func(t *testing.T, title, body string) {
		if !utf8.ValidString(title) || !utf8.ValidString(body) {
			return // refused before
		}
		compareMarkdown(t, title, body)
	})
}

// compareMarkdown says whether the quick reader read the body.
func compareMarkdown(t *testing.T, title, body string) bool {
	t.Helper()
	quick, ok := plainSections(title, []byte(body), 9)
	if !ok {
		return false
	}
	var faults problems
	full := new(pageParser).walk(file{name: "page.md"}, title, []byte(body), 9, &faults)
	if err := faults.err(); err != nil {
		t.Errorf("read %+v where the library says %v", quick, err)
	}
	if diff := cmp.Diff(full, quick, cmp.AllowUnexported(section{})); diff != "" {
		t.Errorf("the library (-) and the quick reader (+) differ:\n%s", diff)
	}
	return true
}

// The quick reader is there for the shipped pages: were it to refuse one,
// nothing but the start would tell.
func TestShippedPagesAreReadQuickly(t *testing.T) {
	var faults problems
	files, err := readFolder(knowledge.Files(), &faults)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range files {
		if one.kind != pageFile {
			continue
		}
		head, body, line, _ := cutFrontMatter(one.text)
		var meta frontMatter
		if decodeYAML(one, 2, head, &meta, &faults) {
			if _, ok := plainSections(meta.Title, body, line); !ok {
				t.Errorf("the body of %s is read by the library", one.name)
			}
		}
	}
	if err := faults.err(); err != nil {
		t.Error(err)
	}
}
