package eval

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"bedside/internal/chat"
)

func TestAnswersAreAskedAndMeasured(t *testing.T) {
	var conversations [][]string
	answer := func(_ context.Context, questions []string) (chat.Answer, []string, error) {
		conversations = append(conversations, questions)
		last := questions[len(questions)-1]
		switch last {
		case "fast?":
			return chat.Answer{Outcome: chat.Answered, Text: "It may help fast. ", Citations: []chat.Citation{{Passage: "a"}, {Passage: "a"}}}, []string{"why"}, nil
		case "why?":
			return chat.Answer{Outcome: chat.Answered, Text: "Unquestionably multifaceted neurotransmission predominates.", Trace: &chat.Trace{Withheld: make([]chat.Withheld, 2)}}, nil, nil
		}
		return chat.Answer{Outcome: chat.NotCovered, Text: strings.Repeat("word ", 100)}, nil, nil
	}
	report, err := Answers(t.Context(), strings.NewReader("# a comment\nfast?\n\n{\"text\":\"why?\",\"history\":[\"first\",\"fast?\"]}\nother\n"), answer)
	if err != nil {
		t.Fatal(err)
	}
	if len(conversations) != 3 || !slices.Equal(conversations[1], []string{"first", "fast?", "why?"}) {
		t.Errorf("asked %q", conversations)
	}
	if report.Asked != 3 || report.Answered != 2 || report.MostWords != 4 || report.MedianWords != 4 || report.MedianGrade > 3 {
		t.Errorf("%+v", report)
	}
	first, second := report.Answers[0], report.Answers[1]
	if !slices.Equal(first.Passages, []chat.PassageID{"a"}) || !slices.Equal(first.Suggestions, []string{"why"}) || second.Withheld != 2 || second.Grade < 12 {
		t.Errorf("%+v, %+v", first, second)
	}
}

func TestQuestionsThatCannotBeAsked(t *testing.T) {
	failing := func(context.Context, []string) (chat.Answer, []string, error) {
		return chat.Answer{}, nil, errors.New("away")
	}
	for text, want := range map[string]string{
		"": "no question", "{\"text\":\"\"}": "line 1: an empty question", "#\n{": "line 2", "fast?": "line 1: away",
	} {
		if _, err := Answers(t.Context(), strings.NewReader(text), failing); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
