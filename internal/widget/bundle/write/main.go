// Command write bundles the widget's script: write FOLDER FILE.
package main

import (
	"fmt"
	"os"

	"bedside/internal/widget/bundle"
)

func main() {
	if err := write(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: write FOLDER FILE")
	}
	script, err := bundle.Script(args[0])
	if err != nil {
		return err
	}
	if err := os.WriteFile(args[1], script, 0o644); err != nil { //nolint:gosec // a source file, for everybody to read
		return fmt.Errorf("write the script: %w", err)
	}
	return nil
}
