package chat_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"bedside/internal/chat"
)

const secret = "canary-words"

// TestRawTextLeaksNowhere tries the ways by which text gets out by accident.
func TestRawTextLeaksNowhere(t *testing.T) {
	raw := chat.NewRawText(secret)
	token := chat.NewToken()
	type nested struct {
		raw   chat.RawText
		token chat.Token
	}
	type exported struct {
		Raw   chat.RawText
		Token chat.Token
	}
	var out bytes.Buffer
	for _, value := range []any{raw, &raw, nested{raw, token}, &nested{raw, token}, []any{raw, token}, map[string]any{"raw": raw, "token": token}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
			fmt.Fprintf(&out, verb, value)
		}
		for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(handler).Info("message", "value", value)
		}
	}
	if encoded, err := json.Marshal(exported{raw, token}); err == nil {
		t.Errorf("marshalled to %s", encoded)
	}
	for _, hidden := range []string{secret, fmt.Sprintf("%x", secret), token.Reveal()} {
		if strings.Contains(out.String(), hidden) {
			t.Errorf("%q leaked", hidden)
		}
	}
}

func TestTokensOpenTheirSession(t *testing.T) {
	token := chat.NewToken()
	again, err := chat.ParseToken(token.Reveal())
	if err != nil || again.Session() != token.Session() {
		t.Errorf("parsed: %v, %s and %s", err, again.Session(), token.Session())
	}
	if !token.Session().Valid() || strings.Contains(token.Reveal(), strings.TrimPrefix(string(token.Session()), "ses_")) {
		t.Error("the session's id is malformed, or part of the token")
	}
	for _, malformed := range []string{"", "bst_", token.Reveal()[1:], token.Reveal()[:20], token.Reveal() + "a", "bst_" + strings.Repeat("!", 43)} {
		if _, err := chat.ParseToken(malformed); !errors.Is(err, chat.ErrMalformedToken) {
			t.Errorf("%q: %v", malformed, err)
		}
	}
}

func TestResponsesNameTheirSession(t *testing.T) {
	session := chat.NewToken().Session()
	first, second := chat.NewResponseID(session), chat.NewResponseID(session)
	if first == second {
		t.Error("the same id twice")
	}
	if got, ok := first.Session(); !ok || got != session {
		t.Errorf("%s of %s", got, session)
	}
	for _, malformed := range []chat.ResponseID{"", "resp_", "resp_x", chat.ResponseID(session), first[:30], first + "0"} {
		if _, ok := malformed.Session(); ok {
			t.Errorf("%q is taken for an id", malformed)
		}
	}
}

func TestOnlyDomainErrorsSpeak(t *testing.T) {
	refused := chat.Refuse(chat.Busy, "Please wait.")
	if got := chat.AsError(fmt.Errorf("ask: %w", refused)); got != refused {
		t.Errorf("got %v", got)
	}
	if got := chat.AsError(errors.New("dial tcp 10.0.0.1: refused")); got.Code != chat.Internal || strings.Contains(got.Message, "tcp") {
		t.Errorf("an internal error shows: %v", got)
	}
}

func FuzzIDs(f *testing.F) {
	f.Add("resp_0123456789abcdefghjkmnpqrstvwxyz0123456789")
	f.Fuzz(func(t *testing.T, s string) {
		if session, ok := chat.ResponseID(s).Session(); ok && !session.Valid() {
			t.Errorf("%q gives the session %q", s, session)
		}
		if token, err := chat.ParseToken(s); err == nil && !token.Session().Valid() {
			t.Errorf("token %q", s)
		}
	})
}
