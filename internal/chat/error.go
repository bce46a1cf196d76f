package chat

import (
	"errors"
	"time"
)

// Code names a kind of refusal; the edge turns it into a status, a close code
// and a frame.
type Code string

// The codes of errors that a client may see.
const (
	Malformed        Code = "malformed"
	NoSession        Code = "no_session"
	SessionExpired   Code = "session_expired"
	NotFound         Code = "not_found"
	TooLong          Code = "too_long"
	Busy             Code = "busy"
	RateLimited      Code = "rate_limited"
	StoreUnavailable Code = "store_unavailable"
	Unauthorized     Code = "unauthorized"
	Internal         Code = "internal"
)

// Error is the one domain error: a code, and a sentence that a patient may
// read. Any other error is "internal" to the outside.
type Error struct {
	Code       Code          `json:"code"`
	Message    string        `json:"message"`
	Param      string        `json:"param,omitempty"` // the field that was wrong
	RetryAfter time.Duration `json:"-"`
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Refuse returns an Error.
func Refuse(code Code, message string) *Error { return &Error{Code: code, Message: message} }

// AsError returns the domain error in err's chain, or one that says no more
// than that something failed.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return Refuse(Internal, "Something went wrong on our side. Please try again.")
}
