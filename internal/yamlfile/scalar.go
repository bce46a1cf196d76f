package yamlfile

import (
	"strings"

	"github.com/goccy/go-yaml/token"
)

// inline reads the value that begins rest, and returns what follows it on the line.
func (r *plainReader) inline(rest string) (node Node, after string, ok bool) {
	node = Node{Kind: String, Line: r.line}
	switch rest[0] {
	case '"':
		node.Text, after, ok = doubleQuoted(rest[1:])
	case '\'':
		node.Text, after, ok = singleQuoted(rest[1:])
	case '[':
		return r.flowList(rest[1:])
	case '{':
		return r.flowMap(rest[1:])
	default:
		text := rest
		if comment := strings.Index(rest, " #"); comment >= 0 {
			text, after = rest[:comment], rest[comment:]
		}
		node.Text = strings.TrimRight(text, " ")
		if ok = isPlain(node.Text); ok {
			node = r.plainScalar(node.Text)
		}
	}
	return node, after, ok
}

func (r *plainReader) plainScalar(text string) Node {
	kind := kindOfPlain(text)
	if kind == Null {
		text = ""
	}
	return Node{Kind: kind, Line: r.line, Text: text}
}

// isPlain says whether s is a plain scalar of a block.
func isPlain(s string) bool {
	if s == "" || strings.HasSuffix(s, ":") || strings.Contains(s, ": ") {
		return false
	}
	switch c := s[0]; {
	case isWordByte(c), strings.IndexByte("$(/;\\^+", c) >= 0:
		return true
	case c == '<':
		return !strings.HasPrefix(s, "<<")
	case c == '-':
		return len(s) > 1 && isWordByte(s[1])
	}
	return false
}

// isPlainInFlow says whether s is a plain scalar in brackets.
func isPlainInFlow(s string) bool {
	return isPlain(s) && !strings.ContainsAny(s, "[]{},:#")
}

// kindOfPlain says what a plain scalar is that does not begin with a dot.
func kindOfPlain(s string) Kind {
	switch s {
	case "null", "Null", "NULL":
		return Null
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return Bool
	}
	if c := s[0]; (c >= '0' && c <= '9' || c == '-' || c == '+') && token.ToNumber(s) != nil {
		return Number
	}
	return String
}

// doubleQuoted reads up to the closing mark, after the opening one.
func doubleQuoted(s string) (text, after string, ok bool) {
	end := strings.IndexAny(s, `"\`)
	if end >= 0 && s[end] == '"' {
		return s[:end], s[end+1:], true
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:], true
		case '\\':
			if i++; i >= len(s) {
				return "", "", false
			}
			switch s[i] {
			case '"', '\\', '/':
				b.WriteByte(s[i])
			case 'n':
				b.WriteByte('\n')
			default:
				return "", "", false
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", false
}

// singleQuoted reads up to the closing mark, after the opening one; the mark
// itself stands in the text twice.
func singleQuoted(s string) (text, after string, ok bool) {
	for i := 0; i < len(s); i++ {
		if s[i] != '\'' {
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			i++
			continue
		}
		return strings.ReplaceAll(s[:i], "''", "'"), s[i+1:], true
	}
	return "", "", false
}

// flowList reads "a, b]".
func (r *plainReader) flowList(rest string) (node Node, after string, ok bool) {
	node = Node{Kind: List, Line: r.line}
	rest = strings.TrimLeft(rest, " ")
	if after, closed := strings.CutPrefix(rest, "]"); closed {
		return node, after, true
	}
	first := len(r.items)
	for {
		var item Node
		if item, rest, ok = r.flowValue(rest); !ok {
			return node, "", false
		}
		r.items = append(r.items, item)
		switch {
		case strings.HasPrefix(rest, ","):
			rest = strings.TrimLeft(rest[1:], " ")
		case strings.HasPrefix(rest, "]"):
			node.Items = r.takeItems(first)
			return node, rest[1:], true
		default:
			return node, "", false
		}
	}
}

// flowMap reads "a: b, c: d}".
func (r *plainReader) flowMap(rest string) (node Node, after string, ok bool) {
	node = Node{Kind: Map, Line: r.line}
	rest = strings.TrimLeft(rest, " ")
	if after, closed := strings.CutPrefix(rest, "}"); closed {
		return node, after, true
	}
	first, known := len(r.entries), keySet{}
	for {
		key, value, isEntry := cutKey(rest)
		if !isEntry || value == "" || !known.add(key.Text) {
			return node, "", false
		}
		key.Line = r.line
		entry := Entry{Key: key}
		if entry.Value, rest, ok = r.flowValue(value); !ok {
			return node, "", false
		}
		r.entries = append(r.entries, entry)
		switch {
		case strings.HasPrefix(rest, ","):
			rest = strings.TrimLeft(rest[1:], " ")
		case strings.HasPrefix(rest, "}"):
			node.Entries = r.takeEntries(first)
			return node, rest[1:], true
		default:
			return node, "", false
		}
	}
}

// flowValue reads a value in brackets and the spaces after it.
func (r *plainReader) flowValue(s string) (node Node, after string, ok bool) {
	if s == "" {
		return node, "", false
	}
	if r.depth++; r.depth > deepest {
		return node, "", false
	}
	defer func() { r.depth-- }()
	if strings.IndexByte(`"'[{`, s[0]) >= 0 {
		node, after, ok = r.inline(s)
		return node, strings.TrimLeft(after, " "), ok
	}
	end := strings.IndexAny(s, ",]}")
	if end < 0 {
		return node, "", false
	}
	text := strings.TrimRight(s[:end], " ")
	if !isPlainInFlow(text) {
		return node, "", false
	}
	return r.plainScalar(text), s[end:], true
}
