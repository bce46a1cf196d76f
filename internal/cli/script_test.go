package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"bedside/internal/cli"
	"bedside/internal/redisdb/redistest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"bedside": func() {
			os.Exit(cli.Run(context.Background(), os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

// TestScripts runs whole programs. Beside testscript's own commands there are:
//
//	exitcode N CMD ARGS…   the command ends with the code; its output is there as after exec
//	start ARGS…            runs bedside serve until stop, or the script's end; $SERVER is its address
//	stop                   ends it with SIGTERM, after which it must end with 0; $GATEWAY_LOG holds its stderr
//	redis [stop]           runs a redis-server until the script's end or until it is stopped; $REDIS_URL is its address
//	grepid RE NAME         sets NAME to the first thing in the gateway's log that matches
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("BEDSIDE_ADDR", "127.0.0.1:0")
			env.Setenv("BEDSIDE_DRAIN_NOTICE", "0")
			env.Values[gatewayKey{}] = &gateway{t: env.T().(testing.TB)}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exitcode": exitCode, "start": start, "stop": stop, "redis": redis, "grepid": grepID,
		},
	})
}

func exitCode(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exitcode N CMD ARGS…")
	}
	code := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		code = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if code != args[0] {
		ts.Fatalf("ended with %s, want %s: %v", code, args[0], args[1:])
	}
}

type gatewayKey struct{}

// gateway is the one that a script runs.
type gateway struct {
	t       testing.TB // of the script
	redis   *redistest.Server
	command *exec.Cmd
	log     bytes.Buffer
	drained chan struct{} // its stderr has ended
}

func start(ts *testscript.TestScript, _ bool, args []string) {
	g := ts.Value(gatewayKey{}).(*gateway)
	path, err := exec.LookPath("bedside")
	ts.Check(err)
	g.command = exec.Command(path, append([]string{"serve"}, args...)...)
	g.command.Dir = ts.MkAbs(".")
	g.command.Env = os.Environ()
	for _, name := range []string{"BEDSIDE_ADDR", "BEDSIDE_DRAIN_NOTICE", "BEDSIDE_STAFF_KEYS", "BEDSIDE_ADMIN_ADDR", "REDIS_URL"} {
		g.command.Env = append(g.command.Env, name+"="+ts.Getenv(name))
	}
	stderr, err := g.command.StderrPipe()
	ts.Check(err)
	ts.Check(g.command.Start())
	g.drained = make(chan struct{})
	ts.Defer(func() {
		if g.command != nil {
			_ = g.command.Process.Kill()
			<-g.drained
			_ = g.command.Wait()
		}
	})
	lines := bufio.NewReader(stderr)
	for url := ""; url == ""; {
		line, err := lines.ReadString('\n')
		g.log.WriteString(line)
		if err != nil {
			close(g.drained)
			ts.Fatalf("serve did not start: %s", g.log.String())
		}
		url, _ = strings.CutPrefix(strings.TrimSpace(line), "bedside: ready on ")
		if !strings.HasPrefix(url, "http://") {
			url = ""
		}
		ts.Setenv("SERVER", url)
	}
	go func() {
		defer close(g.drained)
		_, _ = io.Copy(&g.log, lines)
	}()
}

func stop(ts *testscript.TestScript, _ bool, _ []string) {
	g := ts.Value(gatewayKey{}).(*gateway)
	ts.Check(g.command.Process.Signal(syscall.SIGTERM))
	<-g.drained
	err := g.command.Wait()
	g.command = nil
	if err != nil {
		ts.Fatalf("serve ended with %v: %s", err, g.log.String())
	}
	ts.Setenv("GATEWAY_LOG", g.log.String())
}

func redis(ts *testscript.TestScript, _ bool, args []string) {
	g := ts.Value(gatewayKey{}).(*gateway)
	if len(args) > 0 {
		g.redis.Kill()
		return
	}
	g.redis = redistest.Start(g.t)
	ts.Setenv("REDIS_URL", g.redis.URL())
}

func grepID(ts *testscript.TestScript, _ bool, args []string) {
	g := ts.Value(gatewayKey{}).(*gateway)
	found := regexp.MustCompile(args[0]).FindString(g.log.String())
	if found == "" {
		ts.Fatalf("%s is not in the gateway's log:\n%s", args[0], g.log.String())
	}
	ts.Setenv(args[1], found)
}
