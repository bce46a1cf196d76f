package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"bedside/internal/chat"
	"bedside/internal/client"
	"bedside/internal/wire"
)

const help = "  /sources  the last answer's sources, with the words that were cited\n" +
	"  /stop     stop the running answer (Ctrl-C does the same)\n" +
	"  /new      begin another conversation\n" +
	"  /forget   have this conversation destroyed\n" +
	"  /quit     leave"

// patience is how long a conversation that nobody watches waits for a gateway
// that was lost.
const patience = time.Minute

// hearing is how long the gateway may take to say that it has a question before the
// person is told that it cannot be reached. It is above the second and a half for which
// a gateway waits for a store that is away.
const hearing = 2 * time.Second

// talker is what a conversation asks of the client.
type talker interface {
	Events() <-chan client.Event
	Ask(text string) (string, error)
	Cancel(response chat.ResponseID) error
	Forget() error
	Renew()
	Err() error
}

// conversation is the loop of bedside chat. One goroutine runs all of it.
type conversation struct {
	*program
	talker    talker
	view      *view
	watched   bool                // by a person at a terminal, who may type at any time
	lines     <-chan string       // nil once they have ended
	begun     bool                // the gateway has answered
	asked     map[string]string   // questions without an answer, by client message id
	running   chat.ResponseID     // the answer that /stop stops
	pending   map[string]struct{} // commands that wait to be done: "forget", "new"
	lost      bool                // the connection
	away      bool                // the store, as the person was told
	impatient <-chan time.Time    // when to give a lost gateway up
	help      func(locale string) chat.Card
	clinic    wire.Clinic      // as the greeting named it
	unheard   []typed          // what the gateway has not said that it has, oldest first
	overdue   <-chan time.Time // when that has taken too long
	unreached bool             // the person was told so
}

// typed is a question as it was typed.
type typed struct {
	id, text string
	at       time.Time
}

// converse holds a conversation: the lines are what the person says, help makes the
// card of the help lines.
func (p *program) converse(t talker, lines <-chan string, help func(locale string) chat.Card) error {
	return p.newConversation(t, lines, help).run()
}

func (p *program) newConversation(t talker, lines <-chan string, help func(locale string) chat.Card) *conversation {
	return &conversation{
		program: p, talker: t, lines: lines, view: p.newView(), watched: isTerminal(p.stdin), help: help,
		overdue: time.After(hearing),
		asked:   make(map[string]string), pending: make(map[string]struct{}),
	}
}

// run goes on until the lines end and everything is answered, or the person leaves.
func (c *conversation) run() error {
	for {
		if c.begun && c.lines == nil && c.idle() {
			return c.view.err()
		}
		c.view.prompt(c.begun && c.watched && c.idle())
		select {
		case line, ok := <-c.nextLine():
			if !ok {
				c.lines = nil
				continue
			}
			c.view.typed()
			if quit, err := c.take(line); quit || err != nil {
				return err
			}
		case event, ok := <-c.talker.Events():
			if !ok {
				return c.over()
			}
			if err := c.show(event); err != nil {
				return err
			}
		case <-c.overdue:
			c.sayUnreached()
		case <-c.impatient:
			return withCode(Unreachable, errors.New("the gateway, or its store, did not come back"))
		case signal := <-c.signals:
			if err := c.interrupt(signal); err != nil {
				return err
			}
		}
	}
}

// idle says whether nothing is waited for.
func (c *conversation) idle() bool {
	return len(c.asked) == 0 && len(c.pending) == 0
}

// nextLine is the input. What nobody types comes one question after the other,
// each when the one before it is answered.
func (c *conversation) nextLine() <-chan string {
	if (!c.begun && !c.unreached) || (!c.watched && !c.idle()) {
		return nil
	}
	return c.lines
}

// take handles a line of input and says whether the person wants to leave.
func (c *conversation) take(line string) (quit bool, err error) {
	command := strings.ToLower(line)
	switch command {
	case "/quit", "/exit":
		return true, nil
	case "/help", "/?":
		c.say("%s", help)
	case "/sources":
		c.view.sources()
	case "/stop":
		return false, c.stop()
	case "/forget":
		c.pending["forget"] = struct{}{}
		return false, c.talker.Forget()
	case "/new":
		clear(c.asked)
		c.waitForNone()
		c.pending["new"] = struct{}{}
		c.talker.Renew()
	default:
		if strings.HasPrefix(line, "/") {
			c.say("There is no command %s.\n%s", line, help)
			return false, nil
		}
		return false, c.ask(line)
	}
	return false, nil
}

func (c *conversation) ask(question string) error {
	id, err := c.talker.Ask(question)
	if err != nil {
		return err
	}
	c.asked[id] = question
	c.unheard = append(c.unheard, typed{id, question, time.Now()})
	if c.lost {
		c.sayUnreached()
	} else {
		c.listen()
	}
	return nil
}

// listen sets when the oldest question that the gateway has not taken is overdue.
func (c *conversation) listen() {
	c.overdue = nil
	if len(c.unheard) > 0 {
		c.overdue = time.After(time.Until(c.unheard[0].at.Add(hearing)))
	}
}

// waitForNone stops waiting for the gateway to take what was typed.
func (c *conversation) waitForNone() { c.unheard, c.overdue = nil, nil }

// heard takes note that the gateway has dealt with a question.
func (c *conversation) heard(id string) {
	c.unheard = slices.DeleteFunc(c.unheard, func(t typed) bool { return t.id == id })
	c.unreached = false
	c.listen()
}

// sayUnreached says that the gateway does not have what was typed, and whom to call.
// It does so whatever that was: a triage here would lack the conversation that the
// gateway's reads with it, and what it missed would leave somebody in danger without a
// number, while the lines cost whoever is in none only a glance.
func (c *conversation) sayUnreached() {
	text := ""
	if len(c.unheard) > 0 {
		text = c.unheard[len(c.unheard)-1].text
	}
	tag := languageOf(text, c.view.locale)
	c.view.interrupted()
	c.view.unreached(wordsIn(tag), c.help(tag), c.clinic, c.unreached)
	c.unreached = true
	c.waitForNone()
}

func (c *conversation) stop() error {
	if c.running == "" {
		c.say("No answer is running.")
		return nil
	}
	return c.talker.Cancel(c.running)
}

// interrupt stops the running answer first and leaves the next time.
func (c *conversation) interrupt(signal os.Signal) error {
	c.view.typed()
	if signal == syscall.SIGTERM || c.running == "" {
		return errInterrupted
	}
	running := c.running
	c.running = ""
	c.say("Stopping the answer. Once more leaves.")
	return c.talker.Cancel(running)
}

// over is the end that the gateway gave the conversation.
func (c *conversation) over() error {
	c.view.interrupted()
	if err := c.talker.Err(); err != nil {
		return err
	}
	if !c.idle() {
		return withCode(Unreachable, errors.New("the gateway ended the conversation"))
	}
	c.say("The gateway ended the conversation.")
	return nil
}

// show handles what the client tells.
func (c *conversation) show(event client.Event) error {
	if !c.begun {
		c.begun = true
		c.listen()
	}
	switch e := event.(type) {
	case client.Ready:
		c.ready(e)
	case client.Lost:
		c.lose()
	case client.Accepted:
		c.running, c.away, c.impatient = e.Response, false, nil
		c.heard(e.ClientMessageID)
	case client.Triaged:
		c.waitForNone() // whoever is in danger has the numbers
		c.view.card(e.Card)
	case client.Status:
		c.view.status(e.Stage)
	case client.Sentence:
		c.running = e.Response
		c.view.sentence(e)
	case client.Cited:
		c.view.cite(e)
	case client.Suggested:
		c.view.suggest(e)
	case client.Ended:
		c.end(e.Answer)
	case client.Refused:
		return c.refuse(e)
	case client.Expired:
		c.view.interrupted()
		c.say("The conversation had expired; another one is begun.")
	case client.Forgotten:
		c.view.interrupted()
		c.forgotten()
	case client.FeedbackAccepted:
	}
	return c.view.err()
}

func (c *conversation) ready(e client.Ready) {
	delete(c.pending, "new")
	if c.lost {
		c.say("Connected again.")
	}
	c.lost, c.away, c.impatient, c.unreached, c.clinic = false, false, nil, false, e.Clinic
	switch {
	case e.Resumed && !e.Recovered:
		c.say("Parts of the conversation may be lost; what was kept follows.")
	case !e.Resumed:
		c.view.welcome(e.Ready, c.watched)
	}
	if e.HelpBar {
		c.view.helpBar(c.help(c.view.locale))
	}
}

func (c *conversation) lose() {
	if c.lost {
		return
	}
	c.lost = true
	c.view.interrupted()
	c.say("The connection is lost; trying to get it back. Your questions are kept.")
	c.beImpatient()
}

// beImpatient bounds how long nobody waits for what is away.
func (c *conversation) beImpatient() {
	if !c.watched && c.impatient == nil {
		c.impatient = time.After(patience)
	}
}

func (c *conversation) end(answer chat.Answer) {
	if c.running == answer.ID {
		c.running = ""
	}
	delete(c.asked, answer.ClientMessageID)
	c.heard(answer.ClientMessageID)
	c.view.end(answer)
}

func (c *conversation) forgotten() {
	clear(c.asked)
	c.waitForNone()
	delete(c.pending, "forget")
	c.running = ""
	c.view.forget()
	c.say("The conversation was destroyed; another one is begun.")
}

// refuse handles an error that belongs to no answer. What the client keeps it sends
// again by itself: that is said once.
func (c *conversation) refuse(e client.Refused) error {
	c.heard(e.ClientMessageID)
	if e.ClientMessageID == "" {
		delete(c.pending, "forget")
	}
	if !e.Kept {
		delete(c.asked, e.ClientMessageID)
	}
	if e.Kept {
		c.beImpatient()
		if c.away {
			return nil
		}
		c.away = true
	}
	c.view.interrupted()
	c.say("%s", e.Err.Message)
	if codeOfRefusal(e.Err.Code) == NotAllowed {
		return fmt.Errorf("the gateway refused: %w", e.Err)
	}
	return nil
}
