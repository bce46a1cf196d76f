package client

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"bedside/internal/chat"
	"bedside/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAQuestionIsAnswered(t *testing.T) {
	citation := chat.Citation{Passage: "p/h", Section: "history", Title: "T", URL: "https://c.example", Quote: "q", Verdict: chat.Quoted, EndIndex: 4}
	converse(t, []script{func(p *peer) {
		if got := p.request.Header.Get("Authorization"); got != "Bearer staff" || p.request.URL.Path != "/v1/responses" {
			t.Errorf("asked at %s as %q", p.request.URL.Path, got)
		}
		p.expect(wire.TypeSessionStart)
		p.ready(true)
		id := p.question()
		p.event("1-a", chat.Accepted{Head: head(0), ClientMessageID: id, Text: "how fast"})
		p.event("2-b", chat.Triaged{Head: head(1), Level: chat.Explicit, Category: chat.CrisisSelf, Card: chat.Card{Lines: []string{"Call 988."}}})
		p.send(wire.AppendStatus(nil, head(2), "searching"))
		p.send([]byte(`{"type":"bedside:later","hello":1}`))
		p.event("3-c", chat.Delta{Head: head(3), Text: "One. "})
		p.event("4-d", chat.Annotated{Head: head(4), Citation: citation})
		p.event("5-e", chat.Delta{Head: head(5), Text: "Two."})
		p.event("6-f", chat.Suggested{Head: head(6), Questions: []string{"why?"}})
		p.event("7-g", ended(7, id, "One. Two."))
		p.expect(wire.TypeResponseCancel)
		p.expect(wire.TypeFeedback)
		p.event("8-h", chat.FeedbackAccepted{Head: head(8), Rating: "up"})
		p.wait()
	}}, func(c *Client, _ *gateway) {
		id, err := c.Ask("how fast?")
		if err != nil {
			t.Fatal(err)
		}
		next[Ready](t, c)
		if got := next[Accepted](t, c); got.ClientMessageID != id || got.Text != "how fast" {
			t.Errorf("%+v", got)
		}
		if got := next[Triaged](t, c); got.Card.Lines[0] != "Call 988." || got.Level != chat.Explicit {
			t.Errorf("%+v", got)
		}
		next[Status](t, c)
		if got := next[Sentence](t, c); got.Text != "One. " || got.Offset != 0 {
			t.Errorf("%+v", got)
		}
		if diff := cmp.Diff(citation, next[Cited](t, c).Citation); diff != "" {
			t.Error(diff)
		}
		if got := next[Sentence](t, c); got.Offset != 5 {
			t.Errorf("%+v", got)
		}
		next[Suggested](t, c)
		if got := next[Ended](t, c).Answer; got.Text != "One. Two." || got.Outcome != chat.Answered || got.Status != chat.StatusCompleted {
			t.Errorf("%+v", got)
		}
		if err := errors.Join(c.Cancel(answerID), c.Feedback(answerID, "up", "thanks")); err != nil {
			t.Fatal(err)
		}
		next[FeedbackAccepted](t, c)
		if got, err := c.Token(); err != nil || got.Reveal() != token {
			t.Errorf("token: %v", err)
		}
	})
}

// A connection that is cut in mid-answer: the same question is not asked twice,
// the session is resumed where it was, and what comes twice is told once.
func TestResume(t *testing.T) {
	var id string
	converse(t, []script{
		func(p *peer) {
			p.expect(wire.TypeSessionStart)
			p.ready(true)
			id = p.question()
			p.event("1-a", chat.Accepted{Head: head(0), ClientMessageID: id})
			p.event("2-b", chat.Delta{Head: head(1), Text: "One. "})
		},
		func(p *peer) {
			resume := p.expect(wire.TypeSessionResume)
			if resume["cursor"] != "2-b" || resume["token"] != token {
				t.Errorf("resumed with %v", resume)
			}
			p.ready(true)
			p.event("2-b", chat.Delta{Head: head(1), Text: "One. "})
			p.event("3-c", chat.Delta{Head: head(2), Text: "Two."})
			p.event("4-d", ended(3, id, "One. Two."))
			p.wait()
		},
	}, func(c *Client, _ *gateway) {
		if _, err := c.Ask("how fast?"); err != nil {
			t.Fatal(err)
		}
		if next[Ready](t, c).Resumed {
			t.Error("a first session is not resumed")
		}
		next[Accepted](t, c)
		next[Sentence](t, c)
		next[Lost](t, c)
		if got := next[Ready](t, c); !got.Resumed || !got.Recovered {
			t.Errorf("%+v", got)
		}
		if got := next[Sentence](t, c); got.Text != "Two." || got.Offset != 5 {
			t.Errorf("%+v", got)
		}
		next[Ended](t, c)
		quiet(t, c)
	})
}

// A question that was not accepted goes out again under the same id.
func TestResend(t *testing.T) {
	var ids []string
	converse(t, []script{
		func(p *peer) {
			p.expect(wire.TypeSessionStart)
			p.ready(true)
			ids = append(ids, p.question(), p.question())
			p.event("1-a", chat.Accepted{Head: head(0), ClientMessageID: ids[1]})
		},
		nil,
		func(p *peer) {
			p.expect(wire.TypeSessionResume)
			p.ready(true)
			ids = append(ids, p.question())
			p.event("2-b", chat.Accepted{Head: chat.Head{Response: "resp_2"}, ClientMessageID: ids[0]})
			p.wait()
		},
	}, func(c *Client, _ *gateway) {
		for range 2 {
			if _, err := c.Ask("how fast?"); err != nil {
				t.Fatal(err)
			}
		}
		next[Ready](t, c)
		next[Accepted](t, c)
		next[Lost](t, c)
		next[Lost](t, c)
		next[Ready](t, c)
		next[Accepted](t, c)
		if ids[0] != ids[2] || ids[0] == ids[1] {
			t.Errorf("ids: %q", ids)
		}
	})
}

func TestNotRecoveredTellsEverythingAgain(t *testing.T) {
	converse(t, []script{
		func(p *peer) {
			p.expect(wire.TypeSessionStart)
			p.ready(true)
			p.event("5-a", chat.Delta{Head: head(3), Text: "One. "})
		},
		func(p *peer) {
			p.expect(wire.TypeSessionResume)
			p.ready(false)
			p.event("1-x", chat.Delta{Head: head(1), Text: "Other. "})
			p.close(wire.CloseRestart)
		},
		func(p *peer) {
			if got := p.expect(wire.TypeSessionResume)["cursor"]; got != "1-x" {
				t.Errorf("resumed with %v", got)
			}
			p.wait()
		},
	}, func(c *Client, _ *gateway) {
		next[Ready](t, c)
		next[Sentence](t, c)
		next[Lost](t, c)
		if got := next[Ready](t, c); got.Recovered || !got.Resumed {
			t.Errorf("%+v", got)
		}
		if got := next[Sentence](t, c); got.Text != "Other. " || got.Offset != 0 {
			t.Errorf("%+v", got)
		}
		next[Lost](t, c)
		synctest.Wait()
	})
}

// With the store away sentences come without a cursor. When it is back they come
// again with one and are told once; after a resume they may come otherwise.
func TestSentencesThatAreNotStored(t *testing.T) {
	converse(t, []script{
		func(p *peer) {
			p.expect(wire.TypeSessionStart)
			p.ready(true)
			p.event("1-a", chat.Delta{Head: head(1), Text: "One. "})
			p.event("", chat.Delta{Head: head(2), Text: "Two. "})
			p.event("2-b", chat.Delta{Head: head(2), Text: "Two. "})
			p.event("", chat.Delta{Head: head(3), Text: "Lost. "})
		},
		func(p *peer) {
			if got := p.expect(wire.TypeSessionResume)["cursor"]; got != "2-b" {
				t.Errorf("resumed with %v", got)
			}
			p.ready(true)
			p.event("3-c", chat.Delta{Head: head(3), Text: "Three."})
			p.wait()
		},
	}, func(c *Client, _ *gateway) {
		next[Ready](t, c)
		for _, offset := range []int{0, 5, 10} {
			if got := next[Sentence](t, c); got.Offset != offset {
				t.Errorf("%+v, want offset %d", got, offset)
			}
		}
		next[Lost](t, c)
		next[Ready](t, c)
		if got := next[Sentence](t, c); got.Text != "Three." || got.Offset != 10 {
			t.Errorf("%+v", got)
		}
		quiet(t, c)
	})
}

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

func TestAnExpiredSessionIsBegunAnewAndTheQuestionAsked(t *testing.T) {
	expired := chat.Refuse(chat.SessionExpired, "expired")
	converse(t, []script{
		func(p *peer) {
			p.expect(wire.TypeSessionStart)
			p.ready(true)
			id := p.question()
			p.send(wire.EncodeError(expired, id))
			p.expect(wire.TypeSessionStart)
			p.ready(true)
			if again := p.question(); again != id {
				t.Errorf("asked as %s, then as %s", id, again)
			}
		},
		func(p *peer) {
			p.expect(wire.TypeSessionResume)
			p.send(wire.EncodeError(expired, ""))
			p.expect(wire.TypeSessionStart)
			p.ready(true)
			p.wait()
		},
	}, func(c *Client, _ *gateway) {
		if _, err := c.Ask("how fast?"); err != nil {
			t.Fatal(err)
		}
		next[Ready](t, c)
		next[Expired](t, c)
		next[Ready](t, c)
		next[Lost](t, c)
		next[Expired](t, c)
		if next[Ready](t, c).Resumed {
			t.Error("a session that was begun anew is not resumed")
		}
	})
}

// With the store away a resume is refused and tried again; questions go out all
// the same, after each refusal and when there is a session.
func TestTheStoreIsAway(t *testing.T) {
	away := &chat.Error{Code: chat.StoreUnavailable, Message: "call us", RetryAfter: 2 * time.Second}
	converse(t, []script{
		func(p *peer) {
			p.expect(wire.TypeSessionStart)
			p.ready(true)
		},
		func(p *peer) {
			p.expect(wire.TypeSessionResume)
			p.send(wire.EncodeError(away, ""))
			id := p.question()
			p.send(wire.EncodeError(away, id))
			began := time.Now()
			p.expect(wire.TypeSessionResume)
			if got := time.Since(began); got != 2*time.Second {
				t.Errorf("resumed again after %s", got)
			}
			p.send(wire.EncodeError(away, ""))
			p.send(wire.EncodeError(away, p.question()))
			p.expect(wire.TypeSessionResume)
			p.ready(true)
			if again := p.question(); again != id {
				t.Errorf("asked as %s, then as %s", id, again)
			}
			p.event("1-a", chat.Accepted{Head: head(0), ClientMessageID: id})
			p.wait()
		},
	}, func(c *Client, _ *gateway) {
		next[Ready](t, c)
		next[Lost](t, c)
		if _, err := c.Ask("how fast?"); err != nil {
			t.Fatal(err)
		}
		for event := range c.Events() {
			switch e := event.(type) {
			case Refused:
				if !e.Kept || e.Err.Code != chat.StoreUnavailable {
					t.Errorf("%+v", e)
				}
				continue
			case Ready:
				next[Accepted](t, c)
			default:
				t.Errorf("%T", event)
			}
			break
		}
	})
}

func TestRefusalsAreTold(t *testing.T) {
	converse(t, []script{func(p *peer) {
		p.expect(wire.TypeSessionStart)
		p.ready(true)
		p.send(wire.EncodeError(&chat.Error{Code: chat.RateLimited, Message: "slow down", RetryAfter: time.Second}, p.question()))
		p.wait()
	}}, func(c *Client, _ *gateway) {
		next[Ready](t, c)
		id, err := c.Ask("how fast?")
		if err != nil {
			t.Fatal(err)
		}
		if got := next[Refused](t, c); got.Kept || got.ClientMessageID != id || got.Err.RetryAfter != time.Second {
			t.Errorf("%+v", got)
		}
		quiet(t, c)
	})
}

func TestForgetBeginsAnotherSession(t *testing.T) {
	converse(t, []script{func(p *peer) {
		p.expect(wire.TypeSessionStart)
		p.ready(true)
		p.expect(wire.TypeSessionForget)
		p.send(wire.EncodeForgotten("ses_1"))
		p.expect(wire.TypeSessionStart)
		p.ready(true)
		p.wait()
	}}, func(c *Client, _ *gateway) {
		if err := c.Forget(); err != nil {
			t.Fatal(err)
		}
		next[Ready](t, c)
		next[Forgotten](t, c)
		if next[Ready](t, c).Resumed {
			t.Error("a forgotten session was resumed")
		}
	})
}

func TestRenewBeginsAnotherSession(t *testing.T) {
	begin := func(p *peer) {
		p.expect(wire.TypeSessionStart)
		p.ready(true)
		p.wait()
	}
	converse(t, []script{begin, begin}, func(c *Client, _ *gateway) {
		next[Ready](t, c)
		c.Renew()
		if next[Ready](t, c).Resumed {
			t.Error("the session was resumed")
		}
	})
}

func TestOpenGoesOnWithASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{t: t, scripts: []script{func(p *peer) {
			if got := p.expect(wire.TypeSessionResume); got["token"] != token || got["cursor"] != "9-z" {
				t.Errorf("resumed with %v", got)
			}
			p.ready(true)
			p.wait()
		}}}
		opened, err := chat.ParseToken(token)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Open(t.Context(), Options{Server: "http://gateway.example", Token: opened, Cursor: "9-z", Dial: g.dial})
		if err != nil {
			t.Fatal(err)
		}
		if !next[Ready](t, c).Resumed {
			t.Error("not resumed")
		}
		c.Close()
		g.served.Wait()
	})
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	for status, want := range map[int]error{401: ErrNotAllowed, 403: ErrNotAllowed, 404: ErrNotGateway, 503: ErrUnreachable} {
		synctest.Test(t, func(t *testing.T) {
			g := &gateway{t: t, status: status, scripts: []script{func(*peer) {}}}
			_, err := Open(t.Context(), Options{Server: "http://gateway.example", Dial: g.dial})
			if !errors.Is(err, want) {
				t.Errorf("%d: %v, want %v", status, err, want)
			}
			g.served.Wait()
		})
	}
	for server, want := range map[string]error{"gateway": ErrNotAddress, "ftp://gateway": ErrNotAddress, "http://127.0.0.1:1": ErrUnreachable} {
		if _, err := Open(t.Context(), Options{Server: server}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", server, err, want)
		}
	}
}

// A reader of events who has gone away must not keep the conversation alive.
func TestCloseWithoutReading(t *testing.T) {
	converse(t, []script{func(p *peer) {
		p.expect(wire.TypeSessionStart)
		for i := range 10 * eventsAhead {
			p.event("", chat.Delta{Head: head(i), Text: "x"})
		}
	}}, func(*Client, *gateway) { synctest.Wait() })
}

func FuzzDecodeResponse(f *testing.F) {
	f.Add([]byte(`{"type":"response.output_text.delta","response_id":"r","sequence_number":1,"delta":"a"}`))
	f.Add([]byte(`{"type":"response.completed","response_id":"r","response":{"output":[{}],"metadata":{"trace":"{"}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if answer, err := decodeResponse(data); err == nil && answer.Text != "" && len(answer.Text) > len(data)*4 {
			t.Error("more text than there was")
		}
	})
}
