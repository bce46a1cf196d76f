package transcripttest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// RunModel does random things to a log, through two replicas, and to a plain
// model of it, and compares. Each run uses sessions of its own on one store.
func RunModel(t *testing.T, make Make) {
	store := make(t, Options{Kept: 20, Lease: time.Hour})
	logs := []transcript.Log{store.Open(), store.Open()}
	rapid.Check(t, func(rt *rapid.T) {
		m := newModel(rt, t, logs)
		m.shared = store.Shared
		rt.Repeat(map[string]func(*rapid.T){
			"append":         m.append,
			"append again":   m.appendAgain,
			"claim":          m.claim,
			"hold":           m.hold,
			"release":        m.release,
			"read":           m.read,
			"forget":         m.forget,
			"":               m.compare,
			"begin a writer": m.newAnswer,
		})
	})
}

// model says what a log of 20 entries should do, in the plainest way: it keeps
// everything that was ever stored, and looks through it.
type model struct {
	t        *testing.T
	logs     []transcript.Log
	sessions []*modelSession
	touched  *modelSession // the last one that something was done to
	strange  []chat.Cursor
	shared   bool
}

type modelSession struct {
	id        chat.SessionID
	begun     bool
	forgotten bool
	helpBar   bool
	holder    transcript.Log     // nil: nobody
	trimmed   int                // entries that are not kept
	entries   []transcript.Entry // all, trimmed ones too
	answers   []chat.ResponseID
	fences    map[chat.ResponseID][]transcript.Fence // all that were given out
	batches   []transcript.Batch                     // all that were stored
	receipts  []transcript.Receipt
}

func newModel(rt *rapid.T, t *testing.T, logs []transcript.Log) *model {
	m := &model{t: t, logs: logs, strange: []chat.Cursor{"", chat.Origin, "1-1", "99-1", "what"}}
	for range 2 {
		m.sessions = append(m.sessions, &modelSession{id: Session(), fences: map[chat.ResponseID][]transcript.Fence{}})
	}
	m.touched = m.sessions[0]
	m.newAnswer(rt)
	return m
}

func (m *model) log(rt *rapid.T) transcript.Log { return rapid.SampledFrom(m.logs).Draw(rt, "replica") }

func (m *model) session(rt *rapid.T) *modelSession {
	m.touched = m.sessions[rapid.IntRange(0, 1).Draw(rt, "session")]
	return m.touched
}

func (m *model) newAnswer(*rapid.T) {
	for _, s := range m.sessions {
		if len(s.answers) < 4 {
			s.answers = append(s.answers, chat.NewResponseID(s.id))
		}
	}
}

func (m *model) append(rt *rapid.T) {
	s := m.session(rt)
	batch := transcript.Batch{
		Session: s.id,
		Create:  rapid.Bool().Draw(rt, "create"),
		HelpBar: rapid.IntRange(0, 9).Draw(rt, "help bar") == 0,
		Lease:   rapid.Bool().Draw(rt, "lease"),
		Fences:  map[chat.ResponseID]transcript.Fence{},
	}
	asked := false
	answers := s.answers[:rapid.IntRange(1, min(2, len(s.answers))).Draw(rt, "answers")]
	if rapid.Bool().Draw(rt, "from the other end") {
		answers = s.answers[len(s.answers)-len(answers):]
	}
	for _, response := range answers {
		head := chat.Head{Response: response, Sequence: max(0, s.last(response)+rapid.IntRange(-1, 2).Draw(rt, "next"))}
		for n := rapid.IntRange(1, 3).Draw(rt, "events"); n > 0; n-- {
			var event chat.Event = chat.Delta{Head: head, Text: "text"}
			switch kind := rapid.IntRange(0, 9).Draw(rt, "kind"); {
			case kind == 0 && n == 1:
				event = chat.Ended{Head: head}
			case kind == 1:
				event = chat.FeedbackAccepted{Head: head, Rating: "up"}
			case kind <= 4 && !asked:
				asked = true
				event = chat.Accepted{Head: head, ClientMessageID: rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(rt, "client message id")}
			}
			batch.Events = append(batch.Events, event)
			head.Sequence++
		}
		if given := s.fences[response]; rapid.Bool().Draw(rt, "fenced") {
			batch.Fences[response] = rapid.SampledFrom(append([]transcript.Fence{0}, given...)).Draw(rt, "fence")
		}
	}
	m.send(rt, s, batch)
}

func (m *model) appendAgain(rt *rapid.T) {
	s := m.session(rt)
	if len(s.batches) == 0 {
		rt.Skip("nothing was stored")
	}
	m.send(rt, s, rapid.SampledFrom(s.batches).Draw(rt, "batch"))
}

func (m *model) send(rt *rapid.T, s *modelSession, batch transcript.Batch) {
	want, stores, wantErr := s.judge(batch)
	log := m.log(rt)
	got, err := log.Append(m.t.Context(), batch)
	if !errors.Is(err, wantErr) || (wantErr == nil && err != nil) {
		rt.Fatalf("append %+v: %v, want %v", batch, err, wantErr)
	}
	if err != nil {
		return
	}
	if !stores {
		want.Open = s.open()
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("append %+v:\n%s", batch, diff)
		}
		return
	}
	if got.Before != want.Before || got.Duplicate != "" || len(got.Cursors) != len(batch.Events) {
		rt.Fatalf("append %+v: %+v, want after %s", batch, got, want.Before)
	}
	s.begun = true
	s.helpBar = s.helpBar || batch.HelpBar
	for i, event := range batch.Events {
		if n := transcript.Number(got.Cursors[i]); n != uint64(len(s.entries))+1 {
			rt.Fatalf("entry %d has the cursor %s", len(s.entries)+1, got.Cursors[i])
		}
		s.entries = append(s.entries, transcript.Entry{Cursor: got.Cursors[i], Event: event})
	}
	if got.Open != s.open() {
		rt.Fatalf("append %+v: %d open, want %d", batch, got.Open, s.open())
	}
	switch {
	case s.open() == 0:
		s.holder = nil
		s.trimmed = max(s.trimmed, len(s.entries)-20)
	case batch.Lease && s.holder == nil:
		s.holder = log
	}
	s.batches, s.receipts = append(s.batches, batch), append(s.receipts, got)
}

func (s *modelSession) judge(batch transcript.Batch) (receipt transcript.Receipt, stores bool, err error) {
	if s.forgotten || (!s.begun && !batch.Create) {
		return receipt, false, transcript.ErrNoSession
	}
	firsts := map[chat.ResponseID]int{}
	barred := false
	for _, event := range batch.Events {
		head := event.At()
		if _, ok := firsts[head.Response]; !ok {
			firsts[head.Response] = head.Sequence
		}
		_, rating := event.(chat.FeedbackAccepted)
		barred = barred || (s.ended(head.Response) && !rating)
	}
	for _, event := range batch.Events { // in order: the first fence that is too low decides
		response := event.At().Response
		if fence, ok := batch.Fences[response]; ok && len(s.fences[response]) > 0 && fence < slices.Max(s.fences[response]) {
			if s.ended(response) {
				return receipt, false, transcript.ErrEnded
			}
			return receipt, false, transcript.ErrFenced
		}
	}
	repeats := 0
	for response, first := range firsts {
		if first <= s.last(response) {
			repeats++
		}
	}
	switch {
	case repeats == len(firsts):
		return s.repeat(batch), false, nil
	case barred:
		return receipt, false, transcript.ErrEnded
	case repeats > 0:
		return receipt, false, transcript.ErrFenced
	}
	if accepted, ok := batch.Question(); ok && accepted.ClientMessageID != "" {
		for i, earlier := range s.batches {
			if before, ok := earlier.Question(); ok && before.ClientMessageID == accepted.ClientMessageID {
				return transcript.Receipt{Duplicate: before.Response, Before: s.receipts[i].Before}, false, nil
			}
		}
	}
	receipt.Before = s.lastCursor()
	return receipt, true, nil
}

func (s *modelSession) repeat(batch transcript.Batch) transcript.Receipt {
	receipt := transcript.Receipt{Cursors: make([]chat.Cursor, len(batch.Events)), Before: chat.Origin}
	kept := s.kept()
	for i := len(kept) - 1; i >= 0; i-- {
		for j, event := range batch.Events {
			if kept[i].Event.At() == event.At() {
				receipt.Cursors[j] = kept[i].Cursor
				receipt.Before = chat.Origin
				if i > 0 {
					receipt.Before = kept[i-1].Cursor
				}
			}
		}
	}
	return receipt
}

func (s *modelSession) last(response chat.ResponseID) int {
	last := -1
	for _, entry := range s.entries {
		if head := entry.Event.At(); head.Response == response {
			last = max(last, head.Sequence)
		}
	}
	return last
}

func (s *modelSession) ended(response chat.ResponseID) bool {
	return slices.ContainsFunc(s.entries, func(entry transcript.Entry) bool {
		_, ended := entry.Event.(chat.Ended)
		return ended && entry.Event.At().Response == response
	})
}

func (s *modelSession) kept() []transcript.Entry { return s.entries[s.trimmed:] }

// open counts the questions without a terminal event.
func (s *modelSession) open() (open int) {
	asked := map[chat.ResponseID]bool{}
	for _, entry := range s.entries {
		if question, ok := entry.Event.(chat.Accepted); ok && !asked[question.Response] && !s.ended(question.Response) {
			asked[question.Response] = true
			open++
		}
	}
	return open
}

func (s *modelSession) lastCursor() chat.Cursor {
	if len(s.entries) == 0 {
		return chat.Origin
	}
	return s.entries[len(s.entries)-1].Cursor
}

func (m *model) claim(rt *rapid.T) {
	s := m.session(rt)
	response := rapid.SampledFrom(s.answers).Draw(rt, "answer")
	fence, err := m.log(rt).Claim(m.t.Context(), response)
	switch {
	case s.forgotten || !s.begun:
		if !errors.Is(err, transcript.ErrNoSession) {
			rt.Fatalf("claim: %v, want ErrNoSession", err)
		}
	case s.ended(response):
		if !errors.Is(err, transcript.ErrEnded) {
			rt.Fatalf("claim: %v, want ErrEnded", err)
		}
	case err != nil || (len(s.fences[response]) > 0 && fence <= slices.Max(s.fences[response])) || fence == 0:
		rt.Fatalf("claim: %d, %v after %v", fence, err, s.fences[response])
	default:
		s.fences[response] = append(s.fences[response], fence)
	}
}

func (m *model) hold(rt *rapid.T) {
	s, log := m.session(rt), m.log(rt)
	response := rapid.SampledFrom(s.answers).Draw(rt, "answer")
	held, err := log.Hold(m.t.Context(), response)
	var want error
	switch {
	case s.forgotten || !s.begun:
		want = transcript.ErrNoSession
	case s.ended(response):
		want = transcript.ErrEnded
	case m.shared && s.holder != nil && s.holder != log:
		want = transcript.ErrHeld
	}
	if !errors.Is(err, want) || want == nil && err != nil {
		rt.Fatalf("hold: %v, want %v", err, want)
	}
	if err != nil {
		return
	}
	given := append(slices.Clone(s.fences[response]), 0)
	if held.Fence <= slices.Max(given) || held.Last != s.last(response) || held.Shared != m.shared {
		rt.Fatalf("hold: %+v after %v and %d", held, given, s.last(response))
	}
	s.holder = log
	s.fences[response] = append(s.fences[response], held.Fence)
}

func (m *model) release(rt *rapid.T) {
	s, log := m.session(rt), m.log(rt)
	if err := log.Release(m.t.Context(), s.id); err != nil {
		rt.Fatal(err)
	}
	if s.holder == log {
		s.holder = nil
	}
}

func (m *model) read(rt *rapid.T) {
	s := m.session(rt)
	cursors := append(slices.Clone(m.strange), cursorsOf(s.entries)...)
	m.readAfter(rt, s, rapid.SampledFrom(cursors).Draw(rt, "cursor"), rapid.SampledFrom([]int{0, 0, 1, 7}).Draw(rt, "limit"))
}

func (m *model) compare(rt *rapid.T) {
	s := m.touched
	m.readAfter(rt, s, "", 0)
	state, err := m.log(rt).State(m.t.Context(), s.id)
	if s.forgotten || !s.begun {
		if !errors.Is(err, transcript.ErrNoSession) {
			rt.Fatalf("state: %v, want ErrNoSession", err)
		}
		return
	}
	if err != nil || state.Last != s.lastCursor() || state.HelpBar != s.helpBar {
		rt.Fatalf("state %+v, %v; want last %s, help bar %t", state, err, s.lastCursor(), s.helpBar)
	}
}

func (m *model) readAfter(rt *rapid.T, s *modelSession, after chat.Cursor, limit int) {
	entries, recovered, err := m.log(rt).Read(m.t.Context(), s.id, after, limit)
	if s.forgotten || !s.begun {
		if !errors.Is(err, transcript.ErrNoSession) {
			rt.Fatalf("read: %v, want ErrNoSession", err)
		}
		return
	}
	want, wantRecovered := s.kept(), after == "" || after == chat.Origin
	if i := slices.IndexFunc(want, func(entry transcript.Entry) bool { return entry.Cursor == after }); i >= 0 {
		want, wantRecovered = want[i+1:], true
	}
	if limit > 0 {
		want = want[:min(limit, len(want))]
	}
	if err != nil || recovered != wantRecovered || len(entries) != len(want) {
		rt.Fatalf("read after %q: %d entries, recovered %t, %v; want %d, %t", after, len(entries), recovered, err, len(want), wantRecovered)
	}
	for i := range want {
		if !cmp.Equal(entries[i], want[i]) {
			rt.Fatalf("read after %q, entry %d:\n%s", after, i, cmp.Diff(want[i], entries[i]))
		}
	}
}

func (m *model) forget(rt *rapid.T) {
	if rapid.IntRange(0, 4).Draw(rt, "really") != 0 {
		rt.Skip("not now")
	}
	s := m.session(rt)
	if err := m.log(rt).Forget(m.t.Context(), s.id); err != nil {
		rt.Fatal(err)
	}
	s.forgotten = true
}
