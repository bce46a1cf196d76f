package load

import (
	"strings"
	"testing"
	"time"
)

// TestNoteKnowsWhenASentenceIsThere takes the model's tokens as a direct reader
// gets them, and a gateway's sentences, and finds the same sentences in both.
func TestNoteKnowsWhenASentenceIsThere(t *testing.T) {
	var s script
	s.add("It blocks a receptor within 2.5 hours, e.g. in adults.", 2)
	s.add("Is it over soon?", 1)
	shown := make(map[string]time.Time)
	var text strings.Builder
	moment := time.Unix(0, 0)
	for i, piece := range token.FindAllString(" It blocks a receptor within 2.5 hours, e.g. in adults [2]. Is it over soon [1]?", -1) {
		note(shown, &text, moment.Add(time.Duration(i)), piece)
	}
	if len(s.chunks) != len(token.FindAllString("It blocks a receptor within 2.5 hours, e.g. in adults [2]. Is it over soon [1]?", -1)) {
		t.Errorf("%d tokens", len(s.chunks))
	}
	for _, sentence := range s.sentences {
		at, there := shown[sentence.text]
		if !there || at.Sub(moment) != time.Duration(sentence.last) {
			t.Errorf("%q: %t, with token %d of %d: %v", sentence.text, there, at.Sub(moment), sentence.last, shown)
		}
	}

	clear(shown)
	text.Reset()
	note(shown, &text, moment, "It blocks a receptor within 2.5 hours, e.g. in adults. ")
	note(shown, &text, moment.Add(7), "Is it over soon?")
	if at, there := shown["Is it over soon?"]; !there || at.Sub(moment) != 7 {
		t.Errorf("a gateway's sentences: %v", shown)
	}
}

func TestJudge(t *testing.T) {
	r := Report{Streams: 100, Redis: true}
	for _, name := range []string{direct, relay, memory, durable} {
		*r.of(name) = Measured{
			Name: name, OneTokenMs: 1, FirstSentenceMs: 100, SentenceLagP50Ms: .4, SentenceLagP99Ms: 2,
			TokensPerSecond: 100, CPUMicros: 10, PacedCPUMicros: 10, IdleKiB: 10,
		}
	}
	r.of(relay).TokensPerSecond, r.of(relay).CPUMicros, r.of(relay).IdleKiB = 50, 20, 20
	r.judge()
	if !r.Held() {
		t.Errorf("%+v", r.Goals)
	}
	r.Goals = nil
	r.of(durable).TokensPerSecond = 80 // below direct, below 1.8 × the relay, below what it is without Redis
	r.judge()
	missed := 0
	for _, goal := range r.Goals {
		if !goal.Held {
			missed++
		}
	}
	if missed != 3 || r.Held() {
		t.Errorf("%d missed: %+v", missed, r.Goals)
	}
}

func TestLearnRefusesWhatHasNoPassages(t *testing.T) {
	for _, body := range []string{``, `{}`, `{"messages":[{"role":"user","content":"hello"}]}`} {
		if _, err := learn([]byte(body)); err == nil {
			t.Errorf("%q taught something", body)
		}
	}
	got, err := learn([]byte(`{"messages":[{"role":"system","content":"x"},{"role":"user","content":"[1] One is here. Two is here.\n\n[2] Three is here.\n\nwhat?"}]}`))
	if err != nil || len(got.sentences) != 3 || got.sentences[1].text != "Three is here." {
		t.Errorf("%+v, %v", got.sentences, err)
	}
}
