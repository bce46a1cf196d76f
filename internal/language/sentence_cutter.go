package language

import "strings"

// Cutter cuts a stream of text into sentences as it arrives. However the text is
// split into pieces, it emits what Sentences returns for the whole. The zero
// value is ready for use.
type Cutter struct {
	held   string // not emitted yet
	resume int    // where in held to look on
}

// Push adds a piece and emits each sentence that is now certainly complete. An
// error from emit is returned at once.
func (c *Cutter) Push(piece string, emit func(sentence string) error) error {
	c.held += piece
	for c.held != "" {
		end, resume := sentenceEnd(c.held, c.resume, false)
		if end == 0 {
			c.resume = resume
			return nil
		}
		if err := c.cut(end, emit); err != nil {
			return err
		}
	}
	return nil
}

// PushEager is Push for whoever cannot wait for the white space behind a
// sentence: one whose stop stands behind a citation marker is emitted with that
// stop, and its white space begins the next one. The joined text is the same.
func (c *Cutter) PushEager(piece string, emit func(sentence string) error) error {
	if err := c.Push(piece, emit); err != nil || c.held == "" {
		return err
	}
	if end := sentenceOver(c.held, c.resume); end > 0 && strings.TrimSpace(c.held[end:]) == "" {
		return c.cut(len(c.held), emit)
	}
	return nil
}

// Flush emits what is left once the text is known to be over.
func (c *Cutter) Flush(emit func(sentence string) error) error {
	for c.held != "" {
		end, _ := sentenceEnd(c.held, 0, true)
		if err := c.cut(end, emit); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cutter) cut(end int, emit func(string) error) error {
	sentence := c.held[:end]
	c.held, c.resume = c.held[end:], 0
	return emit(sentence)
}
