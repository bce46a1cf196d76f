package corpus_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bedside/internal/corpus"
)

func TestLinks(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside.md")
	write(t, outside, "secret")
	for name, test := range map[string]struct {
		links map[string]string // name in the folder -> target
		want  string            // of the error; empty: it loads
	}{
		// As orchestrators mount files: a hidden folder that is swapped at once.
		"mounted":           {map[string]string{"..data": "..2026", "history.md": "..data/history.md", "facts.yaml": "..data/facts.yaml"}, ""},
		"absolute":          {map[string]string{"a.md": outside}, "a.md: is a symbolic link out of the folder"},
		"upwards":           {map[string]string{"a.md": "../outside.md"}, "a.md: is a symbolic link out of the folder"},
		"upwards by detour": {map[string]string{"..up": "..", "a.md": "..up/outside.md"}, "a.md: is a symbolic link out of the folder"},
		"circle":            {map[string]string{"a.md": "b.md", "b.md": "a.md"}, "a.md: is a symbolic link that leads in a circle"},
		"folder":            {map[string]string{"pages": "..2026"}, "pages: is a symbolic link to something other than a file"},
		"nowhere":           {map[string]string{"a.md": "gone.md"}, "follow the link a.md"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "..2026", "history.md"), wellFormed)
			write(t, filepath.Join(dir, "..2026", "facts.yaml"), someFacts)
			for link, target := range test.links {
				if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
					t.Fatal(err)
				}
			}
			c, err := corpus.Load(os.DirFS(dir), corpus.Options{})
			switch {
			case test.want == "" && err != nil:
				t.Fatal(err)
			case test.want == "" && len(c.Passages) != 1:
				t.Errorf("%d passages, want 1", len(c.Passages))
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestMissingFolder(t *testing.T) {
	if _, err := corpus.Load(os.DirFS(filepath.Join(t.TempDir(), "none")), corpus.Options{}); err == nil {
		t.Error("a folder that is not there was taken in")
	}
}
