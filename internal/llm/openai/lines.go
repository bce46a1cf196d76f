package openai

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"sync"
)

// lines reads the events of a stream. go-openai asks for the answer and could read
// it as well, but at three regular expressions and three copies a line: what it
// costs is more than all else that is done with a token.
type lines struct {
	reader *bufio.Reader
	long   []byte // a line that does not fit into the reader
}

// lineReaders are at hand for the next answers. What a model says while the last
// piece is looked at is taken in one read.
var lineReaders = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 16<<10) }}

func readLines(body io.Reader) *lines {
	reader, _ := lineReaders.Get().(*bufio.Reader)
	reader.Reset(body)
	return &lines{reader: reader}
}

// close gives the reader back.
func (l *lines) close() {
	l.reader.Reset(nil)
	lineReaders.Put(l.reader)
	l.reader = nil
}

// next returns the data of the next event, which stands until the next call.
// io.EOF: the stream has said that it is done, or is over.
func (l *lines) next() ([]byte, error) {
	for {
		line, err := l.line()
		if err != nil {
			return nil, err // what stands behind the last line break is no whole line
		}
		data, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("data:"))
		if !ok {
			continue // a comment, another field, or what parts two events
		}
		data = bytes.TrimLeft(data, "\t\n\f\r ")
		if string(data) == "[DONE]" {
			return nil, io.EOF
		}
		return data, nil
	}
}

func (l *lines) line() ([]byte, error) {
	line, err := l.reader.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	l.long = append(l.long[:0], line...)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = l.reader.ReadSlice('\n')
		l.long = append(l.long, line...)
	}
	return l.long, err
}

// drain reads what stands behind the end, so that the connection can serve the
// next question.
func (l *lines) drain() { _, _ = l.reader.WriteTo(io.Discard) }
