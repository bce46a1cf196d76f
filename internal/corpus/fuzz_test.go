package corpus

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"bedside/knowledge"

	"github.com/goccy/go-yaml"
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
	newPageParser().parse(file{name: "page.md", text: normalizeLines(text)}, &faults)
	for _, problem := range faults.found {
		if problem.File != "page.md" || problem.Line < 0 || problem.Line > lines {
			t.Errorf("%v, in %d lines", problem, lines)
		}
	}
}

// FuzzPlainBlock holds that the quick reader of blocks understands what the
// library understands by the same words.
func FuzzPlainBlock(f *testing.F) {
	f.Add("id: what-it-blocks\nfacts: [MEC-07, MEC-08]\nqualifiers: [Q-MECH]\nquestions:\n  - what does it block\n  - and that?\n")
	f.Add("questions\n  - A\n")
	f.Add("id: a\nquestions: []\nfacts:\n  - yes\n")
	f.Add("id: a\nquestions:\n  - a - b\n  - what's, really\n  - a?\n")
	f.Fuzz(func(t *testing.T, text string) {
		var quick, full passageBlock
		if !readPlainBlock([]byte(text), &quick) {
			return
		}
		if err := yaml.UnmarshalWithOptions([]byte(text), &full, yaml.Strict()); err != nil {
			t.Fatalf("read %+v where the library says %v", quick, err)
		}
		if diff := cmp.Diff(full, quick); diff != "" {
			t.Errorf("the library (-) and the quick reader (+) differ:\n%s", diff)
		}
	})
}

// The quick reader is there for the shipped pages: were it to refuse their
// blocks, nothing but the start would tell.
func TestPlainBlocksAreRead(t *testing.T) {
	var faults problems
	files, err := readFolder(knowledge.Files(), &faults)
	if err != nil {
		t.Fatal(err)
	}
	read, all := 0, 0
	for _, one := range files {
		_, body, line, ok := cutFrontMatter(one.text)
		if one.kind != pageFile || !ok {
			continue
		}
		for _, s := range newPageParser().split(one, "", body, line, &faults) {
			var b passageBlock
			all++
			if readPlainBlock(s.block, &b) {
				read++
			}
		}
	}
	if all == 0 || read*10 < all*9 {
		t.Errorf("%d of %d blocks read quickly, want nine in ten", read, all)
	}
}
