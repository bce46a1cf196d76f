package retrieve

import "testing"

// TestOtherLanguages asks the shipped material without a model: what is understood
// is found, and what is not understood counts against an answer.
func TestOtherLanguages(t *testing.T) {
	index := ShippedIndex(t)
	for text, want := range map[string]string{
		"est-ce que la kétamine aide contre la dépression ?": "conditions/depression",
		"combien de temps dure l'effet ?":                    "benefits/how-long-it-lasts",
		"Wie schnell wirkt Ketamin?":                         "benefits/how-fast",
		"A cetamina ajuda na depressão?":                     "conditions/depression",
		"La ketamina aiuta contro l'ansia?":                  "conditions/anxiety",
		"Что такое кетамин?":                                 "introduction/what-ketamine-is",
		"ケタミンはうつに効きますか？":                                     "conditions/depression",
		"什么是氯胺酮？":                                            "introduction/what-ketamine-is",
		"combien coûte la kétamine ?":                        "",
		"Was kostet das?":                                    "",
		"quels sont les effets secondaires ?":                "",
		"氯胺酮会让我变胖吗？":                                         "",
		"Wann fährt der nächste Bus nach Hause?":             "",
	} {
		r := index.Search(Query{Text: text})
		switch {
		case want == "" && r.Covered:
			t.Errorf("%q: covered by %s, %.2f", text, r.Hits[0].Passage.ID, r.Confidence)
		case want != "" && (!r.Covered || string(r.Hits[0].Passage.ID) != want):
			t.Errorf("%q: covered %v, %v, want %s", text, r.Covered, r.Hits, want)
		}
	}
}
