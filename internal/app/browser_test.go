package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"bedside/internal/config"
	"bedside/internal/language"
	"bedside/internal/llm/llmtest"
)

// foreignTool finds what a script of deployments/foreign needs, and skips where
// it is absent; where tools are required it fails instead.
func foreignTool(t *testing.T, module string, programs ...string) (folder string, paths []string) {
	t.Helper()
	folder, err := filepath.Abs("../../deployments/foreign")
	if err != nil {
		t.Fatal(err)
	}
	_, missing := os.Stat(filepath.Join(folder, "node_modules", module))
	for _, program := range programs {
		path, err := exec.LookPath(program)
		missing = errors.Join(missing, err)
		paths = append(paths, path)
	}
	if missing != nil {
		if os.Getenv("BEDSIDE_REQUIRE_TOOLS") != "" {
			t.Fatalf("%s cannot be tried: %v", module, missing)
		}
		t.Skipf("%s is tried with %s and `npm install --prefix deployments/foreign`", module, strings.Join(programs, ", "))
	}
	return folder, paths
}

// runNode runs a script of deployments/foreign and reads its one JSON value.
func runNode(t *testing.T, within time.Duration, node, script string, into any, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	command := exec.CommandContext(ctx, node, append([]string{script}, args...)...)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	if err := json.Unmarshal(output, into); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
}

// TestWidgetInABrowser uses the widget in a real Chromium, on the gateway's page
// and on a clinic's page of another origin, both under a strict policy. Pictures
// are left in the folder that BEDSIDE_PICTURES names; BEDSIDE_SCENARIO names a part
// of the scenarios.
func TestWidgetInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a browser through half a minute of scenarios")
	}
	folder, paths := foreignTool(t, "playwright-core", "node", "chromium")
	road := newRoad(t)
	pauses := &pauses{open: make(map[string]chan struct{})}
	clinic := clinicSite(t, road, pauses)
	model := llmtest.New(t, pauses.honest)
	url := start(t, config.Config{
		Origins: []string{clinic, "http://" + road.address},
		Model:   config.Model{BaseURL: model.URL + "/v1", Name: "scripted"},
		Clinic:  config.Clinic{Name: "Lakeside Ketamine Clinic", Phone: "(312) 555-0100", Hours: "Mon–Fri 9–5"},
	})
	road.mend(t, strings.TrimPrefix(url, "http://"))

	settings, err := json.Marshal(map[string]string{
		"clinic": clinic, "gateway": "http://" + road.address, "chromium": paths[1],
		"pictures": os.Getenv("BEDSIDE_PICTURES"), "only": os.Getenv("BEDSIDE_SCENARIO"),
	})
	if err != nil {
		t.Fatal(err)
	}
	var results []struct {
		Name, Problem string
		MS            int
	}
	runNode(t, 5*time.Minute, paths[0], filepath.Join(folder, "browser", "main.mjs"), &results, string(settings))
	for _, result := range results {
		t.Run(result.Name, func(t *testing.T) {
			t.Logf("%d ms", result.MS)
			if result.Problem != "" {
				t.Error(result.Problem)
			}
		})
	}
	if len(results) == 0 {
		t.Error("no scenario ran")
	}
}

// clinicSite is a clinic's page with the widget's one line on it, or /?without. POST /cut and
// /mend close and open the road to the gateway; /goon lets a pausing answer go on.
func clinicSite(t *testing.T, road *road, pauses *pauses) (url string) {
	t.Helper()
	page := func(w http.ResponseWriter, r *http.Request) {
		gateway := "http://" + road.address
		w.Header().Set("Content-Security-Policy", fmt.Sprintf("default-src 'none'; script-src 'self' %s; connect-src ws://%s; style-src 'self'; img-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'", gateway, road.address))
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		language, direction, launcher, extra := "en", "ltr", "", ""
		if r.URL.Query().Has("es") {
			language = "es"
		}
		if r.URL.Query().Has("rtl") {
			direction = "rtl"
		}
		if r.URL.Query().Has("launcher") {
			launcher = `<div class="ball" id="wp-chatbot-ball"><img alt="wpChatIcon" src="/icon.svg" width="48" height="48"></div>`
			extra = ` data-launcher="#wp-chatbot-ball"`
		}
		if r.URL.Query().Has("color") {
			extra += ` data-color="#ffd400"`
		}
		line := fmt.Sprintf(`<script src="%s/widget.js"%s async></script>`, gateway, extra)
		if r.URL.Query().Has("without") {
			line = ""
		}
		fmt.Fprintf(w, clinicPage, language, direction, line, launcher)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", page)
	mux.HandleFunc("GET /site.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		fmt.Fprint(w, clinicStyle)
	})
	mux.HandleFunc("GET /site.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, `document.getElementById("wp-chatbot-ball")?.addEventListener("click", () => { window.theirs = 1; });`)
	})
	picture := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		fmt.Fprint(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4.5" cy="4.5" r="4.5" fill="#456"/></svg>`)
	}
	mux.HandleFunc("GET /icon.svg", picture)
	mux.HandleFunc("GET /favicon.ico", picture)
	mux.HandleFunc("POST /cut", func(http.ResponseWriter, *http.Request) { road.cut() })
	mux.HandleFunc("POST /goon", func(_ http.ResponseWriter, r *http.Request) { close(pauses.of(r.URL.Query().Get("mark"))) })
	mux.HandleFunc("POST /mend", func(http.ResponseWriter, *http.Request) { road.mend(t, road.to) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// pauses are the answers that wait after their first sentence: those to questions
// that end with a mark, such as (a).
type pauses struct {
	mu   sync.Mutex
	open map[string]chan struct{}
}

var pauseMark = regexp.MustCompile(`\(([a-z])\)$`)

func (p *pauses) of(mark string) chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open[mark] == nil {
		p.open[mark] = make(chan struct{})
	}
	return p.open[mark]
}

// honest answers with the first sentence of each of the first passages.
func (p *pauses) honest(play *llmtest.Play) {
	mark := pauseMark.FindStringSubmatch(strings.TrimSpace(play.Prompt.Question))
	if mark == nil || !play.Streaming {
		llmtest.Honest(play)
		return
	}
	for i, passage := range play.Prompt.Passages[:min(3, len(play.Prompt.Passages))] {
		if i == 1 {
			play.Say(0, " ")
			select {
			case <-p.of(mark[1]):
			case <-play.R.Context().Done():
				return
			}
		}
		play.Say(0, llmtest.Tokens(llmtest.Mark(strings.TrimSpace(language.Sentences(passage.Text)[0]), passage.Number)+" ")...)
	}
	play.Finish("stop")
}

const clinicPage = `<!doctype html>
<html lang="%s" dir="%s"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Lakeside Ketamine Clinic</title>
<meta name="description" content="What ketamine therapy is, how it works, and what to expect.">
<link rel="stylesheet" href="/site.css"><script src="/site.js" defer></script>%s</head>
<body><header><p>Lakeside Ketamine Clinic</p><label>Search this site <input type="search"></label></header>
<main><h1>Ketamine therapy</h1><p>What the treatment is, how it works, and what to expect when you visit.</p>
<p><a href="/">Our clinicians</a></p>%s</main></body></html>`

const clinicStyle = `body { margin: 0; font: 17px/1.6 Georgia, serif; color: #223; background: #fff; } header { display: flex; flex-wrap: wrap; justify-content: space-between; padding: 12px 5vw; background: #eef2f5; }
main { max-width: 40rem; padding: 3vw 5vw; } h1 { font-size: 2.4rem; line-height: 1.2; } input { max-width: 100%; min-height: 30px; } a { color: #0a4a78; }`

// road carries connections to the gateway until it is cut, and again when it is
// mended, always at the same address.
type road struct {
	address, to string

	mu       sync.Mutex
	listener net.Listener
	open     map[net.Conn]bool
	running  sync.WaitGroup
}

func newRoad(t *testing.T) *road {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &road{address: listener.Addr().String(), open: make(map[net.Conn]bool)}
	_ = listener.Close()
	t.Cleanup(func() {
		r.cut()
		r.running.Wait()
	})
	return r
}

func (r *road) mend(t *testing.T, to string) {
	t.Helper()
	r.to = to
	listener, err := net.Listen("tcp", r.address)
	if err != nil {
		t.Errorf("mend: %v", err)
		return
	}
	r.mu.Lock()
	r.listener = listener
	r.mu.Unlock()
	r.running.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return // cut
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				_ = near.Close()
				continue
			}
			r.carry(near, far)
		}
	})
}

func (r *road) carry(near, far net.Conn) {
	r.mu.Lock()
	r.open[near], r.open[far] = true, true
	r.mu.Unlock()
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		r.running.Go(func() {
			_, _ = io.Copy(way[0], way[1]) // until one side ends
			_ = way[0].Close()
			_ = way[1].Close()
			r.mu.Lock()
			delete(r.open, way[0])
			r.mu.Unlock()
		})
	}
}

func (r *road) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.listener != nil {
		_ = r.listener.Close()
	}
	for connection := range r.open {
		_ = connection.Close()
	}
}
