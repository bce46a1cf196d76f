package app_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"bedside/internal/config"
	"bedside/internal/processtest"
)

// startAimock runs a mock of the OpenAI API that nobody here wrote, until the test
// ends. Count says how often it was asked.
func startAimock(t *testing.T) (url string, count func() int) {
	t.Helper()
	folder, paths := foreignTool(t, "@copilotkit/aimock", "node")
	command := exec.CommandContext(context.WithoutCancel(t.Context()), paths[0], filepath.Join(folder, "aimock.mjs"))
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	addresses := strings.Fields(line)
	if err != nil || len(addresses) != 2 {
		t.Fatalf("aimock said %q: %v", line, err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		if err := command.Wait(); err != nil {
			t.Logf("aimock ended with %v", err)
		}
	})
	return addresses[0], func() int {
		_, body := get(t, addresses[1])
		n, err := strconv.Atoi(body)
		if err != nil {
			t.Fatalf("aimock counted %q", body)
		}
		return n
	}
}

// TestAimock asks with a foreign mock as the model: an honest one words the
// answer, and each of its faults is told apart and ends in a true answer.
func TestAimock(t *testing.T) {
	mock, count := startAimock(t)
	for fault, want := range map[string]struct {
		mode, kind string // kind empty: the model did not fail
		requests   int
		used       bool
	}{
		"":           {"generative", "", 1, true},
		"limit":      {"extractive", "rate", 2, false},
		"away":       {"extractive", "unavailable", 2, false},
		"refused":    {"extractive", "refused", 1, false},
		"empty":      {"extractive", "garbled", 1, true},
		"malformed":  {"extractive", "garbled", 1, false},
		"disconnect": {"extractive", "unavailable", 2, false},
		"cut":        {"mixed", "cut", 1, true},
	} {
		t.Run("fault "+fault, func(t *testing.T) {
			admin := processtest.FreeAddress(t)
			url := start(t, config.Config{AdminAddr: admin, Model: config.Model{BaseURL: mock + "/v1", Key: config.NewSecret("sk-mock"), Name: "gpt-4.1-mini"}})
			question := "how fast does it work?"
			if fault != "" {
				question += " (" + fault + ")"
			}
			before := count()
			got := post(t, url, map[string]any{"input": question}, "")
			if got.Metadata["outcome"] != "answered" || got.Metadata["mode"] != want.mode || got.cited() == 0 || got.Status != "completed" {
				t.Errorf("%s %v: %s", got.Status, got.Metadata, got.text())
			}
			if asked := count() - before; asked != want.requests {
				t.Errorf("it was asked %d times, want %d", asked, want.requests)
			}
			var failures []string
			if want.kind != "" {
				failures = []string{`bedside_model_errors_total{kind="` + want.kind + `"} 1`}
			}
			page := awaitMetrics(t, admin, append(failures, "bedside_turns_total{mode=\""+want.mode+"\",outcome=\"answered\",status=\"completed\"} 1")...)
			if want.kind == "" && strings.Contains(page, "bedside_model_errors_total{") {
				t.Error("a failure is counted")
			}
			if want.used != (got.Usage.Total > 0) {
				t.Errorf("%s with usage %+v", want.mode, got.Usage)
			}
		})
	}
}
