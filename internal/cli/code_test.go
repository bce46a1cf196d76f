package cli

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"

	"bedside/internal/app"
	"bedside/internal/chat"
	"bedside/internal/client"
	"bedside/internal/config"
)

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		err  error
		want Code
	}{
		{nil, OK},
		{&config.Error{Problems: []string{"x"}}, Usage},
		{&app.SettingsError{Err: errors.New("x")}, Usage},
		{client.ErrNotAddress, Usage},
		{chat.Refuse(chat.TooLong, "x"), Usage},
		{fmt.Errorf("open: %w", client.ErrUnreachable), Unreachable},
		{client.ErrNotGateway, Unreachable},
		{chat.Refuse(chat.StoreUnavailable, "x"), Unreachable},
		{chat.Refuse(chat.RateLimited, "x"), Unreachable},
		{errors.New("redis: refused"), Unreachable},
		{fmt.Errorf("write the answer: %w", syscall.ENOSPC), Unreachable},
		{fmt.Errorf("%w: %w", client.ErrNotAllowed, chat.Refuse(chat.Unauthorized, "x")), NotAllowed},
		{chat.Refuse(chat.NoSession, "x"), NotAllowed},
		{chat.Refuse(chat.NotFound, "x"), NotFound},
		{errors.Join(errInterrupted, nil), Interrupted},
		{context.Canceled, Interrupted},
		{fmt.Errorf("x: %w", withCode(Failed, errors.New("threshold"))), Failed},
	} {
		if got := codeOf(c.err); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
	}
}

func TestLocaleOfTheTerminal(t *testing.T) {
	for _, c := range []struct {
		environ []string
		want    string
	}{
		{nil, ""},
		{[]string{"LANG=es_MX.UTF-8"}, "es-MX"},
		{[]string{"LANG=es_MX.UTF-8", "LC_ALL=C.UTF-8"}, ""},
		{[]string{"LANG=en_US", "LC_MESSAGES=de_DE@euro"}, "de-DE"},
		{[]string{"LC_ALL=", "LANG=en"}, "en"},
	} {
		if got := (&program{environ: c.environ}).locale(); got != c.want {
			t.Errorf("%q: %q, want %q", c.environ, got, c.want)
		}
	}
}
