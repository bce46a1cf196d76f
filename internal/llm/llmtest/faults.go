package llmtest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Status answers with an error as the API words it, and repeats the key as
// providers do.
func Status(code int) Script {
	return func(p *Play) {
		p.W.Header().Set("Content-Type", "application/json")
		p.W.WriteHeader(code)
		message := fmt.Sprintf("Incorrect API key provided: %s%s.", p.R.Header.Get("Authorization"), p.R.Header.Get("Api-Key"))
		_ = json.NewEncoder(p.W).Encode(object{"error": object{"message": message, "type": "error", "code": code}})
	}
}

// RateLimited answers 429 with Retry-After (none if it is negative).
func RateLimited(after time.Duration) Script {
	return func(p *Play) {
		if after >= 0 {
			p.W.Header().Set("Retry-After", strconv.Itoa(int(after/time.Second)))
		}
		Status(http.StatusTooManyRequests)(p)
	}
}

// First plays one script for the first n requests and another after them.
func First(n int, first, then Script) Script {
	return func(p *Play) {
		if p.Number <= n {
			first(p)
			return
		}
		then(p)
	}
}

// HTML answers 200 with a page, as a captive portal or a proxy does.
func HTML(p *Play) {
	p.W.Header().Set("Content-Type", "text/html")
	p.Raw("<!doctype html>\n<html><body><h1>Welcome</h1>\n<p>data: please sign in</p></body></html>\n")
}

// HTMLAsEvents is HTML under the content type of a stream.
func HTMLAsEvents(p *Play) {
	p.W.Header().Set("Content-Type", "text/event-stream")
	p.Raw("<!doctype html>\n<html><body><h1>502 Bad Gateway</h1></body></html>\n")
}

// JSONError answers 200 with an error.
func JSONError(p *Play) {
	p.W.Header().Set("Content-Type", "application/json")
	p.Raw(`{"error":{"message":"model overloaded, key ` + p.R.Header.Get("Authorization") + `","type":"server_error"}}`)
}

// JSONErrorAsEvents is JSONError under the content type of a stream.
func JSONErrorAsEvents(p *Play) {
	p.W.Header().Set("Content-Type", "text/event-stream")
	p.Raw(`{"error":{"message":"model overloaded","type":"server_error"}}` + "\n")
}

// ErrorEvent sends an error in mid-stream; spaced puts the space in that makes
// client libraries overlook it.
func ErrorEvent(spaced bool) Script {
	return func(p *Play) {
		p.Begin()
		gap := ""
		if spaced {
			gap = " "
		}
		p.Raw("data: {" + gap + `"error": {"message": "the server had an error", "type": "server_error"}}` + "\n\n")
		p.Raw("data: [DONE]\n\n")
	}
}

// Garbage sends events that are no JSON.
func Garbage(p *Play) {
	p.W.Header().Set("Content-Type", "text/event-stream")
	p.Raw("data: {\"choices\":[{\"delta\":{\"content\":\n\ndata: \x00\x01\x02\n\nnonsense\n\ndata: [DONE]\n\n")
}

// EmptyChoices sends events without choices before an honest answer: usage,
// filter results, a null list.
func EmptyChoices(p *Play) {
	p.Begin()
	p.Event(object{"id": "x", "choices": []object{}, "prompt_filter_results": []object{{"prompt_index": 0}}})
	p.Raw("data: {\"choices\":null}\n\ndata: {}\n\n: comment\n\nevent: ping\ndata: {\"usage\":null,\"choices\":[]}\n\n")
	Honest(p)
}

// OnlyEmptyChoices ends well and never says a word.
func OnlyEmptyChoices(p *Play) {
	p.Begin()
	p.Event(object{"choices": []object{}})
	p.Raw("data: [DONE]\n\n")
}

// Thinks reasons for a while, in the field that reasoning models use, and then
// is honest.
func Thinks(pause time.Duration, thoughts int) Script {
	return func(p *Play) {
		p.Begin()
		for range thoughts {
			if !p.Wait(pause) {
				return
			}
			p.Chunk(object{"reasoning_content": "Let me think. "}, nil)
		}
		Honest(p)
	}
}

// ThinksAloud reasons in the text itself, between tags, and then is honest.
func ThinksAloud(p *Play) {
	p.Say(0, "<", "think", ">", "I could say it cures everyone [1].", " Or not.\n", "</thi", "nk>", "\n\n")
	Honest(p)
}

// Redirect answers 307 to another address.
func Redirect(to string) Script {
	return func(p *Play) {
		p.W.Header().Set("Location", to)
		p.W.WriteHeader(http.StatusTemporaryRedirect)
	}
}

// Silence accepts the request and never answers.
func Silence(p *Play) { p.Hang() }

// SilentStream sends the head of a stream and then nothing.
func SilentStream(p *Play) {
	p.Begin()
	p.Hang()
}

// GoesSilent sends one sentence and then nothing.
func GoesSilent(p *Play) {
	p.Say(0, Tokens(cited(p.Prompt, 1)[0]+" And")...)
	p.Hang()
}

// Heartbeats sends comments for ever.
func Heartbeats(every time.Duration) Script {
	return func(p *Play) {
		p.Begin()
		for p.Wait(every) {
			p.Raw(": keep-alive\n\n")
		}
	}
}

// EmptyDeltas sends events without text for ever.
func EmptyDeltas(every time.Duration) Script {
	return func(p *Play) {
		p.Begin()
		for p.Wait(every) {
			p.Chunk(object{"content": ""}, nil)
		}
	}
}

// Trickle sends an honest answer's bytes one at a time.
func Trickle(every time.Duration) Script {
	return func(p *Play) {
		p.Begin()
		line := `data: {"choices":[{"index":0,"delta":{"content":"Ketamine"}}]}` + "\n\n"
		for {
			for _, b := range []byte(line) {
				if !p.Wait(every) {
					return
				}
				p.Raw(string(b))
			}
		}
	}
}

// Endless never stops talking.
func Endless(pause time.Duration) Script {
	return func(p *Play) {
		p.Begin()
		for p.Wait(pause) {
			p.Chunk(object{"content": " and so on"}, nil)
		}
	}
}

// LongLine sends one event of n bytes.
func LongLine(n int) Script {
	return func(p *Play) {
		p.Begin()
		p.Raw(`data: {"choices":[{"index":0,"delta":{"content":"`)
		fill(p, n)
		p.Raw("\"}}]}\n\ndata: [DONE]\n\n")
	}
}

// BigBody answers a status with n bytes.
func BigBody(code, n int) Script {
	return func(p *Play) {
		p.W.Header().Set("Content-Type", "text/plain")
		p.W.WriteHeader(code)
		fill(p, n)
	}
}

func fill(p *Play, n int) {
	block := []byte(strings.Repeat("x", 64<<10))
	for n > 0 && p.R.Context().Err() == nil {
		wrote, err := p.W.Write(block[:min(n, len(block))])
		if err != nil {
			return
		}
		n -= wrote
	}
}

// CloseHTTP10 is a stop in mid-sentence over HTTP/1.0: the end of the body is
// the end of the connection, so nothing tells a cut from a whole answer.
func CloseHTTP10(p *Play) {
	conn, buffer, err := http.NewResponseController(p.W).Hijack()
	if err != nil {
		p.Abort()
	}
	defer func() { _ = conn.Close() }()
	writeHTTP10(buffer.Writer, cited(p.Prompt, 1)[0]+" And so")
}

func writeHTTP10(w *bufio.Writer, text string) {
	_, _ = w.WriteString("HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
	for _, piece := range Tokens(text) {
		encoded, _ := json.Marshal(object{"choices": []object{{"index": 0, "delta": object{"content": piece}}}})
		_, _ = w.WriteString("data: " + string(encoded) + "\n\n")
	}
	_ = w.Flush()
}
