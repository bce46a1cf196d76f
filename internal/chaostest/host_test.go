package chaostest

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"bedside/internal/redisdb/redistest"
)

// TestSkewedClock runs one of two replicas an hour in the future: it is built with
// a clock of its own.
func TestSkewedClock(t *testing.T) {
	r := fault(t, 20, "clock skew of an hour on one replica")
	longOnly(t)
	t.Parallel()
	skewed := buildSkewed(t)
	store := redistest.Start(t, always...)
	c := openClinic(t, 1, store.URL(), 5*time.Millisecond)
	ahead := newReplica(t, c.settings...)
	ahead.program = skewed
	ahead.start()
	url := startProxy(t, c.replicas[0], ahead)
	patients := arriveAll(t, url, 10)
	asked := underQuestions(t, patients, func() {
		for i := range 20 {
			<-time.After(500 * time.Millisecond)
			for j, p := range patients {
				p.elsewhere([]string{c.replicas[0].url(), ahead.url()}[(i+j)%2])
				p.drop()
			}
		}
	})
	sum := reckon(t, c.replicas[0].url(), patients...)
	if sum.completed != asked || sum.rewinds > 0 || sum.expired > 0 {
		t.Errorf("%d questions, %d answers, %d rewinds, %d sessions lost", asked, sum.completed, sum.rewinds, sum.expired)
	}
	r.says(t, "%d answers while patients went from one to the other: no effect", asked)
}

// buildSkewed builds the gateway on a time.Now that is an hour late.
func buildSkewed(t *testing.T) string {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(strings.TrimSpace(string(root)), "src", "time", "time.go")
	original, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	body := regexp.MustCompile(`(?m)^func Now\(\) Time \{\n(.*\n)*?\tsec, nsec, mono := .*\n`).FindString(string(original))
	if body == "" {
		lacking(t, "time.Now is not written as expected")
	}
	folder := t.TempDir()
	changed := filepath.Join(folder, "time.go")
	if err := os.WriteFile(changed, []byte(strings.Replace(string(original), body, body+"\tsec += 3600\n", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{source: changed}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	skewed := filepath.Join(folder, "bedside")
	if said, err := exec.Command("go", "build", "-overlay", file, "-o", skewed, "../../cmd/bedside").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return skewed
}

// TestFullDisk lets nothing be written: the log's end is full, the folders are
// not writable.
func TestFullDisk(t *testing.T) {
	r := fault(t, 21, "disk full, read-only file system")
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		lacking(t, "there is no /dev/full")
	}
	defer func() { _ = full.Close() }()
	gate := newReplica(t, "HOME=/proc", "TMPDIR=/proc")
	command := exec.Command(program, "serve")
	command.Env, command.Dir, command.Stdout, command.Stderr = gate.environ, "/proc", full, full
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	await(t, "the gateway", func() bool { status, _ := gate.get("/readyz"); return status == 200 })
	p := arrive(t, gate.url())
	p.isReady(t)
	p.hears(t, p.ask(question), patience)
	p.hears(t, p.ask(crisis), patience)

	export := exec.Command(program, "ask", "--json", question)
	export.Stdout = full
	var said strings.Builder
	export.Stderr = &said
	err = export.Run()
	if exit := new(exec.ExitError); !errors.As(err, &exit) || !strings.Contains(said.String(), "no space left") {
		t.Errorf("an export to a full disk: %v: %s", err, said.String())
	}
	r.says(t, "serves with nothing writable; a command whose output has no room ends with an error that says so")
}

// TestBadFiles starts on material, prompts and settings that are wrong.
func TestBadFiles(t *testing.T) {
	r := fault(t, 22, "bad knowledge file, prompt or setting")
	folder := t.TempDir()
	write := func(name, content string) {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	spoil := func() {
		write("knowledge/page.md", "---\ntitle: A page\nlanguage: en\nsection: mechanism\nsource: {title: T, url: https://clinic.example/}\n"+
			"review: {state: approved, by: A. Clinician}\n---\n\n## A heading\n\n```passage\nid: one\nwhat: nothing\n```\n\nA sentence.\n")
		write("prompts/answer.tmpl", "line one\n{{ .Broken\n")
	}
	spoil()
	write("bedside.yaml", "addr: 127.0.0.1:0\nno_such_setting: 1\n")
	tests := map[string]struct {
		environ []string
		args    []string
		says    *regexp.Regexp
	}{
		"knowledge": {[]string{"BEDSIDE_KNOWLEDGE=" + filepath.Join(folder, "knowledge")}, nil, regexp.MustCompile(`page\.md:\d+`)},
		"setting":   {nil, []string{"--config", filepath.Join(folder, "bedside.yaml")}, regexp.MustCompile(`bedside\.yaml:2`)},
		"prompt":    {[]string{"BEDSIDE_PROMPTS=" + filepath.Join(folder, "prompts"), "OPENAI_BASE_URL=http://127.0.0.1:1/v1"}, nil, regexp.MustCompile(`\.\w+:\d+|prompts`)},
	}
	for name, test := range tests {
		command := exec.Command(program, append([]string{"serve"}, test.args...)...)
		command.Env = append([]string{"BEDSIDE_ADDR=127.0.0.1:0"}, test.environ...)
		command.Dir = folder
		said, err := command.CombinedOutput()
		if command.ProcessState.ExitCode() != 2 || !test.says.Match(said) {
			t.Errorf("%s: %v: %s", name, err, said)
		}
	}

	// One that runs keeps what it has where the files are spoiled under it.
	write("knowledge/page.md", "---\ntitle: A page\nlanguage: en\nsection: mechanism\nsource: {title: T, url: https://clinic.example/}\n"+
		"review: {state: approved, by: A. Clinician}\n---\n\n## A heading\n\n```passage\nid: one\nquestions: [where is it, how do I get in, which door is it]\n```\n\nThe door is green.\n")
	gate := startReplica(t, "BEDSIDE_KNOWLEDGE="+filepath.Join(folder, "knowledge"))
	spoil()
	gate.signal(syscall.SIGHUP)
	await(t, "the refusal of what was spoiled", func() bool { return tests["knowledge"].says.MatchString(gate.printed.String()) })
	p := arrive(t, gate.url())
	p.isReady(t)
	asked := p.ask("which door is it?")
	if p.hears(t, asked, patience) && !strings.Contains(strings.Join(p.answers[p.accepted[asked]].shown, ""), "green") {
		t.Errorf("after a reload of spoiled files: %q", p.answers[p.accepted[asked]].shown)
	}
	p.hears(t, p.ask(crisis), patience)
	r.says(t, "the start is refused with file and line, exit 2; a reload says the same and keeps the old")
}
