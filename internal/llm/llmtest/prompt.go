package llmtest

import (
	"regexp"
	"strconv"
	"strings"
)

// Passage is a numbered block of the prompt.
type Passage struct {
	Number int
	Text   string
}

// Prompt is what a model can read from the messages: the passages, each in a
// block that begins with its number in brackets and ends at an empty line, and
// the question, which is the last paragraph of the last user message.
type Prompt struct {
	System   string
	User     string // the last user message
	Passages []Passage
	Question string
}

var block = regexp.MustCompile(`^\[(\d+)\]\s+(.*)`)

func (p *Prompt) read(message string) {
	p.User = message
	p.Question = ""
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(message, "\r\n", "\n"), "\n\n") {
		paragraph = strings.TrimSpace(paragraph)
		if paragraph == "" {
			continue
		}
		p.Question = paragraph
		first, rest, _ := strings.Cut(paragraph, "\n")
		if found := block.FindStringSubmatch(first); found != nil {
			number, _ := strconv.Atoi(found[1])
			p.Passages = append(p.Passages, Passage{number, strings.TrimSpace(found[2] + "\n" + rest)})
		}
	}
}
