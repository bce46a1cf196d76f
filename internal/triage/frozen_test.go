package triage

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bedside/internal/chat"
)

// frozenLine is one message of testdata/frozen, whose README says what its
// fields mean.
type frozenLine struct {
	file          string
	number        int
	expect, label string
	text          string
}

func frozen(t *testing.T, pattern string) []frozenLine {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "frozen", pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	return linesOf(t, files)
}

func linesOf(t *testing.T, files []string) []frozenLine {
	t.Helper()
	var lines []frozenLine
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		scanner := bufio.NewScanner(f)
		for n := 1; scanner.Scan(); n++ {
			line := scanner.Text()
			if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
				continue
			}
			fields := strings.Split(line, "\t")
			if len(fields) != 3 {
				t.Fatalf("%s:%d: %d fields, not 3", file, n, len(fields))
			}
			lines = append(lines, frozenLine{filepath.Base(file), n, fields[0], fields[1], fields[2]})
		}
		if err := scanner.Err(); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return lines
}

func caught(d Decision, expect string) bool {
	return d.Outcome == chat.Emergency || d.Outcome == chat.Crisis || expect == "safety" && d.Outcome == chat.Safety
}
