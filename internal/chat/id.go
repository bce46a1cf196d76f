package chat

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// SessionID names a session: "ses_" and 26 characters derived from its token's
// hash. Knowing it gives no access, so it may be logged.
type SessionID string

// ResponseID names one answer: "resp_", its session's 26 characters, and 16 of
// its own. The session can be read from it, so no index from answers to
// sessions has to be kept.
type ResponseID string

// PassageID names a passage of the material, as "page/heading".
type PassageID string

// Cursor names a stored entry of a session's log, as "<n>-<nonce>": n rises by
// one with each entry, and the nonce is random, so that a log that was lost and
// written anew cannot be mistaken for the old one.
type Cursor string

// Origin is the cursor that stands before the first entry of every log.
const Origin Cursor = "0-0"

const (
	tokenPrefix    = "bst_"
	tokenBytes     = 32
	sessionPrefix  = "ses_"
	sessionChars   = 26
	responsePrefix = "resp_"
	ownChars       = 16
)

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// ErrMalformedToken means that a string cannot be a session token.
var ErrMalformedToken = errors.New("malformed session token")

// Token is the secret that opens a session: 256 bits of randomness. The server
// keeps only its hash. It hides itself from printing and logging; Reveal gives
// the text.
type Token struct{ text *string }

// NewToken returns a fresh token.
func NewToken() Token {
	var b [tokenBytes]byte
	rand.Read(b[:]) // never fails
	text := tokenPrefix + base64.RawURLEncoding.EncodeToString(b[:])
	return Token{&text}
}

// ParseToken reads a token; the error is ErrMalformedToken.
func ParseToken(s string) (Token, error) {
	encoded, ok := strings.CutPrefix(s, tokenPrefix)
	if !ok {
		return Token{}, ErrMalformedToken
	}
	if b, err := base64.RawURLEncoding.DecodeString(encoded); err != nil || len(b) != tokenBytes {
		return Token{}, ErrMalformedToken
	}
	return Token{&s}, nil
}

// IsZero says whether there is no token.
func (t Token) IsZero() bool { return t.text == nil }

// Reveal returns the token's text, to be sent to its owner only.
func (t Token) Reveal() string {
	if t.text == nil {
		return ""
	}
	return *t.text
}

// Session returns the session that the token opens.
func (t Token) Session() SessionID {
	sum := sha256.Sum256([]byte("bedside session\x00" + t.Reveal()))
	return SessionID(sessionPrefix + idEncoding.EncodeToString(sum[:16]))
}

// Format hides the token from every verb of fmt.
func (t Token) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[token]") }

// LogValue hides the token from slog.
func (t Token) LogValue() slog.Value { return slog.StringValue("[token]") }

// MarshalText refuses: a token is written out only where Reveal is called.
func (t Token) MarshalText() ([]byte, error) {
	return nil, errors.New("a session token is not marshalled")
}

// NewResponseID returns a fresh id for an answer in the session.
func NewResponseID(s SessionID) ResponseID {
	var b [10]byte
	rand.Read(b[:]) // never fails
	return ResponseID(responsePrefix + strings.TrimPrefix(string(s), sessionPrefix) + idEncoding.EncodeToString(b[:]))
}

// Session returns the session that the answer belongs to, and whether the id is
// well formed.
func (r ResponseID) Session() (SessionID, bool) {
	own, ok := strings.CutPrefix(string(r), responsePrefix)
	if !ok || len(own) != sessionChars+ownChars || !isID(own) {
		return "", false
	}
	return SessionID(sessionPrefix + own[:sessionChars]), true
}

// Item returns the id of the answer's one output item.
func (r ResponseID) Item() string { return "msg_" + strings.TrimPrefix(string(r), responsePrefix) }

// Valid says whether the id is well formed.
func (s SessionID) Valid() bool {
	own, ok := strings.CutPrefix(string(s), sessionPrefix)
	return ok && len(own) == sessionChars && isID(own)
}

func isID(s string) bool {
	_, err := idEncoding.DecodeString(s)
	return err == nil
}
