package transcript

import (
	"strconv"
	"strings"

	"bedside/internal/chat"
)

// ParseCursor reads "<n>-<nonce>". It is strict: a cursor has one spelling, so
// that comparing cursors as strings is enough.
func ParseCursor(c chat.Cursor) (n, nonce uint64, ok bool) {
	left, right, found := strings.Cut(string(c), "-")
	if !found {
		return 0, 0, false
	}
	n, ok = decimal(left)
	if !ok {
		return 0, 0, false
	}
	nonce, ok = decimal(right)
	return n, nonce, ok
}

// Number returns the n of a cursor; 0 for Origin and for what is no cursor.
func Number(c chat.Cursor) uint64 {
	n, _, _ := ParseCursor(c)
	return n
}

// AppendCursor writes the cursor of entry n to b.
func AppendCursor(b []byte, n, nonce uint64) []byte {
	b = strconv.AppendUint(b, n, 10)
	b = append(b, '-')
	return strconv.AppendUint(b, nonce, 10)
}

// decimal accepts exactly what strconv.AppendUint writes.
func decimal(s string) (uint64, bool) {
	if s == "" || s[0] < '0' || s[0] > '9' || (s[0] == '0' && len(s) > 1) {
		return 0, false
	}
	v, err := strconv.ParseUint(s, 10, 64)
	return v, err == nil
}
