package client

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bedside/internal/wire"
)

func TestBackoffDoublesUpToItsCap(t *testing.T) {
	converse(t, []script{func(p *peer) { p.expect(wire.TypeSessionStart) }}, func(c *Client, g *gateway) {
		var waits []time.Duration
		for range 8 {
			waits = append(waits, next[Lost](t, c).Retry)
		}
		want := []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 20 * time.Second, 20 * time.Second}
		if diff := cmp.Diff(want, waits); diff != "" {
			t.Error(diff)
		}
		for i, wait := range waits[:7] {
			if got := g.dialled[i+1].Sub(g.dialled[i]); got != wait {
				t.Errorf("attempt %d came after %s, want %s", i+1, got, wait)
			}
		}
	})
}

func TestDelayIsARandomShare(t *testing.T) {
	for _, c := range []struct {
		attempt int
		random  float64
		want    time.Duration
	}{{0, 0, 0}, {0, .5, 250 * time.Millisecond}, {3, .25, time.Second}, {1000, .5, 10 * time.Second}} {
		if got := delay(c.attempt, func() float64 { return c.random }); got != c.want {
			t.Errorf("attempt %d: %s, want %s", c.attempt, got, c.want)
		}
	}
}

func TestALongConnectionBeginsTheBackoffAnew(t *testing.T) {
	live := func(d time.Duration) script {
		return func(p *peer) {
			p.expect(wire.TypeSessionStart)
			time.Sleep(d)
		}
	}
	converse(t, []script{live(time.Second), live(time.Second), live(time.Minute)}, func(c *Client, _ *gateway) {
		for _, want := range []time.Duration{500 * time.Millisecond, time.Second, 500 * time.Millisecond} {
			if got := next[Lost](t, c).Retry; got != want {
				t.Errorf("waits %s, want %s", got, want)
			}
		}
	})
}

func TestDrainingSaysWhenToComeBack(t *testing.T) {
	converse(t, []script{func(p *peer) {
		p.expect(wire.TypeSessionStart)
		p.ready(true)
		p.send(wire.EncodeDraining(3 * time.Second))
		p.close(wire.CloseRestart)
	}}, func(c *Client, g *gateway) {
		next[Ready](t, c)
		if got := next[Lost](t, c).Retry; got != 3*time.Second {
			t.Errorf("waits %s", got)
		}
		next[Lost](t, c)
		if got := g.dialled[1].Sub(g.dialled[0]); got != 3*time.Second {
			t.Errorf("came back after %s", got)
		}
	})
}

func TestCloseCodes(t *testing.T) {
	for code, back := range map[int]bool{
		1000: false, 1001: true, 1002: false, 1007: false, 1009: false, 1012: true, 1013: true,
		4000: true, wire.CloseSlowReader: true, 4499: true, 4500: false, wire.CloseMalformed: false, 4999: false,
	} {
		converse(t, []script{func(p *peer) {
			p.expect(wire.TypeSessionStart)
			p.close(code)
		}}, func(c *Client, _ *gateway) {
			event, open := <-c.Events()
			if _, lost := event.(Lost); lost != back || open != back {
				t.Errorf("%d: %T", code, event)
			}
			if !open && (c.Err() == nil) != (code == wire.CloseDone) {
				t.Errorf("%d: %v", code, c.Err())
			}
		})
	}
}
