package client

import (
	"errors"
	"sync"
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

func TestRefusalsAreTold(t *testing.T) {
	converse(t, []script{func(p *peer) {
		p.expect(wire.TypeSessionStart)
		p.ready(true)
		p.send(wire.EncodeError(&chat.Error{Code: chat.TooLong, Message: "too long"}, p.question()))
		p.wait()
	}}, func(c *Client, _ *gateway) {
		next[Ready](t, c)
		id, err := c.Ask("how fast?")
		if err != nil {
			t.Fatal(err)
		}
		if got := next[Refused](t, c); got.Kept || got.ClientMessageID != id || got.Err.Code != chat.TooLong {
			t.Errorf("%+v", got)
		}
		quiet(t, c)
	})
}

// TestRefusedForNowIsSentAgain keeps what a limit, or a gateway that is about to
// restart, refuses: it is sent again under its id, and no sooner than was asked.
func TestRefusedForNowIsSentAgain(t *testing.T) {
	for _, code := range []chat.Code{chat.RateLimited, chat.Busy} {
		var sent struct {
			sync.Mutex
			ids []string
		}
		note := func(id string) {
			sent.Lock()
			defer sent.Unlock()
			sent.ids = append(sent.ids, id)
		}
		converse(t, []script{func(p *peer) {
			p.expect(wire.TypeSessionStart)
			p.ready(true)
			first := p.question()
			note(first)
			p.send(wire.EncodeError(&chat.Error{Code: code, Message: "slow down", RetryAfter: 3 * time.Second}, first))
			began := time.Now()
			note(p.question())
			if waited := time.Since(began); waited < 3*time.Second {
				t.Errorf("%s: sent again after %v", code, waited)
			}
			p.wait()
		}}, func(c *Client, _ *gateway) {
			next[Ready](t, c)
			id, err := c.Ask("how fast?")
			if err != nil {
				t.Fatal(err)
			}
			if got := next[Refused](t, c); !got.Kept || got.ClientMessageID != id {
				t.Errorf("%+v", got)
			}
			time.Sleep(4 * time.Second) // of virtual time
			sent.Lock()
			defer sent.Unlock()
			if ids := sent.ids; len(ids) != 2 || ids[0] != id || ids[1] != id {
				t.Errorf("%s: sent as %v, asked as %s", code, ids, id)
			}
		})
	}
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
