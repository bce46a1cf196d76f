// Command bedside is the chat backend with which a clinic answers its patients'
// questions, and the tools around it. See the commands in internal/cli.
package main

import (
	"context"
	"os"

	"bedside/internal/cli"
)

func main() {
	os.Exit(cli.Run(context.Background(), os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}
