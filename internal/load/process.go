package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// process is a gateway or a relay that was started for the run.
type process struct {
	command *exec.Cmd
	url     string
	drained chan struct{}
}

// errNotReady means that a process ended before it was ready.
var errNotReady = errors.New("it ended before it was ready")

// launch starts the program with the arguments and waits for the line that names
// its address.
func (b *bench) launch(ctx context.Context, environ []string, args ...string) (*process, error) {
	command := exec.CommandContext(ctx, b.Path, args...) //nolint:gosec // The program is this one.
	command.Args[0] = b.Name
	command.Env = environ
	said, err := command.StderrPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	p := &process{command: command, drained: make(chan struct{})}
	lines := bufio.NewScanner(said)
	last := ""
	for p.url == "" && lines.Scan() {
		last = lines.Text()
		if _, url, found := strings.Cut(last, ready); found {
			p.url = strings.TrimSpace(url)
		}
	}
	go func() {
		defer close(p.drained)
		_, _ = io.Copy(io.Discard, said)
	}()
	if p.url == "" {
		p.stop()
		return nil, fmt.Errorf("start %s: %w: %s", args[0], errNotReady, last)
	}
	return p, nil
}

// ready is what gateway and relay say before their address.
const ready = "ready on "

// Ready is the line with which a relay says that it listens.
func Ready(url string) string { return "relay: " + ready + url }

// stop ends the process: it holds nothing that anybody waits for.
func (p *process) stop() {
	_ = p.command.Process.Kill()
	<-p.drained
	_ = p.command.Wait()
}

// processor is the processor time that the process has used.
func (p *process) processor() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.command.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read the processor time: %w", err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // the name may hold anything
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, errors.New("read the processor time: /proc is not as expected")
	}
	ticks := 0
	for _, field := range fields[11:13] { // utime, stime
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, fmt.Errorf("read the processor time: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, nil
}

// ticksPerSecond is Linux's USER_HZ, which is 100 wherever Go runs on it.
const ticksPerSecond = 100

// resident is the process's resident memory in KiB.
func (p *process) resident() (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read the memory: %w", err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, found := strings.CutPrefix(line, "VmRSS:"); found {
			return strconv.ParseFloat(strings.Fields(rest)[0], 64)
		}
	}
	return 0, errors.New("read the memory: /proc is not as expected")
}
