package corpus

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Sizes over which a folder is taken for a mistake.
const (
	mostFiles       = 5_000
	mostFileBytes   = 512 << 10
	mostFolderBytes = 64 << 20
	mostLinks       = 16
)

type fileKind int

const (
	pageFile fileKind = iota
	factsFile
	gapsFile
)

// file is one file of the material as it was read, with line ends as \n.
type file struct {
	name string
	kind fileKind
	text []byte
}

// otherRooms are folders at the top that other packages read.
var otherRooms = []string{"safety", "synonyms", "testdata"}

// readFolder reads every page and data file in the order of their names.
// Names that begin with a dot are skipped, as are files of other kinds.
func readFolder(fsys fs.FS, faults *problems) ([]file, error) {
	var files []file
	total := 0
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := name != "." && strings.HasPrefix(entry.Name(), ".")
		if entry.IsDir() && (hidden || slices.Contains(otherRooms, name)) {
			return fs.SkipDir
		}
		if hidden {
			return nil
		}
		kind, ok := kindOf(entry.Name())
		if entry.IsDir() || !ok && entry.Type()&fs.ModeSymlink == 0 {
			return nil
		}
		target, err := resolve(fsys, name, entry)
		if err != nil || !ok {
			return faults.keep(err)
		}
		if len(files) == mostFiles {
			return fmt.Errorf("the folder holds more than %d files", mostFiles)
		}
		text, err := readFile(fsys, name, target)
		if err != nil {
			return faults.keep(err)
		}
		if total += len(text); total > mostFolderBytes {
			return fmt.Errorf("the folder holds more than %d bytes of text", mostFolderBytes)
		}
		files = append(files, file{name: name, kind: kind, text: normalizeLines(text)})
		return nil
	})
	return files, err
}

func kindOf(base string) (fileKind, bool) {
	switch {
	case strings.EqualFold(base, "README.md"):
		return 0, false
	case strings.EqualFold(base, "facts.yaml"), strings.EqualFold(base, "facts.yml"):
		return factsFile, true
	case strings.EqualFold(base, "not-covered.yaml"), strings.EqualFold(base, "not-covered.yml"):
		return gapsFile, true
	case strings.EqualFold(path.Ext(base), ".md"):
		return pageFile, true
	}
	return 0, false
}

// resolve follows symbolic links by hand: one that stays inside the folder is
// how orchestrators mount files, one that leaves it would read what was never
// meant to be material.
func resolve(fsys fs.FS, name string, entry fs.DirEntry) (string, error) {
	if entry.Type().IsRegular() {
		return name, nil
	}
	if entry.Type()&fs.ModeSymlink == 0 {
		return "", &Problem{File: name, Message: "is not a regular file"}
	}
	if _, ok := fsys.(fs.ReadLinkFS); !ok {
		return "", &Problem{File: name, Message: "is a symbolic link, which cannot be followed here"}
	}
	links, done := 0, ""
	rest := strings.Split(name, "/")
	for len(rest) > 0 {
		next := path.Join(done, rest[0])
		rest = rest[1:]
		info, err := fs.Lstat(fsys, next)
		if err != nil {
			return "", fmt.Errorf("follow the link %s: %w", name, err)
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			done = next
			continue
		}
		if links++; links > mostLinks {
			return "", &Problem{File: name, Message: "is a symbolic link that leads in a circle"}
		}
		target, err := fs.ReadLink(fsys, next)
		if err != nil {
			return "", fmt.Errorf("follow the link %s: %w", name, err)
		}
		joined := path.Join(path.Dir(next), target)
		if path.IsAbs(target) || !fs.ValidPath(joined) {
			return "", &Problem{File: name, Message: "is a symbolic link out of the folder"}
		}
		rest, done = append(strings.Split(joined, "/"), rest...), ""
	}
	info, err := fs.Lstat(fsys, done)
	if err != nil {
		return "", fmt.Errorf("follow the link %s: %w", name, err)
	}
	if !info.Mode().IsRegular() {
		return "", &Problem{File: name, Message: "is a symbolic link to something other than a file"}
	}
	return done, nil
}

func readFile(fsys fs.FS, name, target string) ([]byte, error) {
	f, err := fsys.Open(target)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	var text bytes.Buffer
	if info, err := f.Stat(); err == nil {
		text.Grow(int(min(info.Size(), mostFileBytes)) + bytes.MinRead)
	}
	_, err = text.ReadFrom(io.LimitReader(f, mostFileBytes+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if text.Len() > mostFileBytes {
		return nil, &Problem{File: name, Message: fmt.Sprintf("is larger than %d bytes", mostFileBytes)}
	}
	return text.Bytes(), nil
}

// normalizeLines takes away what editors on other systems add: a byte order
// mark, and carriage returns before line feeds.
func normalizeLines(text []byte) []byte {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(text, '\r') < 0 {
		return text
	}
	return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
}
