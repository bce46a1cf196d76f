package client

import (
	"encoding/json"
	"fmt"
	"time"

	"bedside/internal/chat"
	"bedside/internal/wire"
)

// frame is any frame of the gateway but session.ready.
type frame struct {
	Type            string           `json:"type"`
	Response        chat.ResponseID  `json:"response_id"`
	Sequence        int              `json:"sequence_number"`
	Cursor          chat.Cursor      `json:"cursor"`
	ClientMessageID string           `json:"client_message_id"`
	Text            string           `json:"text"`
	Level           chat.Level       `json:"level"`
	Category        chat.Category    `json:"category"`
	Card            chat.Card        `json:"card"`
	Stage           string           `json:"stage"`
	Delta           string           `json:"delta"`
	Annotation      chat.Citation    `json:"annotation"`
	Questions       []string         `json:"questions"`
	Rating          string           `json:"rating"`
	RetryMS         int64            `json:"retry_ms"`
	RetryAfterMS    int64            `json:"retry_after_ms"`
	Error           wire.ErrorObject `json:"error"`
	Object          json.RawMessage  `json:"response"`
}

// refusal is the error of an error frame.
func (f frame) refusal() *chat.Error {
	e := &chat.Error{Code: f.Error.Code, Message: f.Error.Message, RetryAfter: time.Duration(f.RetryAfterMS) * time.Millisecond}
	if f.Error.Param != nil {
		e.Param = *f.Error.Param
	}
	return e
}

// response is the response object, as far as it is read.
type response struct {
	ID        chat.ResponseID `json:"id"`
	CreatedAt int64           `json:"created_at"`
	Status    chat.Status     `json:"status"`
	Error     *struct {
		Code    chat.Code `json:"code"`
		Message string    `json:"message"`
	} `json:"error"`
	Incomplete *struct {
		Reason string `json:"reason"`
	} `json:"incomplete_details"`
	Previous chat.ResponseID `json:"previous_response_id"`
	Output   []struct {
		Content []struct {
			Text        string          `json:"text"`
			Annotations []chat.Citation `json:"annotations"`
		} `json:"content"`
	} `json:"output"`
	Usage    chat.Usage        `json:"usage"`
	Metadata map[string]string `json:"metadata"`
}

// decodeResponse reads a response object.
func decodeResponse(data []byte) (chat.Answer, error) {
	var r response
	if err := json.Unmarshal(data, &r); err != nil {
		return chat.Answer{}, fmt.Errorf("read a response object: %w", err)
	}
	a := chat.Answer{
		ID: r.ID, CreatedAt: time.Unix(r.CreatedAt, 0), Status: r.Status, Previous: r.Previous, Usage: r.Usage,
		Outcome: chat.Outcome(r.Metadata["outcome"]), Mode: chat.Mode(r.Metadata["mode"]),
		KnowledgeVersion: r.Metadata["knowledge_version"], ClientMessageID: r.Metadata["client_message_id"],
	}
	if r.Error != nil {
		a.Error = chat.Refuse(r.Error.Code, r.Error.Message)
	}
	if r.Incomplete != nil {
		a.Reason = r.Incomplete.Reason
	}
	for _, item := range r.Output {
		for _, part := range item.Content {
			a.Text += part.Text
			a.Citations = append(a.Citations, part.Annotations...)
		}
	}
	if text := r.Metadata["trace"]; text != "" {
		if err := json.Unmarshal([]byte(text), &a.Trace); err != nil {
			return chat.Answer{}, fmt.Errorf("read a response's trace: %w", err)
		}
	}
	return a, nil
}
