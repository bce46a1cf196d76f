package yamlfile

import (
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bedside/knowledge"
)

// shipped returns the YAML of every file that the program ships: data files
// whole, and of pages the front matter and the passages' blocks.
func shipped(t testing.TB) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := fs.WalkDir(knowledge.Files(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(knowledge.Files(), name)
		if err != nil {
			return err
		}
		switch path.Ext(name) {
		case ".yaml":
			texts[name] = string(content)
		case ".md":
			if head, body, ok := strings.Cut(strings.TrimPrefix(string(content), "---\n"), "\n---\n"); ok {
				texts[name] = head + "\n"
				for i, rest := range strings.Split(body, "```passage\n")[1:] {
					block, _, _ := strings.Cut(rest, "```")
					texts[name+" block "+string(rune('a'+i))] = block
				}
			}
		}
		return nil
	})
	if err != nil || len(texts) < 20 {
		t.Fatalf("%d texts: %v", len(texts), err)
	}
	return texts
}

// The plain reader is there for the shipped files: were it to give one up,
// nothing but the start would tell.
func TestShippedFilesAreReadBothWays(t *testing.T) {
	for name, text := range shipped(t) {
		plain, ok := readPlain(text)
		if !ok {
			t.Errorf("%s is not plain", name)
			continue
		}
		full, err := readByLibrary(name, text)
		if err != nil {
			t.Errorf("the library: %v", err)
			continue
		}
		if diff := cmp.Diff(full, plain); diff != "" {
			t.Errorf("%s: the library (-) and the plain reader (+) differ:\n%s", name, diff)
		}
	}
}

// plainTexts are read by the plain reader; what they mean is in the library's hands.
var plainTexts = []string{
	"a: b\n",
	"a: b\nc:\n  d: e\n  f:\n    - g\n    - h\ni: j\n",
	"a:\n- b\n- c\nd: e\n",
	"- a: b\n  c: d\n- e: f\n",
	"-   a: b\n    c:\n      - d\n",
	"# first\n\na: b # last\n# between\nc: \"d # e\" # f\n",
	"a: [b, \"c, d\", 'it''s', {e: f, g: \"\"}, [], {}]\n",
	"a: \"b \\\"c\\\" \\\\ \\n \\/\"\n",
	"a: 988\nb: \"988\"\nc: true\nd: yes\ne: null\nf:\ng: 0x1f\nh: 1.50\ni: 2026-11-23\nj: -5\nk: 1_000\nl: 010\n",
	"5: a\n\"6\": b\n'c d': e\n\"true\": [f's, g\"h, {\"i\": j}]\n",
	"a: |-\n  b\n   c\n\n  d\n\ne: |\n  f\n\n\ng: >-\n  h\n  i\n\n  j\n\n\n  k\nl: >\n  m\n",
	"- >-\n  a, b,\n  c\n- |\n d\n",
	"a:\n  b: >-\n    # no comment\n    c: d\n  # comment\n  e: f\n",
	"a: b's \"c\" [d] {e} & * ! | > % @ `f`, g#h\n",
	"a: <b>, c\nd: https://e.example/f#g\n",
	"ñandú: \u00e9\u00a0b\n",
	"a:   \n  b: c   \n   \nd: e\n",
}

func TestPlainTexts(t *testing.T) {
	for _, text := range plainTexts {
		plain, ok := readPlain(text)
		if !ok {
			t.Errorf("%q is not read", text)
			continue
		}
		full, err := readByLibrary("text", text)
		if err != nil {
			t.Errorf("%q: the library: %v", text, err)
			continue
		}
		if diff := cmp.Diff(full, plain); diff != "" {
			t.Errorf("%q: the library (-) and the plain reader (+) differ:\n%s", text, diff)
		}
	}
}

// FuzzBothReadings holds that the plain reader understands what the library
// understands by the same words, and reads nothing that the library refuses.
func FuzzBothReadings(f *testing.F) {
	for _, text := range plainTexts {
		f.Add(text)
	}
	for _, text := range shipped(f) {
		f.Add(text[:strings.LastIndexByte(text[:min(len(text), 1200)], '\n')+1])
	}
	f.Fuzz(func(t *testing.T, text string) {
		plain, ok := readPlain(text)
		full, err := readByLibrary("text", text)
		if !ok {
			return
		}
		if err != nil {
			t.Fatalf("read %+v where the library says %v", plain, err)
		}
		if diff := cmp.Diff(full, plain); diff != "" {
			t.Errorf("the library (-) and the plain reader (+) differ:\n%s", diff)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	size := 0
	texts := shipped(b)
	for _, text := range texts {
		size += len(text)
	}
	for _, way := range []struct {
		name string
		read func(string)
	}{
		{"plain", func(text string) { readPlain(text) }},
		{"library", func(text string) { _, _ = readByLibrary("text", text) }},
	} {
		b.Run(way.name, func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				for _, text := range texts {
					way.read(text)
				}
			}
		})
	}
}
