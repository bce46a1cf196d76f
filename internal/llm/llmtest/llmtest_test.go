package llmtest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPromptIsReadAsItIsLaidOut(t *testing.T) {
	var p Prompt
	p.read("Some words.\n\n[1] First [9] passage.\nMore of it.\n\n[12] Second.\n\n- before?\n\nhow fast\ndoes it work?\n")
	want := []Passage{{1, "First [9] passage.\nMore of it."}, {12, "Second."}}
	if diff := cmp.Diff(want, p.Passages); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if p.Question != "how fast\ndoes it work?" {
		t.Errorf("question %q", p.Question)
	}
}

func TestTokensJoinToTheText(t *testing.T) {
	for _, text := range []string{"", "It works [12]. Next…", " a  b\n\nc ", "¿Qué? 3.5 mg", "\n"} {
		if got := strings.Join(Tokens(text), ""); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	if got := len(Tokens(" [12].")); got != 4 {
		t.Errorf("a marker with its stop is %d tokens, want 4", got)
	}
}

func TestMark(t *testing.T) {
	for sentence, want := range map[string]string{
		"It works.": "It works [2].", "It works": "It works [2].", "Does it?": "Does it [2]?", "v1.2 works": "v1.2 works [2].",
	} {
		if got := Mark(sentence, 2); got != want {
			t.Errorf("%q: %q, want %q", sentence, got, want)
		}
	}
}
