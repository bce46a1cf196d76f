package redisdb_test

import (
	"errors"
	"strings"
	"testing"

	"bedside/internal/redisdb"
	"bedside/internal/redisdb/redistest"
)

func TestDurable(t *testing.T) {
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "volatile-lru")
	client := server.Open()
	findings, err := redisdb.Durable(t.Context(), client)
	if err != nil || len(findings) != 2 ||
		!strings.HasPrefix(findings[0], "appendfsync is everysec: set it to always, or ") ||
		!strings.HasPrefix(findings[1], "maxmemory-policy is volatile-lru: set it to noeviction, or ") {
		t.Errorf("%q, %v", findings, err)
	}
	for name, value := range map[string]string{"appendfsync": "always", "maxmemory-policy": "noeviction"} {
		if err := client.ConfigSet(t.Context(), name, value).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if findings, err := redisdb.Durable(t.Context(), client); err != nil || len(findings) != 0 {
		t.Errorf("all in order: %q, %v", findings, err)
	}
	if err := client.Do(t.Context(), "ACL", "SETUSER", "narrow", "on", ">right", "+ping", "~*").Err(); err != nil {
		t.Fatal(err)
	}
	narrow := redistest.Open(t, redisdb.Options{URL: "redis://narrow:right@" + server.Address()})
	if _, err := redisdb.Durable(t.Context(), narrow); !errors.Is(err, redisdb.ErrRefused) {
		t.Errorf("as a user who may not: %v", err)
	}
	if _, err := redisdb.Durable(t.Context(), redistest.Memory(t).Open()); !errors.Is(err, redisdb.ErrRefused) {
		t.Errorf("of a server without settings: %v", err)
	}
	server.Kill()
	if _, err := redisdb.Durable(t.Context(), client); !errors.Is(err, redisdb.ErrUnreachable) {
		t.Errorf("of a server that is gone: %v", err)
	}
}
