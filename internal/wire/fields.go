package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"bedside/internal/chat"
)

// maxDepth bounds how deeply a client's JSON may be nested. The deepest that is
// read is input[0].content[0].text.
const maxDepth = 32

// fields are an object's members by name, and where in the frame it stands.
type fields struct {
	members map[string]json.RawMessage
	path    string // "" for the frame itself, or "metadata." and the like
}

// parseObject reads data as one JSON object of bounded depth.
func parseObject(data []byte) (fields, *chat.Error) {
	if depth(data) > maxDepth {
		return fields{}, malformed("", "The JSON is nested too deeply.")
	}
	f, err := objectAt(data, "")
	if err == nil {
		return f, nil
	}
	var syntax *json.SyntaxError
	if json.Valid(data) {
		return fields{}, err
	}
	if bad := json.Unmarshal(data, new(any)); errors.As(bad, &syntax) {
		return fields{}, malformed("", fmt.Sprintf("This is not valid JSON (byte %d).", syntax.Offset))
	}
	return fields{}, malformed("", "This is not valid JSON.")
}

// objectAt reads the JSON object that stands in the frame under the path.
func objectAt(data []byte, path string) (fields, *chat.Error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil || members == nil {
		if path == "" {
			return fields{}, malformed("", "A frame is one JSON object.")
		}
		return fields{}, malformed(path, "This must be an object.")
	}
	if path != "" {
		path += "."
	}
	return fields{members, path}, nil
}

// raw returns a member, nil if it is absent or null.
func (f fields) raw(name string) json.RawMessage {
	value := bytes.TrimSpace(f.members[name])
	if len(value) == 0 || bytes.Equal(value, []byte("null")) {
		return nil
	}
	return value
}

// text returns a string member, "" if it is absent or null.
func (f fields) text(name string) (string, *chat.Error) {
	value := f.raw(name)
	if value == nil {
		return "", nil
	}
	if isPlainText(value) {
		return string(value[1 : len(value)-1]), nil
	}
	var s string
	if value[0] != '"' || json.Unmarshal(value, &s) != nil {
		return "", malformed(f.path+name, "This must be a string.")
	}
	return s, nil
}

// isPlainText says whether a member, which is JSON, is a string that stands for itself.
func isPlainText(value []byte) bool {
	return value[0] == '"' && bytes.IndexByte(value, '\\') < 0 && utf8.Valid(value)
}

// requiredText returns a string member that must be there and not be empty.
func (f fields) requiredText(name string) (string, *chat.Error) {
	s, err := f.text(name)
	if err == nil && s == "" {
		err = malformed(f.path+name, "This field is required.")
	}
	return s, err
}

// flag returns a boolean member, or the default if it is absent or null.
func (f fields) flag(name string, otherwise bool) (bool, *chat.Error) {
	switch value := f.raw(name); string(value) {
	case "":
		return otherwise, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	default:
		return false, malformed(f.path+name, "This must be true or false.")
	}
}

// object returns an object member, with no members if it is absent or null.
func (f fields) object(name string) (fields, *chat.Error) {
	value := f.raw(name)
	if value == nil {
		return fields{path: f.path + name + "."}, nil
	}
	return objectAt(value, f.path+name)
}

// listAt reads the JSON array that stands in the frame under the path.
func listAt(data []byte, path string) ([]json.RawMessage, *chat.Error) {
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, malformed(path, "This must be a list.")
	}
	return list, nil
}

func at(path string, index int) string { return path + "[" + strconv.Itoa(index) + "]" }

// depth returns how deeply the JSON is nested, without reading it otherwise.
func depth(data []byte) int {
	deepest, now, inText := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '{' || c == '[':
			now++
			deepest = max(deepest, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return deepest
}
