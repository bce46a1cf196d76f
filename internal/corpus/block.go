package corpus

import "strings"

// readPlainBlock reads a passage's block if it is written in the plainest YAML,
// as nearly all are, and says whether it was. Reading the blocks is most of the
// time that loading takes, and this is about fifty times as fast as the
// library. Whatever it does not understand, and every fault, is left to the
// library; a fuzz test holds that both read the same.
func readPlainBlock(data []byte, into *passageBlock) bool {
	var b passageBlock
	seen := map[string]bool{}
	var items *[]string // of the list whose items follow
	var list string
	for line := range strings.Lines(string(data)) {
		line, ended := strings.CutSuffix(line, "\n")
		if !ended {
			return false
		}
		if item, found := strings.CutPrefix(line, "  - "); found {
			if items == nil || !isPlainScalar(item) {
				return false
			}
			*items = append(*items, item)
			continue
		}
		if items != nil && len(*items) == 0 {
			return false // "questions:" alone is null
		}
		key, value, isKey := strings.Cut(line, ":")
		if !isKey || seen[key] {
			return false
		}
		seen[key] = true
		items, list = nil, key
		switch {
		case key == "id":
			id, spaced := strings.CutPrefix(value, " ")
			if !spaced || !isPlainScalar(id) {
				return false
			}
			b.ID = id
		case b.list(list) == nil:
			return false
		case value == "":
			items = b.list(list)
		default:
			names, ok := plainNames(value)
			if !ok {
				return false
			}
			*b.list(list) = names
		}
	}
	if items != nil && len(*items) == 0 {
		return false
	}
	*into = b
	return true
}

func (b *passageBlock) list(key string) *[]string {
	switch key {
	case "facts":
		return &b.Facts
	case "qualifiers":
		return &b.Qualifiers
	case "questions":
		return &b.Questions
	}
	return nil
}

// plainNames reads " [A, B]".
func plainNames(value string) ([]string, bool) {
	value, opened := strings.CutPrefix(value, " [")
	value, closed := strings.CutSuffix(value, "]")
	if !opened || !closed {
		return nil, false
	}
	names := []string{}
	if value == "" {
		return names, true
	}
	for name := range strings.SplitSeq(value, ", ") {
		if !isPlainScalar(name) || strings.ContainsAny(name, ",?") {
			return nil, false
		}
		names = append(names, name)
	}
	return names, true
}

// isPlainScalar says whether YAML reads s as the string that it is: words of
// letters and a few marks, nothing that could be a number, a key or a comment.
func isPlainScalar(s string) bool {
	if s == "" || !isLetter(s[0]) || s[len(s)-1] == ' ' {
		return false
	}
	for i := range len(s) {
		if !isLetter(s[i]) && strings.IndexByte("0123456789 ,.'?-", s[i]) < 0 {
			return false
		}
	}
	switch strings.ToLower(s) {
	case "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf":
		return false
	}
	return true
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
