package gateway_test

import (
	"fmt"
	"net/http"
	"testing"

	"bedside/internal/chat"
	"bedside/internal/transcript/memlog"
	"bedside/internal/turn"
	"bedside/internal/wire"
)

// openTrimmed returns a door with a session whose first answer, asked for under
// the key "k", was trimmed away but for a rating of it.
func openTrimmed(t *testing.T) (d *door, token, id string) {
	t.Helper()
	d = open(t, nil)
	d.turn.keep(memlog.Options{Kept: 30}, memlog.Options{})
	first := d.do("POST", "/v1/responses", `{"input":"one","metadata":{"client_message_id":"k"}}`, d.own())
	token = first.header.Get(wire.HeaderSession)
	for range 4 {
		d.do("POST", "/v1/responses", `{"input":"two"}`, d.own(), http.Header{wire.HeaderSession: {token}})
	}
	id, _ = first.json(t)["id"].(string)
	if err := d.turn.Feedback(t.Context(), turn.Feedback{Response: chat.ResponseID(id), Rating: "up"}); err != nil {
		t.Fatal(err)
	}
	return d, token, id
}

// A request for an answer that was trimmed away ends.
func TestRepeatsOfWhatIsGone(t *testing.T) {
	d, token, _ := openTrimmed(t)
	header := http.Header{wire.HeaderSession: {token}, wire.HeaderIdempotency: {"k"}}
	for _, tt := range []struct{ path, body string }{
		{"/v1/responses", `{"input":"one"}`},
		{"/v1/responses", `{"input":"one","stream":true}`},
		{"/v1/chat/completions", `{"messages":[{"role":"user","content":"one"}]}`},
		{"/v1/chat/completions", `{"messages":[{"role":"user","content":"one"}],"stream":true}`},
	} {
		if got := d.do("POST", tt.path, tt.body, d.own(), header); got.status != 404 || got.code(t) != "not_found" {
			t.Errorf("%s %s: %d %s", tt.path, tt.body, got.status, got.body)
		}
	}
}

func TestReadingWhatIsGone(t *testing.T) {
	d, header, id := openTrimmed(t)
	token := http.Header{wire.HeaderSession: {header}}
	for _, query := range []string{"", "?stream=true"} {
		if got := d.do("GET", "/v1/responses/"+id+query, "", d.own(), token); got.status != 404 {
			t.Errorf("%q: %d %s", query, got.status, got.body)
		}
	}
	if got := d.do("POST", "/v1/responses/"+id+"/cancel", "", d.own(), token); got.status != 404 {
		t.Errorf("cancelled: %d %s", got.status, got.body)
	}
}

// What a response says of itself: whether it is kept, and when it was completed.
func TestStoreAndCompletedAt(t *testing.T) {
	d := open(t, nil)
	check := func(name string, response any, store bool) {
		t.Helper()
		r, _ := response.(map[string]any)
		if r["store"] != store {
			t.Errorf("%s: store is %v", name, r["store"])
		}
		at, isNumber := r["completed_at"].(float64)
		if ended := r["status"] == "completed"; ended != isNumber || (ended && at < r["created_at"].(float64)) {
			t.Errorf("%s: %v was completed at %v", name, r["status"], r["completed_at"])
		}
	}
	for _, store := range []bool{true, false} {
		body := fmt.Sprintf(`"input":"one","store":%v`, store)
		check("JSON", d.do("POST", "/v1/responses", `{`+body+`}`, d.own()).json(t), store)
		for _, f := range events(t, d.do("POST", "/v1/responses", `{"stream":true,`+body+`}`, d.own()).body) {
			if f["response"] != nil {
				check("SSE "+f.text("type"), f["response"], store)
			}
		}
		for _, subprotocol := range []string{wire.Subprotocol, ""} {
			p := d.dial(subprotocol, d.own())
			if subprotocol != "" {
				p.start()
			}
			p.send(`{"type":"response.create",` + body + `}`)
			for _, f := range p.until(wire.TypeCompleted) {
				if f["response"] != nil {
					check(subprotocol+" "+f.text("type"), f["response"], store)
				}
			}
		}
	}
	p := d.dial(wire.Subprotocol, d.own())
	p.ask("help me", "1")
	check("danger without a session", last(p.until(wire.TypeCompleted))["response"], false)
}

// The staff can cancel what is kept nowhere, and get its end.
func TestCancelOfWhatIsNotKept(t *testing.T) {
	d := open(t, nil)
	d.turn.keep(memlog.Options{}, memlog.Options{Once: true})
	p := d.dial(wire.Subprotocol, d.own())
	p.start()
	p.send(frame{"type": wire.TypeResponseCreate, "input": "hang", "store": false})
	id := p.until(wire.TypeAnnotation)[0].text("response_id")
	got := d.do("POST", "/v1/responses/"+id+"/cancel", "", staffHeader())
	if response := got.json(t); got.status != 200 || response["status"] != "incomplete" || response["store"] != false {
		t.Errorf("%d %s", got.status, got.body)
	}
	p.until(wire.TypeIncomplete)
	if got := d.do("POST", "/v1/responses/"+id+"/cancel", "", staffHeader()); got.status != 200 && got.status != 404 {
		t.Errorf("again: %d %s", got.status, got.body)
	}
	_ = p.conn.Close()
}
