package turn_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"go.uber.org/goleak"

	"bedside/internal/chat"
	"bedside/internal/draft"
	"bedside/internal/llm"
	"bedside/internal/retrieve"
	"bedside/internal/transcript"
	"bedside/internal/transcript/memlog"
	"bedside/internal/triage"
	"bedside/internal/turn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// passages are a small material, enough to answer from.
var passages = []chat.Passage{
	{
		ID: "test/speed", Section: "benefits", Title: "Benefits", Heading: "How fast it acts", Language: "en", URL: "https://clinic.example/#benefits",
		Text:       "Ketamine can ease depression within hours for some people. Usual antidepressants may take weeks.",
		Qualifiers: []chat.Qualifier{{ID: "Q-VARY", Text: "It does not work for everyone. Results differ from person to person.", Short: "It does not work for everyone."}},
		Questions:  []string{"how fast does it work", "how soon will I feel better"},
	},
	{
		ID: "test/war", Section: "history", Title: "History", Heading: "The Vietnam War", Language: "en", URL: "https://clinic.example/#history",
		Text:      "Army doctors used ketamine in the Vietnam War. It was used for surgery in the field.",
		Questions: []string{"was it used in the war", "what did the army use it for"},
	},
}

func findPassage(id chat.PassageID) (chat.Passage, bool) {
	i := slices.IndexFunc(passages, func(p chat.Passage) bool { return p.ID == id })
	if i < 0 {
		return chat.Passage{}, false
	}
	return passages[i], true
}

// script is a model at the process's edge: it says its pieces, one for each
// receive from next where that is set, and then fails with err.
type script struct {
	pieces []string
	next   chan struct{}
	err    error
	panics bool
}

func (s *script) Stream(ctx context.Context, _ llm.Request, emit func(string) error) (llm.Completion, error) {
	if s.panics {
		panic("a model's fault that nobody thought of")
	}
	for _, piece := range s.pieces {
		if s.next != nil {
			select {
			case <-s.next:
			case <-ctx.Done():
				return llm.Completion{}, ctx.Err()
			}
		}
		if err := emit(piece); err != nil {
			return llm.Completion{}, err
		}
	}
	return llm.Completion{FinishReason: "stop", InputTokens: 10, OutputTokens: 5}, s.err
}

type fixture struct {
	*turn.Service
	t     *testing.T
	token chat.Token
}

func newFixture(t *testing.T, model llm.Model) *fixture {
	t.Helper()
	rules, err := triage.New(os.DirFS("../../knowledge"), triage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	index, err := retrieve.New(passages, retrieve.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var generative *draft.Generative
	if model != nil {
		if generative, err = draft.NewGenerative(model, os.DirFS("../../prompts"), draft.GenerativeOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	log, transient := memlog.New(memlog.Options{}), memlog.New(memlog.Options{})
	service := turn.New(turn.Options{Log: log, Transient: transient, Material: turn.Material{Triage: rules, Index: index, Generative: generative, Version: "test", Passage: findPassage}})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := errors.Join(service.Close(ctx), log.Close(), transient.Close()); err != nil {
			t.Error(err)
		}
	})
	return &fixture{service, t, chat.NewToken()}
}

func (f *fixture) question(text string) turn.Question {
	return turn.Question{Session: f.token.Session(), Raw: chat.NewRawText(text), Create: true}
}

func (f *fixture) ask(text string) turn.Receipt {
	f.t.Helper()
	receipt, err := f.Ask(f.t.Context(), f.question(text))
	if err != nil {
		f.t.Fatalf("ask %q: %v", text, err)
	}
	return receipt
}

// follow reads a session's events until the answer's terminal one.
func (f *fixture) follow(receipt turn.Receipt) []chat.Event {
	f.t.Helper()
	return f.until(receipt, func(event chat.Event) bool {
		ended, ok := event.(chat.Ended)
		return ok && ended.Response == receipt.Response
	})
}

func (f *fixture) until(receipt turn.Receipt, stop func(chat.Event) bool) []chat.Event {
	f.t.Helper()
	follower, _, _, err := f.Follow(f.t.Context(), receipt.Session, chat.Origin)
	if err != nil {
		f.t.Fatal(err)
	}
	defer follower.Close()
	var events []chat.Event
	for {
		item, err := follower.Next(f.t.Context())
		if err != nil {
			f.t.Fatalf("after %d events: %v", len(events), err)
		}
		if item.Entry == nil {
			continue
		}
		events = append(events, item.Entry.Event)
		if stop(item.Entry.Event) {
			return events
		}
	}
}

func (f *fixture) answer(receipt turn.Receipt) chat.Answer {
	f.t.Helper()
	events := f.follow(receipt)
	return events[len(events)-1].(chat.Ended).Answer
}

// checkStream holds what every answer's events must hold.
func checkStream(t *testing.T, events []chat.Event, response chat.ResponseID) {
	t.Helper()
	last, joined, terminals := -1, "", 0
	var citations []chat.Citation
	for _, event := range events {
		head := event.At()
		if head.Response != response {
			continue
		}
		if head.Sequence <= last {
			t.Errorf("sequence %d after %d", head.Sequence, last)
		}
		last = head.Sequence
		switch e := event.(type) {
		case chat.Delta:
			joined += e.Text
		case chat.Annotated:
			citations = append(citations, e.Citation)
		case chat.Ended:
			terminals++
			if e.Answer.Text != joined || len(e.Answer.Citations) != len(citations) {
				t.Errorf("the deltas joined are %q, the text is %q", joined, e.Answer.Text)
			}
		}
	}
	if terminals != 1 {
		t.Errorf("%d terminal events", terminals)
	}
	points := utf8.RuneCountInString(joined)
	for _, c := range citations {
		if c.StartIndex < 0 || c.StartIndex >= c.EndIndex || c.EndIndex > points {
			t.Errorf("citation from %d to %d of %d", c.StartIndex, c.EndIndex, points)
		}
	}
}

func TestAnswerInTheMaterialsWords(t *testing.T) {
	f := newFixture(t, nil)
	receipt := f.ask("how fast does it work?")
	events := f.follow(receipt)
	checkStream(t, events, receipt.Response)
	answer := events[len(events)-1].(chat.Ended).Answer
	if answer.Outcome != chat.Answered || answer.Mode != chat.Extractive || answer.Status != chat.StatusCompleted {
		t.Errorf("got %s, %s, %s", answer.Outcome, answer.Mode, answer.Status)
	}
	if !strings.HasPrefix(answer.Text, "Ketamine can ease depression within hours") || !strings.Contains(answer.Text, "does not work for everyone") {
		t.Errorf("the claim or its qualifier is missing: %q", answer.Text)
	}
	for _, c := range answer.Citations {
		if c.Verdict != chat.Quoted || c.Quote == "" {
			t.Errorf("citation %+v", c)
		}
	}
	if _, ok := events[0].(chat.Accepted); !ok {
		t.Errorf("the first event is %T", events[0])
	}
}

func TestNotCovered(t *testing.T) {
	f := newFixture(t, nil)
	answer := f.answer(f.ask("where can I park my car on sundays"))
	if answer.Outcome != chat.NotCovered || len(answer.Citations) != 0 || answer.Mode != chat.Fixed {
		t.Errorf("got %s with %d citations: %q", answer.Outcome, len(answer.Citations), answer.Text)
	}
}

func TestModelsSentencesAreCheckedOneByOne(t *testing.T) {
	honest := "Ketamine can ease depression within hours for some people [1]. "
	tests := []struct {
		name   string
		model  *script
		mode   chat.Mode
		has    []string
		hasNot []string
	}{
		{"honest", &script{pieces: []string{"Ketamine can ease ", "depression within hours for some people [1]. ", "Usual antidepressants may take weeks [1]."}}, chat.Generative, []string{"weeks"}, []string{"[1]"}},
		{"lies about a number", &script{pieces: []string{honest, "Usual antidepressants may take 9 weeks [1]."}}, chat.Mixed, []string{"within hours"}, []string{"9"}},
		{"invents", &script{pieces: []string{"Ketamine was found on the moon by astronauts [1]."}}, chat.Extractive, []string{"within hours"}, []string{"moon"}},
		{"cites what it was not given", &script{pieces: []string{"Ketamine can ease depression within hours for some people [9]."}}, chat.Extractive, []string{"within hours"}, nil},
		{"cites nothing", &script{pieces: []string{"Ketamine can ease depression within hours for some people."}}, chat.Extractive, []string{"within hours"}, nil},
		{"stops in mid-sentence", &script{pieces: []string{honest, "Usual antidep"}, err: &llm.Error{Kind: llm.Cut}}, chat.Mixed, []string{"within hours", "does not work for everyone"}, []string{"antidep "}},
		{"fails at once", &script{err: &llm.Error{Kind: llm.Refused, Status: 401}}, chat.Extractive, []string{"within hours"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t, test.model)
			receipt := f.ask("how fast does it work?")
			events := f.follow(receipt)
			checkStream(t, events, receipt.Response)
			answer := events[len(events)-1].(chat.Ended).Answer
			if answer.Outcome != chat.Answered || answer.Status != chat.StatusCompleted {
				t.Errorf("got %s, %s", answer.Outcome, answer.Status)
			}
			if answer.Mode != test.mode {
				t.Errorf("mode %s, wanted %s: %q", answer.Mode, test.mode, answer.Text)
			}
			for _, words := range test.has {
				if !strings.Contains(answer.Text, words) {
					t.Errorf("%q lacks %q", answer.Text, words)
				}
			}
			for _, words := range test.hasNot {
				if strings.Contains(answer.Text, words) {
					t.Errorf("%q holds %q", answer.Text, words)
				}
			}
			if len(answer.Citations) == 0 {
				t.Error("no citation")
			}
		})
	}
}

func TestPanicEndsInATerminalEvent(t *testing.T) {
	f := newFixture(t, &script{panics: true})
	receipt := f.ask("how fast does it work?")
	events := f.follow(receipt)
	checkStream(t, events, receipt.Response)
	if answer := events[len(events)-1].(chat.Ended).Answer; answer.Status != chat.StatusFailed || answer.Error == nil {
		t.Errorf("got %s", answer.Status)
	}
}

func TestModelThatNeverAnswersIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, &script{pieces: []string{"never said"}, next: make(chan struct{})})
		receipt := f.ask("how fast does it work?")
		begun := time.Now()
		if answer := f.answer(receipt); answer.Status != chat.StatusFailed {
			t.Errorf("got %s", answer.Status)
		}
		if took := time.Since(begun); took > 2*time.Minute {
			t.Errorf("took %s", took)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := f.Close(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestSameQuestionTwiceIsOneAnswer(t *testing.T) {
	f := newFixture(t, nil)
	q := f.question("how fast does it work?")
	q.ClientMessageID = "0b52c8a8-5f0e-4c6a-9d5f-0a4f1a3b2c1d"
	var mu sync.Mutex
	var receipts []turn.Receipt
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			receipt, err := f.Ask(context.Background(), q)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			receipts = append(receipts, receipt)
			mu.Unlock()
		})
	}
	wait.Wait()
	first := 0
	for _, receipt := range receipts {
		if receipt.Response != receipts[0].Response {
			t.Errorf("answers %s and %s", receipt.Response, receipts[0].Response)
		}
		if !receipt.Duplicate {
			first++
		}
	}
	if first != 1 {
		t.Errorf("%d were taken for the first", first)
	}
	checkStream(t, f.follow(receipts[0]), receipts[0].Response)
}

func TestCrisisInterruptsAndTheWaitingGoOn(t *testing.T) {
	next := make(chan struct{})
	f := newFixture(t, &script{pieces: []string{"Ketamine can ease depression within hours for some people [1]. ", "Usual ", "antidepressants may take weeks [1]."}, next: next})
	running := f.ask("how fast does it work?")
	next <- struct{}{}
	next <- struct{}{}
	f.until(running, func(event chat.Event) bool { _, ok := event.(chat.Delta); return ok })
	waiting := f.ask("was it used in the war?")
	crisis := f.ask("i want to die")

	answer := f.answer(crisis)
	if answer.Outcome != chat.Crisis || !strings.Contains(answer.Text, "988") {
		t.Errorf("got %s: %q", answer.Outcome, answer.Text)
	}
	stopped := f.answer(running)
	if stopped.Status != chat.StatusIncomplete || stopped.Reason != chat.ReasonInterrupted || !strings.Contains(stopped.Text, "within hours") {
		t.Errorf("the running answer: %s %s %q", stopped.Status, stopped.Reason, stopped.Text)
	}
	close(next)
	events := f.follow(waiting)
	for _, receipt := range []turn.Receipt{running, waiting, crisis} {
		checkStream(t, events, receipt.Response)
	}
	position := func(response chat.ResponseID) int {
		return slices.IndexFunc(events, func(event chat.Event) bool { _, ok := event.(chat.Ended); return ok && event.At().Response == response })
	}
	if position(running.Response) > position(crisis.Response) || position(crisis.Response) > position(waiting.Response) {
		t.Error("the order is not: interrupted, crisis, waiting")
	}
	state, err := f.Session(t.Context(), crisis.Session)
	if err != nil || !state.HelpBar {
		t.Errorf("help bar %v, %v", state.HelpBar, err)
	}
}

func TestUrgentPassesEveryRefusal(t *testing.T) {
	f := newFixture(t, nil)
	refusal := chat.Refuse(chat.NoSession, "There is no session.")
	if _, err := f.Ask(t.Context(), turn.Question{Raw: chat.NewRawText("how fast does it work?"), Refusal: refusal}); !errors.Is(err, refusal) {
		t.Errorf("an ordinary question: %v", err)
	}
	receipt, err := f.Ask(t.Context(), turn.Question{Raw: chat.NewRawText("i want to kill myself"), Refusal: refusal})
	if err != nil {
		t.Fatal(err)
	}
	if answer := f.answer(receipt); answer.Outcome != chat.Crisis {
		t.Errorf("got %s", answer.Outcome)
	}
	if _, err := f.Session(t.Context(), receipt.Session); !errors.Is(err, transcript.ErrNoSession) {
		t.Errorf("the transient session can be found: %v", err)
	}
}

func TestBusy(t *testing.T) {
	f := newFixture(t, &script{pieces: []string{"never"}, next: make(chan struct{})})
	var receipts []turn.Receipt
	for range 4 {
		receipts = append(receipts, f.ask("how fast does it work?"))
	}
	_, err := f.Ask(t.Context(), f.question("was it used in the war?"))
	if e := chat.AsError(err); e.Code != chat.Busy || e.RetryAfter == 0 {
		t.Errorf("the fifth: %v", err)
	}
	var cancels sync.WaitGroup // a waiting answer's cancel comes back when its turn came
	for _, receipt := range receipts {
		cancels.Go(func() {
			if err := f.Cancel(context.Background(), receipt.Response); err != nil {
				t.Error(err)
			}
		})
	}
	cancels.Wait()
	for _, receipt := range receipts {
		if answer := f.answer(receipt); answer.Status != chat.StatusIncomplete || answer.Reason != chat.ReasonCancelled {
			t.Errorf("cancelled: %s %s", answer.Status, answer.Reason)
		}
	}
	if err := f.Cancel(t.Context(), receipts[0].Response); err != nil {
		t.Errorf("cancelled twice: %v", err)
	}
}

func TestForgetStopsAnswers(t *testing.T) {
	next := make(chan struct{})
	f := newFixture(t, &script{pieces: []string{"Ketamine can ease depression within hours for some people [1]. ", "x"}, next: next})
	receipt := f.ask("how fast does it work?")
	next <- struct{}{}
	if err := f.Forget(t.Context(), receipt.Session); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Session(t.Context(), receipt.Session); !errors.Is(err, transcript.ErrNoSession) {
		t.Errorf("after forget: %v", err)
	}
	q := f.question("how fast does it work?")
	q.Create = false
	if _, err := f.Ask(t.Context(), q); chat.AsError(err).Code != chat.SessionExpired {
		t.Errorf("a question to a forgotten session: %v", err)
	}
}

func TestFeedback(t *testing.T) {
	f := newFixture(t, nil)
	receipt := f.ask("how fast does it work?")
	f.follow(receipt)
	if err := f.Feedback(t.Context(), turn.Feedback{Response: receipt.Response, Rating: "up", Comment: chat.NewRawText("call me at 555-123-4567")}); err != nil {
		t.Fatal(err)
	}
	events := f.until(receipt, func(event chat.Event) bool { _, ok := event.(chat.FeedbackAccepted); return ok })
	if kept := events[len(events)-1].(chat.FeedbackAccepted); strings.Contains(string(kept.Comment), "555") {
		t.Errorf("the comment was kept as typed: %q", kept.Comment)
	}
	if err := f.Feedback(t.Context(), turn.Feedback{Response: chat.NewResponseID(receipt.Session), Rating: "up"}); chat.AsError(err).Code != chat.NotFound {
		t.Errorf("feedback on an answer that never was: %v", err)
	}
}

func TestTransientLeavesNothing(t *testing.T) {
	f := newFixture(t, nil)
	q := f.question("how fast does it work?")
	q.Transient = true
	receipt, err := f.Ask(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if answer := f.answer(receipt); answer.Outcome != chat.Answered {
		t.Errorf("got %s", answer.Outcome)
	}
	for _, session := range []chat.SessionID{receipt.Session, f.token.Session()} {
		if _, err := f.Session(t.Context(), session); !errors.Is(err, transcript.ErrNoSession) {
			t.Errorf("%s is kept: %v", session, err)
		}
	}
}
