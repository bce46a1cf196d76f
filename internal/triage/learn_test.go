package triage

import (
	"os"
	"strings"
	"testing"

	"bedside/internal/chat"
)

func TestExamplesThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"self\tone\nself two\n":      "line 2: not a label",
		"none\t \n":                  "line 1: not a label",
		"\n# a remark\nsad\tthree\n": `line 3: no label "sad"`,
	} {
		if _, err := ReadSignExamples(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, not %s", text, err, want)
		}
	}
	examples, err := ReadSignExamples(strings.NewReader("# a remark\n\nself\tone\nnone\ttwo\tthree\n"))
	if err != nil || len(examples) != 2 || examples[1] != (SignExample{"none", "two\tthree"}) {
		t.Errorf("%q, %v", examples, err)
	}
}

// TestSignsAreLearned learns two made-up words that no rule knows, and finds them
// again in the file that it writes, also far into a long message and in a
// sentence that was sent in two pieces.
func TestSignsAreLearned(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes minutes under the race detector, which sees no more in it than in TestWhatIsReportedIsWhatIsDecided")
	}
	triage := open(t, Clinic{})
	var examples []SignExample
	add := func(label, text string) { // each with a word of its own, so that none stands there twice
		examples = append(examples, SignExample{label, text + " " + seenOnce(len(examples))})
	}
	for _, filler := range []string{"the weather is fine", "my cat likes tuna", "we live by the lake", "it rains today", "the bus was late", "lunch was good", "the meadow is green", "she paints boats"} {
		for range 12 {
			add("none", "quiet")
			add("indirect", "i feel zorbled snafted and "+filler)
			add("indirect", "i feel zorbled snafted")
			add("none", "i feel zorbled")
			add("none", "i snafted")
			add("none", "grass grows along roads where rivers bend")
			add("none", "i feel zorbled and "+filler)
			add("none", "i snafted and "+filler)
			add("none", filler)
		}
	}
	file, report, err := triage.LearnSigns(t.Context(), examples, SignOptions{FalseAlarms: 0.001})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range report.Shares {
		if danger := s.Label == "indirect"; s.RulesOrSigns != 0 != danger || s.Rules != 0 {
			t.Errorf("%+v", s)
		}
	}
	if triage.signs, err = readSigns(string(file)); err != nil {
		t.Fatal(err)
	}
	for text, danger := range map[string]bool{
		"i feel zorbled snafted": true,
		"i feel zorbled":         false,
		strings.Repeat("quiet herons wade between tall reeds. ", 25) + "i feel zorbled snafted and it rains": true,
		strings.Repeat("quiet herons wade between tall reeds. ", 25):                                         false,
	} {
		d := triage.Decide(chat.NewRawText(text), Context{})
		if (d.Category == chat.CrisisSelf) != danger || danger && (d.Rule != "signs/crisis-self" || d.Level != chat.Indirect) {
			t.Errorf("%q came to %q by %s", text, d.Category, d.Rule)
		}
	}
	d := triage.Decide(chat.NewRawText("snafted and it rains"), Context{Earlier: []chat.Text{"i feel zorbled"}})
	if d.Category != chat.CrisisSelf {
		t.Errorf("in two pieces it came to %q", d.Category)
	}
	d = triage.Decide(chat.NewRawText("the bus was late"), Context{Earlier: []chat.Text{"i feel zorbled snafted"}})
	if d.Rule == "signs/crisis-self" {
		t.Error("what was said before is found again in an ordinary message")
	}
}

// TestWhatIsReportedIsWhatIsDecided lets a weak rule find harmless examples, and the
// signs learn that they are.
func TestWhatIsReportedIsWhatIsDecided(t *testing.T) {
	triage := open(t, Clinic{})
	const weak = "i am giving my games to "
	if d := triage.decideWith(noSigns, weak+"them"); d.Category != chat.CrisisSelf {
		t.Fatalf("no rule finds %q", weak)
	}
	var examples []SignExample
	for range 20 {
		for _, filler := range []string{"the club", "our school", "my cousin", "a shop", "the library"} {
			examples = append(examples, SignExample{"none", weak + filler + " " + seenOnce(len(examples))}, SignExample{"indirect", "zorbled snafted at " + filler + " " + seenOnce(len(examples)+1)})
		}
	}
	_, report, err := triage.LearnSigns(t.Context(), examples, SignOptions{FalseAlarms: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range report.Shares {
		if found := s.RulesOrSigns > s.Examples/2; found != (s.Label == "indirect") || s.Rules != 0 {
			t.Errorf("%+v", s)
		}
	}
}

// seenOnce is a word that is seen in one example only.
func seenOnce(n int) string {
	return string([]byte{'q', byte('a' + n%26), byte('a' + n/26%26), 'x', byte('a' + n/676%26)})
}

// TestIdiomsSayNothingToTheSigns reads words that an idiom covers as unknown ones, in
// a message by itself and behind another.
func TestIdiomsSayNothingToTheSigns(t *testing.T) {
	triage := open(t, Clinic{})
	meant := func(m *message, from int) (words []string) {
		for i := from; i < len(m.tokens); i++ {
			for _, word := range m.signWords(nil, i, i+1) {
				if word.stem != signUnknown {
					words = append(words, triage.rules.vocabulary.spelled[m.tokens[i].word])
				}
			}
		}
		return words
	}
	for text, want := range map[string]string{
		"the music is killing me":             "music",
		"my phone is about to die, please":    "my please",
		"se me muere la batería, por favor":   "se por favor",
		"my dad is about to die, please":      "my dad is about to die please",
		"i want to sit in my car and die":     "i want to sit in my car and die",
		"i watch him die":                     "i watch him die",
		"my phone died and my mom is dying":   "my and my mom is dying",
		"he is in the car dying":              "he is in the car dying",
		"my phone is dying and so am i":       "my phone is dying and so am i",
		"se murió mi papá en el carro":        "se murio mi papa en el carro",
		"en la moto se está muriendo mi papá": "en la moto se esta muriendo mi papa",
	} {
		m := newMessage(triage.rules.count, len(triage.rules.vocabulary.spelled))
		triage.read(m, text)
		if got := strings.Join(meant(m, 0), " "); got != want {
			t.Errorf("%q is read as %q", text, got)
		}
		m.reset()
		m.take(triage.rules.vocabulary, "the phone")
		m.take(triage.rules.vocabulary, text)
		triage.rules.weigh(m)
		if got := strings.Join(meant(m, 2), " "); got != want {
			t.Errorf("%q behind another message is read as %q", text, got)
		}
	}
}

func TestSignsThatCannotBeLearned(t *testing.T) {
	triage := open(t, Clinic{})
	if _, _, err := triage.LearnSigns(t.Context(), nil, SignOptions{FalseAlarms: 0.02}); err == nil {
		t.Error("nothing can be learned from nothing")
	}
	if _, _, err := triage.LearnSigns(t.Context(), make([]SignExample, 9), SignOptions{}); err == nil {
		t.Error("no share of false alarms is given")
	}
	if _, err := readSigns("bedside signs 3\nand no more"); err == nil {
		t.Error("a file that is cut off is read")
	}
}

// TestSignsTakeNothingAway holds that what a rule finds stands, whatever the
// learned score says.
func TestSignsTakeNothingAway(t *testing.T) {
	rules := open(t, Clinic{})
	rules.signs = noSigns
	both := open(t, Clinic{})
	for _, l := range frozen(t, "positives-*.tsv") {
		before, after := rules.Decide(chat.NewRawText(l.text), Context{}), both.Decide(chat.NewRawText(l.text), Context{})
		if takesOver(before.Category) && (after.Category != before.Category || after.Level != before.Level || after.Rule != before.Rule) {
			t.Errorf("%s:%d: %s/%s by %s became %s/%s by %s", l.file, l.number, before.Category, before.Level, before.Rule, after.Category, after.Level, after.Rule)
		}
	}
}

// TestPiecesOfConversationAreNoDanger reads what people say between questions
// after ordinary questions of the material.
func TestPiecesOfConversationAreNoDanger(t *testing.T) {
	triage := open(t, Clinic{})
	pieces, questions := examplesOf(t, "fragments.tsv"), examplesOf(t, "questions.tsv")
	taken := 0
	for i, piece := range pieces {
		for j := range 6 {
			before := questions[(i*7+j*311)%len(questions)].Text
			if d := triage.Decide(chat.NewRawText(piece.Text), Context{Earlier: []chat.Text{chat.Text(before)}}); takesOver(d.Category) {
				t.Logf("%q after %q came to %s by %s", piece.Text, before, d.Category, d.Rule)
				taken++
			}
		}
	}
	if all := 6 * len(pieces); taken*50 > all {
		t.Errorf("%d of %d are taken for danger", taken, all)
	}
}

func examplesOf(t *testing.T, file string) []SignExample {
	t.Helper()
	f, err := os.Open("testdata/training/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	examples, err := ReadSignExamples(f)
	if err != nil || len(examples) == 0 {
		t.Fatalf("%s: %d examples, %v", file, len(examples), err)
	}
	return examples
}
