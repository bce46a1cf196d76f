package openai

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bedside/internal/llm"
)

// doer sends go-openai's requests. It decides what becomes of a response before
// the library reads it: the library would read an error's body whole, keep it in
// the error, and take a page of HTML for an empty answer.
type doer struct {
	client  *http.Client
	maxLine int
	maxBody int64
	// document: the response is one JSON document and not a stream of events.
	document bool
}

func newDoer(options Options) *doer {
	client := &http.Client{}
	if options.HTTPClient != nil {
		*client = *options.HTTPClient
	} else {
		client.Transport = newTransport()
	}
	client.Timeout = 0
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &doer{client: client, maxLine: options.MaxLine, maxBody: options.MaxBody}
}

func newTransport() *http.Transport {
	transport := &http.Transport{}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		transport = standard.Clone()
	}
	transport.DisableCompression = true // a stream of events gains nothing, and a bomb cannot be sent
	transport.MaxResponseHeaderBytes = 64 << 10
	transport.MaxIdleConnsPerHost = 100 // one host; two would be opened anew for each question
	transport.IdleConnTimeout = 90 * time.Second
	return transport
}

// Do sends a request and returns a response only if it is what was asked for: a
// stream of events, or a document.
func (d *doer) Do(request *http.Request) (*http.Response, error) {
	response, err := d.client.Do(request)
	if err != nil {
		return nil, err
	}
	if failure := refusal(response, d.document); failure != nil {
		// Closing without reading gives the connection up, which costs less than
		// a body of any size.
		_ = response.Body.Close()
		return nil, failure
	}
	if d.document {
		response.Body = &capped{response.Body, d.maxBody}
		return response, nil
	}
	response.Body = &body{ReadCloser: response.Body, maxLine: d.maxLine, left: d.maxBody}
	return response, nil
}

// asking sends the request of one answer and keeps the body, which the library does
// not hand out.
type asking struct {
	*doer
	body io.Reader
}

// Do is doer.Do.
func (a *asking) Do(request *http.Request) (*http.Response, error) {
	response, err := a.doer.Do(request)
	if err == nil {
		a.body = response.Body
	}
	return response, err
}

// refusal classifies a response that is no stream, or no document; nil: it may be
// one.
func refusal(response *http.Response, document bool) *llm.Error {
	status := response.StatusCode
	failure := &llm.Error{Status: status}
	switch {
	case status == http.StatusOK:
		kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
		switch {
		case strings.Contains(kind, "html"), strings.Contains(kind, "json") != document, strings.HasPrefix(kind, "image/"):
			failure.Kind = llm.Garbled
			return failure
		case response.Header.Get("Content-Encoding") != "":
			failure.Kind = llm.Garbled
			return failure
		}
		return nil
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		failure.Kind = llm.Refused
	case status == http.StatusTooManyRequests:
		failure.Kind = llm.RateLimited
		failure.RetryAfter = retryAfter(response.Header, time.Now())
	default:
		failure.Kind = llm.Unavailable
		failure.RetryAfter = retryAfter(response.Header, time.Now())
	}
	return failure
}

// retryAfter reads how long a server asks to be left alone; 0: it does not say.
func retryAfter(header http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(header.Get("Retry-After-Ms"), 64); err == nil && ms > 0 && ms < 1e9 {
		return time.Duration(ms * float64(time.Millisecond))
	}
	value := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds > 0 {
		return time.Duration(min(seconds, 86400) * float64(time.Second))
	}
	if at, err := http.ParseTime(value); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

// capped caps what the library may read of a document.
type capped struct {
	io.ReadCloser
	left int64
}

func (c *capped) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return 0, errTooBig
	}
	return n, err
}

// body caps what the library may read, and notices what it would pass over: a
// stream in which something other than events stands.
type body struct {
	io.ReadCloser
	maxLine int
	left    int64

	line   int  // bytes of the line so far
	first  byte // its first byte that is no space
	failed error
}

var (
	errTooBig  = &llm.Error{Kind: llm.TooBig, Status: http.StatusOK}
	errGarbled = &llm.Error{Kind: llm.Garbled, Status: http.StatusOK}
)

func (b *body) Read(p []byte) (int, error) {
	if b.failed != nil {
		return 0, b.failed
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		b.failed = errTooBig
		return 0, b.failed
	}
	if b.failed = b.look(p[:n]); b.failed != nil {
		return 0, b.failed
	}
	return n, err
}

// look goes over what was read, line by line.
func (b *body) look(text []byte) error {
	for len(text) > 0 {
		line, rest, over := bytes.Cut(text, []byte{'\n'})
		if b.first == 0 {
			at := 0
			for at < len(line) && isBlank(line[at]) {
				at++
			}
			if at < len(line) && b.line+at <= b.maxLine {
				if b.first = line[at]; b.first == '<' || b.first == '{' { // a page, or a JSON document, where events should be
					return errGarbled
				}
			}
		}
		if b.line += len(line); b.line > b.maxLine {
			return errTooBig
		}
		if over {
			b.line, b.first = 0, 0
		}
		text = rest
	}
	return nil
}

// isBlank says whether a byte may stand before what a line begins with: white space,
// or part of a byte order mark.
func isBlank(c byte) bool {
	switch c {
	case ' ', '\r', '\t', 0, 0xEF, 0xBB, 0xBF:
		return true
	}
	return false
}
