package app

import (
	"io/fs"
	"slices"
	"strings"
)

// overlay is a folder in which the named top-level directories come from another
// one where the folder itself does not have them.
type overlay struct {
	own, fallback fs.FS
	directories   []string
}

// Open implements fs.FS.
func (o overlay) Open(name string) (fs.File, error) {
	top, _, _ := strings.Cut(name, "/")
	if slices.Contains(o.directories, top) {
		if _, err := fs.Stat(o.own, top); err != nil {
			return o.fallback.Open(name)
		}
	}
	return o.own.Open(name)
}
