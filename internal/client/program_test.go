package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"bedside/internal/app"
	"bedside/internal/chat"
	"bedside/internal/client"
	"bedside/internal/config"
)

// serve runs the real gateway until the test ends.
func serve(t *testing.T, key config.Secret) (url string) {
	t.Helper()
	ready := make(chan string, 1)
	settings := config.Config{Addr: "127.0.0.1:0", StaffKeys: []config.Secret{key}, Drain: config.Drain{Notice: config.Unlimited, Answers: time.Second}}
	program, err := app.New(t.Context(), settings, app.Options{Ready: func(url string) { ready <- url }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- program.Serve(ctx, ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
		if err := program.Close(context.Background()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	select {
	case url = <-ready:
	case err := <-done:
		done <- err
		t.Fatal("the gateway did not start")
	}
	return url
}

// cutter dials connections that break after so many bytes from the gateway, a
// little later each time.
type cutter struct {
	mu    sync.Mutex
	bytes int
	step  int
	dials int
}

func (c *cutter) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bytes += c.step
	c.dials++
	return &shortConn{Conn: conn, left: c.bytes}, nil
}

type shortConn struct {
	net.Conn
	left int
}

func (c *shortConn) Read(b []byte) (int, error) {
	if c.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := c.Conn.Read(b[:min(len(b), c.left)])
	c.left -= n
	return n, err
}

// However often the connection breaks, and wherever, the answer comes once and
// whole, as over HTTP.
func TestAnswersSurviveBrokenConnections(t *testing.T) {
	key := config.NewSecret("a-staff-key-for-the-tests")
	url := serve(t, key)
	const question = "how fast does it work?"
	want, err := client.Once(t.Context(), client.Options{Server: url, Key: key}, question)
	if err != nil || want.Text == "" || len(want.Citations) == 0 || want.Trace == nil {
		t.Fatalf("over HTTP: %+v, %v", want, err)
	}
	c := &cutter{step: 700}
	conversation, err := client.Open(t.Context(), client.Options{Server: url, Key: key, Dial: c.dial, Random: func() float64 { return 0 }})
	if err != nil {
		t.Fatal(err)
	}
	defer conversation.Close()
	id, err := conversation.Ask(question)
	if err != nil {
		t.Fatal(err)
	}
	text, accepted := "", 0
	for event := range conversation.Events() {
		switch e := event.(type) {
		case client.Accepted:
			accepted++
		case client.Sentence:
			if e.Offset != len(text) {
				t.Errorf("a sentence stands at %d, want %d", e.Offset, len(text))
			}
			text += e.Text
		case client.Ended:
			if e.Answer.ClientMessageID != id || e.Answer.Text != want.Text || text != want.Text || accepted != 1 {
				t.Errorf("accepted %d times; told %q, ended with %+v, want %q", accepted, text, e.Answer, want.Text)
			}
			if c.dials < 3 {
				t.Errorf("only %d connections: nothing was broken", c.dials)
			}
			return
		case client.Expired:
			t.Error("the session was lost")
		default:
		}
	}
	t.Fatalf("the conversation ended: %v", conversation.Err())
}

// The help comes before anything else, the answer is the one that comes over HTTP, and
// nothing of the conversation is left.
func TestLiveTellsHelpFirst(t *testing.T) {
	options := client.Options{Server: serve(t, config.Secret{})}
	const question = "suicidal thoughts"
	want, err := client.Once(t.Context(), options, question)
	if err != nil {
		t.Fatal(err)
	}
	helped, text := false, ""
	got, err := client.Live(t.Context(), options, question, func(event client.Event) {
		switch e := event.(type) {
		case client.Triaged:
			helped = text == "" && len(e.Card.Links) > 0 && e.Card.Links[0].URL == "tel:988"
		case client.Sentence:
			text += e.Text
		default:
		}
	})
	if err != nil || !helped || text != want.Text || got.Text != want.Text || len(got.Citations) != len(want.Citations) {
		t.Errorf("helped first: %t; told %q, ended with %+v, %v, want %+v", helped, text, got, err, want)
	}
}

func TestLiveSaysWhatIsWrong(t *testing.T) {
	key := config.NewSecret("a-staff-key-for-the-tests")
	url := serve(t, key)
	tell := func(client.Event) {}
	if _, err := client.Live(t.Context(), client.Options{Server: url, Key: config.NewSecret("wrong")}, "why?", tell); !errors.Is(err, client.ErrNotAllowed) {
		t.Errorf("let in with a wrong key: %v", err)
	}
	if _, err := client.Live(t.Context(), client.Options{Server: url, Key: key}, " ", tell); chat.AsError(err).Code != chat.Malformed {
		t.Errorf("an empty question: %v", err)
	}
	gone, stop := context.WithCancel(t.Context())
	stop()
	if _, err := client.Live(gone, client.Options{Server: url, Key: key}, "why?", tell); !errors.Is(err, client.ErrUnreachable) {
		t.Errorf("after the end: %v", err)
	}
}

func TestOnceSaysWhatIsWrong(t *testing.T) {
	url := serve(t, config.NewSecret("a-staff-key-for-the-tests"))
	if _, err := client.Once(t.Context(), client.Options{Server: url, Key: config.NewSecret("wrong")}, "why?"); err == nil {
		t.Error("let in with a wrong key")
	}
	_, err := client.Once(t.Context(), client.Options{Server: url, Key: config.NewSecret("a-staff-key-for-the-tests")}, " ")
	if chat.AsError(err).Code != chat.Malformed {
		t.Errorf("an empty question: %v", err)
	}
}
