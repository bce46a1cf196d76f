package wire

import (
	"encoding/json"
	"net/http"
	"time"

	"bedside/internal/chat"
)

// CodeOrigin refuses a browser page that is not on the allow-list.
const CodeOrigin chat.Code = "origin_refused"

// HTTPStatus returns the HTTP status of an error's code.
func HTTPStatus(code chat.Code) int {
	switch code {
	case chat.Malformed:
		return http.StatusBadRequest
	case chat.NoSession, chat.SessionExpired, chat.Unauthorized:
		return http.StatusUnauthorized
	case CodeOrigin:
		return http.StatusForbidden
	case chat.NotFound:
		return http.StatusNotFound
	case chat.TooLong:
		return http.StatusRequestEntityTooLarge
	case chat.Busy, chat.RateLimited:
		return http.StatusTooManyRequests
	case chat.StoreUnavailable:
		return http.StatusServiceUnavailable
	case chat.Internal:
		return http.StatusInternalServerError
	}
	return http.StatusInternalServerError
}

// ErrorObject is the "error" member of error frames and of HTTP error bodies.
type ErrorObject struct {
	Code    chat.Code `json:"code"`
	Message string    `json:"message"`
	Param   *string   `json:"param"`
}

// ErrorFrame is an error that belongs to no response. Type and Status are left
// out of HTTP bodies, where the status line says it.
type ErrorFrame struct {
	Type            string      `json:"type,omitempty"`
	Status          int         `json:"status,omitempty"`
	Error           ErrorObject `json:"error"`
	ClientMessageID string      `json:"client_message_id,omitempty"`
	RetryAfterMS    int64       `json:"retry_after_ms,omitempty"`
}

// EncodeError returns the error frame of e; clientMessageID names the question
// that it answers, where there is one.
func EncodeError(e *chat.Error, clientMessageID string) []byte {
	frame := errorFrame(e)
	frame.Type, frame.Status, frame.ClientMessageID = TypeError, HTTPStatus(e.Code), clientMessageID
	return encode(frame)
}

// EncodeErrorBody returns the body of an HTTP error.
func EncodeErrorBody(e *chat.Error) []byte { return encode(errorFrame(e)) }

func errorFrame(e *chat.Error) ErrorFrame {
	frame := ErrorFrame{Error: ErrorObject{Code: e.Code, Message: e.Message}}
	if e.Param != "" {
		frame.Error.Param = &e.Param
	}
	if e.RetryAfter > 0 {
		frame.RetryAfterMS = max(1, e.RetryAfter.Round(time.Millisecond).Milliseconds())
	}
	return frame
}

// encode marshals one of this package's own frames, which cannot fail: they
// hold strings, numbers and lists of these.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("wire: " + err.Error())
	}
	return b
}

func malformed(param, message string) *chat.Error {
	return &chat.Error{Code: chat.Malformed, Message: message, Param: param}
}
