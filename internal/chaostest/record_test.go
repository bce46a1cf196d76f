package chaostest

import (
	"context"
	"encoding/json"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// record is a session's whole log, read from its beginning.
type record struct {
	frames    []frame
	sentences map[string][]string // of each response
	ends      map[string][]string // statuses
}

func newRecord() record {
	return record{sentences: make(map[string][]string), ends: make(map[string][]string)}
}

// read reads the whole log of a patient's session over another connection.
func read(t testing.TB, url, token string) (r record, ok bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := connect(ctx, url, "", (&net.Dialer{}).DialContext)
	if err != nil {
		t.Errorf("read a log: %v", err)
		return r, false
	}
	defer func() { _ = conn.Close() }()
	end := ""
	for again := true; again; {
		if err := conn.WriteJSON(map[string]any{"type": "bedside:session.resume", "token": token, "cursor": "0-0"}); err != nil {
			t.Errorf("read a log: %v", err)
			return r, false
		}
		ready, err := next(conn)
		if err != nil || ready.Type != "bedside:session.ready" {
			if err == nil && ready.Error.Code == "store_unavailable" && ctx.Err() == nil {
				<-time.After(100 * time.Millisecond)
				continue
			}
			t.Errorf("read a log: %v, %+v", err, ready.Error)
			return r, false
		}
		again, end = false, readyEnd(ready)
	}
	r = newRecord()
	for last := "0-0"; last != end; {
		f, err := next(conn)
		if err != nil {
			t.Errorf("read a log up to %s: %v after %s", end, err, last)
			return r, false
		}
		if f.Type == "bedside:session.ready" { // the log was rewound under the reader
			end = readyEnd(f)
			if !f.Recovered {
				last = "0-0"
				r = newRecord()
			}
			continue
		}
		if f.Cursor == "" {
			continue
		}
		last = f.Cursor
		r.frames = append(r.frames, f)
		if f.Delta != "" {
			r.sentences[f.Response] = append(r.sentences[f.Response], f.Delta)
		}
		if f.ends() {
			r.ends[f.Response] = append(r.ends[f.Response], f.Object.Status)
		}
	}
	return r, true
}

func readyEnd(f frame) string {
	if f.Cursor == "" {
		return "0-0"
	}
	return f.Cursor
}

func next(conn *websocket.Conn) (frame, error) {
	var f frame
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, data, err := conn.ReadMessage()
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(data, &f)
}

// check looks whether the log is whole by itself: gapless, each answer's numbers
// rising, each sentence once, one end, and the text what the sentences are.
func (r *record) check(t testing.TB) {
	t.Helper()
	numbers := make(map[string]int)
	messages := make(map[string]string)
	for i, f := range r.frames {
		n, _, _ := strings.Cut(f.Cursor, "-")
		if number, err := strconv.Atoi(n); err != nil || number != i+1 {
			t.Errorf("entry %d of the log has the cursor %s", i+1, f.Cursor)
		}
		if last, known := numbers[f.Response]; known && f.Sequence <= last {
			t.Errorf("%s: number %d comes after %d", f.Response, f.Sequence, last)
		}
		numbers[f.Response] = f.Sequence
		if f.Type == "bedside:message.accepted" {
			if other := messages[f.Message]; other != "" {
				t.Errorf("the question of %s is also %s", f.Response, other)
			}
			messages[f.Message] = f.Response
		}
		if f.ends() && f.text() != strings.Join(r.sentences[f.Response], "") {
			t.Errorf("the sentences are %q, the answer %q", r.sentences[f.Response], f.text())
		}
	}
	for response, sentences := range r.sentences {
		trimmed := make([]string, len(sentences))
		for i, s := range sentences {
			trimmed[i] = strings.TrimSpace(s)
		}
		slices.Sort(trimmed)
		if doubled := len(trimmed) - len(slices.Compact(trimmed)); doubled > 0 {
			t.Errorf("%s: %d sentences are doubled", response, doubled)
		}
	}
	for response := range numbers {
		if len(r.ends[response]) != 1 {
			t.Errorf("%s has the ends %v", response, r.ends[response])
		}
	}
}

// tally is what a check of patients found.
type tally struct {
	sessions, answers, sentences int
	completed                    int
	rewinds, expired             int
	pauses                       []pause
}

// reckon checks that each patient saw what its log holds, and that both are whole.
func reckon(t testing.TB, url string, patients ...*patient) (sum tally) {
	t.Helper()
	for _, p := range patients {
		p.mu.Lock()
		faults, token := p.faults, p.token
		p.mu.Unlock()
		for _, fault := range faults {
			t.Errorf("a patient saw: %s", fault)
		}
		sum.sessions++
		p.mu.Lock()
		sum.rewinds += p.rewinds
		sum.expired += p.expired
		sum.pauses = append(sum.pauses, p.pauses...)
		empty := len(p.answers) == 0
		p.mu.Unlock()
		if empty {
			continue
		}
		r, ok := read(t, url, token)
		if !ok {
			continue
		}
		r.check(t)
		p.mu.Lock()
		for response, sentences := range r.sentences {
			sum.answers++
			sum.sentences += len(sentences)
			a := p.answers[response]
			if a == nil {
				t.Errorf("a patient never saw %s", response)
				continue
			}
			if a.status == "completed" {
				sum.completed++
			}
			if !slices.Equal(a.shown, sentences) {
				t.Errorf("a patient sees %q, the log holds %q", a.shown, sentences)
			}
		}
		for response := range p.answers {
			if r.ends[response] == nil {
				t.Errorf("the log does not hold %s, which a patient was shown", response)
			}
		}
		p.mu.Unlock()
	}
	return sum
}

// longest and middle of durations.
func longest(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	return slices.Max(all)
}

func quantile(all []time.Duration, share float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[int(share*float64(len(sorted)-1))]
}
