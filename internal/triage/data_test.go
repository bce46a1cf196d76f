package triage

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"bedside/internal/chat"
)

// eachText calls f with every text that a patient may read.
func eachText(triage *Triage, f func(name, language, text string)) {
	for name, r := range triage.replies {
		for language, w := range r.words {
			for _, text := range append([]string{w.text, w.soft, w.resource}, w.forms...) {
				if text != "" {
					f(name, language, text)
				}
			}
		}
	}
}

func TestPartsOfEveryReplyJoinToItsText(t *testing.T) {
	eachText(open(t, Clinic{Phone: "555-0100", Hours: "Mon-Fri 9-5"}), func(name, language, text string) {
		parts := sentences(text)
		if strings.Join(parts, "") != text {
			t.Errorf("%s/%s: parts do not join to the text", name, language)
		}
		for _, p := range parts[:len(parts)-1] {
			if strings.TrimRight(p, " \n") == p {
				t.Errorf("%s/%s: part %q ends without white space", name, language, p)
			}
		}
	})
}

var leftover = regexp.MustCompile(`[{}\[\]|]| ,| \.|\(\)|  |: \.|,\.|\bat \.|\bal \.`)

func TestRepliesReadNaturallyWithAndWithoutTheClinicsParticulars(t *testing.T) {
	for _, clinic := range []Clinic{{}, {Phone: "555-0100"}, {Hours: "Mon-Fri 9-5"}, {Name: "Lakeside", Phone: "555-0100", Hours: "Mon-Fri 9-5"}} {
		named := 0
		eachText(open(t, clinic), func(name, language, text string) {
			if m := leftover.FindString(text); m != "" {
				t.Errorf("%+v: %s/%s has %q: %s", clinic, name, language, m, text)
			}
			if clinic.Phone != "" && strings.Contains(text, clinic.Phone) {
				named++
			}
		})
		if clinic.Phone != "" && named < 10 {
			t.Errorf("only %d texts name the clinic's phone", named)
		}
	}
}

var digits = regexp.MustCompile(`\b(?:1-)?\d{3}-\d{3}-\d{4}\b|\b(?:911|988|\d{5,6})\b`)

func TestEveryNumberInAReplyIsAHelpLine(t *testing.T) {
	triage := open(t, Clinic{})
	known := map[string]bool{}
	for _, l := range triage.HelpLines() {
		known[l.Number] = true
	}
	found := 0
	eachText(triage, func(name, language, text string) {
		for _, number := range digits.FindAllString(text, -1) {
			found++
			if !known[number] {
				t.Errorf("%s/%s names %s, which is no help line", name, language, number)
			}
		}
	})
	if found < 100 {
		t.Errorf("only %d numbers were seen", found)
	}
}

// forbidden are words that no fixed reply may use.
var forbidden = regexp.MustCompile(`(?i)\bcommitted\b|failed attempt|attention.seeking|normal side effect|\baddict\b|abuser|junkie|\b\d+ ?(?:mg|ml)\b|\bi (?:have )?(?:alerted|notified|told)\b|lifeline for|\b(?:i|we)(?:'ll| will) keep|\bes normal\b|cometió`)

func TestRepliesKeepToSafeWords(t *testing.T) {
	eachText(open(t, Clinic{}), func(name, language, text string) {
		if m := forbidden.FindString(text); m != "" {
			t.Errorf("%s/%s says %q", name, language, m)
		}
	})
}

func TestLinksAreTelSmsOrHTTPS(t *testing.T) {
	triage := open(t, Clinic{})
	for _, locale := range []string{"en", "es"} {
		for name := range triage.replies {
			card := triage.card(locale, name)
			if len(card.Lines) != len(card.Links) {
				t.Errorf("%s: %d lines, %d links", name, len(card.Lines), len(card.Links))
			}
			for _, l := range card.Links {
				if !strings.HasPrefix(l.URL, "tel:") && !strings.HasPrefix(l.URL, "sms:") && !strings.HasPrefix(l.URL, "https://") {
					t.Errorf("%s links to %s", name, l.URL)
				}
			}
		}
	}
}

func TestStaleHelpLines(t *testing.T) {
	triage := open(t, Clinic{})
	newest, oldest := time.Time{}, time.Now().AddDate(100, 0, 0)
	for _, l := range triage.HelpLines() {
		if l.VerifiedOn.After(newest) {
			newest = l.VerifiedOn
		}
		if l.VerifiedOn.Before(oldest) {
			oldest = l.VerifiedOn
		}
	}
	if stale := triage.StaleHelpLines(oldest.Add(StaleAfter)); len(stale) != 0 {
		t.Errorf("%d lines are stale after 90 days", len(stale))
	}
	if stale := triage.StaleHelpLines(newest.Add(StaleAfter + time.Hour)); len(stale) != len(triage.HelpLines()) {
		t.Errorf("%d of %d lines are stale after more than 90 days", len(stale), len(triage.HelpLines()))
	}
}

func TestEveryReplyIsPendingOrApproved(t *testing.T) {
	triage := open(t, Clinic{})
	others := len(triage.replies[answersIn].words) - 2 // each of its own review
	if n := len(triage.Pending()) + len(triage.Approved()); n != len(triage.replies)+others || others == 0 || n < len(required) {
		t.Errorf("%d texts are pending or approved, of %d replies and %d languages", n, len(triage.replies), others)
	}
}

// TestFaultsNameFileAndLine breaks the shipped data in one place each time.
func TestFaultsNameFileAndLine(t *testing.T) {
	for _, c := range []struct{ file, old, new, want string }{
		{"helplines.yaml", `"tel:911"`, `"http://911"`, "helplines.yaml:"},
		{"helplines.yaml", "verified_on: 2026", "verified_on: soon", "verified_on"},
		{"replies-crisis.yaml", "review: pending", "review: maybe", "replies-crisis.yaml:"},
		{"replies-crisis.yaml", "review: pending", "review: approved", "without a reviewer"},
		{"replies.yaml", "  not_covered:", "  not_told:", "not_covered"},
		{"languages.yaml", "review: pending", "review: approved", "languages.yaml:"},
		{"languages.yaml", "  fr:", "  es:", "language es: stands here twice"},
		{"languages.yaml", "text: Je ne", "words: Je ne", "languages.yaml:"},
		{"rules-crisis.yaml", "<kill> <reflexive>", "<kil> <reflexive>", "rules-crisis.yaml:"},
		{"rules-crisis.yaml", "category: crisis_self", "category: sadness", "rules-crisis.yaml:"},
		{"rules-words.yaml", "  self: >-", "  myselves: >-", "<self>"},
		{"rules-emergency.yaml", "patterns:", "paterns:", "rules-emergency.yaml:"},
		{"rules-emergency.yaml", `"heart attack"`, `"<hart> attack"`, "rules-emergency.yaml:"},
		{"rules-smalltalk.yaml", "    patterns:", "    weakly:", "only a danger's rule"},
	} {
		files := fstest.MapFS{}
		entries, err := os.ReadDir("../../knowledge/safety")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			b, err := os.ReadFile("../../knowledge/safety/" + e.Name())
			if err != nil {
				t.Fatal(err)
			}
			text := string(b)
			if e.Name() == c.file {
				if !strings.Contains(text, c.old) {
					t.Fatalf("%s does not hold %q", c.file, c.old)
				}
				text = strings.Replace(text, c.old, c.new, 1)
			}
			files["safety/"+e.Name()] = &fstest.MapFile{Data: []byte(text)}
		}
		if _, err := New(files, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %q: %v, without %q", c.file, c.new, err, c.want)
		}
	}
}

func TestEmptyMessage(t *testing.T) {
	triage := open(t, Clinic{})
	for _, text := range []string{"", " ", "\n\n", "...", "???", "\u200b", "\xff\xfe"} {
		if d := triage.Decide(chat.NewRawText(text), Context{}); d.Outcome != "" {
			t.Errorf("%q came to %q", text, d.Outcome)
		}
	}
}
