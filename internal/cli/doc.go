// Package cli is the program's commands.
//
// It promises that data goes to stdout and everything else to stderr, that
// colour appears only on a terminal and never with NO_COLOR, that text from
// elsewhere cannot drive the terminal, and that the exit code says what became
// of the command: see Code. It keeps nothing.
package cli
