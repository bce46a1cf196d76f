// Package importtest holds the arrows between the rooms: which package may
// import which, and who alone may touch what. A ban has its reason beside it.
package importtest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// storeys are the rooms from the ground up. A package imports from lower
// storeys only; neighbours do not know each other, so that each has one reason
// to change.
var storeys = [][]string{
	{"internal/chat", "internal/llm", "internal/config", "internal/telemetry", "internal/redisdb", "internal/language", "internal/readability", "internal/seal", "internal/yamlfile", "internal/logistic", "internal/textconv", "internal/recent", "internal/widget/bundle", "knowledge", "prompts"},
	{
		"internal/triage", "internal/redact", "internal/corpus", "internal/retrieve", "internal/retrieve/vectors", "internal/draft", "internal/ground",
		"internal/llm/openai", "internal/transcript", "internal/transcript/memlog", "internal/transcript/redislog", "internal/transcript/sparelog",
		"internal/limit", "internal/limit/redisledger", "internal/wire", "internal/llm/breaker", "internal/llm/meter",
	},
	{"internal/turn", "internal/client"},
	{"internal/gateway", "internal/widget", "internal/eval", "internal/mutation", "internal/load"},
	{"internal/app"},
	{"internal/cli"},
	{"cmd/bedside", "internal/widget/bundle/write"},
}

// neighbours are the arrows allowed within a storey.
var neighbours = map[string]string{
	"internal/seal -> internal/chat":                      "keys and entries are bound to ids",
	"internal/seal -> internal/recent":                    "keys in use are kept unwrapped",
	"internal/transcript/memlog -> internal/transcript":   "an implementation knows its interface",
	"internal/transcript/redislog -> internal/transcript": "an implementation knows its interface",
	"internal/transcript/sparelog -> internal/transcript": "an implementation knows its interface",
	"internal/limit/redisledger -> internal/limit":        "it counts in this process while Redis is away",
	"internal/wire -> internal/transcript":                "frames are made of a log's entries and notices",
	"internal/gateway -> internal/widget":                 "the door serves the browser's files",
}

// exclusive imports have one home each, so that the library can be changed there.
var exclusive = map[string]struct {
	homes  []string
	reason string
}{
	"github.com/gorilla/websocket":        {[]string{"internal/gateway", "internal/client", "internal/load"}, "one server-side and one client-side user of the socket library, and what measures them"},
	"github.com/sashabaranov/go-openai":   {[]string{"internal/llm/openai", "internal/load"}, "how it fails silently is known in one place; the load program measures against it"},
	"github.com/redis/go-redis/v9":        {[]string{"internal/redisdb", "internal/transcript/redislog", "internal/limit", "internal/limit/redisledger"}, "who keeps something in Redis is listed here"},
	"github.com/tink-crypto/tink-go/v2":   {[]string{"internal/seal"}, "cryptography is in one room"},
	"github.com/sony/gobreaker/v2":        {[]string{"internal/llm/breaker"}, "what counts as a failure is decided in one place"},
	"github.com/hashicorp/golang-lru/v2":  {[]string{"internal/recent"}, "what is kept for a while is kept one way"},
	"github.com/spf13/cobra":              {[]string{"internal/cli"}, "commands are the edge"},
	"github.com/evanw/esbuild":            {[]string{"internal/widget/bundle"}, "the program serves a script that was bundled before it was built"},
	"github.com/prometheus/client_golang": {[]string{"internal/telemetry"}, "callers see what happened, not how it is counted"},
}

// testOnly packages serve tests and must not be linked into the program.
var testOnly = []string{"testing", "internal/transcript/transcripttest", "internal/redisdb/redistest", "internal/processtest", "github.com/alicebob/miniredis/v2", "internal/widget/bundle", "github.com/evanw/esbuild/pkg/api"}

type listed struct {
	ImportPath string
	Imports    []string
}

func TestArrows(t *testing.T) {
	storeyOf := make(map[string]int)
	for i, storey := range storeys {
		for _, name := range storey {
			storeyOf[name] = i
		}
	}
	for _, pkg := range list(t, "./...") {
		from := room(pkg.ImportPath)
		if strings.HasSuffix(from, "test") {
			continue // helpers of tests go where they are needed
		}
		fromStorey, known := storeyOf[from]
		if !known {
			t.Errorf("%s stands on no storey: add it to the table", from)
			continue
		}
		for _, imported := range pkg.Imports {
			for library, rule := range exclusive {
				if (imported == library || strings.HasPrefix(imported, library+"/")) && !slices.Contains(rule.homes, from) {
					t.Errorf("%s imports %s, whose homes are %v: %s", from, imported, rule.homes, rule.reason)
				}
			}
			to := room(imported)
			toStorey, ours := storeyOf[to]
			if !ours {
				continue
			}
			if toStorey > fromStorey {
				t.Errorf("%s imports %s from a higher storey", from, to)
			}
			if _, allowed := neighbours[from+" -> "+to]; toStorey == fromStorey && !allowed {
				t.Errorf("%s imports its neighbour %s", from, to)
			}
		}
	}
}

func TestProgramLinksNoTestHelpers(t *testing.T) {
	for _, pkg := range list(t, "-deps", "./cmd/bedside") {
		if slices.Contains(testOnly, room(pkg.ImportPath)) {
			t.Errorf("the program links %s", pkg.ImportPath)
		}
	}
}

// TestRawTextIsRevealedByTriageAndRedactOnly keeps a patient's words where they
// are needed: everybody else works with chat.Text.
func TestRawTextIsRevealedByTriageAndRedactOnly(t *testing.T) {
	root := "../.."
	allowed := []string{"internal/triage/", "internal/redact/", "internal/chat/"}
	err := filepath.WalkDir(filepath.Join(root, "internal"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, root+"/"))
		if slices.ContainsFunc(allowed, func(room string) bool { return strings.HasPrefix(name, room) }) {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for number, line := range strings.Split(string(content), "\n") {
			if strings.Contains(line, "Raw.Reveal()") || strings.Contains(line, "Comment.Reveal()") || strings.Contains(line, "Question.Reveal()") || strings.Contains(line, "chat.Text(") {
				t.Errorf("%s:%d: only triage and redact see raw text, and only redact makes chat.Text", name, number+1)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func room(importPath string) string { return strings.TrimPrefix(importPath, "bedside/") }

func list(t *testing.T, args ...string) []listed {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json=ImportPath,Imports"}, args...)...)
	command.Dir = "../.."
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listed
	decoder := json.NewDecoder(strings.NewReader(string(output)))
	for decoder.More() {
		var pkg listed
		if err := decoder.Decode(&pkg); err != nil {
			t.Fatalf("go list: %v", err)
		}
		packages = append(packages, pkg)
	}
	return packages
}
