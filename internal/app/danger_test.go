package app_test

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"bedside/internal/config"
	"bedside/internal/llm/llmtest"
	"bedside/internal/redisdb/redistest"
)

// stores are where the sessions of two replicas can be: in the memory of one,
// which then stands for both, or in one Redis.
var stores = map[string]func(*testing.T, config.Config) (urls [2]string){
	"in memory": func(t *testing.T, settings config.Config) [2]string {
		url := start(t, settings)
		return [2]string{url, url}
	},
	"in Redis": func(t *testing.T, settings config.Config) [2]string {
		settings.RedisURL, settings.DataKeys = config.NewSecret(redistest.Start(t).URL()), sharedKeys
		return [2]string{start(t, settings), start(t, settings)}
	},
}

// TestHelpBarStays through what is said next, reconnects and replicas.
func TestHelpBarStays(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			urls := open(t, config.Config{})
			for _, input := range []string{danger, "i dont see myself being here next month", "my chest hurts and i can't breathe"} {
				c := dial(t, urls[0])
				c.send(t, map[string]any{"type": "bedside:session.start"})
				ready := c.until(t, "bedside:session.ready")[0]
				if ready.HelpBar {
					t.Error("a new session has the help bar")
				}
				last := ""
				for _, said := range []string{input, input, "I'm fine", ordinary} {
					c.question(t, said)
					frames := c.until(t, "response.completed")
					text := joined(frames)
					if isHelp := strings.Contains(text, "911"); isHelp == (said == ordinary) || text == last {
						t.Errorf("%q: %q", said, text)
					}
					last = text
				}
				for _, url := range urls {
					back := dial(t, url)
					if again := back.resume(t, ready.Token, "", "bedside:session.ready"); !again.HelpBar {
						t.Errorf("after %q the help bar is gone: %+v", input, again)
					}
				}
			}
		})
	}
}

// TestDangerComesFirst asks where everything else is refused: over every limit,
// too long, without a session, with a malformed id, and while the gateway drains.
func TestDangerComesFirst(t *testing.T) {
	p := launch(t,
		"BEDSIDE_RATE_SESSION=1", "BEDSIDE_RATE_ADDRESS=1", "BEDSIDE_RATE_GLOBAL=1", "BEDSIDE_CONNECTIONS_ADDRESS=2",
		"BEDSIDE_QUESTION_CHARACTERS=60", "BEDSIDE_DRAIN_NOTICE=10s",
	)
	v := &visitor{t: t, url: p.url}
	bare, session := dial(t, p.url), dial(t, p.url) // all connections that there may be
	session.begin(t, false)
	session.question(t, polite)
	session.until(t, "response.completed")

	long := strings.Repeat("and so on ", 10)
	for name, ask := range map[string]func(text string) (status int, body string){
		"over every limit": func(text string) (int, string) { return v.post("/v1/responses", map[string]any{"input": text}, nil) },
		"too long": func(text string) (int, string) {
			return v.post("/v1/responses", map[string]any{"input": long + text}, nil)
		},
		"with an id that is none": func(text string) (int, string) {
			return v.post("/v1/responses", map[string]any{"input": text}, http.Header{"Idempotency-Key": {strings.Repeat("k", 200)}})
		},
		"with a token that is none": func(text string) (int, string) {
			return v.post("/v1/responses", map[string]any{"input": text}, http.Header{"Bedside-Session": {"bst_x"}})
		},
		"as chat completions": func(text string) (int, string) {
			return v.post("/v1/chat/completions", map[string]any{"messages": []any{map[string]any{"role": "user", "content": text}}}, nil)
		},
	} {
		if status, body := ask(ordinary); status < 400 || strings.Contains(body, "988") {
			t.Errorf("%s, an ordinary question: %d %s", name, status, body)
		}
		if status, body := ask(danger); status != http.StatusOK || !strings.Contains(body, "988") {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	talk := func(when string) {
		t.Helper()
		for name, c := range map[string]*conversation{"without a session": bare, "in a session": session} {
			c.question(t, ordinary)
			if frames := c.until(t, "error"); joined(frames) != "" {
				t.Errorf("%s, %s: an ordinary question: %+v", when, name, frames)
			}
			last := ""
			for _, said := range []string{danger, long + danger} {
				c.question(t, said)
				text := joined(c.until(t, "response.completed"))
				if !strings.Contains(text, "988") || text == last {
					t.Errorf("%s, %s: %q", when, name, text)
				}
				last = text
			}
		}
	}
	talk("over every limit")
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		if _, body := v.do(http.MethodGet, "/readyz", nil, nil); strings.Contains(body, `"draining":true`) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("it does not drain")
		}
	}
	talk("while it drains")
	if status, body := v.post("/v1/responses", map[string]any{"input": danger}, nil); status != http.StatusOK || !strings.Contains(body, "988") {
		t.Errorf("over HTTP while it drains: %d %s", status, body)
	}
}

// TestEverySessionIsToldWhatThisIs, in each language, and so is whoever asks.
func TestEverySessionIsToldWhatThisIs(t *testing.T) {
	url := start(t, config.Config{Clinic: config.Clinic{Name: "Lakeside", Phone: "555-0100", Hours: "Mon-Fri 9-5"}})
	for locale, test := range map[string]struct {
		asked, human string
		wants        []string
	}{
		"en-US": {"are you human?", "No, I am an AI", []string{"AI", "not a person", "doctor or nurse", "general facts", "can't give medical advice", "Staff do not watch this chat", "555-0100", "Mon-Fri 9-5", "911", "988"}},
		"es-MX": {"¿eres humano?", "inteligencia artificial", []string{"inteligencia artificial", "no una persona", "médico o enfermero", "información general", "No doy consejo médico", "no lee este chat", "555-0100", "911", "988"}},
	} {
		c := dial(t, url)
		c.send(t, map[string]any{"type": "bedside:session.start", "locale": locale})
		ready := c.until(t, "bedside:session.ready")[0]
		for _, want := range test.wants {
			if !strings.Contains(ready.Disclosure, want) {
				t.Errorf("%s: the disclosure lacks %q: %s", locale, want, ready.Disclosure)
			}
		}
		c.question(t, test.asked)
		frames := c.until(t, "response.completed")
		if text := joined(frames); !strings.Contains(text, test.human) || !strings.Contains(text, "555-0100") {
			t.Errorf("%s: %q is answered %q", locale, test.asked, text)
		}
	}
}

// TestPublishedPages reads the pages that anybody may read: the crisis protocol in
// plain words, the page to try and the script, with the headers that bound them.
func TestPublishedPages(t *testing.T) {
	url := start(t, config.Config{})
	tag := regexp.MustCompile(`</?[a-z][^<>]*>`)
	link := regexp.MustCompile(`(?:href|src|action)="([^"]*)"`)
	for path, wants := range map[string][]string{
		"/safety": {
			"call 911", "text 988", "findahelpline.com", "An AI program", "not a person", "No one watches it", "cannot call or alert anyone",
			"fixed rules before any other step", "medical emergency", "Thoughts of suicide", "waits for the review of a clinician", "What is kept",
		},
		"/":          {"In danger: 911. In crisis: call or text 988.", "an AI chat tool, not a person"},
		"/widget.js": {"988"},
	} {
		response := request(t, http.MethodGet, url+path, nil, "")
		_ = response.Body.Close()
		_, body := get(t, url+path)
		text := strings.Join(strings.Fields(tag.ReplaceAllString(body, "")), " ")
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q", path, want)
			}
		}
		for _, found := range link.FindAllStringSubmatch(body, -1) {
			address := found[1]
			own := strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//") || strings.HasPrefix(address, "#") || !strings.Contains(address, ":")
			if !own && !regexp.MustCompile(`^(tel:|sms:|https://)`).MatchString(address) {
				t.Errorf("%s links to %q", path, address)
			}
		}
		policy := response.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'"} {
			if !strings.Contains(policy, want) || strings.Contains(policy, "unsafe") {
				t.Errorf("%s: the policy is %q", path, policy)
			}
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"} {
			if got := response.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if permissions := response.Header.Get("Permissions-Policy"); !strings.Contains(permissions, "microphone=()") || !strings.Contains(permissions, "geolocation=()") {
			t.Errorf("%s: permissions are %q", path, permissions)
		}
		if cookies := response.Header.Values("Set-Cookie"); len(cookies) > 0 {
			t.Errorf("%s sets %q", path, cookies)
		}
	}
}

// TestWhatIsWithheldIsCounted has a model say, beside what is true, one sentence of
// each kind that nobody may be told.
func TestWhatIsWithheldIsCounted(t *testing.T) {
	never := []string{
		"Take 40 mg of ketamine twice a day", "Crush the tablets and snort them", "You have major depression", "Stop taking your sertraline today",
		"Ketamine will cure you", "I have alerted the clinic's staff", "My instructions say to cite the numbered passages",
	}
	model := llmtest.New(t, func(p *llmtest.Play) {
		for _, sentence := range never {
			p.Say(0, llmtest.Tokens(llmtest.Mark(sentence+".", 1)+" ")...)
		}
		llmtest.Honest(p)
	})
	p := launch(t, "OPENAI_BASE_URL="+model.URL+"/v1", "BEDSIDE_MODEL=scripted")
	answer := post(t, p.url, map[string]any{"input": ordinary}, "")
	if answer.Metadata["outcome"] != "answered" || answer.Metadata["mode"] != "generative" {
		t.Errorf("%v: %s", answer.Metadata, answer.text())
	}
	for _, sentence := range never {
		if strings.Contains(answer.text(), sentence) {
			t.Errorf("%q is said: %s", sentence, answer.text())
		}
	}
	_, metrics := get(t, "http://"+p.admin+"/metrics")
	counted := 0
	for _, line := range regexp.MustCompile(`(?m)^bedside_withheld_total\{[^}]*\} (\d+)$`).FindAllStringSubmatch(metrics, -1) {
		n, err := strconv.Atoi(line[1])
		if err != nil {
			t.Fatal(err)
		}
		counted += n
	}
	if counted < len(never) {
		t.Errorf("%d sentences are counted as withheld, of %d", counted, len(never))
	}
}
