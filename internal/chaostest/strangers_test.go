package chaostest

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// stranger is a raw connection after the handshake, which says what it likes.
type stranger struct {
	net.Conn
	reader *bufio.Reader
}

// comeIn shakes hands from an address of loopback. The key lets it in.
func comeIn(t testing.TB, gate *replica, from string, headers ...string) *stranger {
	t.Helper()
	s, err := tryComeIn(gate, from, headers...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func tryComeIn(gate *replica, from string, headers ...string) (*stranger, error) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 10 * time.Second}
	conn, err := dialer.Dial("tcp", gate.address)
	if err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(2 * patience))
	handshake := "GET /v1/responses HTTP/1.1\r\nHost: " + gate.address + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: bedside.v1\r\nAuthorization: Bearer " + staffKey + "\r\n" +
		strings.Join(headers, "") + "\r\n"
	if _, err := io.WriteString(conn, handshake); err != nil {
		_ = conn.Close()
		return nil, err
	}
	s := &stranger{conn, bufio.NewReader(conn)}
	response, err := http.ReadResponse(s.reader, nil)
	if err == nil && response.StatusCode != http.StatusSwitchingProtocols {
		err = fmt.Errorf("status %d", response.StatusCode)
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	if extensions := response.Header.Get("Sec-WebSocket-Extensions"); extensions != "" {
		_ = conn.Close()
		return nil, fmt.Errorf("agreed to %s", extensions)
	}
	return s, nil
}

// masked is a frame as clients send it, with a mask of zeros.
func masked(first byte, payload string) string {
	head := []byte{first}
	switch n := len(payload); {
	case n < 126:
		head = append(head, 0x80|byte(n))
	case n < 1<<16:
		head = binary.BigEndian.AppendUint16(append(head, 0x80|126), uint16(n))
	default:
		head = binary.BigEndian.AppendUint64(append(head, 0x80|127), uint64(n))
	}
	return string(head) + "\x00\x00\x00\x00" + payload
}

const text = 0x81

// closed reads up to the close frame and returns its code; 0: there was none.
func (s *stranger) closed() int {
	for {
		head := make([]byte, 2)
		if _, err := io.ReadFull(s.reader, head); err != nil {
			return 0
		}
		size := int64(head[1] & 0x7f)
		switch size {
		case 126:
			more := make([]byte, 2)
			_, _ = io.ReadFull(s.reader, more)
			size = int64(binary.BigEndian.Uint16(more))
		case 127:
			more := make([]byte, 8)
			_, _ = io.ReadFull(s.reader, more)
			size = int64(binary.BigEndian.Uint64(more))
		}
		payload := make([]byte, size)
		if _, err := io.ReadFull(s.reader, payload); err != nil {
			return 0
		}
		if head[0]&0x0f == websocket.CloseMessage && size >= 2 {
			return int(binary.BigEndian.Uint16(payload))
		}
	}
}

// TestBrokenFrames sends what is no frame, or no message.
func TestBrokenFrames(t *testing.T) {
	bell := `{"type":"bedside:session.start","locale":"` + "\x00" + `"}`
	tests := []struct {
		number int
		what   string
		sent   map[string]string
		codes  map[string]int
	}{
		{
			24, "huge frame, 2^62 length, RSV bits, unmasked", map[string]string{
				"huge": masked(text, strings.Repeat(" ", 65<<10)), "2^62": "\x81\xff\x40\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00x",
				"RSV": masked(text|0x40, "{}"), "unmasked": "\x81\x02{}",
			}, map[string]int{"huge": 1009, "2^62": 1009, "RSV": 1002, "unmasked": 1002},
		},
		{
			25, "invalid UTF-8, malformed and deep JSON, NUL", map[string]string{
				"UTF-8": masked(text, "\xff\xfe"), "malformed": strings.Repeat(masked(text, `{"type":`), 3),
				"deep": strings.Repeat(masked(text, strings.Repeat("[", 20000)), 3), "NUL": strings.Repeat(masked(text, bell), 3),
			}, map[string]int{"UTF-8": 1007, "malformed": 4501, "deep": 4501, "NUL": 4501},
		},
		{
			26, "deflate bomb", map[string]string{"deflated": masked(text|0x40, strings.Repeat("\x00", 1000))}, map[string]int{"deflated": 1002},
		},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.number), func(t *testing.T) {
			r := fault(t, test.number, test.what)
			gate := startReplica(t)
			p := arrive(t, gate.url())
			p.isReady(t)
			before := gate.resident()
			var got []string
			for name, sent := range test.sent {
				s := comeIn(t, gate, "127.0.0.2", "Sec-WebSocket-Extensions: permessage-deflate\r\n")
				if _, err := io.WriteString(s, sent); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				code := s.closed()
				if code != test.codes[name] {
					t.Errorf("%s: closed with %d, want %d", name, code, test.codes[name])
				}
				got = append(got, fmt.Sprint(test.codes[name]))
			}
			gate.alive()
			p.hears(t, p.ask(question), patience)
			r.says(t, "%d kinds: closed with the code for each, %+.0f MiB; others go on", len(got), gate.resident()-before)
		})
	}
}

// others asks questions from other addresses, one after the other, and returns
// how long the slowest hundredth of the answers took.
func others(t *testing.T, patients []*patient, questions int) time.Duration {
	t.Helper()
	var mu sync.Mutex
	var took []time.Duration
	var asking sync.WaitGroup
	for _, p := range patients {
		asking.Go(func() {
			for range questions {
				began := time.Now()
				if p.hears(t, p.ask("thank you"), patience) {
					mu.Lock()
					took = append(took, time.Since(began))
					mu.Unlock()
				}
			}
		})
	}
	asking.Wait()
	return quantile(took, .99)
}

// compare holds what the slowest hundredth of the others' answers took to twice what it
// took before, or to so much more. The short form has too few answers for a hundredth of
// them to say anything.
func compare(t *testing.T, before, now, more time.Duration) {
	t.Helper()
	if *form == "full" && now > max(2*before, before+more) {
		t.Errorf("the others' p99 was %v and is %v", before, now)
	}
}

// TestUnharmedByOthers floods a gateway in several ways, and measures the others.
func TestUnharmedByOthers(t *testing.T) {
	r := fault(t, 15, "flood: 1,000 messages a second, pings, connections")
	gate := startReplica(t, "BEDSIDE_RATE_SESSION=20", "BEDSIDE_RATE_ADDRESS=60", "BEDSIDE_CONNECTIONS_ADDRESS=50")
	count := sized(100, 500)
	calm := newcomers(t, gate, func(seen int) bool { return seen < count })
	memory := gate.held()

	began := time.Now()
	attempts := sized(1000, 10000)
	flood, connected := startFlood(t, gate, attempts)
	flooded := newcomers(t, gate, func(seen int) bool {
		return seen < count || len(connected) == 0
	})
	grown := gate.held() - memory
	flood()
	gate.alive()
	var opened, refused int
	if _, err := fmt.Sscan(<-connected, &opened, &refused); err != nil {
		t.Errorf("the flood: %v", err)
	}
	compare(t, calm, flooded, 0)
	// Those that said nothing for five seconds were closed, and made room.
	if most := 50 * int(2+time.Since(began)/(5*time.Second)); opened > most || refused == 0 {
		t.Errorf("%d connections of one address, %d refused", opened, refused)
	}
	if grown > 64 {
		t.Errorf("%.0f MiB more", grown)
	}
	r.says(t, "p99 of the others %.1f ms, before %.1f ms; %d of %d connections refused; %+.0f MiB held",
		float64(flooded.Microseconds())/1000, float64(calm.Microseconds())/1000, refused, attempts, grown)
}

// newcomers come one after the other while there are more, each with its one
// question and from an address of its own, so that no limit is theirs, and returns
// how long the slowest hundredth took.
func newcomers(t *testing.T, gate *replica, more func(seen int) bool) time.Duration {
	t.Helper()
	var took []time.Duration
	for more(len(took)) && !t.Failed() {
		p := arriveFrom(t, gate.url(), fmt.Sprintf("10.1.%d.%d", len(took)/250, len(took)%250))
		p.isReady(t)
		began := time.Now()
		if p.hears(t, p.ask("thank you"), patience) {
			took = append(took, time.Since(began))
		}
		p.leave()
	}
	return quantile(took, .99)
}

// TestSlowReaders never read what they ask for.
func TestSlowReaders(t *testing.T) {
	r := fault(t, 14, "clients that never read")
	gate := startReplica(t)
	patients := arriveAll(t, gate.url(), 5)
	calm := others(t, patients, sized(40, 200))
	memory := gate.resident()
	p := arrive(t, gate.url())
	p.isReady(t)
	for range 20 {
		p.hears(t, p.ask(question), patience)
	}
	resume := masked(text, fmt.Sprintf(`{"type":"bedside:session.resume","token":%q}`, p.token))
	const slow = 10
	var strangers []*stranger
	for range slow {
		s := comeIn(t, gate, "127.0.0.2")
		strangers = append(strangers, s)
		go func() {
			for range 200 { // each replays the whole session
				if _, err := io.WriteString(s, resume); err != nil {
					return
				}
			}
		}()
	}
	began := time.Now()
	harmed := others(t, patients, sized(40, 200))
	<-time.After(12 * time.Second) // the queue has to be full for ten
	grown := gate.resident() - memory
	closed := 0
	for _, s := range strangers {
		if code := s.closed(); code == 4008 {
			closed++
		} else {
			t.Errorf("closed with %d after %v", code, time.Since(began))
		}
	}
	compare(t, calm, harmed, 20*time.Millisecond)
	if grown > 64 {
		t.Errorf("%.0f MiB more", grown)
	}
	sum := reckon(t, gate.url(), p)
	if sum.answers != 20 {
		t.Errorf("after the slow ones the session has %d answers", sum.answers)
	}
	r.says(t, "%d of %d closed, the session whole; p99 of the others %.1f ms, before %.1f ms; %+.0f MiB", closed, slow,
		float64(harmed.Microseconds())/1000, float64(calm.Microseconds())/1000, grown)
}

// TestHalfOpen stops answering and never says so.
func TestHalfOpen(t *testing.T) {
	r := fault(t, 16, "half-open TCP")
	t.Parallel()
	var settings []string
	if *form == "short" {
		settings = []string{"BEDSIDE_READ_TIMEOUT=4s", "BEDSIDE_PING_INTERVAL=1s"}
	}
	gate := startReplica(t, settings...)
	s := comeIn(t, gate, "127.0.0.2")
	if _, err := io.WriteString(s, masked(text, `{"type":"bedside:session.start"}`)); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	s.closed() // it answers no ping
	took := time.Since(began)
	if took > 62*time.Second || took < 3*time.Second {
		t.Errorf("freed after %v", took)
	}
	r.says(t, "freed after %.0f s", took.Seconds())
}
