package triage

import (
	"os"
	"strings"
	"testing"

	"bedside/internal/chat"
)

func open(t testing.TB, clinic Clinic) *Triage {
	t.Helper()
	triage, err := New(os.DirFS("../../knowledge"), Options{Clinic: clinic})
	if err != nil {
		t.Fatal(err)
	}
	return triage
}

// disguises are ways in which people, or the machines they type on, spell a
// word so that a list of words does not know it.
var disguises = map[string]func(string) string{
	"upper case":   strings.ToUpper,
	"full width":   func(s string) string { return shift(s, 0xFEE0) },
	"look-alikes":  strings.NewReplacer("i", "і", "e", "е", "o", "о", "a", "а", "s", "ѕ").Replace,
	"spaced":       func(s string) string { return strings.Join(strings.Split(strings.ReplaceAll(s, " ", ""), ""), " ") },
	"dotted":       func(s string) string { return strings.Join(strings.Split(strings.ReplaceAll(s, " ", ""), ""), ".") },
	"leet":         strings.NewReplacer("i", "1", "e", "3", "o", "0").Replace,
	"zero width":   func(s string) string { return strings.Join(strings.Split(s, ""), "\u200b") },
	"repeated":     func(s string) string { return strings.ReplaceAll(s, "i", "iiii") },
	"glued":        func(s string) string { return strings.ReplaceAll(s, " ", "") },
	"accents":      strings.NewReplacer("i", "ï", "e", "ë", "a", "à").Replace,
	"soft hyphens": func(s string) string { return strings.Join(strings.Split(s, ""), "\u00ad") },
	"curly quotes": func(s string) string { return "“" + s + "”" },
}

func shift(s string, by rune) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r + by
		}
		return r
	}, s)
}

func TestDisguisesDoNotHideACrisis(t *testing.T) {
	triage := open(t, Clinic{})
	for name, disguise := range disguises {
		for _, plain := range []string{"i want to die", "kill myself", "thinking about suicide"} {
			text := disguise(plain)
			if d := triage.Decide(chat.NewRawText(text), Context{}); d.Outcome != chat.Crisis {
				t.Errorf("%s: %q came to %q", name, text, d.Outcome)
			}
		}
	}
}

func FuzzDecide(f *testing.F) {
	triage := open(f, Clinic{})
	for _, text := range worst() {
		f.Add(text, "earlier")
	}
	f.Add("i want to", "die")
	f.Add("195/125", "¿?")
	f.Add("s*****e d!e k1ll", "@@$$||")
	f.Fuzz(func(t *testing.T, text, earlier string) {
		context := Context{Earlier: []chat.Text{chat.Text(earlier), chat.Text(text)}, TakenOver: 1, LastCategory: chat.CrisisSelf}
		d := triage.Decide(chat.NewRawText(text), context)
		if again := triage.Decide(chat.NewRawText(text), context); again.Rule != d.Rule || say(again) != say(d) {
			t.Errorf("%q came to %s and then to %s", text, d.Rule, again.Rule)
		}
		if (d.Outcome != "") != (len(d.Reply) > 0) {
			t.Errorf("%q has outcome %q and %d sentences", text, d.Outcome, len(d.Reply))
		}
		if plea := triage.Decide(chat.NewRawText("i want to kill myself. "+text), Context{}); !plea.Urgent {
			t.Errorf("%q silenced a crisis: %+v", text, plea)
		}
	})
}
