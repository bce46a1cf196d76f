package cli

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bedside/internal/app"
	"bedside/internal/chat"
	"bedside/internal/client"
	"bedside/internal/config"
	"bedside/internal/wire"
)

// helpLines stands for the fixed texts' help lines.
func helpLines(locale string) chat.Card {
	if strings.HasPrefix(locale, "es") {
		return chat.Card{Lines: []string{"Llame al 911"}, Links: []chat.Link{{Label: "Llame al 911", URL: "tel:911"}}}
	}
	return chat.Card{
		Lines: []string{"Call 911", "Text 988"},
		Links: []chat.Link{{Label: "Call 911", URL: "tel:911"}, {Label: "Text 988", URL: "sms:988"}},
	}
}

var greeted = client.Ready{Ready: wire.Ready{Recovered: true, Durable: true, Clinic: wire.Clinic{Name: "The Clinic", Phone: "555-0100", Hours: "9 to 5"}}}

var (
	wholeHelp = wordsIn("en").away + "\nCall 911: tel:911\nText 988: sms:988\nThe Clinic: 555-0100, 9 to 5\n\n"
	shortHelp = wordsIn("en").stillAway + " Call 911 · Text 988\n\n"
)

// The program's own texts name both numbers, in both languages.
func TestHelpForWhoCannotReachTheChat(t *testing.T) {
	help, err := app.HelpBar(config.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, locale := range []string{"", "en", "es-MX"} {
		lines := strings.Join(help(locale).Lines, "\n")
		if !strings.Contains(lines, "911") || !strings.Contains(lines, "988") {
			t.Errorf("%q: %s", locale, lines)
		}
	}
}

// TestWhatTheGatewayDoesNotTakeGetsHelp is a gateway that is silent, without a word that
// the connection is lost.
func TestWhatTheGatewayDoesNotTakeGetsHelp(t *testing.T) {
	for _, watched := range []bool{false, true} {
		hold(t, watched, func(h *talk) {
			h.tell(greeted)
			h.lines <- "i want to kill myself"
			h.wants("i want to kill myself")
			time.Sleep(hearing - time.Millisecond)
			h.shows("")
			time.Sleep(time.Millisecond)
			h.shows(wholeHelp)
			time.Sleep(time.Minute)
			h.shows(wholeHelp)
			h.tell(client.Accepted{ClientMessageID: "m1", Response: "r"}, ended("m1", "Call 988."))
			h.shows(wholeHelp + "Call 988.\n\n")
			close(h.lines)
			h.ends(OK)
		})
	}
}

// TestWhatCannotBeSentGetsHelpAtOnce says everything once for each absence, and the
// numbers for each thing that is typed.
func TestWhatCannotBeSentGetsHelpAtOnce(t *testing.T) {
	hold(t, true, func(h *talk) {
		h.tell(greeted, client.Lost{})
		h.lines <- "hello?"
		h.wants("hello?")
		h.shows(wholeHelp)
		h.tell(client.Lost{}, client.Lost{})
		h.lines <- "i want to die"
		h.wants("i want to die")
		h.shows(wholeHelp + shortHelp)
		time.Sleep(time.Minute)
		back := client.Ready{Ready: wire.Ready{Recovered: true, Clinic: greeted.Clinic}, Resumed: true}
		h.tell(back, ended("m1", "One."), client.Ended{Answer: chat.Answer{ID: "r2", Status: chat.StatusCompleted, ClientMessageID: "m2", Text: "Two."}})
		h.tell(client.Lost{})
		h.lines <- "again?"
		h.wants("again?")
		h.shows(wholeHelp + shortHelp + "One.\n\nTwo.\n\n" + wholeHelp)
		h.lines <- "/quit"
		h.ends(OK)
	})
}

func TestHelpIsInTheLanguageOfWhatWasTyped(t *testing.T) {
	hold(t, true, func(h *talk) {
		h.tell(begun, client.Lost{})
		h.lines <- "no quiero vivir más"
		h.wants("no quiero vivir más")
		h.shows(wordsIn("es").away + "\nLlame al 911: tel:911\n\n")
		h.lines <- "/quit"
		h.ends(OK)
	})
}

// TestNoHelpIsOwedForWhatWasHeard is a gateway that took, answered or refused what was
// typed, or has helped already.
func TestNoHelpIsOwedForWhatWasHeard(t *testing.T) {
	for name, event := range map[string]client.Event{
		"accepted": client.Accepted{ClientMessageID: "m1", Response: "r"},
		"refused":  client.Refused{Err: chat.Refuse(chat.StoreUnavailable, "call us"), ClientMessageID: "m1", Kept: true},
		"helped":   client.Triaged{Response: "r"},
		"answered": ended("m1", ""),
	} {
		hold(t, true, func(h *talk) {
			h.tell(greeted)
			h.lines <- "first?"
			h.wants("first?")
			time.Sleep(hearing - time.Millisecond)
			h.tell(event)
			time.Sleep(time.Minute)
			synctest.Wait()
			if strings.Contains(h.stdout.String(), "911") {
				t.Errorf("%s: shown %q", name, h.stdout.String())
			}
			h.lines <- "/quit"
			h.ends(OK)
		})
	}
}

// TestAGatewayThatNeverGreets is one that took the connection and says nothing.
func TestAGatewayThatNeverGreets(t *testing.T) {
	hold(t, true, func(h *talk) {
		time.Sleep(hearing)
		whole := wordsIn("en").away + "\nCall 911: tel:911\nText 988: sms:988\n\n"
		h.shows(whole)
		h.lines <- "i want to die"
		h.wants("i want to die")
		time.Sleep(hearing)
		h.shows(whole + shortHelp)
		h.lines <- "/quit"
		h.ends(OK)
	})
}

func TestSourcesAreThoseOfTheLastAnswerWithSome(t *testing.T) {
	hold(t, true, func(h *talk) {
		h.tell(begun, ended("", "One.", citation("p/a", 0, 4)))
		h.tell(client.Sentence{Response: "r2", Text: "Hello."}, client.Ended{Answer: chat.Answer{ID: "r2", Status: chat.StatusCompleted, Text: "Hello."}})
		h.lines <- "/sources"
		h.lines <- "/quit"
		h.ends(OK)
		h.shows("One.\n\n[1] T (a), history, https://c.example\n\nHello.\n\n[1] T (a), history, https://c.example\n    “q”\n")
	})
}

func TestLabelsAreInTheAnswersLanguage(t *testing.T) {
	source := citation("es/p/how-fast", 0, 4)
	source.Quote = "Puede aliviar los síntomas de la depresión en horas."
	const text = "Puede aliviar los síntomas de la depresión en horas."
	hold(t, true, func(h *talk) {
		h.tell(begun, client.Suggested{Response: "r", Questions: []string{"¿Qué es la ketamina?"}}, ended("", text, source))
		h.lines <- "/quit"
		h.ends(OK)
		h.shows(text + "\n\n[1] T («Puede aliviar los síntomas de la…»), historia, https://c.example\n\n")
		if !strings.Contains(h.stderr.String(), "También puede preguntar:\n  ¿Qué es") {
			t.Errorf("said: %q", h.stderr.String())
		}
	})
	// A Spanish answer from an English page keeps the page's heading.
	source = citation("p/how-fast", 0, 4)
	source.Quote = "It can relieve the symptoms within hours."
	hold(t, true, func(h *talk) {
		h.tell(begun, ended("", text, source))
		h.lines <- "/quit"
		h.ends(OK)
		h.shows(text + "\n\n[1] T (how fast), historia, https://c.example\n\n")
	})
}
