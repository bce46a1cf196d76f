package redisledger

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bedside/internal/redisdb/redistest"
)

const today, tomorrow = "2026-11-23", "2026-11-24"

func TestReplicasShareOneCount(t *testing.T) {
	server := redistest.Memory(t)
	one, two := New(server.Open(), nil), New(server.Open(), nil)
	for _, step := range []struct {
		ledger      *Ledger
		day         string
		amount, sum int
	}{{one, today, 100, 100}, {two, today, 50, 150}, {one, today, -30, 120}, {two, tomorrow, 7, 7}, {one, today, 0, 120}} {
		if got := step.ledger.Add(t.Context(), step.day, step.amount); got != step.sum {
			t.Errorf("%+d on %s: %d, want %d", step.amount, step.day, got, step.sum)
		}
	}
	if ttl := server.TTL("bedside:spent:" + today); ttl <= 24*time.Hour || ttl > kept {
		t.Errorf("the key lives for %s", ttl)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if got := one.Add(gone, today, 5); got != 125 {
		t.Errorf("after whoever asked had gone: %d", got)
	}
}

func TestWhatCouldNotBeSentIsSentLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := redistest.Memory(t)
		var log bytes.Buffer
		one, two := New(server.Open(), slog.New(slog.NewTextHandler(&log, nil))), New(server.Open(), nil)
		two.Add(t.Context(), today, 1000)
		one.Add(t.Context(), today, 1)
		server.SetError("LOADING it is starting")
		for i := range 3 {
			if got, want := one.Add(t.Context(), today, 10), 1001+10*(i+1); got != want {
				t.Errorf("while away: %d, want %d", got, want)
			}
		}
		server.SetError("")
		time.Sleep(pause)
		if got := one.Add(t.Context(), today, 0); got != 1031 {
			t.Errorf("when it is back: %d", got)
		}
		if got := two.Add(t.Context(), today, 0); got != 1031 {
			t.Errorf("the other replica: %d", got)
		}
		for _, line := range []string{"counted in this process alone", "shared again"} {
			if strings.Count(log.String(), line) != 1 {
				t.Errorf("%q is not said once:\n%s", line, &log)
			}
		}
	})
}
