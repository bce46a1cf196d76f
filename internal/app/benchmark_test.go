package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	openai "github.com/sashabaranov/go-openai"

	"bedside/internal/config"
	"bedside/internal/llm/llmtest"
)

// conversation is a raw bedside.v1 connection.
type conversation struct {
	socket *websocket.Conn
	asked  int
}

func converse(t testing.TB, url string) *conversation {
	t.Helper()
	header := http.Header{"Authorization": {"Bearer " + staffKey}}
	dialer := websocket.Dialer{Subprotocols: []string{"bedside.v1"}}
	socket, response, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(url, "http")+"/v1/responses", header)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	t.Cleanup(func() { _ = socket.Close() })
	c := &conversation{socket: socket}
	c.start(t)
	return c
}

func (c *conversation) start(t testing.TB) {
	t.Helper()
	c.send(t, map[string]any{"type": "bedside:session.start"})
	c.until(t, "bedside:session.ready")
}

func (c *conversation) send(t testing.TB, frame any) {
	t.Helper()
	if err := c.socket.WriteJSON(frame); err != nil {
		t.Fatal(err)
	}
}

// frame is what the tests look at of a frame.
type frame struct {
	Type       string `json:"type"`
	Cursor     string `json:"cursor"`
	ResponseID string `json:"response_id"`
	Sequence   int    `json:"sequence_number"`
	Delta      string `json:"delta"`
	Text       string `json:"text"`
	Token      string `json:"token"`
	Recovered  bool   `json:"recovered"`
	Durable    bool   `json:"durable"`
	Disclosure string `json:"disclosure"`
	HelpBar    bool   `json:"help_bar"`
	RetryAfter int    `json:"retry_after_ms"`
	Response   struct {
		ID       string            `json:"id"`
		Status   string            `json:"status"`
		Metadata map[string]string `json:"metadata"`
	} `json:"response"`
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// untilPatience bounds the wait for a frame that may never come.
const untilPatience = 10 * time.Second

// until reads frames up to the first of the type.
func (c *conversation) until(t testing.TB, kind string) []frame {
	t.Helper()
	if err := c.socket.SetReadDeadline(time.Now().Add(untilPatience)); err != nil {
		t.Fatal(err)
	}
	var frames []frame
	for {
		_, text, err := c.socket.ReadMessage()
		if err != nil {
			t.Fatalf("waiting for %s after %+v: %v", kind, frames, err)
		}
		var f frame
		if err := json.Unmarshal(text, &f); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		frames = append(frames, f)
		if f.Type == kind {
			return frames
		}
	}
}

// ask sends a question and reads up to the end of its answer without looking
// closer than it must. Every tenth question begins a new session, as patients do.
func (c *conversation) ask(t testing.TB, question string) {
	t.Helper()
	if c.asked++; c.asked%10 == 0 {
		c.start(t)
	}
	c.send(t, map[string]any{"type": "response.create", "input": question})
	for {
		_, text, err := c.socket.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), `"type":"response.completed"`) {
			return
		}
		if strings.Contains(string(text), `"type":"error"`) {
			t.Fatalf("%s", text)
		}
	}
}

func median(d []time.Duration) float64 {
	slices.Sort(d)
	return float64(d[len(d)/2].Nanoseconds()) / 1000
}

// BenchmarkExtractiveAnswer is G10's latency: from the question's frame to the
// answer's last frame, without a model or a store.
func BenchmarkExtractiveAnswer(b *testing.B) {
	c := converse(b, start(b, config.Config{}))
	var took []time.Duration
	for b.Loop() {
		begun := time.Now()
		c.ask(b, "how fast does it work?")
		took = append(took, time.Since(begun))
	}
	b.ReportMetric(median(took), "p50-µs")
}

// BenchmarkExtractiveThroughput is G10's rate, with sixteen connections; client
// and gateway share the processors.
func BenchmarkExtractiveThroughput(b *testing.B) {
	url := start(b, config.Config{})
	b.SetParallelism(8)
	b.ResetTimer()
	begun := time.Now()
	b.RunParallel(func(pb *testing.PB) {
		c := converse(b, url)
		for pb.Next() {
			c.ask(b, "how fast does it work?")
		}
	})
	b.ReportMetric(float64(b.N)/time.Since(begun).Seconds(), "answers/s")
}

// BenchmarkOneTokenAnswer is G1: what the whole pipeline adds to a model's
// answer of one token over asking the model directly, beside what a bare relay
// (WebSocket in, go-openai stream, WebSocket out) adds. All three take turns in
// one run.
func BenchmarkOneTokenAnswer(b *testing.B) {
	model := llmtest.New(b, func(p *llmtest.Play) {
		text := "ok"
		if len(p.Prompt.Passages) > 0 {
			first, _, _ := strings.Cut(p.Prompt.Passages[0].Text, ". ")
			text = llmtest.Mark(strings.TrimSuffix(first, ".")+".", 1)
		}
		p.Begin()
		p.Chunk(map[string]any{"content": text}, nil)
		p.Finish("stop")
	})
	settings := openai.DefaultConfig("key")
	settings.BaseURL = model.URL + "/v1"
	direct := openai.NewClientWithConfig(settings)
	relay := bareRelay(b, direct)
	bedside := converse(b, start(b, config.Config{Model: config.Model{BaseURL: model.URL + "/v1", Name: "scripted"}}))

	asks := []func(){
		func() {
			if err := streamTo(b.Context(), direct, "how fast does it work?", func(string) error { return nil }); err != nil {
				b.Fatal(err)
			}
		},
		func() {
			if err := relay.WriteMessage(websocket.TextMessage, []byte("how fast does it work?")); err != nil {
				b.Fatal(err)
			}
			for {
				_, text, err := relay.ReadMessage()
				if err != nil {
					b.Fatal(err)
				}
				if len(text) == 0 {
					break
				}
			}
		},
		func() { bedside.ask(b, "how fast does it work?") },
	}
	took := make([][]time.Duration, len(asks))
	for round := 0; b.Loop(); round++ {
		for i := range asks { // each goes first equally often: it pays for what the one before left
			which := (round + i) % len(asks)
			begun := time.Now()
			asks[which]()
			took[which] = append(took[which], time.Since(begun))
		}
	}
	directly, relayed, answered := took[0], took[1], took[2]
	b.ReportMetric(median(directly), "direct-p50-µs")
	b.ReportMetric(median(relayed)-median(directly), "relay-adds-µs")
	b.ReportMetric(median(answered)-median(directly), "bedside-adds-µs")
}

func streamTo(ctx context.Context, client *openai.Client, question string, emit func(string) error) error {
	stream, err := client.CreateChatCompletionStream(ctx, openai.ChatCompletionRequest{
		Model: "scripted", Stream: true,
		Messages: []openai.ChatCompletionMessage{{Role: "user", Content: question}},
	})
	if err != nil {
		return err
	}
	defer func() { _ = stream.Close() }()
	for {
		chunk, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(chunk.Choices) > 0 && chunk.Choices[0].Delta.Content != "" {
			if err := emit(chunk.Choices[0].Delta.Content); err != nil {
				return err
			}
		}
	}
}

// bareRelay is the least that a chat backend can be. An empty frame ends an answer.
func bareRelay(b *testing.B, client *openai.Client) *websocket.Conn {
	b.Helper()
	var upgrader websocket.Upgrader
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		socket, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = socket.Close() }()
		for {
			_, question, err := socket.ReadMessage()
			if err != nil {
				return
			}
			err = streamTo(r.Context(), client, string(question), func(text string) error {
				return socket.WriteMessage(websocket.TextMessage, []byte(text))
			})
			if err != nil || socket.WriteMessage(websocket.TextMessage, nil) != nil {
				return
			}
		}
	}))
	b.Cleanup(server.Close)
	socket, response, err := websocket.DefaultDialer.DialContext(b.Context(), "ws"+strings.TrimPrefix(server.URL, "http"), nil)
	if err != nil {
		b.Fatal(err)
	}
	_ = response.Body.Close()
	b.Cleanup(func() { _ = socket.Close() })
	return socket
}

// BenchmarkStart is G9: from the start of the process to its word that it is
// ready, and its resident memory then and after 1,000 answers.
func BenchmarkStart(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "bedside")
	build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-o", binary, "../../cmd/bedside")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as the image is built
	if output, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, output)
	}
	var took []time.Duration
	var atReady, settled, afterLoad float64
	for b.Loop() {
		begun := time.Now()
		command := exec.CommandContext(b.Context(), binary, "serve")
		command.Env = append(os.Environ(), "BEDSIDE_ADDR=127.0.0.1:0", "BEDSIDE_STAFF_KEYS="+staffKey, "BEDSIDE_RATE_SESSION=0", "BEDSIDE_RATE_ADDRESS=0")
		output, err := command.StderrPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := command.Start(); err != nil {
			b.Fatal(err)
		}
		url := readyURL(b, output)
		took = append(took, time.Since(begun))
		atReady = max(atReady, resident(b, command.Process.Pid))
		if afterLoad == 0 {
			<-time.After(time.Second) // what reading the material took is given back by then
			settled = resident(b, command.Process.Pid)
			c := converse(b, url)
			for range 1000 {
				c.ask(b, "how fast does it work?")
			}
			afterLoad = resident(b, command.Process.Pid)
		}
		_ = command.Process.Kill()
		_ = command.Wait()
	}
	b.ReportMetric(median(took)/1000, "ready-p50-ms")
	b.ReportMetric(atReady, "ready-MiB")
	b.ReportMetric(settled, "settled-MiB")
	b.ReportMetric(afterLoad, "after-1000-answers-MiB")
}

func readyURL(b *testing.B, output io.Reader) string {
	b.Helper()
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if _, url, found := strings.Cut(lines.Text(), "bedside: ready on "); found {
			go func() { _, _ = io.Copy(io.Discard, output) }()
			return url
		}
	}
	b.Fatal("the gateway never said that it is ready")
	return ""
}

// resident is a process's resident memory in MiB.
func resident(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skip("resident memory is read from /proc")
	}
	for line := range strings.Lines(string(status)) {
		if rest, found := strings.CutPrefix(line, "VmRSS:"); found {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kib / 1024
		}
	}
	return 0
}
