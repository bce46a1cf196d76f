package cli

import (
	"context"
	"errors"

	"bedside/internal/app"
	"bedside/internal/chat"
	"bedside/internal/client"
	"bedside/internal/config"
)

// Code is an exit code.
type Code int

// The exit codes.
const (
	OK          Code = 0
	Failed      Code = 1   // an assertion or a threshold was not met
	Usage       Code = 2   // the command line, the settings or the material are wrong
	Unreachable Code = 3   // the server, the store or the model cannot be reached, a rate is used up, or the output cannot be written
	NotAllowed  Code = 4   // the server does not let this client in
	NotFound    Code = 5   // what was asked for is not there
	Interrupted Code = 130 // by a signal
)

// errInterrupted ends a command because of a signal.
var errInterrupted = errors.New("interrupted")

// codedError is an error whose exit code was chosen where it arose.
type codedError struct {
	code Code
	err  error
}

func (e *codedError) Error() string { return e.err.Error() }
func (e *codedError) Unwrap() error { return e.err }

func withCode(code Code, err error) error { return &codedError{code, err} }

// codeOf chooses the exit code of a command's error.
func codeOf(err error) Code {
	if err == nil {
		return OK
	}
	if e, ok := errors.AsType[*codedError](err); ok {
		return e.code
	}
	_, badSettings := errors.AsType[*config.Error](err)
	_, badStart := errors.AsType[*app.SettingsError](err)
	switch {
	case errors.Is(err, errInterrupted), errors.Is(err, context.Canceled):
		return Interrupted
	case badSettings, badStart, errors.Is(err, client.ErrNotAddress):
		return Usage
	case errors.Is(err, client.ErrNotAllowed):
		return NotAllowed
	case errors.Is(err, client.ErrUnreachable), errors.Is(err, client.ErrNotGateway):
		return Unreachable
	}
	if e, ok := errors.AsType[*chat.Error](err); ok {
		return codeOfRefusal(e.Code)
	}
	return Unreachable
}

// codeOfRefusal is the exit code for what the gateway said.
func codeOfRefusal(code chat.Code) Code {
	switch code {
	case chat.Malformed, chat.TooLong:
		return Usage
	case chat.NoSession, chat.SessionExpired, chat.Unauthorized:
		return NotAllowed
	case chat.NotFound:
		return NotFound
	case chat.Busy, chat.RateLimited, chat.StoreUnavailable, chat.Internal:
		return Unreachable
	}
	return Unreachable
}
