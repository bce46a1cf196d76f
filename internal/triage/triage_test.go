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

func TestPartsOfEveryReplyJoinToItsText(t *testing.T) {
	triage := open(t, Clinic{Phone: "555-0100", Hours: "Mon-Fri 9-5"})
	for _, name := range triage.order {
		for language, w := range triage.replies[name].words {
			for _, text := range append([]string{w.text, w.soft, w.resource}, w.forms...) {
				parts := sentences(text)
				if strings.Join(parts, "") != text {
					t.Errorf("%s/%s: parts do not join to the text", name, language)
				}
				for _, p := range parts[:len(parts)-1] {
					if strings.TrimRight(p, " \n") == p {
						t.Errorf("%s/%s: part %q ends without white space", name, language, p)
					}
				}
			}
		}
	}
	_ = chat.NewRawText
}
