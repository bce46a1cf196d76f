package knowledge_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
)

const (
	runWords = 8
	runsFile = "testdata/page-eight-word-runs.txt"
)

// page is given when the clinic's page changed:
//
//	go test ./knowledge -run TestNothingIsCopied -args -page /path/to/page.txt
var page = flag.String("page", "", "text of the clinic's page; makes "+runsFile+" anew")

// The material says what the clinic's page says in other words. The page itself
// is not kept here, only hashes of its runs of eight words.
func TestNothingIsCopied(t *testing.T) {
	if *page != "" {
		writeRuns(t, *page)
	}
	known := readRuns(t)
	if len(known) < 500 {
		t.Fatalf("%s holds %d runs; the page has more", runsFile, len(known))
	}
	check := func(where, text string) {
		for hash, run := range runs(text) {
			if known[hash] {
				t.Errorf("%s holds words of the clinic's page: %q", where, run)
			}
		}
	}
	c := load(t)
	for _, p := range c.Passages {
		check(string(p.ID), p.Heading+"\n"+p.Text)
		check(string(p.ID), p.Title)
		for _, q := range p.Questions {
			check(string(p.ID), q)
		}
		for _, q := range p.Qualifiers {
			check(q.ID, q.Text)
		}
	}
	for _, f := range c.Facts {
		check(f.ID, f.Claim)
		check(f.ID, f.Correction)
		check(f.ID, f.Note)
	}
}

// The test above must be able to fail: a text that holds a known run is found,
// whatever its case and punctuation.
func TestRunsAreFoundAgain(t *testing.T) {
	source := "A sentence that stands on some page, long enough for runs."
	copied := "we say: \"A SENTENCE that stands on\nsome page - long\" and so on"
	found := false
	known := runs(source)
	for hash := range runs(copied) {
		if _, same := known[hash]; same {
			found = true
		}
	}
	if !found {
		t.Error("a copied run was not found")
	}
}

// runs maps the hash of each run of eight words to the run.
func runs(text string) map[string]string {
	all := words(text)
	found := map[string]string{}
	for i := 0; i+runWords <= len(all); i++ {
		run := strings.Join(all[i:i+runWords], " ")
		sum := sha256.Sum256([]byte(run))
		found[hex.EncodeToString(sum[:8])] = run
	}
	return found
}

// words are a text's words in small letters, without punctuation.
func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(strings.NewReplacer("'", "", "’", "").Replace(text)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r)
	})
}

func readRuns(t *testing.T) map[string]bool {
	t.Helper()
	data, err := os.ReadFile(runsFile)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		if line := strings.TrimSpace(lines.Text()); line != "" && !strings.HasPrefix(line, "#") {
			known[line] = true
		}
	}
	return known
}

func writeRuns(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	fmt.Fprintln(&out, "# Each line: the first 8 bytes of the SHA-256 of eight words in a row of the clinic's page,")
	fmt.Fprintln(&out, "# in small letters, without punctuation, parted by one space. Made anew by:")
	fmt.Fprintln(&out, "#   go test ./knowledge -run TestNothingIsCopied -args -page /path/to/page.txt")
	for _, hash := range slices.Sorted(maps.Keys(runs(string(text)))) {
		fmt.Fprintln(&out, hash)
	}
	if err := os.WriteFile(runsFile, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
