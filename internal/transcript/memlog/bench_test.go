package memlog

import (
	"testing"

	"bedside/internal/chat"
	"bedside/internal/transcript"
	"bedside/internal/transcript/transcripttest"
)

// answerBatches is one answer as the product writes it: 6 appends, 17 events.
func answerBatches() []transcript.Batch {
	session := transcripttest.Session()
	answer := transcripttest.NewAnswer(session)
	var batches []transcript.Batch
	for i, events := range answer.Whole("m", 3) {
		batches = append(batches, transcript.Batch{Session: session, Create: i == 0, Events: events})
	}
	return batches
}

// BenchmarkAnswer is what the log adds to one answer in a new session.
func BenchmarkAnswer(b *testing.B) {
	b.ReportAllocs()
	log := newLog(b, Options{})
	batches := answerBatches()
	for b.Loop() {
		for _, batch := range batches {
			if _, err := log.Append(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
		}
		forgetSilently(log, batches[0].Session)
	}
}

// BenchmarkAnswerFollowed adds a follower that takes each append as it comes.
func BenchmarkAnswerFollowed(b *testing.B) {
	b.ReportAllocs()
	log := newLog(b, Options{})
	batches := answerBatches()
	for b.Loop() {
		var f *transcript.Follower
		for i, batch := range batches {
			if _, err := log.Append(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
			if i == 0 {
				var err error
				if f, _, _, err = transcript.Follow(b.Context(), log, batch.Session, chat.Origin); err != nil {
					b.Fatal(err)
				}
			}
			for range batch.Events {
				if _, err := f.Next(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		}
		f.Close()
		forgetSilently(log, batches[0].Session)
	}
}

// BenchmarkReadLong reads the end of a full log.
func BenchmarkReadLong(b *testing.B) {
	b.ReportAllocs()
	log := newLog(b, Options{})
	session := transcripttest.Session()
	answer := transcripttest.NewAnswer(session)
	var last transcript.Receipt
	for i := range DefaultKept + 100 {
		var err error
		if last, err = log.Append(b.Context(), transcript.Batch{Session: session, Create: i == 0, Events: []chat.Event{answer.Delta()}}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, recovered, err := log.Read(b.Context(), session, last.Before, 0); err != nil || !recovered {
			b.Fatal(recovered, err)
		}
	}
}

// forgetSilently frees a session so that its answers can be written again.
func forgetSilently(log *Log, session chat.SessionID) {
	s := log.shard(session)
	s.mu.Lock()
	delete(s.rooms, session)
	s.mu.Unlock()
}
