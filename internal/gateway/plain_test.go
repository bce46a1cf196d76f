package gateway_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bedside/internal/chat"
	"bedside/internal/wire"
)

func TestPlainWebSocket(t *testing.T) {
	d := open(t, nil)
	p := d.dial("", d.own())
	token := p.header.Get(wire.HeaderSession)
	if _, err := chat.ParseToken(token); err != nil || p.conn.Subprotocol() != "" {
		t.Fatalf("token %q, subprotocol %q", token, p.conn.Subprotocol())
	}
	for _, text := range []string{"one", "two"} {
		p.send(frame{"type": wire.TypeResponseCreate, "model": "gpt-9", "input": text})
		frames := p.until(wire.TypeCompleted)
		if diff := cmp.Diff(public, types(frames)); diff != "" {
			t.Fatalf("%s: %s", text, diff)
		}
		for _, f := range frames {
			if f["cursor"] != nil || f["response_id"] != nil {
				t.Errorf("an extension field in %v", f)
			}
		}
	}
	q := d.turn.questions()
	if !q[0].Create || q[1].Create || q[0].Session != q[1].Session {
		t.Errorf("asked: %+v, %+v", q[0], q[1])
	}
	p.send(frame{"type": wire.TypeResponseCreate})
	if f := p.next(); f.errorCode() != "malformed" || f.text("type") != "error" {
		t.Errorf("no input: %v", f)
	}
	p.send(frame{"type": wire.TypeSessionStart})
	if f := p.next(); f.errorCode() != "malformed" {
		t.Errorf("an extension frame: %v", f)
	}
}

func TestPlainWebSocketsSeeTheirOwnAnswers(t *testing.T) {
	d := open(t, nil)
	one := d.dial("", d.own())
	session := http.Header{wire.HeaderSession: {one.header.Get(wire.HeaderSession)}}
	one.send(frame{"type": wire.TypeResponseCreate, "input": "hang"})
	one.until(wire.TypeAnnotation)
	two := d.dial("", d.own(), session)
	if two.header.Get(wire.HeaderSession) != "" {
		t.Error("a second token for a session that has one")
	}
	two.send(frame{"type": wire.TypeResponseCreate, "input": "two"})
	if diff := cmp.Diff(public, types(two.until(wire.TypeCompleted))); diff != "" {
		t.Errorf("the second: %s", diff)
	}
	close(d.turn.release)
	if got := types(one.until(wire.TypeCompleted)); len(got) > len(public) {
		t.Errorf("the first got more than its own: %v", got)
	}
	if a, b := d.turn.questions()[0].Session, d.turn.questions()[1].Session; a != b {
		t.Errorf("sessions %s and %s", a, b)
	}
	one.send(frame{"type": wire.TypeResponseCreate, "input": "three"})
	if diff := cmp.Diff(public, types(one.until(wire.TypeCompleted))); diff != "" {
		t.Errorf("the first's next: %s", diff)
	}
}

func TestPlainWebSocketQuestionsInARow(t *testing.T) {
	d := open(t, nil)
	p := d.dial("", d.own())
	for range 10 {
		p.send(frame{"type": wire.TypeResponseCreate, "input": "hang"})
		p.send(frame{"type": wire.TypeResponseCreate, "input": "two"})
		d.turn.release <- struct{}{}
		ends := map[string]int{}
		for range 2 {
			for _, f := range p.until(wire.TypeCompleted) {
				if item := f.text("item_id"); item != "" && f.text("type") == wire.TypeDelta {
					ends[item]++
				}
			}
		}
		if len(ends) != 2 {
			t.Fatalf("deltas of %d answers", len(ends))
		}
		for item, n := range ends {
			if n != 2 {
				t.Errorf("%d deltas of %s", n, item)
			}
		}
	}
}

func TestPlainWebSocketCancel(t *testing.T) {
	d := open(t, nil)
	p := d.dial("", d.own())
	p.send(frame{"type": wire.TypeResponseCreate, "input": "hang"})
	response := p.until(wire.TypeAnnotation)[0]["response"].(map[string]any)
	p.send(frame{"type": wire.TypeResponseCancel, "response_id": response["id"]})
	p.until(wire.TypeIncomplete)
}

func TestPlainWebSocketRepeats(t *testing.T) {
	d := open(t, nil)
	p := d.dial("", d.own())
	ask := frame{"type": wire.TypeResponseCreate, "input": "one", "metadata": frame{"client_message_id": "1"}}
	p.send(ask)
	first := p.until(wire.TypeCompleted)
	p.send(ask)
	if diff := cmp.Diff(first, p.until(wire.TypeCompleted)); diff != "" {
		t.Errorf("the same question again: %s", diff)
	}
}

func TestPlainWebSocketRepeatOfWhatIsGone(t *testing.T) {
	d, token, _ := openTrimmed(t)
	p := d.dial("", d.own(), http.Header{wire.HeaderSession: {token}})
	p.send(frame{"type": wire.TypeResponseCreate, "input": "one", "metadata": frame{"client_message_id": "k"}})
	if f := p.next(); f.errorCode() != "not_found" {
		t.Errorf("%v", f)
	}
}

func TestPlainWebSocketTokens(t *testing.T) {
	d := open(t, nil)
	_, response, err := d.tryDial("", d.own(), http.Header{wire.HeaderSession: {"bst_x"}})
	if err == nil || response.StatusCode != http.StatusBadRequest {
		t.Errorf("a malformed token: %v", response)
	}
	p := d.dial("", d.own(), http.Header{wire.HeaderSession: {chat.NewToken().Reveal()}})
	p.send(frame{"type": wire.TypeResponseCreate, "input": "one"})
	if f := p.next(); f.errorCode() != "session_expired" {
		t.Errorf("an unknown token: %v", f)
	}
	p.send(frame{"type": wire.TypeResponseCreate, "input": "help"})
	if diff := cmp.Diff(public, types(p.until(wire.TypeCompleted))); diff != "" {
		t.Errorf("an emergency: %s", diff)
	}
}
