package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bedside/internal/config"
	"bedside/internal/llm/llmtest"
)

// foreignTool finds what a script of deployments/foreign needs, and skips where
// it is absent; where tools are required it fails instead.
func foreignTool(t *testing.T, module string, programs ...string) (folder string, paths []string) {
	t.Helper()
	folder, err := filepath.Abs("../../deployments/foreign")
	if err != nil {
		t.Fatal(err)
	}
	_, missing := os.Stat(filepath.Join(folder, "node_modules", module))
	for _, program := range programs {
		path, err := exec.LookPath(program)
		missing = errors.Join(missing, err)
		paths = append(paths, path)
	}
	if missing != nil {
		if os.Getenv("BEDSIDE_REQUIRE_TOOLS") != "" {
			t.Fatalf("%s cannot be tried: %v", module, missing)
		}
		t.Skipf("%s is tried with %s and `npm install --prefix deployments/foreign`", module, strings.Join(programs, ", "))
	}
	return folder, paths
}

// runNode runs a script of deployments/foreign and reads its one JSON object.
func runNode(t *testing.T, node, script string, into any, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, node, append([]string{script}, args...)...)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	if err := json.Unmarshal(output, into); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
}

// TestPageInABrowser asks, reloads in mid-answer, opens a source, meets a crisis
// and forgets, in a real Chromium.
func TestPageInABrowser(t *testing.T) {
	folder, paths := foreignTool(t, "playwright-core", "node", "chromium")
	model := llmtest.New(t, llmtest.HonestPaced(40*time.Millisecond))
	url := start(t, config.Config{Model: config.Model{BaseURL: model.URL + "/v1", Name: "scripted"}})
	var seen struct {
		Partly, Whole, Quote, Crisis, Title string
		Answers, Left                       int
		HelpLinks, Console                  []string
	}
	runNode(t, paths[0], filepath.Join(folder, "browser.mjs"), &seen, url, paths[1], os.Getenv("BEDSIDE_PICTURES"))
	if seen.Partly == "" || !strings.HasPrefix(seen.Whole, seen.Partly) || len(seen.Whole) <= len(seen.Partly) || seen.Answers != 1 {
		t.Errorf("partly %q, then whole %q in %d answers", seen.Partly, seen.Whole, seen.Answers)
	}
	if strings.Count(seen.Whole, strings.TrimSpace(seen.Partly)) != 1 {
		t.Errorf("shown twice: %q", seen.Whole)
	}
	if seen.Quote == "" {
		t.Error("a source opened without its words")
	}
	if !slices.Contains(seen.HelpLinks, "tel:988") || !slices.Contains(seen.HelpLinks, "tel:911") || !strings.Contains(seen.Crisis, "988") {
		t.Errorf("crisis: links %v", seen.HelpLinks)
	}
	if seen.Title == "1" || seen.Left != 0 || len(seen.Console) > 0 {
		t.Errorf("title %q, %d answers after forgetting, console %v", seen.Title, seen.Left, seen.Console)
	}
}
