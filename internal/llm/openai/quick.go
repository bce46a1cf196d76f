package openai

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// quickly reads the chunks that nearly all tokens come in, at a fraction of what
// decoding costs. ok is false for whatever is not exactly of their kind (escapes,
// usage, errors, several choices, anything malformed), which is then decoded. at is
// where in the line the text stands, if there is any.
func quickly(line []byte) (e event, at int, ok bool) {
	s := scanner{rest: line}
	s.space()
	ok = s.object(func(key []byte) bool {
		if known, exact := fieldNamed(key, "choices", "error", "usage"); known != "" {
			switch {
			case !exact || s.saw(known):
				return false
			case known == "choices":
				return s.choices(&e)
			default:
				return s.null()
			}
		}
		return s.skip(0)
	})
	return e, len(line) - s.behind, ok && len(s.rest) == 0
}

// choices reads a list of one choice.
func (s *scanner) choices(e *event) bool {
	if !s.is('[') {
		return false
	}
	e.choice = true
	seen := scanner{}
	index := true
	one := s.object(func(key []byte) bool {
		known, exact := fieldNamed(key, "index", "delta", "finish_reason")
		switch {
		case known == "":
			return s.skip(0)
		case !exact || seen.saw(known):
			return false
		case known == "index":
			index = s.is('0')
			return index && !s.digitNext()
		case known == "delta":
			return s.delta(e)
		}
		if s.null() {
			return true
		}
		finish, ok := s.text()
		if e.finish = "stop"; string(finish) != e.finish {
			e.finish = string(finish)
		}
		return ok
	})
	return one && s.is(']')
}

func (s *scanner) delta(e *event) bool {
	seen := scanner{}
	return s.object(func(key []byte) bool {
		known, exact := fieldNamed(key, "content", "reasoning_content", "reasoning", "refusal")
		switch {
		case known == "":
			return s.skip(0)
		case !exact || seen.saw(known):
			return false
		case s.null():
			return true
		}
		left := len(s.rest)
		text, ok := s.text()
		switch known {
		case "content":
			e.text, s.behind = string(text), left-1
		case "reasoning_content", "reasoning":
			e.thought = e.thought || len(text) > 0
		}
		return ok
	})
}

// fieldNamed returns which of the names a key is, and whether letter by letter:
// encoding/json takes capitals for small letters.
func fieldNamed(key []byte, names ...string) (name string, exact bool) {
	for _, name := range names {
		if string(key) == name {
			return name, true
		}
	}
	foreign := slices.ContainsFunc(key, func(c byte) bool { return c >= utf8.RuneSelf })
	for _, name := range names {
		if (foreign || len(key) == len(name)) && bytes.EqualFold(key, []byte(name)) {
			return name, false
		}
	}
	return "", false
}

// scanner walks over JSON. Its methods return false where it is not what they
// read; then nothing more is to be made of it.
type scanner struct {
	rest   []byte
	seen   [4]string // fields, for saw
	n      int
	behind int // how much was left where the text began
}

// saw says whether a field was seen before: the last one would count.
func (s *scanner) saw(name string) bool {
	for _, seen := range s.seen[:s.n] {
		if seen == name {
			return true
		}
	}
	if s.n < len(s.seen) {
		s.seen[s.n] = name
		s.n++
	}
	return false
}

func (s *scanner) space() {
	for len(s.rest) > 0 && (s.rest[0] == ' ' || s.rest[0] == '\t' || s.rest[0] == '\n' || s.rest[0] == '\r') {
		s.rest = s.rest[1:]
	}
}

func (s *scanner) is(c byte) bool {
	s.space()
	if len(s.rest) == 0 || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	s.space()
	return true
}

func (s *scanner) digitNext() bool {
	return len(s.rest) > 0 && (s.rest[0] >= '0' && s.rest[0] <= '9' || s.rest[0] == '.' || s.rest[0] == 'e' || s.rest[0] == 'E')
}

func (s *scanner) null() bool { return s.word("null") }

func (s *scanner) word(word string) bool {
	if !bytes.HasPrefix(s.rest, []byte(word)) {
		return false
	}
	s.rest = s.rest[len(word):]
	s.space()
	return true
}

// object calls field for each key, which must read the value.
func (s *scanner) object(field func(key []byte) bool) bool {
	if !s.is('{') {
		return false
	}
	if s.is('}') {
		return true
	}
	for {
		key, ok := s.text()
		if !ok || !s.is(':') || !field(key) {
			return false
		}
		if s.is('}') {
			return true
		}
		if !s.is(',') {
			return false
		}
	}
}

// text reads a string without escapes.
func (s *scanner) text() ([]byte, bool) {
	if len(s.rest) == 0 || s.rest[0] != '"' {
		return nil, false
	}
	end := bytes.IndexByte(s.rest[1:], '"')
	if end < 0 {
		return nil, false
	}
	text := s.rest[1 : end+1]
	if !isPlain(text) {
		return nil, false
	}
	s.rest = s.rest[end+2:]
	s.space()
	return text, true
}

// skip reads any value of little depth.
func (s *scanner) skip(depth int) bool {
	if len(s.rest) == 0 || depth > 8 {
		return false
	}
	switch c := s.rest[0]; {
	case c == '"':
		_, ok := s.text()
		return ok
	case c == '{':
		return s.object(func([]byte) bool { return s.skip(depth + 1) })
	case c == '[':
		s.is('[')
		if s.is(']') {
			return true
		}
		for s.skip(depth + 1) {
			if s.is(']') {
				return true
			}
			if !s.is(',') {
				return false
			}
		}
		return false
	case c >= '0' && c <= '9':
		return s.natural()
	}
	return s.word("null") || s.word("true") || s.word("false")
}

// natural reads a whole number; others are left to encoding/json.
func (s *scanner) natural() bool {
	if s.rest[0] == '0' {
		s.rest = s.rest[1:]
	} else {
		for len(s.rest) > 0 && s.rest[0] >= '0' && s.rest[0] <= '9' {
			s.rest = s.rest[1:]
		}
	}
	if s.digitNext() {
		return false
	}
	s.space()
	return true
}
