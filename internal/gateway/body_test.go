package gateway_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"bedside/internal/wire"
)

// closedSoon is how long a connection may stay open once its answer was sent.
const closedSoon = 3 * time.Second

// asStaff begins a request. What follows is its other headers, an empty line and
// its body, or as much of it as the client cares to send.
func asStaff(method, path string) string {
	return method + " " + path + " HTTP/1.1\r\nHost: clinic.example\r\nAuthorization: Bearer " + staffKey + "\r\n"
}

// stay sends a request, and says what the answer was, how long it took, and how
// long after it the connection was closed. The connection ends after five minutes.
func stay(t *testing.T, conn net.Conn, request string) (response *http.Response, answered, closed time.Duration) {
	t.Helper()
	defer func() { _ = conn.Close() }()
	start := time.Now()
	_ = conn.SetDeadline(start.Add(5 * time.Minute))
	go func() { _, _ = io.WriteString(conn, request) }() // an answer may come before its end
	what, _, _ := strings.Cut(request, "\r\n")
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Errorf("%s: no answer within %v: %v", what, time.Since(start), err)
		return nil, 0, 0
	}
	defer func() { _ = response.Body.Close() }()
	if _, err = io.Copy(io.Discard, response.Body); err != nil {
		t.Errorf("%s: %v", what, err)
	}
	answered = time.Since(start)
	if _, err := reader.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("%s: not closed within %v: %v", what, time.Since(start), err)
	}
	return response, answered, time.Since(start) - answered
}

// TestHalfSentBodies sends less of a body than was promised.
func TestHalfSentBodies(t *testing.T) {
	const half = "Content-Length: 100\r\n\r\n{\"in"
	for _, tt := range []struct {
		name, request string
		status        int
		after         time.Duration
	}{
		{"that is needed", asStaff("POST", "/v1/responses") + half, 400, 30 * time.Second},
		{"in pieces", asStaff("POST", "/v1/responses") + "Transfer-Encoding: chunked\r\n\r\n4\r\n{\"in\r\n", 400, 30 * time.Second},
		{"of a list", asStaff("GET", "/v1/models") + half, 200, 0},
		{"of a page", asStaff("GET", "/healthz") + half, 200, 0},
		{"of nothing", asStaff("POST", "/v1/nothing") + half, 404, 0},
		{"without a key", "POST /v1/responses HTTP/1.1\r\nHost: clinic.example\r\n" + half, 401, 0},
		{"of another method", asStaff("PUT", "/v1/responses") + half, 405, 0},
		{"of what is too large", asStaff("POST", "/v1/responses") + "Content-Length: 200000\r\n\r\n" + strings.Repeat(" ", 70_000), 413, 0},
		{"of what is no socket", asStaff("GET", "/v1/responses") + half, 426, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inTime(t, func(t *testing.T, d *door, _ func(string) *peer) {
				response, answered, closed := stay(t, d.pipe(), tt.request)
				if response == nil {
					return
				}
				if response.StatusCode != tt.status || answered != tt.after || !response.Close || closed > closedSoon {
					t.Errorf("%d after %v (to be closed: %v), closed %v later; want %d after %v",
						response.StatusCode, answered, response.Close, closed, tt.status, tt.after)
				}
			})
		})
	}
}

// TestManyHalfSentBodies has one address hold more of them than it may hold connections.
func TestManyHalfSentBodies(t *testing.T) {
	inTime(t, func(t *testing.T, d *door, dial func(string) *peer) {
		const many = 60
		var soon, late, other int
		var mu sync.Mutex
		var open sync.WaitGroup
		for range many {
			conn := d.pipe()
			open.Go(func() {
				response, answered, closed := stay(t, conn, asStaff("POST", "/v1/responses")+"Content-Length: 100\r\n\r\n{\"in")
				if response == nil {
					return
				}
				mu.Lock()
				defer mu.Unlock()
				switch {
				case closed > closedSoon:
					other++
				case response.StatusCode == http.StatusTooManyRequests && answered == 2*time.Second:
					soon++
				case response.StatusCode == http.StatusBadRequest && answered == 30*time.Second:
					late++
				default:
					other++
				}
			})
		}
		time.Sleep(time.Second)
		help := `{"input":"help"}`
		conn := d.pipe()
		request := fmt.Sprintf("Connection: close\r\nContent-Length: %d\r\n\r\n%s", len(help), help)
		if response, answered, _ := stay(t, conn, asStaff("POST", "/v1/responses")+request); response == nil || response.StatusCode != http.StatusOK || answered > time.Second {
			t.Errorf("an emergency beside them: %v after %v", response, answered)
		}
		open.Wait()
		if late != 50 || soon != many-50 {
			t.Errorf("%d waited, %d were refused soon, %d neither", late, soon, other)
		}
	})
}

// TestStreamsOutliveTheDeadlineOfTheirBody streams an answer that takes two minutes,
// and asks again on the same connection a minute later.
func TestStreamsOutliveTheDeadlineOfTheirBody(t *testing.T) {
	inTime(t, func(t *testing.T, d *door, _ func(string) *peer) {
		conn := d.pipe()
		defer func() { _ = conn.Close() }()
		reader := bufio.NewReader(conn)
		ask := func(body string) *http.Response {
			t.Helper()
			if _, err := fmt.Fprintf(conn, "%sContent-Length: %d\r\n\r\n%s", asStaff("POST", "/v1/responses"), len(body), body); err != nil {
				t.Fatal(err)
			}
			response, err := http.ReadResponse(reader, nil)
			if err != nil || response.StatusCode != http.StatusOK || response.Close {
				t.Fatalf("%v %v", response, err)
			}
			return response
		}
		first := ask(`{"input":"hang","stream":true}`)
		time.AfterFunc(2*time.Minute, func() { close(d.turn.release) })
		text, err := io.ReadAll(first.Body)
		if err != nil || !strings.HasSuffix(string(text), wire.Done) || !strings.Contains(string(text), wire.Heartbeat) {
			t.Fatalf("%v %q", err, text)
		}
		time.Sleep(time.Minute)
		again := ask(`{"input":"one"}`)
		if _, err := io.Copy(io.Discard, again.Body); err != nil {
			t.Error(err)
		}
	})
}
