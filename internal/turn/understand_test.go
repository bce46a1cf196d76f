package turn_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bedside/internal/chat"
	"bedside/internal/llm"
)

// twofold is a model that rewrites with one script and answers with another, and
// keeps what it was asked.
type twofold struct {
	rewrite, answer func(ctx context.Context, emit func(string) error) (llm.Completion, error)

	mu    sync.Mutex
	asked []llm.Request // to rewrite
	write []llm.Request // to answer
}

func (m *twofold) Stream(ctx context.Context, request llm.Request, emit func(string) error) (llm.Completion, error) {
	m.mu.Lock()
	rewriting := strings.Contains(request.Messages[0].Content, "Write it as one question") ||
		strings.Contains(request.Messages[0].Content, "Put it into English")
	if rewriting {
		m.asked = append(m.asked, request)
	} else {
		m.write = append(m.write, request)
	}
	m.mu.Unlock()
	if rewriting {
		return m.rewrite(ctx, emit)
	}
	return m.answer(ctx, emit)
}

func says(text string) func(context.Context, func(string) error) (llm.Completion, error) {
	return func(_ context.Context, emit func(string) error) (llm.Completion, error) {
		return llm.Completion{FinishReason: "stop", InputTokens: 10, OutputTokens: 5}, emit(text)
	}
}

func silent(ctx context.Context, _ func(string) error) (llm.Completion, error) {
	<-ctx.Done()
	return llm.Completion{InputTokens: 10}, ctx.Err()
}

// A question that leans on the one before it is searched with as the model words
// it, where it does so in time and without straying.
func TestAModelRewritesFollowUps(t *testing.T) {
	for name, test := range map[string]struct {
		rewrite func(context.Context, func(string) error) (llm.Completion, error)
		passage chat.PassageID // that is given first
		tokens  int
		takes   time.Duration
	}{
		"in time":  {says("What did the army use it for?"), "test/war", 20, 0},
		"straying": {says("How fast does it work in children?"), "test/speed", 20, 0},
		"failing": {func(context.Context, func(string) error) (llm.Completion, error) {
			return llm.Completion{}, &llm.Error{Kind: llm.Cut}
		}, "test/speed", 10, 0},
		"never":        {silent, "test/speed", 20, 2500 * time.Millisecond},
		"with no find": {says("And the uncle?"), "test/speed", 20, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				model := &twofold{rewrite: test.rewrite, answer: silent}
				f := newFixture(t, model)
				model.answer = says("Ketamine can ease depression within hours for some people [1].")
				f.answer(f.ask("how fast does it work? my uncle was in the army"))
				start := time.Now()
				answer := f.answer(f.ask("and about that one?"))
				if took := time.Since(start); took != test.takes {
					t.Errorf("took %s, want %s", took, test.takes)
				}
				if len(model.asked) != 1 || len(model.write) < 1 {
					t.Fatalf("asked %d times to rewrite, %d times to answer", len(model.asked), len(model.write))
				}
				prompt := model.write[len(model.write)-1].Messages[1].Content
				first := "[1] Ketamine can ease"
				if test.passage == "test/war" {
					first = "[1] Army doctors"
				}
				if !strings.HasPrefix(prompt, first) || !strings.HasSuffix(prompt, "\n\nand about that one?") {
					t.Errorf("the model was given\n%s", prompt)
				}
				if used := answer.Usage.InputTokens; used != test.tokens {
					t.Errorf("%d tokens used, want %d", used, test.tokens)
				}
			})
		})
	}
}

// What is sent to be rewritten is redacted, and holds no message of despair.
func TestRewritingSeesRedactedWords(t *testing.T) {
	model := &twofold{rewrite: says("How soon does it work for depression?"), answer: says("Ketamine can ease depression within hours for some people [1].")}
	f := newFixture(t, model)
	f.answer(f.ask("I want to kill myself"))
	f.answer(f.ask("my number is 312-555-0147, how fast does it work for depression?"))
	f.answer(f.ask("and that, how soon? write to jane.canary@mail.example"))
	if len(model.asked) != 1 {
		t.Fatalf("asked %d times", len(model.asked))
	}
	for _, message := range model.asked[0].Messages {
		for _, word := range []string{"555-0147", "jane.canary", "kill"} {
			if strings.Contains(message.Content, word) {
				t.Errorf("%q was sent:\n%s", word, message.Content)
			}
		}
	}
}

func TestToldInAnotherWay(t *testing.T) {
	f := newFixture(t, nil)
	first := f.answer(f.ask("how fast does it work?"))
	if !strings.Contains(first.Text, "within hours") || !strings.Contains(first.Text, "take weeks") {
		t.Fatalf("%q", first.Text)
	}
	for _, wish := range []string{"simpler please", "¿más simple?", "thanks", "in plain words please"} {
		got := f.answer(f.ask(wish))
		if wish != "thanks" && !strings.Contains(got.Text, "within hours") {
			t.Errorf("%q: %q", wish, got.Text)
		}
	}
	if got := f.answer(f.ask("more detail")); got.Outcome != chat.NotCovered {
		t.Errorf("with nothing more to tell: %s %q", got.Outcome, got.Text)
	}
	if got := f.answer(f.ask("simpler")); !strings.Contains(got.Text, "within hours") {
		t.Errorf("after there was nothing more: %q", got.Text)
	}
	f.answer(f.ask("how much should I take?")) // has its fixed reply
	if got := f.answer(f.ask("more detail")); got.Outcome == chat.Answered && strings.Contains(got.Text, "take") {
		t.Errorf("a boundary was told in another way: %q", got.Text)
	}
}

// A model is asked for the way that was wished for, on the question before.
func TestAModelIsAskedForTheWish(t *testing.T) {
	model := &twofold{rewrite: says(""), answer: says("Ketamine can ease depression within hours for some people [1].")}
	f := newFixture(t, model)
	f.answer(f.ask("how fast does it work?"))
	f.answer(f.ask("simpler please"))
	got := f.answer(f.ask("more detail"))
	if len(model.write) != 3 || len(model.asked) != 0 {
		t.Fatalf("asked %d and %d times", len(model.write), len(model.asked))
	}
	for i, want := range []string{"The first sentence answers", "wants it simpler", "wants more detail"} {
		request := model.write[i]
		if !strings.Contains(request.Messages[0].Content, want) || !strings.HasSuffix(request.Messages[1].Content, "\n\nhow fast does it work?") {
			t.Errorf("request %d: %s\n%s", i+1, request.Messages[0].Content, request.Messages[1].Content)
		}
	}
	// The model says what was told already; the material has one sentence more.
	if strings.Contains(got.Text, "within hours") || !strings.Contains(got.Text, "take weeks") || got.Mode != chat.Extractive {
		t.Errorf("more detail: %s %q", got.Mode, got.Text)
	}
}

// A question in another language is searched with as the model translates it, and
// answered in English behind a word that says so.
func TestAModelTranslatesQuestions(t *testing.T) {
	for name, test := range map[string]struct {
		translate func(context.Context, func(string) error) (llm.Completion, error)
		outcome   chat.Outcome
		takes     time.Duration
	}{
		"in time":  {says("What did the army use it for?"), chat.Answered, 0},
		"answers":  {says("It was used in the war [1]."), chat.NotCovered, 0},
		"numbers":  {says("What did the army use in 1970?"), chat.NotCovered, 0},
		"no model": {silent, chat.NotCovered, 2500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				model := &twofold{rewrite: test.translate}
				f := newFixture(t, model)
				model.answer = says("Frobnicate [1].")
				start := time.Now()
				answer := f.answer(f.ask("Wie wird das und was ist mit der Armee?"))
				if took := time.Since(start); took != test.takes {
					t.Errorf("took %s, want %s", took, test.takes)
				}
				if answer.Outcome != test.outcome || !strings.HasPrefix(answer.Text, "Ich kann nur auf Englisch und Spanisch antworten. I can answer in English") {
					t.Errorf("%s: %q", answer.Outcome, answer.Text)
				}
				if len(model.asked) != 1 {
					t.Errorf("asked %d times to translate", len(model.asked))
				}
			})
		})
	}
}

// Who asks for more where all was told hears that, and is not offered what was answered.
func TestAllIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		first := f.answer(f.ask("how fast does it work?"))
		var last chat.Answer
		var offered []string
		for range 4 {
			offered = nil
			for _, event := range f.follow(f.ask("more detail")) {
				switch e := event.(type) {
				case chat.Suggested:
					offered = e.Questions
				case chat.Ended:
					last = e.Answer
				}
			}
		}
		if last.Outcome != chat.NotCovered || !strings.HasPrefix(last.Text, "That is all that our pages say about this.") || slices.Contains(offered, "how fast does it work") {
			t.Errorf("after %q: %s: %q, offered %q", first.Text, last.Outcome, last.Text, offered)
		}
	})
}
