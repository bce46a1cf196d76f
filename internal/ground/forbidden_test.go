package ground

import (
	"bufio"
	"os"
	"strings"
	"testing"
)

// forbiddenCases reads testdata/forbidden.txt.
func forbiddenCases(t testing.TB) map[string]string {
	t.Helper()
	file, err := os.Open("testdata/forbidden.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	cases := make(map[string]string)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		reason, sentence, ok := strings.Cut(line, ": ")
		if !ok {
			t.Fatalf("no rule before %q", line)
		}
		cases[sentence] = strings.TrimSuffix(reason, "ok")
	}
	return cases
}

func TestForbidden(t *testing.T) {
	cases := forbiddenCases(t)
	seen := make(map[string]int)
	for sentence, want := range cases {
		seen[want]++
		if got := Forbidden(sentence); got != want {
			t.Errorf("%q: %q, want %q", sentence, got, want)
		}
	}
	for _, rule := range rules {
		if seen[rule.reason] == 0 {
			t.Errorf("no sentence tries the rule %q", rule.reason)
		}
	}
}

// A rule whose cheap words do not cover its pattern would never be tried on some
// of what it is for.
func TestForbiddenWordsDoNotHideAPattern(t *testing.T) {
	bare := make([]compiledRule, len(compiledRules()))
	copy(bare, compiledRules())
	for sentence, want := range forbiddenCases(t) {
		for _, r := range bare {
			full := r
			r.words = nil
			text := forbiddenText(sentence)
			if r.matches(text) != full.matches(text) {
				t.Errorf("%q: the words of a rule for %q miss it (want %q)", sentence, r.reason, want)
			}
		}
	}
}

func FuzzForbidden(f *testing.F) {
	for sentence := range forbiddenCases(f) {
		f.Add(sentence)
	}
	f.Fuzz(func(t *testing.T, sentence string) {
		// What stands between what is forbidden cannot make it allowed to hold a dose.
		if got := Forbidden(sentence + "\nTake 50 mg now."); got == "" {
			t.Errorf("a dose behind %q was let through", sentence)
		}
	})
}

func BenchmarkForbidden(b *testing.B) {
	sentence := "After one treatment, the effect often fades in days to two weeks, and most people need more treatments to keep it, so you may want to ask your doctor."
	b.ReportAllocs()
	for b.Loop() {
		Forbidden(sentence)
	}
}
