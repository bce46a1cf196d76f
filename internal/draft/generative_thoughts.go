package draft

import "strings"

const (
	thoughtsOpen  = "<think>"
	thoughtsClose = "</think>"
)

// thoughts removes the thinking that some models put before their answer, in
// tags of their own. The zero value is at the beginning of a stream.
type thoughts struct {
	state thoughtsState
	held  string
}

type thoughtsState int

const (
	thoughtsUnknown thoughtsState = iota // nothing but white space or part of a tag so far
	thoughtsInside
	thoughtsOver
)

// strip returns what of a piece belongs to the answer.
func (t *thoughts) strip(piece string) string {
	if t.state == thoughtsOver {
		return piece
	}
	t.held += piece
	if t.state == thoughtsUnknown {
		start := strings.TrimLeft(t.held, " \t\r\n")
		switch {
		case strings.HasPrefix(start, thoughtsOpen):
			t.state = thoughtsInside
		case strings.HasPrefix(thoughtsOpen, start):
			return "" // it may become the tag
		default:
			return t.answer(t.held)
		}
	}
	if _, answer, over := strings.Cut(t.held, thoughtsClose); over {
		return t.answer(answer)
	}
	// Only the end is kept: the closing tag may come in parts.
	t.held = t.held[max(0, len(t.held)-len(thoughtsClose)):]
	return ""
}

// rest returns what was held back when the stream ended.
func (t *thoughts) rest() string {
	if t.state == thoughtsInside {
		return ""
	}
	return t.answer(t.held)
}

func (t *thoughts) answer(text string) string {
	t.state, t.held = thoughtsOver, ""
	return text
}
