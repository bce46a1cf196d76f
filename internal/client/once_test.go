package client

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"

	"bedside/internal/chat"
	"bedside/internal/wire"
)

// live asks one question of a gateway that plays the scripts, in virtual time.
func live(t *testing.T, scripts []script, check func(chat.Answer, error)) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{t: t, scripts: scripts}
		dial := func(ctx context.Context, network, address string) (net.Conn, error) {
			return g.dial(ctx, network, address)
		}
		check(Live(t.Context(), Options{Server: "http://gateway.example", Dial: dial}, "why?", func(Event) {}))
		g.served.Wait()
	})
}

func TestLiveLeavesNothingBehind(t *testing.T) {
	forgot := false
	live(t, []script{func(p *peer) {
		p.expect(wire.TypeSessionStart)
		p.ready(true)
		p.event("1-1", ended(1, p.question(), "One."))
		forgot = p.expect(wire.TypeSessionForget) != nil
		p.send(wire.EncodeForgotten("ses_1"))
		p.wait()
	}}, func(answer chat.Answer, err error) {
		if err != nil || answer.Text != "One." || !forgot {
			t.Errorf("forgotten: %t; %+v, %v", forgot, answer, err)
		}
	})
}

// TestLiveDoesNotWaitForALostGateway ends where a conversation would go on trying.
func TestLiveDoesNotWaitForALostGateway(t *testing.T) {
	cut := func(p *peer) {
		p.expect(wire.TypeSessionStart)
		p.ready(true)
		p.question()
	}
	silent := func(p *peer) { p.wait() }
	for name, play := range map[string]script{"cut": cut, "silent": silent} {
		live(t, []script{play}, func(_ chat.Answer, err error) {
			if !errors.Is(err, ErrUnreachable) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}
