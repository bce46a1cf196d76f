package turn

import (
	"cmp"
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// writer turns what happens in an answer into its events, in the order of the
// standard stream, and appends them in batches.
type writer struct {
	log     transcript.Log
	session chat.SessionID
	fence   transcript.Fence // 0: unfenced
	answer  chat.Answer
	opened  bool
	helpBar bool

	material *material // that the answer is drawn from

	sequence int // the last one used
	points   int // code points of answer.Text
	buffer   []chat.Event
	sent     standing // when something was passed on last
	stands   int      // the last number that is stored, or on its way

	// Of whoever runs the answer: it has the lease, and waits for no store.
	runs   bool
	apart  bool // its store is another process: appends go beside the writing
	flow   flow
	kept   *keeper                  // nil: the store took everything so far
	ahead  bool                     // something was told to followers before it was stored
	stored func(transcript.Receipt) // is told of each append
	life   context.Context          //nolint:containedctx // what is kept outlives the answer's own deadline.
}

// newWriter begins an answer to an accepted question.
func newWriter(log transcript.Log, accepted chat.Accepted, m *material) *writer {
	session, _ := accepted.Response.Session()
	w := &writer{
		log:      log,
		session:  session,
		sequence: accepted.Sequence,
		stands:   accepted.Sequence,
		answer: chat.Answer{
			ID: accepted.Response, CreatedAt: accepted.CreatedAt, Previous: accepted.Previous,
			ClientMessageID: accepted.ClientMessageID, Status: chat.StatusInProgress, KnowledgeVersion: m.Version,
		},
		material: m,
	}
	w.flow.idle.L = &w.flow.mu
	return w
}

// takeoverGap is left in an answer's row of sequence numbers by whoever takes
// the answer over: the last owner may have announced statuses with numbers that
// were never stored, and a client drops numbers that it has seen.
const takeoverGap = 16

// resumeWriter goes on with an answer from what is stored of it.
func resumeWriter(log transcript.Log, p *past, m *material) *writer {
	w := newWriter(log, p.accepted, m)
	w.sequence, w.stands = p.sequence+takeoverGap, p.sequence
	w.opened = p.opened
	w.answer.Text, w.answer.Citations, w.answer.Mode = p.answer.Text, p.answer.Citations, p.answer.Mode
	w.answer.KnowledgeVersion = cmp.Or(p.answer.KnowledgeVersion, m.Version)
	w.points = utf8.RuneCountInString(w.answer.Text)
	w.sent = w.state()
	return w
}

func (w *writer) head() chat.Head {
	w.sequence++
	return chat.Head{Response: w.answer.ID, Sequence: w.sequence}
}

func (w *writer) add(event chat.Event) { w.buffer = append(w.buffer, event) }

func (w *writer) open() {
	if w.opened {
		return
	}
	w.opened = true
	w.add(chat.Created{Head: w.head(), Answer: w.answer})
	w.add(chat.InProgress{Head: w.head(), Answer: w.answer})
	w.add(chat.ItemAdded{Head: w.head()})
	w.add(chat.PartAdded{Head: w.head()})
}

// sentence adds one checked sentence, with a space where it ends in none; the
// citations' indexes are set here.
func (w *writer) sentence(text string, citations ...chat.Citation) {
	w.open()
	if trimmed(text) == text {
		text += " "
	}
	w.add(chat.Delta{Head: w.head(), Text: text})
	start := w.points
	w.points += utf8.RuneCountInString(text)
	end := start + utf8.RuneCountInString(trimmed(text))
	for _, citation := range citations {
		citation.StartIndex, citation.EndIndex = start, end
		w.add(chat.Annotated{Head: w.head(), Index: len(w.answer.Citations), Citation: citation})
		w.answer.Citations = append(w.answer.Citations, citation)
	}
	w.answer.Text += text
}

// end adds the closing events. The answer's outcome, mode and trace are set by then.
func (w *writer) end(status chat.Status, reason string) {
	w.open()
	w.trimEnd()
	w.answer.Status, w.answer.Reason, w.answer.EndedAt = status, reason, time.Now().UTC()
	text, citations := w.answer.Text, w.answer.Citations
	w.add(chat.TextDone{Head: w.head(), Text: text})
	w.add(chat.PartDone{Head: w.head(), Text: text, Citations: citations})
	w.add(chat.ItemDone{Head: w.head(), Status: status, Text: text, Citations: citations})
	w.add(chat.Ended{Head: w.head(), Answer: w.answer})
}

// trimEnd takes the white space off the text's end, where its last sentence was
// not sent yet.
func (w *writer) trimEnd() {
	for i := len(w.buffer) - 1; i >= 0; i-- {
		delta, ok := w.buffer[i].(chat.Delta)
		if !ok {
			continue
		}
		short := trimmed(delta.Text)
		w.answer.Text = w.answer.Text[:len(w.answer.Text)-len(delta.Text)+len(short)]
		delta.Text = short
		w.buffer[i] = delta
		return
	}
}

// announce tells live followers how far the answer is, once what was passed on before
// is stored: a follower drops what comes with a lower number.
func (w *writer) announce(stage string) {
	notice := transcript.Notice{Status: &transcript.Status{Head: w.head(), Stage: stage}}
	w.flow.mu.Lock()
	defer w.flow.mu.Unlock()
	if w.flow.busy {
		w.flow.notice = &notice
		return
	}
	w.log.Announce(w.session, notice)
}

// flush appends what was added since the last flush, together with other
// writers' events where given. An append whose fate is unknown is repeated; the
// log recognises the repetition. Where the store does not answer, a running
// answer's events are kept and told to those who follow here.
func (w *writer) flush(ctx context.Context, others ...*writer) error {
	if w.runs {
		return w.flushOwn(ctx)
	}
	batch := transcript.Batch{Session: w.session, HelpBar: w.helpBar}
	for _, o := range append(others, w) {
		o.put(&batch, o.buffer)
		o.buffer = nil
	}
	if len(batch.Events) == 0 {
		return nil
	}
	_, err := appendSurely(ctx, w.log, batch)
	return err
}

// put adds events of the answer to a batch: its writer's right, and what it knows to
// be stored.
func (w *writer) put(batch *transcript.Batch, events []chat.Event) {
	if w.fence != 0 {
		if batch.Fences == nil {
			batch.Fences = make(map[chat.ResponseID]transcript.Fence, 1)
		}
		batch.Fences[w.answer.ID] = w.fence
	}
	if len(events) == 0 {
		return
	}
	if batch.After == nil {
		batch.After = make(map[chat.ResponseID]int, 1)
	}
	batch.After[w.answer.ID] = w.stands
	w.stands = events[len(events)-1].At().Sequence
	batch.Events = append(batch.Events, events...)
}

// standing is what there is of an answer at some point.
type standing struct {
	opened                  bool
	text, points, citations int
}

func (w *writer) state() standing {
	return standing{w.opened, len(w.answer.Text), w.points, len(w.answer.Citations)}
}

// rewind takes back what was added and not passed on, once nothing is under way.
func (w *writer) rewind() {
	_ = w.await()
	w.flow.gathered, w.flow.notice, w.flow.err = nil, nil, nil
	w.buffer = nil
	w.opened, w.points = w.sent.opened, w.sent.points
	w.answer.Text, w.answer.Citations = w.answer.Text[:w.sent.text], w.answer.Citations[:w.sent.citations]
}

// appendSurely repeats an append until its fate is known or ctx ends.
func appendSurely(ctx context.Context, log transcript.Log, batch transcript.Batch) (receipt transcript.Receipt, err error) {
	err = surely(ctx, func() error {
		receipt, err = log.Append(ctx, batch)
		return err
	})
	return receipt, err
}

// surely repeats what failed because the store could not be reached, until it
// does not or ctx ends.
func surely(ctx context.Context, do func() error) error {
	const first, most = 20 * time.Millisecond, 250 * time.Millisecond
	for wait := first; ; wait = min(2*wait, most) {
		err := do()
		if !errors.Is(err, transcript.ErrUnavailable) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

// isTaken says whether the answer has another writer, or its end.
func isTaken(err error) bool {
	return errors.Is(err, transcript.ErrFenced) || errors.Is(err, transcript.ErrEnded)
}

// isOver says whether a writer has nothing more to write where it stands.
func isOver(err error) bool { return isTaken(err) || errors.Is(err, transcript.ErrLost) }
