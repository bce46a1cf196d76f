// Package redistest runs Redis for tests: a real server as a process of its
// own, or one in this process that lives in virtual time.
package redistest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"bedside/internal/redisdb"
)

// Required is the environment variable that makes the absence of a tool a
// failure, as where everything is installed.
const Required = "BEDSIDE_REQUIRE_TOOLS"

// patience bounds the wait for a server to start or stop.
const patience = 10 * time.Second

// Server is a redis-server process on a free port of 127.0.0.1, with its own
// folder. It is killed when the test ends.
type Server struct {
	t              testing.TB
	binary         string
	folder         string
	leading        []string // arguments before all others: a configuration file and its kind
	options        []string
	Port           int
	user, password string // of this package's own questions
	command        *exec.Cmd
	ended          chan struct{} // closed when the process was waited for
}

// Start starts a redis-server, with further options as on its command line. The
// test is skipped where there is none, or fails where it is required.
func Start(t testing.TB, options ...string) *Server {
	t.Helper()
	return start(t, nil, options)
}

// start starts a server whose leading arguments may depend on its folder.
func start(t testing.TB, leading func(folder string) []string, options []string) *Server {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv(Required) == "1" {
			t.Fatalf("redis-server is required (%s=1) and not installed", Required)
		}
		t.Skip("redis-server is not installed: the log in a real Redis is not tested")
	}
	s := &Server{t: t, binary: binary, folder: t.TempDir(), options: options}
	if leading != nil {
		s.leading = leading(s.folder)
	}
	t.Cleanup(s.Kill)
	for range 5 { // Another process may take the port first.
		s.Port = freePort(t)
		if s.run() {
			return s
		}
	}
	t.Fatal("redis-server does not start")
	return nil
}

// URL is the server's address as redisdb takes it.
func (s *Server) URL() string { return "redis://" + s.Address() }

// Address is the server's host and port.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)) }

// Files returns what the server has written to its folder, all files together.
func (s *Server) Files() string {
	s.t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(s.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return ignoreGone(err)
		}
		content, err := os.ReadFile(path)
		all.Write(content)
		return ignoreGone(err)
	})
	if err != nil {
		s.t.Fatalf("read redis-server's files: %v", err)
	}
	return all.String()
}

// ignoreGone forgives that the server removed a file meanwhile.
func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Kill ends the process and its children at once, as kill -9.
func (s *Server) Kill() {
	if s.command == nil {
		return
	}
	group := -s.command.Process.Pid
	_ = syscall.Kill(group, syscall.SIGKILL)
	<-s.ended
	// A child that writes a snapshot or a new append-only file outlives its parent
	// for a moment, and would write into a folder that is being removed.
	for deadline := time.Now().Add(patience); time.Now().Before(deadline) && syscall.Kill(group, 0) == nil; time.Sleep(2 * time.Millisecond) {
		_ = syscall.Kill(group, syscall.SIGKILL)
	}
	s.command = nil
}

// Written is how many bytes the server's append-only file has.
func (s *Server) Written() int64 {
	s.t.Helper()
	info, err := os.Stat(s.appended())
	if err != nil {
		s.t.Fatalf("find the append-only file: %v", err)
	}
	return info.Size()
}

// LosePower kills the server, and what its append-only file holds beyond a size, as
// a machine does that had not brought it to the disk.
func (s *Server) LosePower(size int64) {
	s.t.Helper()
	s.Kill()
	if err := os.Truncate(s.appended(), size); err != nil {
		s.t.Fatalf("cut the append-only file: %v", err)
	}
}

// appended is the append-only file that is written to.
func (s *Server) appended() string {
	files, err := filepath.Glob(filepath.Join(s.folder, "appendonlydir", "*.incr.aof"))
	if err != nil || len(files) == 0 {
		s.t.Fatalf("no append-only file: %v", err)
	}
	return slices.MaxFunc(files, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
}

// Restart starts a killed server again, on the same port and folder.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	if !s.run() {
		s.t.Fatal("redis-server does not start again")
	}
}

// Pause stops the process in its tracks, as SIGSTOP; Resume lets it go on.
func (s *Server) Pause() { s.signal(syscall.SIGSTOP) }

// Resume lets a paused process go on.
func (s *Server) Resume() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(signal syscall.Signal) {
	s.t.Helper()
	if err := s.command.Process.Signal(signal); err != nil {
		s.t.Fatalf("signal redis-server: %v", err)
	}
}

// Open returns a client of the server that is closed when the test ends.
func (s *Server) Open() redis.UniversalClient {
	s.t.Helper()
	return Open(s.t, redisdb.Options{URL: s.URL()})
}

func (s *Server) run() bool {
	args := append(slices.Clone(s.leading),
		"--port", strconv.Itoa(s.Port), "--bind", "127.0.0.1", "--dir", s.folder,
		"--daemonize", "no", "--logfile", "redis.log", "--loglevel", "warning")
	if s.leading == nil { // a Sentinel knows nothing of snapshots
		args = append(args, "--save", "")
	}
	args = append(args, s.options...)
	s.command = exec.Command(s.binary, args...)
	s.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // with its children it is one group
	if err := s.command.Start(); err != nil {
		s.t.Fatalf("start redis-server: %v", err)
	}
	command, ended := s.command, make(chan struct{})
	s.ended = ended
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline) && !s.gone(); time.Sleep(2 * time.Millisecond) {
		if s.answers() {
			return true
		}
	}
	s.Kill()
	return false
}

// answers says whether this very process listens: it answers a PING in whatever
// words, for a password may be set.
func (s *Server) answers() bool {
	conn, err := net.DialTimeout("tcp", s.Address(), time.Second)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := fmt.Fprint(conn, "PING\r\n"); err != nil {
		return false
	}
	first := make([]byte, 1)
	_, err = conn.Read(first)
	return err == nil && !s.gone()
}

// gone says whether the process has ended, as when its port was taken.
func (s *Server) gone() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("find a free port: %v", err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

// Memory returns a Redis in this process, reached without the network, whose
// keys expire by the clock. It works in a testing/synctest bubble.
func Memory(t testing.TB) *InMemory {
	t.Helper()
	m := &InMemory{t: t, Miniredis: miniredis.NewMiniRedis()}
	m.ClockTTL(true)
	t.Cleanup(m.Close)
	return m
}

// InMemory is a Redis in this process.
type InMemory struct {
	*miniredis.Miniredis
	t testing.TB
}

// Open returns a client of the server that is closed when the test ends.
func (m *InMemory) Open() redis.UniversalClient {
	m.t.Helper()
	return Open(m.t, redisdb.Options{
		URL:  "redis://memory:6379",
		Dial: func(context.Context, string, string) (net.Conn, error) { return m.Dial() },
	})
}

// Open returns a client that is closed when the test ends. Its time limits are
// wide, where none are given, so that a busy machine fails no test.
func Open(t testing.TB, options redisdb.Options) redis.UniversalClient {
	t.Helper()
	if options.Timeout == 0 {
		options.Timeout, options.DialTimeout = patience, patience
	}
	client, err := redisdb.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}
