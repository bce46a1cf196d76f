package app

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestPanicsAreLoggedWithoutTheirValue lets a handler panic with what a patient
// wrote.
func TestPanicsAreLoggedWithoutTheirValue(t *testing.T) {
	var said bytes.Buffer
	configured := newServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic("a canary\ngoroutine 1 [running]:\nanother canary")
	}), slog.New(slog.NewTextHandler(&said, nil)))
	server := httptest.NewUnstartedServer(configured.Handler)
	server.Config = configured
	server.Start()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := server.Client().Do(request); err == nil {
		_ = response.Body.Close()
		t.Error("the panic was answered")
	}
	server.Close()
	if strings.Contains(said.String(), "canary") || !strings.Contains(said.String(), "level=ERROR") || !strings.Contains(said.String(), "serve_internal_test.go") {
		t.Errorf("logged:\n%s", &said)
	}
}
