package app_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"bedside/internal/processtest"
)

// asProgram, in the environment, makes the test's own binary the program.
const asProgram = "BEDSIDE_TEST_AS_PROGRAM"

// process is the program as a process of its own: what it prints is all that
// whoever runs it can see.
type process struct {
	t       testing.TB
	command *exec.Cmd
	url     string
	admin   string // address of the second listener
	printed *processtest.Output
	ended   chan error
}

// program returns a command of the program, in an empty folder and with nothing
// in its environment but what is given.
func program(t testing.TB, environ []string, args ...string) *exec.Cmd {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(context.Background(), binary, args...)
	command.Dir = t.TempDir()
	command.Env = append([]string{asProgram + "=1"}, environ...)
	return command
}

// run runs a command of the program to its end.
func run(t testing.TB, environ []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	command := program(t, environ, args...)
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	if err := command.Run(); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			t.Fatal(err)
		}
		code = exit.ExitCode()
	}
	return out.String(), problems.String(), code
}

// launch runs bedside serve, at debug level and with metrics, until the test ends.
func launch(t testing.TB, environ ...string) *process {
	t.Helper()
	p := &process{t: t, admin: processtest.FreeAddress(t), printed: processtest.NewOutput(), ended: make(chan error, 1)}
	p.command = program(t, append([]string{
		"BEDSIDE_ADDR=127.0.0.1:0", "BEDSIDE_ADMIN_ADDR=" + p.admin, "BEDSIDE_STAFF_KEYS=" + staffKey,
		"BEDSIDE_LOG_LEVEL=debug", "BEDSIDE_DRAIN_NOTICE=0",
	}, environ...), "serve")
	p.command.Stdout, p.command.Stderr = p.printed, p.printed
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.command.Wait() }()
	t.Cleanup(func() {
		_ = p.command.Process.Kill()
		if err := <-p.ended; err != nil {
			t.Logf("the process that was left: %v", err)
		}
	})
	rest := p.prints("bedside: ready on ")
	p.url, _, _ = strings.Cut(rest, "\n")
	return p
}

// prints waits until the process has printed a line with the text, and returns
// what comes after the text.
func (p *process) prints(text string) (rest string) {
	p.t.Helper()
	for deadline := time.After(20 * time.Second); ; {
		if _, rest, found := strings.Cut(p.printed.String(), text); found && strings.Contains(rest, "\n") {
			return rest
		}
		select {
		case <-p.printed.More():
		case err := <-p.ended:
			p.ended <- err
			p.t.Fatalf("serve ended: %v\n%s", err, p.printed)
		case <-deadline:
			p.t.Fatalf("it does not print %q:\n%s", text, p.printed)
		}
	}
}

// stop ends the process as an operator does, and returns all that it printed.
func (p *process) stop() string {
	p.t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	err := <-p.ended
	p.ended <- err
	if err != nil {
		p.t.Errorf("serve ended with %v:\n%s", err, p.printed)
	}
	return p.printed.String()
}

// get reads a page without credentials.
func get(t testing.TB, url string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}
