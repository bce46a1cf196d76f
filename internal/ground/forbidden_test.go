package ground

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	for sentence, want := range forbiddenCases(t) {
		text := forbiddenText(sentence)
		for i, r := range rules {
			if forbiddenRules()[i]().matches(text) && !forbiddenWords().in(text).has(i) {
				t.Errorf("%q: the words of a rule for %q miss it (want %q)", sentence, r.reason, want)
			}
		}
	}
}

// FuzzQuickRules compares the rules with what they are without their short cuts.
func FuzzQuickRules(f *testing.F) {
	for sentence := range forbiddenCases(f) {
		f.Add(sentence)
	}
	for _, passage := range readPassages(f) {
		for _, p := range newSource(passage).parts {
			f.Add(p.text)
		}
	}
	f.Add("kg")
	f.Fuzz(func(t *testing.T, sentence string) {
		text := forbiddenText(sentence)
		found := forbiddenWords().in(text)
		for i, r := range rules {
			if want := r.words == "" || slices.ContainsFunc(strings.Fields(r.words), func(word string) bool { return strings.Contains(text, word) }); found.has(i) != want {
				t.Errorf("%q: a word of %q stands there: %v, want %v", text, r.words, !want, want)
			}
			quick := forbiddenRules()[i]()
			if slow := (&compiledRule{pattern: quick.pattern, unless: quick.unless, spares: quick.spares}); quick.matches(text) != slow.matches(text) {
				t.Errorf("%q: %q needs %q and matches without", text, r.pattern, quick.needed)
			}
		}
	})
}

func TestLiterals(t *testing.T) {
	for pattern, want := range map[string][][]string{
		`\bsafe for you\b`:                   {{"safe for you"}},
		`\b(?:is|are)(?: very)? safe\b`:      {{"is safe", "is very safe", "are safe", "are very safe"}},
		`dose\w* of (?:gas|air)`:             {{"dose"}, {" of gas", " of air"}},
		`(?:stop\b.*now|(?:quit|end)\w+ it)`: {{"stop", "quit", "end"}},
		`(?:a|b.*)c`:                         nil,
		`(?:pills? )*[0-9]+`:                 nil,
		`(?i)stop`:                           nil,
		`x{2,}yy`:                            {{"yy"}},
		`(`:                                  nil,
	} {
		got := literals(pattern)
		for _, sets := range [][][]string{want, got} {
			for _, set := range sets {
				slices.Sort(set)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", pattern, diff)
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
