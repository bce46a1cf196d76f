package chaostest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// floods makes a flood of the test's binary: the gateway's address and how often to
// connect.
const floods = "BEDSIDE_CHAOS_FLOOD"

// startFlood floods the gateway from a process of its own, which gives way to the
// others: a flood comes from elsewhere, and what it computes there must not count.
// The channel gets the numbers of connections that were opened and refused; stop
// ends it.
func startFlood(t *testing.T, gate *replica, attempts int) (stop func(), connected <-chan string) {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(binary)
	command.Env = []string{fmt.Sprintf("%s=%s %d", floods, gate.address, attempts)}
	said, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	counts := make(chan string, 1)
	read := make(chan struct{})
	go func() {
		defer close(read)
		line, _ := bufio.NewReader(said).ReadString('\n')
		counts <- line
	}()
	stop = sync.OnceFunc(func() {
		_ = command.Process.Kill()
		<-read
		_ = command.Wait()
	})
	t.Cleanup(stop)
	return stop, counts
}

// flood is the other process. It ends when it is killed.
func flood(what string) int {
	var address string
	var attempts int
	if _, err := fmt.Sscan(what, &address, &attempts); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := syscall.Setpriority(syscall.PRIO_PROCESS, 0, 10); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	gate := &replica{address: address}
	var pouring, connecting sync.WaitGroup
	for _, sent := range []string{masked(text, `{"type":"response.create","input":"thank you"}`), masked(text, `{"type":"bedside:session.start"}`), masked(0x89, "ping")} {
		pouring.Go(func() { pour(context.Background(), gate, sent) })
	}
	const at = 50 // a time
	var opened, refused atomic.Int64
	held := make(chan *stranger, attempts) // until the end
	for range at {
		connecting.Go(func() {
			for range attempts / at {
				s, err := tryComeIn(gate, "127.0.0.3")
				if err != nil {
					refused.Add(1)
					continue
				}
				opened.Add(1)
				held <- s
			}
		})
	}
	connecting.Wait()
	fmt.Println(opened.Load(), refused.Load())
	pouring.Wait()
	return 0
}

// pour sends a frame a thousand times a second and reads what comes, on one
// connection after the other.
func pour(ctx context.Context, gate *replica, sent string) {
	for ctx.Err() == nil {
		s, err := tryComeIn(gate, "127.0.0.2")
		if err != nil {
			<-time.After(10 * time.Millisecond)
			continue
		}
		go func() { _, _ = io.Copy(io.Discard, s.reader) }()
		_, _ = io.WriteString(s, masked(text, `{"type":"bedside:session.start"}`))
		tick := time.NewTicker(10 * time.Millisecond)
		for err == nil && ctx.Err() == nil {
			<-tick.C
			_, err = io.WriteString(s, strings.Repeat(sent, 10))
		}
		tick.Stop()
		_ = s.Close()
	}
}
