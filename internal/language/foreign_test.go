package language_test

import (
	"testing"

	"bedside/internal/language"
)

func TestForeign(t *testing.T) {
	for text, want := range map[string]string{
		"How fast does it work?": "", "¿cuánto tarda?": "", "???": "", "ketamine": "",
		"c'est quoi la kétamine ?":              "fr",
		"Was kostet das?":                       "de",
		"A cetamina ajuda na depressão?":        "pt",
		"La ketamina aiuta contro l'ansia?":     "it",
		"Helpt ketamine bij depressie?":         "nl",
		"Czy ketamina pomaga na depresję?":      "pl",
		"Nakakatulong ba ang ketamine sa akin?": "tl",
		"eske ketamin ka ede mwen?":             "ht",
		"ketamine có giúp trầm cảm không?":      "vi",
		"сколько стоит кетамин?":                "ru",
		"чи допомагає кетамін при депресії?":    "uk",
		"氯胺酮多少钱？":                               "zh",
		"ケタミンはうつに効きますか？":                        "ja",
		"케타민은 도움이 되나요?":                         "ko",
		"هل يساعد الكيتامين في علاج الاكتئاب؟":  "ar",
		"क्या केटामाइन मदद करता है?":            "hi",
		"האם קטמין עוזר?":                       "und",
	} {
		if got := language.Foreign(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
