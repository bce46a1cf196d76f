package chaostest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bedside/internal/processtest"
	"bedside/internal/redisdb/redistest"
)

const (
	staffKey = "a staff key for the tests 0123456789"
	phone    = "555-0100"
	// patience bounds the wait for what must come, on a machine that is busy.
	patience = 60 * time.Second
)

// replica is a gateway as a process, on an address that stays its own.
type replica struct {
	t       testing.TB
	program string
	address string
	admin   string
	environ []string

	mu      sync.Mutex
	command *exec.Cmd
	ended   chan struct{}
	err     error // of the end; read after ended
	printed *processtest.Output
}

// startReplica starts a gateway without limits and waits until it is ready.
func startReplica(t testing.TB, environ ...string) *replica {
	t.Helper()
	r := newReplica(t, environ...)
	r.start()
	return r
}

func newReplica(t testing.TB, environ ...string) *replica {
	t.Helper()
	r := &replica{t: t, program: program, address: processtest.FreeAddress(t), admin: processtest.FreeAddress(t), printed: &processtest.Output{}}
	r.environ = append([]string{
		"BEDSIDE_ADDR=" + r.address, "BEDSIDE_ADMIN_ADDR=" + r.admin, "BEDSIDE_STAFF_KEYS=" + staffKey, "BEDSIDE_DATA_KEYS=" + keys,
		"BEDSIDE_CLINIC_PHONE=" + phone, "BEDSIDE_TRUSTED_PROXIES=127.0.0.1/32", "BEDSIDE_LOG_FORMAT=json",
		"BEDSIDE_RATE_SESSION=0", "BEDSIDE_RATE_ADDRESS=0", "BEDSIDE_RATE_GLOBAL=0", "BEDSIDE_CONNECTIONS_ADDRESS=0",
	}, environ...)
	t.Cleanup(r.kill)
	return r
}

func (r *replica) url() string { return "http://" + r.address }

// start starts the process, again where it has ended.
func (r *replica) start() {
	r.t.Helper()
	if err := r.tryStart(); err != nil {
		r.t.Fatal(err)
	}
}

func (r *replica) tryStart() error {
	r.mu.Lock()
	r.command = exec.Command(r.program, "serve")
	r.command.Env, r.command.Dir = r.environ, r.t.TempDir()
	r.command.Stdout, r.command.Stderr = r.printed, r.printed
	err := r.command.Start()
	command, ended := r.command, make(chan struct{})
	r.ended = ended
	r.mu.Unlock()
	if err != nil {
		return err
	}
	go func() {
		r.err = command.Wait()
		close(ended)
	}()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if status, _ := r.get("/readyz"); status == http.StatusOK {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("serve ended: %w\n%s", r.err, r.printed)
		case <-time.After(5 * time.Millisecond):
		}
	}
	return fmt.Errorf("serve is not ready:\n%s", r.printed)
}

// kill ends the process at once, as kill -9.
func (r *replica) kill() {
	r.mu.Lock()
	command, ended := r.command, r.ended
	r.mu.Unlock()
	if command == nil || command.Process == nil {
		return
	}
	_ = command.Process.Kill()
	<-ended
}

// stop asks the process to end and returns how long that took.
func (r *replica) stop() (time.Duration, error) {
	began := time.Now()
	r.signal(syscall.SIGTERM)
	select {
	case <-r.ended:
		return time.Since(began), r.err
	case <-time.After(patience):
		r.kill()
		return time.Since(began), fmt.Errorf("it had to be killed")
	}
}

func (r *replica) signal(signal syscall.Signal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.command.Process.Signal(signal); err != nil {
		r.t.Errorf("signal a replica: %v", err)
	}
}

// alive fails the test where the process has ended.
func (r *replica) alive() {
	r.t.Helper()
	select {
	case <-r.ended:
		r.t.Fatalf("the gateway ended: %v\n%s", r.err, r.printed)
	default:
	}
}

// get reads a page.
func (r *replica) get(path string) (status int, body string) {
	return fetch(r.url() + path)
}

func fetch(url string) (status int, body string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err.Error()
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(text)
}

// resident is the process's resident memory in MiB.
func (r *replica) resident() float64 {
	r.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.command.Process.Pid))
	if err != nil {
		r.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		r.t.Fatal(err)
	}
	return kib / 1024
}

// goroutines is how many the process has.
func (r *replica) goroutines() int { return int(r.metric("go_goroutines")) }

// held is the process's memory in MiB without what waits to be collected.
func (r *replica) held() float64 {
	r.t.Helper()
	if status, _ := fetch("http://" + r.admin + "/debug/pprof/heap?gc=1"); status != http.StatusOK {
		r.t.Fatalf("the heap: %d", status)
	}
	return (r.metric("go_memstats_heap_alloc_bytes") + r.metric("go_memstats_stack_inuse_bytes")) / (1 << 20)
}

// metric is one of the process's.
func (r *replica) metric(name string) float64 {
	r.t.Helper()
	status, body := fetch("http://" + r.admin + "/metrics")
	for line := range strings.Lines(body) {
		if text, found := strings.CutPrefix(line, name+" "); found {
			value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			if err != nil {
				r.t.Fatal(err)
			}
			return value
		}
	}
	r.t.Fatalf("the metrics lack %s: %d %.200s", name, status, body)
	return 0
}

// lacking skips a test that the machine lacks something for, where that may be.
func lacking(t testing.TB, what string) {
	t.Helper()
	if os.Getenv(redistest.Required) == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// startProxy starts haproxy with the shipped settings in front of the replicas
// and returns its address.
func startProxy(t testing.TB, replicas ...*replica) string {
	t.Helper()
	path, err := exec.LookPath("haproxy")
	if err != nil {
		lacking(t, "haproxy is not installed")
	}
	shipped, err := os.ReadFile("../../deployments/haproxy.cfg")
	if err != nil {
		t.Fatal(err)
	}
	address := processtest.FreeAddress(t)
	// A connection takes two descriptors, of which a test's machine may have few.
	settings, _, _ := strings.Cut(strings.NewReplacer("bind :8080", "bind "+address, "maxconn 20000", "maxconn 4000").Replace(string(shipped)), "    server gateway-1")
	for i, r := range replicas {
		settings += fmt.Sprintf("    server gateway-%d %s\n", i+1, r.address)
	}
	file := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	said := &processtest.Output{}
	command := exec.Command(path, "-db", "-f", file)
	command.Stdout, command.Stderr = said, said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	await(t, "the proxy", func() bool {
		status, _ := fetch("http://" + address + "/readyz")
		if status != http.StatusOK && said.String() != "" {
			t.Log(said)
		}
		return status == http.StatusOK
	})
	return "http://" + address
}

// await waits until is, at most for patience.
func await(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// always are the options of a Redis that loses nothing that it acknowledged.
var always = []string{"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"}
