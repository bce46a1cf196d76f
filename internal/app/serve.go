package app

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"bedside/internal/config"
	"bedside/internal/gateway"
)

// headerTimeout bounds how long a stranger may take to say what it wants.
const headerTimeout = 10 * time.Second

// drainMax bounds what a drain waits for in all: what is left then ends within the
// five seconds that follow.
const drainMax = 25 * time.Second

// requestTimeout bounds how long a stranger may take to send a request, body and all,
// to a handler that sets no time of its own.
const requestTimeout = time.Minute

// stopTimeout bounds the end of a drain: open requests are closed after it.
const stopTimeout = 2 * time.Second

// Serve listens until ctx ends, then drains: it says that it is not ready, waits
// for proxies to notice, lets running answers end or leaves them to the other
// replicas, and closes its connections, all within half a minute.
// A second context, hurry, cuts the waiting short.
func (a *App) Serve(ctx, hurry context.Context) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", a.settings.Addr)
	if err != nil {
		return cannotListen("BEDSIDE_ADDR", a.settings.Addr, err)
	}
	failed := make(chan error, 2)
	door := a.newGateway(listener.Addr())
	defer context.AfterFunc(hurry, door.Hurry)()
	defer door.Close()
	server := newServer(door, a.options.Logger)
	go func() { failed <- server.Serve(listener) }()

	var admin *http.Server
	if a.settings.AdminAddr != "" {
		adminListener, err := config.Listen(ctx, "tcp", a.settings.AdminAddr)
		if err != nil {
			return errors.Join(cannotListen("BEDSIDE_ADMIN_ADDR", a.settings.AdminAddr, err), server.Close())
		}
		admin = newServer(a.metrics.Handler(), a.options.Logger)
		go func() { failed <- admin.Serve(adminListener) }()
	}
	if a.options.Ready != nil {
		a.options.Ready("http://" + listener.Addr().String())
	}
	var settling sync.WaitGroup
	settling.Go(debug.FreeOSMemory) // what reading the material took
	changing, stopChanging := context.WithCancel(ctx)
	settling.Go(func() { a.keepMaterial(changing) })
	defer func() {
		stopChanging()
		within(stopTimeout, settling.Wait) // a folder may hang
	}()
	select {
	case err = <-failed:
		err = fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		err = a.drain(hurry, door, server)
	}
	if admin != nil {
		err = errors.Join(err, admin.Close())
	}
	return err
}

func cannotListen(setting, address string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		err = errors.New("another program has this address already: end that one, or give another address (port 0 takes a free one)")
	}
	return &SettingsError{fmt.Errorf("%s: cannot listen on %s: %w", setting, address, err)}
}

func newServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: requestTimeout, MaxHeaderBytes: 16 << 10, IdleTimeout: time.Minute,
		ErrorLog: log.New(serverErrors{logger}, "", 0),
	}
}

// serverErrors takes what net/http says of itself, which else goes to stderr. Of
// a handler that panicked it keeps the stack and not the value, which may hold
// what a patient wrote.
type serverErrors struct{ logger *slog.Logger }

func (e serverErrors) Write(said []byte) (int, error) {
	text := strings.TrimSpace(string(said))
	if strings.HasPrefix(text, "http: panic serving") {
		stack := ""
		if at := strings.LastIndex(text, "\ngoroutine "); at >= 0 {
			stack = text[at+1:]
		}
		e.logger.Error("panic while serving a request", slog.String("stack", stack))
		return len(said), nil
	}
	e.logger.Warn("http", slog.String("said", text))
	return len(said), nil
}

// drain ends the service without breaking an answer where the time allows.
func (a *App) drain(hurry context.Context, door *gateway.Gateway, server *http.Server) error {
	start := time.Now()
	hurry, end := context.WithTimeout(hurry, drainMax)
	defer end()
	door.NotReady()
	a.options.Logger.Info("drain begins", slog.Int("answers", a.turn.Running()), slog.Int("connections", door.OpenConnections()))
	wait(hurry, a.settings.Drain.Notice)
	answers, cancel := context.WithTimeout(hurry, max(a.settings.Drain.Answers, 0))
	defer cancel()
	if err := a.turn.Close(answers); err != nil {
		a.options.Logger.Warn("answers were still running at the end of the drain")
	}
	sentAway := door.OpenConnections()
	door.Drain()
	stop, cancelStop := context.WithTimeout(hurry, stopTimeout)
	defer cancelStop()
	err := server.Shutdown(stop)
	cut := err != nil
	if cut {
		err = server.Close()
	}
	door.Close()
	a.options.Logger.Info("drain ended", slog.Int("connections", sentAway), slog.Bool("requests_cut", cut), slog.Duration("took", time.Since(start)))
	return err
}

// within waits until what is done is done, for d at most.
func within(d time.Duration, do func()) {
	done := make(chan struct{})
	go func() { do(); close(done) }()
	select {
	case <-done:
	case <-time.After(d):
	}
}

// wait waits for d, less when ctx ends; not at all for config.Unlimited.
func wait(ctx context.Context, d time.Duration) {
	if d <= 0 || d == config.Unlimited {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
