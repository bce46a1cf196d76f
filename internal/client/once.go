package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"

	"bedside/internal/chat"
	"bedside/internal/wire"
)

const (
	// answerTimeout is above the time within which the gateway ends every answer.
	answerTimeout = 90 * time.Second
	longestBody   = 4 << 20
)

// Once asks one question over HTTP and returns its whole answer. With a staff
// key the answer has its trace.
func Once(ctx context.Context, options Options, question string) (chat.Answer, error) {
	door, err := options.door(false)
	if err != nil {
		return chat.Answer{}, err
	}
	body, err := json.Marshal(map[string]any{"model": wire.Model, "input": question})
	if err != nil {
		return chat.Answer{}, fmt.Errorf("write a question: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, door, bytes.NewReader(body))
	if err != nil {
		return chat.Answer{}, fmt.Errorf("%w: %w", ErrNotAddress, err)
	}
	request.Header = options.header()
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(wire.HeaderIdempotency, uuid.NewString())

	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: options.Dial, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{
		Transport: transport,
		// A redirect would carry the key and the question to wherever it points.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	reply, err := client.Do(request)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer reply.Body.Close() //nolint:errcheck // It was read, or the answer is lost anyway.
	if reply.StatusCode != http.StatusOK {
		return chat.Answer{}, refusal(reply.StatusCode, readRefusal(reply.Body))
	}
	data, err := io.ReadAll(io.LimitReader(reply.Body, longestBody))
	if err != nil {
		return chat.Answer{}, fmt.Errorf("%w: read the answer: %w", ErrUnreachable, err)
	}
	answer, err := decodeResponse(data)
	if err != nil || answer.ID == "" {
		return chat.Answer{}, fmt.Errorf("%w: its answer is no response object", ErrNotGateway)
	}
	return answer, nil
}

// leaving bounds how long Live waits for its conversation to be destroyed.
const leaving = 2 * time.Second

// Live asks one question in a conversation of its own, of which tell is told as it goes
// on, and has that destroyed when the answer has ended. Where no conversation can be
// begun for now the answer comes by Once, which needs none, and nothing is told.
func Live(ctx context.Context, options Options, question string, tell func(Event)) (chat.Answer, error) {
	within, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	conversation, err := Open(within, options)
	if err != nil {
		return chat.Answer{}, err
	}
	defer conversation.Close()
	if _, err := conversation.Ask(question); err != nil {
		return chat.Answer{}, err
	}
	for event := range conversation.Events() {
		switch e := event.(type) {
		case Refused:
			if e.ClientMessageID == "" {
				return Once(ctx, options, question)
			}
			return chat.Answer{}, e.Err
		case Lost:
			return chat.Answer{}, fmt.Errorf("%w: %w", ErrUnreachable, e.Err)
		case Ended:
			conversation.leave()
			return e.Answer, nil
		case Ready, Accepted, Triaged, Status, Sentence, Cited, Suggested, Expired, Forgotten, FeedbackAccepted:
			tell(event)
		}
	}
	if err := conversation.Err(); err != nil {
		return chat.Answer{}, err
	}
	if err := within.Err(); err != nil && ctx.Err() == nil {
		return chat.Answer{}, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return chat.Answer{}, errors.Join(ErrUnreachable, ctx.Err())
}

// leave has the session destroyed, to which nobody will come back.
func (c *Client) leave() {
	if err := c.Forget(); err != nil {
		return
	}
	patience := time.NewTimer(leaving)
	defer patience.Stop()
	for {
		select {
		case event, ok := <-c.events:
			if _, forgotten := event.(Forgotten); forgotten || !ok {
				return
			}
		case <-patience.C:
			return
		}
	}
}

// readRefusal reads the body of a refused request; nil: it is not the gateway's.
func readRefusal(body io.Reader) *chat.Error {
	data, err := io.ReadAll(io.LimitReader(body, 64<<10))
	var f frame
	if err == nil && json.Unmarshal(data, &f) == nil && f.Error.Code != "" {
		return f.refusal()
	}
	return nil
}
