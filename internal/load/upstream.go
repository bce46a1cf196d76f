package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"bedside/internal/language"
)

// upstream is a scripted OpenAI-compatible model. It learns its text from the
// first prompt with passages: their own sentences, cited as the prompt asks. It
// says the same to everybody after that, so that all are measured on one stream.
type upstream struct {
	url    string
	server *http.Server
	served chan struct{} // closed when nothing is served any more

	pace   atomic.Int64 // nanoseconds between tokens; 0: as fast as it can
	short  atomic.Bool  // only the first sentence, in one token
	tokens atomic.Int64 // sent in all

	arrived chan *play // the last who asked, until it is looked at

	mu     sync.Mutex
	script script
}

// script is what the model says.
type script struct {
	chunks    [][]byte // the tokens, as they are sent
	sentences []sentence
	short     []byte // the first sentence in one token
}

// sentence is a part of the script as patients are shown it, and its last token.
type sentence struct {
	text string
	last int
}

// play is one answer of the model's. Written is when each token was sent, in
// nanoseconds since began.
type play struct {
	began   time.Time
	script  script
	written []atomic.Int64
}

// when is the moment at which a token was sent.
func (p *play) when(token int) time.Time {
	return p.began.Add(time.Duration(p.written[token].Load()))
}

// wordsWanted is how long the model's answers are: within what the prompt allows.
const wordsWanted = 90

// startUpstream starts the model on a free port of loopback.
func startUpstream(ctx context.Context) (*upstream, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen as the model: %w", err)
	}
	u := &upstream{url: "http://" + listener.Addr().String(), served: make(chan struct{}), arrived: make(chan *play, 1)}
	u.server = &http.Server{Handler: u, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(u.served)
		_ = u.server.Serve(listener) // until it is closed
	}()
	return u, nil
}

func (u *upstream) close() {
	_ = u.server.Close()
	<-u.served
}

// known returns the script; it is empty until a prompt taught it.
func (u *upstream) known() script {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.script
}

// ServeHTTP answers a request for a streamed completion.
func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	said := u.known()
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the caller went away
	}
	if said.chunks == nil {
		if said, err = learn(body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		u.mu.Lock()
		u.script = said
		u.mu.Unlock()
	}
	p := &play{began: time.Now(), script: said, written: make([]atomic.Int64, len(said.chunks))}
	select {
	case u.arrived <- p:
	default: // nobody looks
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	u.say(w, r, p)
}

// say sends the tokens. Each leaves at once, as from a model.
func (u *upstream) say(w http.ResponseWriter, r *http.Request, p *play) {
	control := http.NewResponseController(w)
	pace := time.Duration(u.pace.Load())
	chunks := p.script.chunks
	if u.short.Load() {
		chunks = [][]byte{p.script.short}
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for i, chunk := range chunks {
		if pace > 0 {
			timer.Reset(time.Until(p.began.Add(time.Duration(i+1) * pace)))
			select {
			case <-timer.C:
			case <-r.Context().Done():
				return
			}
		}
		p.written[i].Store(int64(time.Since(p.began)))
		if _, err := w.Write(chunk); err != nil || control.Flush() != nil {
			return
		}
		u.tokens.Add(1)
	}
	_, _ = io.WriteString(w, encodeChunk(map[string]any{}, "stop")+"data: [DONE]\n\n")
}

// errNoPassages means that the first request did not come from the gateway.
var errNoPassages = errors.New("the prompt has no passages to answer from")

var (
	block = regexp.MustCompile(`^\[(\d+)\]\s+(.*)`)
	token = regexp.MustCompile(`\s*(?:[\pL\pN]+|[^\s\pL\pN])`)
)

// learn makes the script from a prompt's passages: the first sentence of each,
// then the second, until there are enough words.
func learn(body []byte) (script, error) {
	var asked struct {
		Messages []struct{ Role, Content string }
	}
	if err := json.Unmarshal(body, &asked); err != nil || len(asked.Messages) == 0 {
		return script{}, errNoPassages
	}
	var passages [][]string
	for paragraph := range strings.SplitSeq(asked.Messages[len(asked.Messages)-1].Content, "\n\n") {
		if found := block.FindStringSubmatch(strings.TrimSpace(strings.ReplaceAll(paragraph, "\n", " "))); found != nil {
			passages = append(passages, language.Sentences(found[2]))
		}
	}
	var s script
	words := 0
	for depth := range 3 {
		for i, passage := range passages {
			if depth >= len(passage) || words >= wordsWanted {
				continue
			}
			text := strings.TrimSpace(passage[depth])
			words += len(strings.Fields(text))
			s.add(text, i+1)
		}
	}
	if len(s.sentences) == 0 {
		return script{}, errNoPassages
	}
	return s, nil
}

// add appends a sentence with its marker before the stop.
func (s *script) add(text string, passage int) {
	body := strings.TrimRight(text, ".!?")
	marked := fmt.Sprintf("%s [%d]%s", body, passage, text[len(body):])
	if s.short == nil {
		s.short = []byte(encodeChunk(map[string]any{"content": marked}, nil))
	}
	if len(s.chunks) > 0 {
		marked = " " + marked
	}
	for _, t := range token.FindAllString(marked, -1) {
		s.chunks = append(s.chunks, []byte(encodeChunk(map[string]any{"content": t}, nil)))
	}
	s.sentences = append(s.sentences, sentence{text, len(s.chunks) - 1})
}

func encodeChunk(delta map[string]any, finish any) string {
	encoded, err := json.Marshal(map[string]any{
		"id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 1, "model": "scripted",
		"choices": []any{map[string]any{"index": 0, "delta": delta, "finish_reason": finish}},
	})
	if err != nil {
		return "" // strings and numbers always encode
	}
	return "data: " + string(encoded) + "\n\n"
}
