package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

const canary = "canary-7f3a"

// readCase returns the files of an archive by name.
func readCase(t *testing.T, path string) map[string]string {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, file := range archive.Files {
		files[file.Name] = string(file.Data)
	}
	return files
}

func TestSecretsAreNeverSeen(t *testing.T) {
	var environ []string
	for _, s := range Settings() {
		if !s.Secret {
			continue
		}
		text := canary + "-long-enough"
		if s.Env == "REDIS_URL" {
			text = "redis://user:" + canary + "@127.0.0.1:6379"
		}
		environ = append(environ, s.Env+"="+text)
	}
	loaded, err := load(t, nil, environ, "")
	if err != nil {
		t.Fatal(err)
	}
	var seen strings.Builder
	if err := loaded.Print(&seen); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(seen.String(), hidden); got != len(environ) {
		t.Errorf("%d secrets are shown as hidden, want %d:\n%s", got, len(environ), seen.String())
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&seen, verb, loaded.Config)
		fmt.Fprintf(&seen, verb, struct{ c *Secret }{&loaded.Config.RedisURL})
		fmt.Fprintf(&seen, verb, struct{ s Secret }{loaded.Config.RedisURL})
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&seen, nil), slog.NewJSONHandler(&seen, nil)} {
		slog.New(handler).Info("settings", "config", loaded.Config, "key", loaded.Config.RedisURL)
	}
	b, err := json.Marshal(loaded.Config)
	if err == nil {
		t.Error("a Config with secrets was marshalled")
	}
	seen.Write(b)
	if strings.Contains(seen.String(), canary) || strings.Contains(seen.String(), fmt.Sprintf("%x", canary)) {
		t.Error("a secret was seen")
	}
}

func TestSecretsCompare(t *testing.T) {
	a, none := NewSecret("a"), NewSecret("")
	if !a.Equal(NewSecret("a")) || a.Equal(NewSecret("b")) || a.Equal(none) || !none.IsZero() || a.Matches("") || !a.Matches("a") {
		t.Error("secrets do not compare by their text")
	}
}

func TestFindings(t *testing.T) {
	good := Config{
		RedisURL: NewSecret("rediss://r.example"), DataKeys: NewSecret("k"), Origins: []string{"https://c.example"},
		StaffKeys: []Secret{NewSecret("a-key-that-is-long-enough")}, Clinic: Clinic{Name: "n", Phone: "+1 312 555 0100", Hours: "h"},
	}
	if got := good.Findings(); len(got) > 0 {
		t.Fatalf("ready for production, but: %q", got)
	}
	for setting, spoil := range map[string]func(*Config){
		"REDIS_URL":             func(c *Config) { c.RedisURL = NewSecret("redis://r.example") },
		"BEDSIDE_DATA_KEYS":     func(c *Config) { c.DataKeys = Secret{} },
		"BEDSIDE_ORIGINS":       func(c *Config) { c.Origins = nil },
		"BEDSIDE_STAFF_KEYS":    func(c *Config) { c.StaffKeys = append(c.StaffKeys, NewSecret("short")) },
		"BEDSIDE_CLINIC_NAME":   func(c *Config) { c.Clinic.Name = "" },
		"BEDSIDE_CLINIC_PHONE":  func(c *Config) { c.Clinic.Phone = "" },
		"BEDSIDE_CLINIC_HOURS":  func(c *Config) { c.Clinic.Hours = "" },
		"BEDSIDE_PENDING":       func(c *Config) { c.IncludePending = true },
		"BEDSIDE_BAA_CONFIRMED": func(c *Config) { c.Model.BaseURL = "https://model.example/v1" },
	} {
		c := good
		spoil(&c)
		if got := c.Findings(); len(got) != 1 || !strings.HasPrefix(got[0], setting+": ") {
			t.Errorf("%s: %q", setting, got)
		}
	}
	for phone, enough := range map[string]bool{"call": false, "ext. 7": false, "911": true, "(312) 555-0100": true, "1-800-CLINIC": true} {
		c := good
		c.Clinic.Phone = phone
		if got := c.Findings(); (len(got) == 0) != enough || !enough && !strings.HasPrefix(got[0], "BEDSIDE_CLINIC_PHONE: ") {
			t.Errorf("%s: %q", phone, got)
		}
	}
	for origin, enough := range map[string]bool{"http://clinic.example": false, "http://localhost:3000": true, "http://127.0.0.1": true, "http://[::1]:1": true} {
		c := good
		c.Origins = append([]string{origin}, good.Origins...)
		if got := c.Findings(); (len(got) == 0) != enough || !enough && !strings.HasPrefix(got[0], "BEDSIDE_ORIGINS: "+origin+" ") {
			t.Errorf("%s: %q", origin, got)
		}
	}
	for address, enough := range map[string]bool{
		"unix:///run/redis.sock": true, "rediss://r.example?skip_verify=false": true,
		"rediss://r.example?skip_verify=true": false, "rediss://r.example?skip_verify=1": false, "redis://127.0.0.1:6379": false,
	} {
		c := good
		c.RedisURL = NewSecret(address)
		if got := c.Findings(); (len(got) == 0) != enough {
			t.Errorf("%s: %q", address, got)
		}
	}
	c := good
	c.Model.Key, c.Model.BaseURL = NewSecret("k"), "http://[::1]:8000/v1"
	if got := c.Findings(); len(got) > 0 {
		t.Errorf("a model on this machine needs no agreement: %q", got)
	}
	if got := len(Config{}.Findings()); got != 7 {
		t.Errorf("the development settings lack %d things, want 7", got)
	}
}

func TestMetricsHaveAnAddressOfTheirOwn(t *testing.T) {
	if _, err := load(t, nil, nil, ""); err != nil {
		t.Errorf("no settings: %v", err)
	}
	_, err := load(t, nil, []string{"BEDSIDE_ADDR=127.0.0.1:1", "BEDSIDE_ADMIN_ADDR=127.0.0.1:1"}, "")
	if err == nil || !strings.Contains(err.Error(), "BEDSIDE_ADMIN_ADDR: ") {
		t.Errorf("%v", err)
	}
}

func TestAdminAddressIsLoopbackUnlessAHostIsNamed(t *testing.T) {
	for text, want := range map[string]string{"9090": "127.0.0.1:9090", ":9090": "127.0.0.1:9090", "0.0.0.0:9090": "0.0.0.0:9090", "[::1]:9090": "[::1]:9090"} {
		loaded, err := load(t, nil, []string{"BEDSIDE_ADMIN_ADDR=" + text}, "")
		if err != nil || loaded.Config.AdminAddr != want {
			t.Errorf("%s: %s, %v", text, loaded.Config.AdminAddr, err)
		}
	}
}

func FuzzFile(f *testing.F) {
	f.Add("addr: 127.0.0.1:0\nmodel: {name: x}\n")
	f.Add("a: &a [1, *a]\n? b\n: - c\n---\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := t.TempDir() + "/bedside.yaml"
		write(t, path, text)
		if _, err := Load(Input{File: path}); err != nil && strings.TrimSpace(err.Error()) == "" {
			t.Error("an error that says nothing")
		}
	})
}
