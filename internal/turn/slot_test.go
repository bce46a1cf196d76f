package turn_test

import (
	"testing"
	"time"

	"bedside/internal/chat"
	"bedside/internal/limit"
	"bedside/internal/turn"
)

// TestAnswersTakeTurns writes one answer at a time: the next is told that it waits,
// an urgent reply does not wait.
func TestAnswersTakeTurns(t *testing.T) {
	slots := limit.NewSlots(1)
	f, _ := newFaulty(t, nil, nil, 0)
	service := f.Service
	service.Slots = slots
	first := f.ask("how fast does it work?") // begins the session, so that it can be followed
	f.follow(first)
	follower, _, _, err := f.Follow(t.Context(), first.Session, chat.Origin)
	if err != nil {
		t.Fatal(err)
	}
	defer follower.Close()
	release, err := slots.Take(t.Context(), "somebody", func() {})
	if err != nil {
		t.Fatal(err)
	}
	receipt := f.ask("was it used in the war?")
	waited, last := false, -1
	for {
		item, err := follower.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if status := item.Notice; status != nil && status.Status.Response == receipt.Response {
			if status.Status.Stage == "waiting" && !waited {
				waited = true
				last = status.Status.Sequence
				urgent, err := service.Ask(t.Context(), turn.Question{Session: chat.NewToken().Session(), Raw: chat.NewRawText("I want to kill myself"), Create: true})
				if err != nil {
					t.Fatal(err)
				}
				if _, ended := f.endsWithin(urgent, 10*time.Second); !ended {
					t.Fatal("an urgent reply waits")
				}
				release()
			}
			continue
		}
		if item.Entry == nil || item.Entry.Event.At().Response != receipt.Response {
			continue
		}
		if _, asked := item.Entry.Event.(chat.Accepted); asked {
			continue
		}
		if at := item.Entry.Event.At().Sequence; !waited || at <= last {
			t.Fatalf("begun with number %d; waited %t, with number %d", at, waited, last)
		}
		if _, ended := item.Entry.Event.(chat.Ended); ended {
			return
		}
	}
}
