package language

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"What IS ketamine?":           "what is ketamine",
		"don't can’t it's I'm":        "dont cant it im",
		"the patient's, Parkinson's.": "the patient parkinson",
		"'quoted' and ‘so’":           "quoted and so",
		"rock 'n' roll":               "rock n roll",
		"treatment-resistant":         "treatment resistant",
		"5,299 people, 2.5 hours.":    "5299 people 2.5 hours",
		"1,2,3 and 12,34":             "1 2 3 and 12 34",
		"in 1962.Then":                "in 1962 then",
		"¿Qué es un anestésico?":      "que es un anestesico",
		"año ano AÑO":                 "año ano año",
		"an\u0303o cafe\u0301":        "año cafe", // marks on their own
		"Straße œuvre Ærø":            "strasse oeuvre aero",
		"Henoch-Schönlein":            "henoch schonlein",
		"боль ПРИ":                    "боль при",
		"22q13.3 U.S. v2.":            "22q13.3 u s v2",
		"":                            "",
		" ?! ":                        "",
		"a\x00b\xffc":                 "a b c",
		"its' dogs' '":                "its dogs",
	} {
		if got := strings.Join(Words(text), " "); got != want {
			t.Errorf("Words(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestSingular(t *testing.T) {
	for word, want := range map[string]string{
		"en symptoms": "symptom", "en studies": "study", "en biopsies": "biopsy", "en classes": "class", "en boxes": "box",
		"en diagnosis": "diagnosis", "en virus": "virus", "en loss": "loss", "en bus": "bus", "en gas": "gas", "en drug": "drug",
		"en 1960s": "1960s", "es médicos": "médico", "es dolores": "dolor", "es veces": "vez", "es crisis": "crisis", "es es": "es",
	} {
		lang, w, _ := strings.Cut(word, " ")
		if w == "gas" {
			want = "gas" // three letters are left alone
		}
		if got := Singular(lang, w); got != want {
			t.Errorf("Singular(%q, %q) = %q, want %q", lang, w, got, want)
		}
	}
}

func TestStem(t *testing.T) {
	for _, family := range []string{
		"en treat treats treated treating",
		"en depress depressed depression depressive",
		"en anxious anxiously",
		"es operacion operaciones",
		"es ayudar ayuda ayudan",
		"fr mot",
	} {
		words := strings.Fields(family)
		for _, w := range words[2:] {
			if a, b := Stem(words[0], words[1]), Stem(words[0], w); a != b {
				t.Errorf("Stem(%q) = %q, Stem(%q) = %q", words[1], a, w, b)
			}
		}
	}
	if got := Stem("en-US", "treatments"); got != "treatment" && got != "treat" {
		t.Errorf("a tag with a region was not understood: %q", got)
	}
	for _, word := range []string{"abc\xff", "mañ\ufffdos", "\xff\xff\xff"} {
		if Stem("en", word) != word || Stem("es", word) != word {
			t.Errorf("%q was stemmed", word)
		}
	}
	if got := Stem("de", "Wörter"); got != "Wörter" {
		t.Errorf("another language was stemmed: %q", got)
	}
}

func TestContentStems(t *testing.T) {
	got := ContentStems("en", "hi! pls tell me, whats the treatments for gout lol thx")
	if want := []string{Stem("en", "treatments"), "gout"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What asks for the subject is no stop word, however common.
func TestNotStop(t *testing.T) {
	for _, word := range strings.Fields("pain work help drug effect long fast hours safe c d e vitamin") {
		if Stop(English, word) {
			t.Errorf("%q is a stop word", word)
		}
	}
	for _, word := range strings.Fields("dolor efecto ayuda funciona rapido seguro") {
		if Stop(Spanish, word) {
			t.Errorf("%q is a stop word", word)
		}
	}
}

func TestGuess(t *testing.T) {
	for text, want := range map[string]string{
		"what is ketamine":                       "en",
		"side effects??":                         "en",
		"ok":                                     "en",
		"does it hurt":                           "en",
		"can i eat tacos before":                 "en",
		"is El Paso far":                         "en",
		"¿Qué es la ketamina?":                   "es",
		"que es la ketamina":                     "es",
		"cuanto dura el efecto":                  "es",
		"la ketamina ayuda con la ansiedad":      "es",
		"me duele mucho la cabeza":               "es",
		"depresión":                              "es",
		"me desmaye":                             "es",
		"oigo voces":                             "es",
		"duele":                                  "es",
		"pensamientos suicidas":                  "es",
		"tomé dos veces la dosis":                "es",
		"me equivoqué y tome dos":                "es",
		"est-ce que la kétamine est dangereuse":  "",
		"was ist ketamin und wie wirkt es":       "",
		"o que é a cetamina? não sei nada disso": "",
		"che cosa è la ketamina":                 "",
		"что такое кетамин":                      "",
		"什么是氯胺酮":                                 "",
		"":                                       "",
		"?!":                                     "",
		"988":                                    "",
	} {
		if got := Guess(text); got != want {
			t.Errorf("Guess(%q) = %q, want %q", text, got, want)
		}
	}
}

// The lists hold what Words gives, or they would never match.
func TestListsAreFolded(t *testing.T) {
	for name, list := range map[string]string{"en": englishStops, "es": spanishStops, "other": otherStops} {
		for line := range strings.Lines(list) {
			if strings.HasPrefix(line, "#") {
				continue
			}
			if got, want := Words(line), strings.Fields(line); !slices.Equal(got, want) {
				t.Errorf("stop/%s.txt: %q is read as %q", name, want, got)
			}
		}
	}
}

func FuzzWords(f *testing.F) {
	for _, seed := range []string{"don't", "5,299", "e\u0301", "\xff", "İstanbul", "ﬁ½", "a''s's", "’", "ñandú 1.2.3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words := Words(text)
		for _, w := range words {
			if w == "" {
				t.Error("an empty word")
			}
			if utf8.ValidString(text) && !utf8.ValidString(w) {
				t.Errorf("%q is not UTF-8", w)
			}
			for _, lang := range []string{English, Spanish, "fr"} {
				Stop(lang, w)
				Stem(lang, w)
				Stem(lang, Singular(lang, w))
			}
		}
		if again := Words(strings.Join(words, " ")); utf8.ValidString(text) && !slices.Equal(again, words) {
			t.Errorf("words %q are read as %q", words, again)
		}
		Guess(text)
	})
}

func BenchmarkWords(b *testing.B) {
	text := strings.Repeat("Ketamine can ease symptoms of depression within hours, but it doesn't help everyone. ", 10)
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Words(text)
	}
}
