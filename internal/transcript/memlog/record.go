package memlog

import (
	"math/rand/v2"
	"time"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// record is a session that was begun. Its shard's lock guards it.
type record struct {
	idle     time.Duration
	kept     int
	created  time.Time
	deadline time.Time // the absolute end
	expires  time.Time
	entries  []transcript.Entry // those kept; numbered without a gap
	last     uint64             // the number of the last one
	answers  map[chat.ResponseID]answer
	asked    map[string]question // by client message id
	helpBar  bool
	open     int // questions without a terminal event
}

// answer is what has to be known of one to judge an append.
type answer struct {
	last  int // sequence number
	asked bool
	ended bool
	fence transcript.Fence
}

// question is what a client message id began.
type question struct {
	response chat.ResponseID
	before   chat.Cursor
}

// open is 1 for a question without a terminal event, else 0.
func (a answer) open() int {
	if a.asked && !a.ended {
		return 1
	}
	return 0
}

// unheard is an answer of which nothing was stored.
var unheard = answer{last: -1}

func newRecord(now time.Time, options Options) *record {
	return &record{
		idle:     options.Idle,
		kept:     options.Kept,
		created:  now,
		deadline: now.Add(options.Maximum),
		answers:  make(map[chat.ResponseID]answer),
	}
}

// append judges the batch in the order that transcript.Batch states, and stores
// it. stored is false where nothing was.
func (rec *record) append(batch *transcript.Batch, parts []transcript.Part, now time.Time) (receipt transcript.Receipt, stored bool, err error) {
	for _, part := range parts {
		fence, named := batch.Fences[part.Response]
		if known := rec.answer(part.Response); named && fence < known.fence {
			if known.ended {
				return receipt, false, transcript.ErrEnded
			}
			return receipt, false, transcript.ErrFenced
		}
	}
	for _, part := range parts {
		if last, named := batch.After[part.Response]; named && rec.answer(part.Response).last < last {
			return receipt, false, transcript.ErrLost
		}
	}
	repeats := 0
	var ended bool
	for _, part := range parts {
		known := rec.answer(part.Response)
		if part.First <= known.last {
			repeats++
		}
		ended = ended || (known.ended && !part.Afterwards)
	}
	switch {
	case repeats == len(parts):
		receipt = rec.repeat(batch.Events)
		receipt.Open = rec.open
		return receipt, false, nil
	case ended:
		return receipt, false, transcript.ErrEnded
	case repeats > 0:
		return receipt, false, transcript.ErrFenced
	}
	accepted, asked := batch.Question()
	asked = asked && accepted.ClientMessageID != ""
	if asked {
		if earlier, ok := rec.asked[accepted.ClientMessageID]; ok {
			return transcript.Receipt{Duplicate: earlier.response, Before: earlier.before, Open: rec.open}, false, nil
		}
	}

	receipt.Before = rec.lastCursor()
	for _, part := range parts {
		known := rec.answer(part.Response)
		was := known.open()
		known.last = part.Last
		known.asked = known.asked || part.Asks
		known.ended = known.ended || part.Ends
		known.fence = max(known.fence, batch.Fences[part.Response])
		rec.answers[part.Response] = known
		rec.open += known.open() - was
	}
	receipt.Open = rec.open
	receipt.Cursors = rec.store(batch.Events)
	if asked {
		if rec.asked == nil {
			rec.asked = make(map[string]question)
		}
		rec.asked[accepted.ClientMessageID] = question{accepted.Response, receipt.Before}
	}
	rec.helpBar = rec.helpBar || batch.HelpBar
	rec.expires = now.Add(rec.idle)
	if rec.deadline.Before(rec.expires) {
		rec.expires = rec.deadline
	}
	return receipt, true, nil
}

func (rec *record) answer(response chat.ResponseID) answer {
	if known, ok := rec.answers[response]; ok {
		return known
	}
	return unheard
}

// number makes the cursors of the next events, all in one piece of memory. The
// nonces tell logs apart, and are no secrets.
func (rec *record) number(events int) []chat.Cursor {
	text := make([]byte, 0, events*24)
	ends := make([]int, events)
	for i := range ends {
		rec.last++
		text = transcript.AppendCursor(text, rec.last, max(rand.Uint64(), 1))
		ends[i] = len(text)
	}
	all := string(text)
	cursors := make([]chat.Cursor, events)
	start := 0
	for i, end := range ends {
		cursors[i] = chat.Cursor(all[start:end])
		start = end
	}
	return cursors
}

// store keeps the events, and lets go of the oldest entries where there are too
// many and no question is open. Readers hold parts of the slice, so that nothing in it is overwritten.
func (rec *record) store(events []chat.Event) []chat.Cursor {
	cursors := rec.number(len(events))
	for i, event := range events {
		rec.entries = append(rec.entries, transcript.Entry{Cursor: cursors[i], Event: event})
	}
	if excess := len(rec.entries) - rec.kept; excess > 0 && rec.open == 0 {
		rec.entries = rec.entries[excess:]
	}
	return cursors
}

// repeat is the receipt of events that are stored. They are looked for from the
// end, for it is the last append that is repeated.
func (rec *record) repeat(events []chat.Event) transcript.Receipt {
	receipt := transcript.Receipt{Cursors: make([]chat.Cursor, len(events)), Before: chat.Origin}
	missing, first := len(events), -1
	for i := len(rec.entries) - 1; i >= 0 && missing > 0; i-- {
		for j, event := range events {
			if receipt.Cursors[j] == "" && event.At() == rec.entries[i].Event.At() {
				receipt.Cursors[j] = rec.entries[i].Cursor
				missing, first = missing-1, i
				break
			}
		}
	}
	if first > 0 {
		receipt.Before = rec.entries[first-1].Cursor
	}
	return receipt
}

// after returns the entries after the cursor, or all of them if it is none.
func (rec *record) after(cursor chat.Cursor) (entries []transcript.Entry, recovered bool) {
	all := rec.entries[:len(rec.entries):len(rec.entries)]
	if cursor == "" || cursor == chat.Origin {
		return all, true
	}
	before := rec.last - uint64(len(all)) // the number of the entry before the first kept one
	n := transcript.Number(cursor)
	if n <= before || n > rec.last || all[n-before-1].Cursor != cursor {
		return all, false
	}
	return all[n-before:], true
}

func (rec *record) claim(response chat.ResponseID) (transcript.Fence, error) {
	known := rec.answer(response)
	if known.ended {
		return 0, transcript.ErrEnded
	}
	known.fence++
	rec.answers[response] = known
	return known.fence, nil
}

// ended says whether every answer of the session has its terminal event.
func (rec *record) ended() bool {
	for _, a := range rec.answers {
		if !a.ended {
			return false
		}
	}
	return true
}

func (rec *record) state() transcript.State {
	return transcript.State{CreatedAt: rec.created, ExpiresAt: rec.expires, Last: rec.lastCursor(), HelpBar: rec.helpBar}
}

func (rec *record) lastCursor() chat.Cursor {
	if len(rec.entries) == 0 {
		return chat.Origin
	}
	return rec.entries[len(rec.entries)-1].Cursor
}
