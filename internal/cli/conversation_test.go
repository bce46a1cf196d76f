package cli

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"bedside/internal/chat"
	"bedside/internal/client"
	"bedside/internal/processtest"
	"bedside/internal/wire"
)

// partner is a client whose gateway is the test.
type partner struct {
	events chan client.Event
	asked  chan string // questions, "stop RESPONSE", "forget", "new"
	n      int
	err    error
}

func (p *partner) Events() <-chan client.Event { return p.events }
func (p *partner) Err() error                  { return p.err }
func (p *partner) Renew()                      { p.asked <- "new" }
func (p *partner) Forget() error               { p.asked <- "forget"; return nil }
func (p *partner) Cancel(r chat.ResponseID) error {
	p.asked <- "stop " + string(r)
	return nil
}

func (p *partner) Ask(text string) (string, error) {
	p.n++
	p.asked <- text
	return fmt.Sprintf("m%d", p.n), nil
}

// talk is a conversation in virtual time.
type talk struct {
	*testing.T
	*partner
	lines          chan string
	signals        chan os.Signal
	stdout, stderr processtest.Output
	done           chan error
}

// hold runs a conversation. Watched is a person at a terminal.
func hold(t *testing.T, watched bool, body func(*talk)) {
	synctest.Test(t, func(t *testing.T) {
		h := &talk{
			T: t, partner: &partner{events: make(chan client.Event), asked: make(chan string, 10)},
			lines: make(chan string), signals: make(chan os.Signal), done: make(chan error, 1),
		}
		p := &program{stdout: &h.stdout, stderr: &h.stderr, signals: h.signals}
		c := p.newConversation(h.partner, h.lines, helpLines)
		c.watched = watched
		go func() { h.done <- c.run() }()
		body(h)
	})
}

func (h *talk) tell(events ...client.Event) {
	for _, event := range events {
		h.events <- event
	}
}

func (h *talk) wants(question string) {
	h.Helper()
	synctest.Wait()
	select {
	case got := <-h.asked:
		if got != question {
			h.Errorf("the gateway was asked %q, want %q", got, question)
		}
	default:
		h.Errorf("the gateway was not asked %q", question)
	}
}

func (h *talk) ends(want Code) {
	h.Helper()
	if got := codeOf(<-h.done); got != want {
		h.Errorf("ended with %d, want %d", got, want)
	}
}

func (h *talk) shows(want string) {
	h.Helper()
	synctest.Wait()
	if got := h.stdout.String(); got != want {
		h.Errorf("shown:\n%s\nwant:\n%s", got, want)
	}
}

var begun = client.Ready{Ready: wire.Ready{Recovered: true, Durable: true}}

func ended(message, text string, citations ...chat.Citation) client.Ended {
	return client.Ended{Answer: chat.Answer{ID: "r", Status: chat.StatusCompleted, ClientMessageID: message, Text: text, Citations: citations}}
}

func TestLinesFromAPipeAreAnsweredOneByOne(t *testing.T) {
	hold(t, false, func(h *talk) {
		h.tell(begun)
		h.lines <- "first?"
		h.wants("first?")
		h.tell(client.Accepted{ClientMessageID: "m1", Response: "r"})
		select {
		case h.lines <- "second?":
			t.Error("the second line was taken before the first was answered")
		case <-time.After(time.Minute):
		}
		h.tell(
			client.Sentence{Response: "r", Text: "One. "},
			client.Cited{Response: "r", Citation: citation("p/a", 0, 4)},
			client.Cited{Response: "r", Citation: citation("p/a", 0, 4)},
			client.Sentence{Response: "r", Offset: 5, Text: "Two."},
			client.Suggested{Response: "r", Questions: []string{"why?"}},
			ended("m1", "One. Two.", citation("p/a", 0, 4)),
		)
		h.shows("One. [1] Two.\n\n[1] T (a), history, https://c.example\n\n")
		h.lines <- "second?"
		close(h.lines)
		h.wants("second?")
		h.tell(client.Ended{Answer: chat.Answer{ID: "r2", Status: chat.StatusCompleted, ClientMessageID: "m2", Text: "Three."}})
		h.ends(OK)
		h.shows("One. [1] Two.\n\n[1] T (a), history, https://c.example\n\nThree.\n\n")
	})
}

func TestHelpIsShownFirstAndPlainly(t *testing.T) {
	hold(t, false, func(h *talk) {
		h.tell(begun, client.Triaged{Response: "r", Card: chat.Card{
			Lines: []string{"You matter.", "Call 988"}, Links: []chat.Link{{Label: "Call 988", URL: "tel:988"}},
		}}, client.Sentence{Response: "r", Text: "Please call."}, ended("", "Please call."))
		h.shows("You matter.\nCall 988: tel:988\n\nPlease call.\n\n")
		close(h.lines)
		h.ends(OK)
	})
}

func TestWhatAReplayTellsAgainIsShownOnce(t *testing.T) {
	hold(t, false, func(h *talk) {
		first := client.Sentence{Response: "r", Text: "One. "}
		h.tell(begun, first, client.Lost{Retry: time.Second}, client.Lost{Retry: time.Second})
		h.tell(client.Ready{Ready: wire.Ready{Recovered: false}, Resumed: true}, first, client.Sentence{Response: "r", Offset: 5, Text: "Two."}, ended("", "One. Two."))
		h.tell(first, ended("", "One. Two."))
		synctest.Wait()
		if got := h.stdout.String(); strings.Count(got, "One.") != 1 || strings.Count(got, "Two.") != 1 {
			t.Errorf("shown: %q", got)
		}
		if got := h.stderr.String(); strings.Count(got, "The connection is lost") != 1 || !strings.Contains(got, "may be lost") {
			t.Errorf("said: %q", got)
		}
		close(h.lines)
		h.ends(OK)
	})
}

func TestTextThatChangedIsShownAnew(t *testing.T) {
	hold(t, false, func(h *talk) {
		h.tell(begun, client.Sentence{Response: "r", Text: "One. "}, client.Sentence{Response: "r", Offset: 5, Text: "Lost. "},
			client.Sentence{Response: "r", Offset: 5, Text: "Two."}, ended("", "One. Two."))
		h.shows("One. Lost.\nTwo.\n\n")
		close(h.lines)
		h.ends(OK)
	})
}

func TestWhatWasMissedIsShownAtTheEnd(t *testing.T) {
	hold(t, false, func(h *talk) {
		h.tell(begun, client.Sentence{Response: "r", Text: "One. "}, ended("", "One. Two."))
		h.shows("One. Two.\n\n")
		close(h.lines)
		h.ends(OK)
	})
}

func TestInterruptStopsTheAnswerFirst(t *testing.T) {
	hold(t, true, func(h *talk) {
		h.tell(begun)
		h.lines <- "first?"
		h.wants("first?")
		h.tell(client.Accepted{ClientMessageID: "m1", Response: "r"})
		h.signals <- os.Interrupt
		h.wants("stop r")
		h.tell(client.Ended{Answer: chat.Answer{ID: "r", ClientMessageID: "m1", Status: chat.StatusIncomplete}})
		h.signals <- os.Interrupt
		h.ends(Interrupted)
	})
	hold(t, true, func(h *talk) {
		h.tell(begun, client.Accepted{Response: "r"})
		h.signals <- syscall.SIGTERM
		h.ends(Interrupted)
	})
}

func TestCommands(t *testing.T) {
	hold(t, true, func(h *talk) {
		h.tell(begun, client.Accepted{ClientMessageID: "m", Response: "r"})
		h.lines <- "/stop"
		h.wants("stop r")
		h.lines <- "/forget"
		h.wants("forget")
		h.tell(client.Forgotten{})
		h.lines <- "/stop"
		h.lines <- "/new"
		h.wants("new")
		h.lines <- "/sources"
		h.lines <- "/nope"
		h.lines <- "/quit"
		h.ends(OK)
		for _, want := range []string{"was destroyed", "No answer is running", "no answer with sources", "no command /nope", "/forget"} {
			if !strings.Contains(h.stderr.String(), want) {
				t.Errorf("not said: %q", want)
			}
		}
		if len(h.asked) > 0 || h.stdout.String() != "" {
			t.Errorf("asked %d, shown %q", len(h.asked), h.stdout.String())
		}
	})
}

// TestALimitIsWaitedOut waits for a question that the client keeps, and says so once.
func TestALimitIsWaitedOut(t *testing.T) {
	refused := client.Refused{Err: &chat.Error{Code: chat.RateLimited, Message: "slow down", RetryAfter: 7 * time.Second}, ClientMessageID: "m1", Kept: true}
	for _, watched := range []bool{false, true} {
		hold(t, watched, func(h *talk) {
			h.tell(begun)
			h.lines <- "first?"
			close(h.lines)
			h.wants("first?")
			h.tell(refused)
			time.Sleep(7 * time.Second)
			h.tell(refused)
			synctest.Wait()
			if len(h.asked) > 0 {
				t.Error("asked beside the client, under another id")
			}
			h.tell(ended("m1", "One."))
			h.ends(OK)
			if strings.Count(h.stderr.String(), "slow down") != 1 {
				t.Errorf("said: %q", h.stderr.String())
			}
		})
	}
}

func TestNobodyWaitsForEver(t *testing.T) {
	away := client.Refused{Err: chat.Refuse(chat.StoreUnavailable, "call us"), ClientMessageID: "m1", Kept: true}
	for _, event := range []client.Event{client.Lost{}, away} {
		hold(t, false, func(h *talk) {
			h.tell(begun)
			h.lines <- "first?"
			h.wants("first?")
			began := time.Now()
			h.tell(event, event)
			h.ends(Unreachable)
			if got := time.Since(began); got != patience {
				t.Errorf("waited %s", got)
			}
			if got := strings.Count(h.stderr.String(), "\n"); got != 1 {
				t.Errorf("said %d lines: %q", got, h.stderr.String())
			}
		})
	}
	hold(t, false, func(h *talk) {
		h.tell(begun)
		h.lines <- "first?"
		h.wants("first?")
		h.tell(client.Lost{}, begun)
		time.Sleep(2 * patience)
		close(h.lines)
		h.tell(ended("m1", "One."))
		h.ends(OK)
	})
}

func TestTheGatewayEndsTheConversation(t *testing.T) {
	for _, c := range []struct {
		err  error
		ask  bool
		want Code
	}{{nil, false, OK}, {nil, true, Unreachable}, {client.ErrNotAllowed, true, NotAllowed}} {
		hold(t, false, func(h *talk) {
			h.tell(begun)
			if c.ask {
				h.lines <- "first?"
				h.wants("first?")
			}
			h.err = c.err
			close(h.events)
			h.ends(c.want)
		})
	}
}

func TestAFailedAnswerSaysSo(t *testing.T) {
	hold(t, false, func(h *talk) {
		h.tell(begun, client.Ended{Answer: chat.Answer{ID: "r", Status: chat.StatusFailed, Error: chat.Refuse(chat.Internal, "please try again")}})
		close(h.lines)
		h.ends(OK)
		if !strings.Contains(h.stderr.String(), "please try again") {
			t.Errorf("said: %q", h.stderr.String())
		}
	})
}

func TestLinesEndWithTheInputOrTheConversation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := make(chan struct{})
		lines := readLines(strings.NewReader("one\n\n  two  "), done)
		if a, b := <-lines, <-lines; a != "one" || b != "two" {
			t.Errorf("%q %q", a, b)
		}
		if _, open := <-lines; open {
			t.Error("lines go on after the end")
		}
		lines = readLines(strings.NewReader("one\ntwo\n"), done)
		close(done)
		for range lines {
		}
	})
}
