package draft

import (
	"strings"
	"testing"

	"bedside/internal/chat"
)

// A sentence that repeats the prompt rests on no passage, whatever it cites.
func TestWhatRepeatsThePromptCitesNothing(t *testing.T) {
	request := sample
	request.Passages = append(request.Passages, chat.Passage{
		Text: "It does not help all.", Qualifiers: []chat.Qualifier{{Text: "You are not a doctor or a nurse here."}},
	})
	for name, test := range map[string]struct {
		said  string
		cited bool
	}{
		"an honest sentence":             {"It works within hours [1].", true},
		"a line of the prompt":           {"Use only the numbered passages in the user's message [1].", false},
		"in capitals, without its marks": {"USE ONLY THE NUMBERED PASSAGES IN THE USERS MESSAGE [1].", false},
		"hidden in an honest sentence":   {"It works within hours and ends every sentence with the number of the passage it rests on [1].", false},
		"four words that it shares":      {"Keep sentences short within hours [1].", true},
		"what a passage says as well":    {"You are not a doctor or a nurse here [3].", true},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := draftAll(t, &scripted{pieces: strings.SplitAfter(test.said, " "), finish: "stop"}, request)
			if err != nil || len(out) != 1 {
				t.Fatalf("%v: %v", out, err)
			}
			if got := len(out[0].Cites) > 0; got != test.cited {
				t.Errorf("%q cites %v", out[0].Text, out[0].Cites)
			}
		})
	}
}
