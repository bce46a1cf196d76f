package turn

import (
	"testing"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

func TestTrimmedLogKeepsContext(t *testing.T) {
	s := chat.NewToken().Session()
	a, b := chat.NewResponseID(s), chat.NewResponseID(s)
	h := foldHistory([]transcript.Entry{ // a's question was trimmed away
		{Event: chat.Ended{Head: chat.Head{Response: a, Sequence: 9}}},
		{Event: chat.Accepted{Head: chat.Head{Response: b}, Text: "i have the pills here"}},
	})
	if len(h.texts()) != 1 {
		t.Errorf("triage is told of %v", h.texts())
	}
}
