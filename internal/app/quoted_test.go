package app

import (
	"strings"
	"testing"

	"bedside/internal/chat"
	"bedside/internal/config"
	"bedside/internal/ground"
	"bedside/internal/language"
)

// Quoted means that the words stand in the passage byte for byte: every sentence of
// the material is its own quotation, and with one byte changed it is none.
func TestQuotedIsByteForByte(t *testing.T) {
	m, err := loadMaterial(config.Config{IncludePending: true})
	if err != nil {
		t.Fatal(err)
	}
	quoted := 0
	for _, passage := range m.corpus.Passages {
		passages := []chat.Passage{passage}
		evidence := ground.New(passages)
		for _, piece := range language.Sentences(passage.Text) {
			sentence := strings.TrimSpace(piece)
			result := evidence.Check(sentence, []int{1})
			if result.Verdict != chat.Quoted || result.Quote != sentence {
				t.Errorf("%s: %q is no quotation of its own passage: %+v", passage.ID, sentence, result)
				continue
			}
			quoted++
			last := len(sentence) - 1
			for _, other := range []string{
				strings.ToLower(sentence[:1]) + sentence[1:] + " ", sentence[:last], sentence + sentence[last:], strings.Replace(sentence, " ", "  ", 1),
				strings.Replace(sentence, "may", "mаy", 1), sentence[:1] + strings.Replace(sentence[1:], "e", "é", 1),
			} {
				if result := evidence.Check(other, []int{1}); result.Verdict == chat.Quoted && !strings.Contains(passage.Text, result.Quote) {
					t.Errorf("%s: %q is called a quotation", passage.ID, other)
				} else if result.Verdict == chat.Quoted && strings.TrimSpace(other) != result.Quote {
					t.Errorf("%s: %q is called the quotation %q", passage.ID, other, result.Quote)
				}
			}
		}
	}
	if quoted < 400 {
		t.Errorf("only %d sentences were tried", quoted)
	}
}
