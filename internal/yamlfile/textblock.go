package yamlfile

import "strings"

// textBlock reads the lines under a header such as "|-" that are indented more
// than the column of the key or dash that they belong to.
func (r *plainReader) textBlock(column int, header string) (Node, bool) {
	node := Node{Kind: String, Line: r.line}
	folded := header[0] == '>'
	keepsEnd := len(header) == 1
	if !keepsEnd && header[1:] != "-" {
		return node, false
	}
	var text strings.Builder
	indent, blank := 0, 0
	for r.next < len(r.text) {
		before, number := r.next, r.line
		line, _ := r.rawLine()
		content := strings.TrimLeft(line, " ")
		at := len(line) - len(content)
		switch {
		case line == "":
			if indent == 0 {
				return node, false
			}
			blank++
			continue
		case at <= column && content != "":
			r.next, r.line = before, number
			return r.endOfBlock(node, &text, keepsEnd)
		case indent == 0 && content != "":
			indent = at
		}
		if content == "" || at < indent || line[len(line)-1] == ' ' || folded && at > indent {
			return node, false // white space that counts in ways of its own
		}
		if text.Len() > 0 {
			switch {
			case !folded:
				writeBreaks(&text, blank+1)
			case blank == 0:
				text.WriteByte(' ')
			default:
				writeBreaks(&text, blank)
			}
		}
		blank = 0
		text.WriteString(line[indent:])
	}
	return r.endOfBlock(node, &text, keepsEnd)
}

func (r *plainReader) endOfBlock(node Node, text *strings.Builder, keepsEnd bool) (Node, bool) {
	if text.Len() == 0 {
		return node, false
	}
	if keepsEnd {
		text.WriteByte('\n')
	}
	node.Text = text.String()
	r.advance()
	return node, true
}

func writeBreaks(text *strings.Builder, n int) {
	for range n {
		text.WriteByte('\n')
	}
}
