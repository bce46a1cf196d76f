package redact

import (
	"bufio"
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"bedside/internal/chat"
)

// TestCases reads pairs of lines from testdata/cases.txt: what was typed, and
// after "> " what may be kept of it.
func TestCases(t *testing.T) {
	f, err := os.Open("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	lines := bufio.NewScanner(f)
	typed, pairs := "", 0
	for n := 1; lines.Scan(); n++ {
		line := strings.ReplaceAll(lines.Text(), `\n`, "\n")
		kept, answer := strings.CutPrefix(line, "> ")
		switch {
		case line == "" || strings.HasPrefix(line, "# "):
		case !answer:
			typed = line
		default:
			pairs++
			if got := string(Redact(chat.NewRawText(typed))); got != kept {
				t.Errorf("cases.txt:%d: %q became\n  %q, not\n  %q", n, typed, got, kept)
			}
		}
	}
	if err := lines.Err(); err != nil || pairs < 80 {
		t.Errorf("%d pairs were read: %v", pairs, err)
	}
}

func TestWhatIsInvisibleGoes(t *testing.T) {
	for typed, kept := range map[string]string{
		"a\x00b\x07c\u0085":                   "abc",
		"one\r\ntwo\rthree\ttab":              "one\ntwo\nthree\ttab",
		"\u202eevil\u202c \u2066x\u2069":      "evil x",
		"\ufeffcall 415\u200b-555\u2060-0172": "call [phone]",
		"caf\u0065\u0301":                     "café",
		"bad \xff\xfe bytes":                  "bad \ufffd bytes",
		"ring ４１５-５５５-０１７２":                   "ring [phone]",
		"٤١٥-٥٥٥-٠١٧٢":                        "[phone]",
		"a＠b．com":                             "[email]",
		"👩\u200d⚕️ hi":                        "👩\u200d⚕️ hi",
		"x\U000e0041y":                        "xy",
	} {
		if got := string(Redact(chat.NewRawText(typed))); got != kept {
			t.Errorf("%q became %q, not %q", typed, got, kept)
		}
	}
}

func FuzzRedact(f *testing.F) {
	for _, s := range []string{
		"call 415-555-0172 or ana@example.com", "My name is Ana Lopez", "12 Oak St, Reno, NV 89501", "\xff\u202e[phone]",
		"1.2.3.4 ::1 https://x.y/z?q=1 4111 1111 1111 1111", "Dr. Dr. Dr.", "[[name]]", "on 3/4 at 5:06", "\u0344\u0301a", "٣٣٣",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := string(Redact(chat.NewRawText(s)))
		if !utf8.ValidString(once) || !norm.NFC.IsNormalString(once) {
			t.Errorf("%q became %q, which is not NFC", s, once)
		}
		for _, r := range once {
			if unicode.IsControl(r) && r != '\n' && r != '\t' {
				t.Errorf("%q kept control character %U", s, r)
			}
		}
		if twice := string(Redact(chat.NewRawText(once))); len(twice) > len(once)+64 {
			t.Errorf("%q grows: %q, %q", s, once, twice)
		}
		if framed := string(Redact(chat.NewRawText("mail ana@example.com now\n\n" + s))); strings.Contains(framed, "ana@example.com") {
			t.Errorf("%q hides an address beside it: %q", s, framed)
		}
	})
}
