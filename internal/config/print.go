package config

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"
)

// Print writes each setting with its value and where that came from. Secrets
// stay hidden.
func (l *Loaded) Print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SETTING\tVALUE\tFROM")
	for _, s := range Settings() {
		from := l.sources[s.Key]
		if from == "" {
			from = "default"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", s.Env, show(s.field(&l.Config).String()), from)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the settings: %w", err)
	}
	return nil
}

// show keeps a value on its line and in its column.
func show(text string) string {
	if text == "" {
		return "-"
	}
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}
