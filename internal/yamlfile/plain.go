package yamlfile

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// deepest bounds how deep what is read here is nested.
const deepest = 64

// plainReader reads plain YAML line by line. Its methods say false when they
// meet anything that is not plain; the reading then is given up as a whole.
type plainReader struct {
	text    string
	next    int // where the line after the current one begins
	line    int // number of the current line
	indent  int // of the current line's content
	content string
	end     bool
	depth   int
	items   []Node // of the lists that are not finished yet, one after another
	entries []Entry
}

// readPlain reads text if it is plain, and says whether it was.
func readPlain(text string) (Node, bool) {
	if !strings.HasSuffix(text, "\n") || !isPlainText(text) {
		return Node{}, false
	}
	r := plainReader{text: text}
	r.advance()
	if r.end || r.indent != 0 {
		return Node{}, false
	}
	top, ok := r.block()
	return top, ok && r.end
}

// isPlainText says whether text is free of what the library treats in ways of
// its own: tabs, other controls, byte order marks, and bytes that are no text.
func isPlainText(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' && c != '\n' || c == 0x7f {
			return false
		}
	}
	return utf8.ValidString(text) && !strings.Contains(text, "\ufeff")
}

// rawLine takes the next line as it is.
func (r *plainReader) rawLine() (string, bool) {
	if r.next >= len(r.text) {
		return "", false
	}
	length := strings.IndexByte(r.text[r.next:], '\n')
	line := r.text[r.next : r.next+length]
	r.next += length + 1
	r.line++
	return line, true
}

// advance goes to the next line that is neither blank nor a comment.
func (r *plainReader) advance() {
	for {
		line, ok := r.rawLine()
		if !ok {
			r.end, r.indent, r.content = true, -1, ""
			return
		}
		content := strings.TrimLeft(line, " ")
		if content == "" || content[0] == '#' {
			continue
		}
		r.indent, r.content = len(line)-len(content), strings.TrimRight(content, " ")
		return
	}
}

// block reads the mapping or list that begins with the current line.
func (r *plainReader) block() (node Node, ok bool) {
	if r.depth++; r.depth > deepest {
		return Node{}, false
	}
	if isItem(r.content) {
		node, ok = r.list()
	} else {
		node, ok = r.mapping()
	}
	r.depth--
	return node, ok
}

func isItem(content string) bool { return content == "-" || strings.HasPrefix(content, "- ") }

func (r *plainReader) list() (Node, bool) {
	node := Node{Kind: List, Line: r.line}
	column, first := r.indent, len(r.items)
	for r.indent == column && isItem(r.content) {
		rest := strings.TrimLeft(r.content[1:], " ")
		if rest == "" || isItem(rest) {
			return node, false
		}
		var item Node
		var ok bool
		if _, _, isEntry := cutKey(rest); isEntry {
			r.indent += len(r.content) - len(rest)
			r.content = rest
			item, ok = r.block()
		} else {
			item, ok = r.value(column, rest)
		}
		if !ok || r.indent > column {
			return node, false
		}
		r.items = append(r.items, item)
	}
	node.Items = r.takeItems(first)
	return node, true
}

func (r *plainReader) mapping() (Node, bool) {
	node := Node{Kind: Map, Line: r.line}
	column, first := r.indent, len(r.entries)
	known := keySet{}
	for r.indent == column {
		key, rest, ok := cutKey(r.content)
		if !ok || !known.add(key.Text) {
			return node, false
		}
		key.Line = r.line
		entry := Entry{Key: key}
		if rest != "" && rest[0] != '#' {
			entry.Value, ok = r.value(column, rest)
		} else {
			entry.Value, ok = r.below(column)
		}
		if !ok || r.indent > column {
			return node, false
		}
		r.entries = append(r.entries, entry)
	}
	node.Entries = r.takeEntries(first)
	return node, true
}

// takeItems cuts off what was gathered since there were first items.
func (r *plainReader) takeItems(first int) []Node {
	items := slices.Clone(r.items[first:])
	r.items = r.items[:first]
	return items
}

func (r *plainReader) takeEntries(first int) []Entry {
	entries := slices.Clone(r.entries[first:])
	r.entries = r.entries[:first]
	return entries
}

// below reads what stands under a key without a value on its line.
func (r *plainReader) below(column int) (Node, bool) {
	line := r.line
	r.advance()
	if r.indent > column || r.indent == column && isItem(r.content) {
		return r.block()
	}
	return Node{Kind: Null, Line: line}, true
}

// value reads what stands on the line of a key or after the dash of an item,
// which begins in the given column.
func (r *plainReader) value(column int, rest string) (Node, bool) {
	if rest[0] == '|' || rest[0] == '>' {
		return r.textBlock(column, rest)
	}
	node, after, ok := r.inline(rest)
	if !ok || after != "" && !strings.HasPrefix(after, " #") {
		return node, false
	}
	r.advance()
	return node, true
}

// cutKey parts a line after its key and colon. A key is quoted, or made of
// letters, digits and few marks.
func cutKey(content string) (key Node, rest string, ok bool) {
	key.Kind = String
	switch {
	case content == "":
		return key, "", false
	case content[0] == '"':
		key.Text, rest, ok = doubleQuoted(content[1:])
	case content[0] == '\'':
		key.Text, rest, ok = singleQuoted(content[1:])
	default:
		colon := strings.IndexByte(content, ':')
		if colon <= 0 {
			return key, "", false
		}
		key.Text, rest = content[:colon], content[colon:]
		key.Kind, ok = plainKey(key.Text)
	}
	rest, isKey := strings.CutPrefix(rest, ":")
	if !ok || !isKey || rest != "" && rest[0] != ' ' {
		return key, "", false
	}
	return key, strings.TrimLeft(rest, " "), true
}

func plainKey(text string) (Kind, bool) {
	if !isWordByte(text[0]) || !isWordByte(text[len(text)-1]) {
		return String, false
	}
	for i := range len(text) {
		if !isWordByte(text[i]) && text[i] != ' ' && text[i] != '-' {
			return String, false
		}
	}
	kind := kindOfPlain(text)
	return kind, kind == String || kind == Number
}

func isWordByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c >= utf8.RuneSelf
}

// keySet holds the keys of a mapping; most have few.
type keySet struct {
	few  []string
	many map[string]bool
}

// add says whether the key is new.
func (s *keySet) add(key string) bool {
	const few = 12
	if s.many == nil {
		for _, other := range s.few {
			if other == key {
				return false
			}
		}
		if s.few = append(s.few, key); len(s.few) > few {
			s.many = make(map[string]bool, 2*few)
			for _, other := range s.few {
				s.many[other] = true
			}
		}
		return true
	}
	if s.many[key] {
		return false
	}
	s.many[key] = true
	return true
}
