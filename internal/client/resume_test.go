package client

import (
	"testing"
	"testing/synctest"
	"time"

	"bedside/internal/chat"
	"bedside/internal/wire"
)

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
