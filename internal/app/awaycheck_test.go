package app_test

import (
	"io"
	"slices"
	"strings"
	"testing"

	"bedside/internal/redisdb"
	"bedside/internal/redisdb/redistest"
)

// What the tests of a store that is away look for.

func redisOptions(credentials string, server *redistest.Server) redisdb.Options {
	return redisdb.Options{URL: "redis://" + credentials + server.Address()}
}

// ask sends a request and returns what came back.
func ask(t *testing.T, method, url string, body any, session string) (status int, text string) {
	t.Helper()
	response := request(t, method, url, body, session)
	defer func() { _ = response.Body.Close() }()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(read)
}

func joined(frames []frame) string {
	var text strings.Builder
	for _, f := range frames {
		text.WriteString(f.Delta)
	}
	return text.String()
}

func says(frames []frame, kind string) bool {
	return slices.ContainsFunc(frames, func(f frame) bool { return f.Type == kind })
}

func answered(t *testing.T, where string, frames []frame) {
	t.Helper()
	outcome := frames[len(frames)-1].Response.Metadata["outcome"]
	if text := joined(frames); outcome != "answered" || !strings.Contains(text, "hours") || strings.Contains(text, "988") {
		t.Errorf("%s: %s, %q", where, outcome, text)
	}
}

func crisis(t *testing.T, where string, frames []frame) {
	t.Helper()
	if text := joined(frames); !strings.Contains(text, "988") || !strings.Contains(text, "911") || !strings.Contains(text, "555-0100") && !strings.Contains(text, "clinic") {
		t.Errorf("%s: %q", where, text)
	}
}

func unavailable(t *testing.T, frames []frame) {
	t.Helper()
	last := frames[len(frames)-1]
	if last.Error.Code != "store_unavailable" || !strings.Contains(last.Error.Message, "555-0100") || joined(frames) != "" {
		t.Errorf("%+v, %q", last.Error, joined(frames))
	}
	if last.RetryAfter <= 0 {
		t.Errorf("a store that is away does not say when to ask again: %+v", last)
	}
}
