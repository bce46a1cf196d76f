package redislog

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"bedside/internal/chat"
	"bedside/internal/redisdb/redistest"
	"bedside/internal/transcript"
	"bedside/internal/transcript/transcripttest"
)

// TestHistoryIsNotReadBack compares what is read where a session is followed, and so
// mirrored, with what is read where it is not, whoever wrote what and whatever befell it.
func TestHistoryIsNotReadBack(t *testing.T) {
	server := redistest.Start(t)
	client := server.Open()
	ring := newRing()
	open := func() *Log { return newLog(t, client, Options{Sealer: ring, Kept: 60}) }
	log, other, apart := open(), open(), open()
	session, answer := begin(t, log)
	f := follow(t, log, session, "")
	store := func(by *Log, times int) {
		t.Helper()
		for range times {
			if _, err := by.Append(t.Context(), sentence(session, answer)); err != nil {
				t.Fatal(err)
			}
		}
	}
	same := func(when string, after chat.Cursor, limit int) {
		t.Helper()
		got, recovered, err := log.Read(t.Context(), session, after, limit)
		want, wanted, wantErr := apart.Read(t.Context(), session, after, limit)
		if err != nil || wantErr != nil || recovered != wanted || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s: %d entries, %t, %v; want %d, %t, %v", when, len(got), recovered, err, len(want), wanted, wantErr)
		}
	}
	isRead := func(when string, want bool) {
		t.Helper()
		if err := client.ConfigResetStat(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		if _, _, err := log.Read(t.Context(), session, "", 0); err != nil {
			t.Fatal(err)
		}
		stats, err := client.Info(t.Context(), "commandstats").Result()
		if read := strings.Contains(stats, "cmdstat_xrange:"); err != nil || read != want {
			t.Errorf("%s: the log was read: %t, %v", when, read, err)
		}
	}
	isRead("read to be followed", false)
	store(log, 10)
	isRead("written here", false)
	all, _, _ := apart.Read(t.Context(), session, "", 0)
	for _, after := range []chat.Cursor{"", chat.Origin, all[0].Cursor, all[5].Cursor, all[10].Cursor, "6-6"} {
		for _, limit := range []int{0, 1, 5, 11, 100} {
			same("after "+string(after), after, limit)
		}
	}
	store(other, 3)
	isRead("written elsewhere", true)
	isRead("and seen", false)
	store(log, 3)
	same("written on here", "", 0)
	again := sentence(session, answer)
	for _, by := range []*Log{other, log, log} { // as where the first reply was lost
		if _, err := by.Append(t.Context(), again); err != nil {
			t.Fatal(err)
		}
	}
	isRead("repeated here", false)
	same("repeated here", "", 0)
	store(log, 1)
	if _, err := log.Append(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	isRead("repeated late", false)
	store(other, 1)
	store(log, 1)
	same("written in turns", "", 0)
	store(log, 60)
	if _, err := log.Append(t.Context(), transcript.Batch{Session: session, Events: []chat.Event{answer.Ended()}}); err != nil {
		t.Fatal(err)
	}
	same("trimmed", "", 0)
	isRead("trimmed", true)
	f.Close()
	if log.hub.mirrored != 0 {
		t.Errorf("%d entries are held of sessions that nobody follows here", log.hub.mirrored)
	}
}

func TestNothingIsMirroredOfAForgottenSession(t *testing.T) {
	client := redistest.Start(t).Open()
	log, other := newLog(t, client, Options{}), newLog(t, client, Options{})
	session, answer := begin(t, log)
	follow(t, log, session, "")
	if _, err := log.Append(t.Context(), sentence(session, answer)); err != nil {
		t.Fatal(err)
	}
	if count(t, log, session) != 2 || len(log.hub.mirrorOf(session)) != 2 {
		t.Fatal("the session is not mirrored")
	}
	if err := other.Forget(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	if _, _, err := log.Read(t.Context(), session, "", 0); !errors.Is(err, transcript.ErrForgotten) {
		t.Errorf("forgotten elsewhere: %v", err)
	}
	log.hub.heard(session, message{Replica: other.replica, Kind: kindForgotten})
	if len(log.hub.mirrorOf(session)) != 0 || log.hub.mirrored != 0 {
		t.Error("a forgotten session is mirrored")
	}
}

// TestMirrorsAreBounded lets many sessions be written whose followers are here.
func TestMirrorsAreBounded(t *testing.T) {
	log := newLog(t, redistest.Memory(t).Open(), Options{Kept: 1 << 20})
	h := log.hub
	entries := make([]transcript.Entry, mirroredOf)
	for range 2 * mirroredInAll / mirroredOf {
		session := transcripttest.Session()
		subscription := log.Subscribe(session)
		defer subscription.Close()
		h.whole(session, entries)
		if h.mirrored > mirroredInAll {
			t.Fatalf("%d entries are held", h.mirrored)
		}
	}
	session := transcripttest.Session()
	defer log.Subscribe(session).Close()
	h.whole(session, make([]transcript.Entry, mirroredOf+1))
	if len(h.mirrorOf(session)) != 0 {
		t.Error("a very long session is mirrored")
	}
}

// TestEchoOfALostLog rewinds a log after an append of which only the echo was heard: it
// counts for nothing on the log that is there now.
func TestEchoOfALostLog(t *testing.T) {
	log := newLog(t, redistest.Start(t).Open(), Options{})
	session := transcripttest.Session()
	answer := transcripttest.NewAnswer(session)
	sub := log.Subscribe(session)
	defer sub.Close()
	<-sub.Wake() // it is subscribed to

	h := log.hub
	appended := h.appending(session)
	h.heard(session, message{Replica: log.replica, Cursor: "9-1"})
	appended(nil)
	h.confirmed(session)
	if _, whole := sub.Handed("0-0"); whole {
		t.Error("what came while nothing was heard need not be read")
	}
	for n, before := range []chat.Cursor{"2-1", "3-1"} {
		entry := transcript.Entry{Cursor: chat.Cursor(fmt.Sprintf("%d-1", n+3)), Event: answer.Delta()}
		h.appending(session)(&stored{before: before, entries: []transcript.Entry{entry}})
		if entries, whole := sub.Handed(before); len(entries) != 1 || !whole {
			t.Errorf("after %s: %d entries were handed, the whole of it: %t", before, len(entries), whole)
		}
	}
}
