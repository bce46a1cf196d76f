package triage

import (
	"io/fs"
	"slices"
	"sync"
	"time"

	"bedside/internal/chat"
)

// Decision is what a message came to. The zero value lets it through.
type Decision struct {
	Rule     string        // the name of the rule that decided; empty: none did
	Level    chat.Level    // of emergencies, crises and the suicide topic; empty otherwise
	Category chat.Category // empty: an ordinary question
	Outcome  chat.Outcome  // of the fixed reply; empty: the question is answered from the material
	// Urgent replies go before queue, limits and refusals: emergencies and crises.
	Urgent bool
	// Reply is the fixed text, each element a sentence or line with its trailing
	// space or line break; nil: the question is answered from the material.
	Reply []string
	// Footer is a fixed line that the answer from the material carries as its last delta.
	Footer  string
	Card    chat.Card // help to show above everything; no lines: none
	HelpBar bool      // switch on the session's help bar
}

// Clinic is whom a patient is sent to. Empty fields leave the replies whole
// sentences.
type Clinic struct {
	Name  string
	Phone string
	Hours string
}

// Options are the settings of triage.
type Options struct {
	Clinic Clinic
}

// Context is what the session knows when a message arrives. The zero value is a
// first message, or one on a connection without a session.
type Context struct {
	// Earlier are the person's last messages, oldest first, as they are stored;
	// the last three are read.
	Earlier []chat.Text
	// TakenOver counts the urgent replies that the session has had.
	TakenOver int
	// LastCategory is that of the latest urgent reply; what came after leaves it
	// as it is.
	LastCategory chat.Category
	// LastReply is the text of the latest answer, whatever it was.
	LastReply string
	// Locale is the client's, BCP 47; the words of the message go before it.
	Locale string
}

// Triage decides what a message is before anything else reads it. It is safe for
// use by several goroutines.
type Triage struct {
	replies map[string]*reply
	// The replies' names by their review, as they stand in the files.
	pending, approved []string
	lines             []HelpLine
	line              map[string]HelpLine
	clinic            Clinic
	rules             *rules
	signs             *signWeights
	// messages are working space, reused from one decision to the next.
	messages sync.Pool
}

// New reads the replies, help lines and rules under safety/ in data. An error
// names file and line.
func New(data fs.FS, options Options) (*Triage, error) {
	t := &Triage{clinic: options.Clinic}
	if err := t.loadLines(data); err != nil {
		return nil, err
	}
	if err := t.loadReplies(data); err != nil {
		return nil, err
	}
	var err error
	if t.rules, err = loadRules(data); err != nil {
		return nil, err
	}
	if t.signs, err = readSigns(shippedSigns); err != nil {
		return nil, err
	}
	t.messages.New = func() any { return newMessage(t.rules.count, len(t.rules.vocabulary.spelled)) }
	return t, nil
}

// NotCovered says that the material has no answer, and who has.
func (t *Triage) NotCovered(locale string) []string {
	return sentences(t.fixed("not_covered", locale))
}

// Disclosure is what every new session is told, and whoever asks.
func (t *Triage) Disclosure(locale string) string { return t.fixed("disclosure", locale) }

// PartlyCovered says that the material has no answer to a part of the question.
func (t *Triage) PartlyCovered(locale string) string { return t.fixed("partly_covered", locale) }

// AllTold says that the material has no more than was told, and who has.
func (t *Triage) AllTold(locale string) []string { return sentences(t.fixed("all_told", locale)) }

// YouCouldAsk begins a list of questions.
func (t *Triage) YouCouldAsk(locale string) string { return t.fixed("you_could_ask", locale) }

// SuicideTopicLine ends an answer whose subject is suicide.
func (t *Triage) SuicideTopicLine(locale string) string {
	return t.fixed("suicide_topic_line", locale)
}

// PendingNotice ends an answer that rests on a page which awaits its review.
func (t *Triage) PendingNotice(locale string) string { return t.fixed("pending_notice", locale) }

// HelpBar is the card of the session's help bar.
func (t *Triage) HelpBar(locale string) chat.Card { return t.card(locale, "help_bar") }

// HelpLines lists the help lines that replies may name.
func (t *Triage) HelpLines() []HelpLine { return append([]HelpLine(nil), t.lines...) }

// Pending lists the replies that no clinician has approved, in the files' order.
func (t *Triage) Pending() []string { return slices.Clone(t.pending) }

// Approved lists the replies that a clinician has approved.
func (t *Triage) Approved() []string { return slices.Clone(t.approved) }

// StaleAfter is how long a help line's number may go without being verified.
const StaleAfter = 90 * 24 * time.Hour

// StaleHelpLines lists the help lines that were not verified within StaleAfter
// before now.
func (t *Triage) StaleHelpLines(now time.Time) []HelpLine {
	var stale []HelpLine
	for _, l := range t.lines {
		if now.Sub(l.VerifiedOn) > StaleAfter {
			stale = append(stale, l)
		}
	}
	return stale
}
