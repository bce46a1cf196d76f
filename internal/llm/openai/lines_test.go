package openai

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestLines(t *testing.T) {
	long := strings.Repeat("x", 100<<10)
	for name, test := range map[string]struct {
		stream string
		want   []string
	}{
		"events":              {"data: one\n\ndata:two\r\n\r\ndata:\t three \n", []string{"one", "two", "three"}},
		"comments and fields": {": alive\nevent: x\nid: 1\ndata: one\n\n: alive\n", []string{"one"}},
		"done":                {"data: one\n\ndata: [DONE]\n\ndata: two\n", []string{"one"}},
		"no last line break":  {"data: one\ndata: two", []string{"one"}},
		"long lines":          {"data: " + long + "\ndata: one\ndata: " + long + "\n", []string{long, "one", long}},
		"an empty event":      {"data:\n", []string{""}},
		"nothing":             {"", nil},
	} {
		for _, read := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.HalfReader, iotest.DataErrReader} {
			l := readLines(read(strings.NewReader(test.stream)))
			var got []string
			data, err := l.next()
			for ; err == nil; data, err = l.next() {
				got = append(got, string(data))
			}
			if diff := cmp.Diff(test.want, got); diff != "" || !errors.Is(err, io.EOF) {
				t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
			}
			l.close()
		}
	}
}

// FuzzBodyIsWatched compares the watch over a body with one that goes byte by byte.
func FuzzBodyIsWatched(f *testing.F) {
	for _, text := range []string{"data: x\n\n", " \t<html>", "\n\n{", "data: " + strings.Repeat("x", 60), "\xEF\xBB\xBF {", strings.Repeat(" ", 31) + "<", strings.Repeat(" ", 32) + "<", strings.Repeat(" ", 33) + "<"} {
		f.Add([]byte(text), 7)
	}
	f.Fuzz(func(t *testing.T, text []byte, size int) {
		const most = 32
		var want error
		line, first := 0, byte(0)
		for _, c := range text {
			if c == '\n' {
				line, first = 0, 0
				continue
			}
			if first == 0 && !strings.ContainsRune(" \r\t", rune(c)) && c != 0xEF && c != 0xBB && c != 0xBF {
				if first = c; c == '<' || c == '{' {
					want = errGarbled
					break
				}
			}
			if line++; line > most {
				want = errTooBig
				break
			}
		}
		b := &body{maxLine: most}
		var got error
		for rest := text; got == nil && len(rest) > 0; {
			n := min(len(rest), max(1, size%16))
			got = b.look(rest[:n])
			rest = rest[n:]
		}
		if !errors.Is(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	})
}
