package chaostest

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"bedside/internal/seal"
)

var (
	form     = flag.String("chaos", "", "break things: short or full")
	reportTo = flag.String("report", "", "write what came of it to this file")
	// program is the gateway's, built once.
	program string
	// keys are shared by all replicas.
	keys string
	// outcome collects what the tests report.
	outcome report
)

func TestMain(m *testing.M) {
	if what := os.Getenv(floods); what != "" {
		os.Exit(flood(what))
	}
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if *form != "" {
		folder, err := os.MkdirTemp("", "bedside-chaos-")
		if err == nil {
			defer os.RemoveAll(folder) //nolint:errcheck // A temporary folder.
			err = prepare(folder)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	// Those of the tests that wait most of their time run beside each other, when the
	// others are over.
	if err := flag.Set("test.parallel", "4"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if *reportTo != "" {
		if err := outcome.write(*reportTo, *form); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return code
}

func prepare(folder string) error {
	program = filepath.Join(folder, "bedside")
	if output, err := exec.Command("go", "build", "-o", program, "../../cmd/bedside").CombinedOutput(); err != nil {
		return fmt.Errorf("build the gateway: %w: %s", err, output)
	}
	keyset, err := seal.NewKeyset()
	if err != nil {
		return err
	}
	keys, err = keyset.Reveal()
	return err
}

// sized is a number that is smaller in the short form.
func sized[T any](short, full T) T {
	if *form == "full" {
		return full
	}
	return short
}

// longOnly skips what takes a minute in the short form.
func longOnly(t *testing.T) {
	t.Helper()
	if *form != "full" {
		t.Skip("only with -chaos full")
	}
}
