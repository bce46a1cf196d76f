package redislog

import (
	"testing"

	"bedside/internal/chat"
	"bedside/internal/redisdb/redistest"
)

func TestUnreadable(t *testing.T) {
	server := redistest.Start(t)
	client := server.Open()
	keys := newRing()
	own := newLog(t, client, Options{Sealer: keys})
	other := newLog(t, client, Options{Sealer: newRing()})
	plain := newLog(t, client, Options{})
	elsewhere := newLog(t, client, Options{Prefix: "elsewhere:", Sealer: newRing()})
	for range 3 {
		begin(t, own)
		begin(t, elsewhere)
	}
	for range 2 {
		session, _ := begin(t, other)
		begin(t, other)
		if err := other.Forget(t.Context(), session); err != nil {
			t.Fatal(err)
		}
	}
	begin(t, plain)
	sealer := forgetful{keys, map[chat.SessionID]int{}}
	looks := newLog(t, client, Options{Sealer: sealer})
	if unreadable, err := looks.Unreadable(t.Context(), 100); err != nil || unreadable != 3 {
		t.Errorf("%d sessions cannot be read, want those of the other keyset and the one that is not sealed (%v)", unreadable, err)
	}
	if len(sealer.forgot) != 5 {
		t.Errorf("%d keys were let go of again", len(sealer.forgot))
	}
	if unreadable, err := looks.Unreadable(t.Context(), 1); err != nil || unreadable > 1 {
		t.Errorf("of one session %d (%v)", unreadable, err)
	}
	server.Kill()
	if _, err := looks.Unreadable(t.Context(), 100); err == nil {
		t.Error("a server that is gone was looked at")
	}
}
