// Package transcripttest is the one suite that every transcript.Log passes.
//
// Run holds what must be true of any log, RunVirtual what happens when hours go
// by (in virtual time), RunModel a randomised comparison with a plain model.
// The builders make events as the product writes them, for the tests of logs
// and of what stands on them.
package transcripttest

import (
	"context"
	"testing"
	"time"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// Options are those that every log has. Zero is its default.
type Options struct {
	Idle, Maximum time.Duration
	Kept          int
	Lease         time.Duration // where replicas share the store
}

// Store is where logs keep their sessions. Open returns a log on it; each call
// is another replica, where the store knows of such.
type Store struct {
	Open func() transcript.Log
	// Shared: each log is another replica, and one of them has a session's lease.
	Shared bool
}

// Make returns an empty store, which it frees when the test ends.
type Make func(t testing.TB, options Options) Store

// patience bounds what a test waits for; nothing passes by waiting so long.
const patience = 10 * time.Second

// Session returns a new session's id.
func Session() chat.SessionID { return chat.NewToken().Session() }

// Answer writes the events of one answer, numbered from 0.
type Answer struct {
	Response chat.ResponseID
	next     int
}

// NewAnswer begins an answer in the session.
func NewAnswer(session chat.SessionID) *Answer {
	return &Answer{Response: chat.NewResponseID(session)}
}

// Head takes the answer's next number.
func (a *Answer) Head() chat.Head {
	head := chat.Head{Response: a.Response, Sequence: a.next}
	a.next++
	return head
}

// Accepted is the answer's question.
func (a *Answer) Accepted(clientMessageID string) chat.Event {
	return chat.Accepted{Head: a.Head(), ClientMessageID: clientMessageID, Text: "How long does it last?", CreatedAt: time.Unix(1_700_000_000, 0).UTC()}
}

// Delta is the answer's next sentence.
func (a *Answer) Delta() chat.Event { return chat.Delta{Head: a.Head(), Text: "It lasts a while. "} }

// Ended is the answer's terminal event.
func (a *Answer) Ended() chat.Event {
	return chat.Ended{Head: a.Head(), Answer: chat.Answer{ID: a.Response, Status: chat.StatusCompleted, Outcome: chat.Answered}}
}

// Rated is a rating of the answer.
func (a *Answer) Rated() chat.Event { return chat.FeedbackAccepted{Head: a.Head(), Rating: "up"} }

// Whole is an answer as the product writes it, in its usual appends: the
// question, the beginning, each sentence with its source, the end.
func (a *Answer) Whole(clientMessageID string, sentences int) [][]chat.Event {
	begun := chat.Answer{ID: a.Response, ClientMessageID: clientMessageID, Status: chat.StatusInProgress}
	appends := [][]chat.Event{
		{a.Accepted(clientMessageID)},
		{chat.Created{Head: a.Head(), Answer: begun}, chat.InProgress{Head: a.Head(), Answer: begun}, chat.ItemAdded{Head: a.Head()}, chat.PartAdded{Head: a.Head()}},
	}
	ended := begun
	ended.Status, ended.Outcome, ended.Mode = chat.StatusCompleted, chat.Answered, chat.Extractive
	for i := range sentences {
		delta := chat.Delta{Head: a.Head(), Text: "This is a sentence of an answer, neither long nor short. "}
		citation := chat.Citation{
			Passage: "mechanism/how-it-works", Section: "mechanism", Title: "How it works", URL: "https://example.org/mechanism",
			Quote: "a sentence of a passage", Verdict: chat.Quoted, StartIndex: len(ended.Text), EndIndex: len(ended.Text) + len(delta.Text),
		}
		ended.Text += delta.Text
		ended.Citations = append(ended.Citations, citation)
		appends = append(appends, []chat.Event{delta, chat.Annotated{Head: a.Head(), Index: i, Citation: citation}})
	}
	return append(appends, []chat.Event{
		chat.TextDone{Head: a.Head(), Text: ended.Text},
		chat.PartDone{Head: a.Head(), Text: ended.Text, Citations: ended.Citations},
		chat.ItemDone{Head: a.Head(), Status: ended.Status, Text: ended.Text, Citations: ended.Citations},
		chat.Suggested{Head: a.Head(), Questions: []string{"Is it safe?", "How does it work?"}},
		chat.Ended{Head: a.Head(), Answer: ended},
	})
}

// asked begins a session with one question and returns it and the running answer.
func asked(t testing.TB, log transcript.Log) (chat.SessionID, *Answer) {
	t.Helper()
	session := Session()
	answer := NewAnswer(session)
	mustAppend(t, log, transcript.Batch{Session: session, Create: true, Events: []chat.Event{answer.Accepted("first")}})
	return session, answer
}

func mustAppend(t testing.TB, log transcript.Log, batch transcript.Batch) transcript.Receipt {
	t.Helper()
	receipt, err := log.Append(t.Context(), batch)
	if err != nil {
		t.Fatalf("append of %d events: %v", len(batch.Events), err)
	}
	return receipt
}

func mustRead(t testing.TB, log transcript.Log, session chat.SessionID, after chat.Cursor) ([]transcript.Entry, bool) {
	t.Helper()
	entries, recovered, err := log.Read(t.Context(), session, after, 0)
	if err != nil {
		t.Fatalf("read after %q: %v", after, err)
	}
	return entries, recovered
}

func mustFollow(t testing.TB, log transcript.Log, session chat.SessionID, after chat.Cursor) *transcript.Follower {
	t.Helper()
	f, _, _, err := transcript.Follow(t.Context(), log, session, after)
	if err != nil {
		t.Fatalf("follow after %q: %v", after, err)
	}
	t.Cleanup(f.Close)
	return f
}

// next is the follower's next item, or the test's end.
func next(t testing.TB, f *transcript.Follower) transcript.Item {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	item, err := f.Next(ctx)
	if err != nil {
		t.Fatalf("next: %v", err)
	}
	return item
}

func cursorsOf(entries []transcript.Entry) []chat.Cursor {
	cursors := make([]chat.Cursor, len(entries))
	for i, entry := range entries {
		cursors[i] = entry.Cursor
	}
	return cursors
}
