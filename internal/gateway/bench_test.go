package gateway_test

import (
	"bytes"
	"strconv"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"bedside/internal/wire"
)

// BenchmarkRoundTrip is the door's share of an answer: from the question's frame
// to the answer's last, with a turn that does nothing but write its events.
func BenchmarkRoundTrip(b *testing.B) {
	d := open(b, nil)
	p := d.dial(wire.Subprotocol, d.own())
	p.start()
	_ = p.conn.SetReadDeadline(time.Time{})
	end := []byte(wire.TypeCompleted)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		question := []byte(`{"type":"response.create","input":"how fast?","metadata":{"client_message_id":"` + strconv.Itoa(i) + `"}}`)
		if err := p.conn.WriteMessage(websocket.TextMessage, question); err != nil {
			b.Fatal(err)
		}
		for {
			_, data, err := p.conn.ReadMessage()
			if err != nil {
				b.Fatal(err)
			}
			if bytes.Contains(data[:64], end) {
				break
			}
		}
	}
}

// BenchmarkPost is the same over HTTP, as JSON.
func BenchmarkPost(b *testing.B) {
	d := open(b, nil)
	header := d.own()
	b.ReportAllocs()
	for b.Loop() {
		if got := d.do("POST", "/v1/responses", `{"input":"one"}`, header); got.status != 200 {
			b.Fatal(got.status)
		}
	}
}
