package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"bedside/internal/app"
	"bedside/internal/cli"
	"bedside/internal/config"
)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(cli.Run(context.Background(), os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
	}
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}

const staffKey = "a staff key for the tests 0123456789"

// start runs the program on a free port of loopback until the test ends.
func start(t testing.TB, settings config.Config) (url string) {
	t.Helper()
	settings.Addr = "127.0.0.1:0"
	settings.StaffKeys = []config.Secret{config.NewSecret(staffKey)}
	settings.Drain.Notice = config.Unlimited
	settings.Rates = config.Rates{Session: config.Unlimited, Address: config.Unlimited, Global: config.Unlimited, Connections: config.Unlimited}
	ready := make(chan string, 1)
	program, err := app.New(context.Background(), settings, app.Options{Ready: func(url string) { ready <- url }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	hurry, now := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- program.Serve(ctx, hurry) }()
	t.Cleanup(func() {
		stop()
		now()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
		closing, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := program.Close(closing); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	select {
	case url = <-ready:
	case err := <-done:
		done <- err
		t.Fatalf("serve: %v", err)
	}
	return url
}

// answer is what the standard door says of a question.
type answer struct {
	ID       string            `json:"id"`
	Status   string            `json:"status"`
	Metadata map[string]string `json:"metadata"`
	Output   []struct {
		Content []struct {
			Text        string `json:"text"`
			Annotations []struct {
				PassageID string `json:"passage_id"`
				Section   string `json:"section"`
				Quote     string `json:"quote"`
				Verdict   string `json:"verdict"`
				Start     int    `json:"start_index"`
				End       int    `json:"end_index"`
			} `json:"annotations"`
		} `json:"content"`
	} `json:"output"`
	Usage struct {
		Input  int `json:"input_tokens"`
		Output int `json:"output_tokens"`
		Total  int `json:"total_tokens"`
	} `json:"usage"`
	session string
}

func (a answer) text() string {
	var all strings.Builder
	for _, item := range a.Output {
		for _, part := range item.Content {
			all.WriteString(part.Text)
		}
	}
	return all.String()
}

func (a answer) cited() int {
	total := 0
	for _, item := range a.Output {
		for _, part := range item.Content {
			total += len(part.Annotations)
		}
	}
	return total
}

// post asks over POST /v1/responses as staff.
func post(t testing.TB, url string, body map[string]any, session string) answer {
	t.Helper()
	response := request(t, http.MethodPost, url+"/v1/responses", body, session)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%d %v: %s", response.StatusCode, err, text)
	}
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	a.session = response.Header.Get("Bedside-Session")
	return a
}

func request(t testing.TB, method, url string, body any, session string) *http.Response {
	t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+staffKey)
	if session != "" {
		r.Header.Set("Bedside-Session", session)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return response
}
