package telemetry

import "sync"

const (
	longestLabel = 40
	// mostLabels bounds the values of one label, so that a mistake elsewhere costs
	// a coarse count and not the memory of the process.
	mostLabels = 64
	otherLabel = "other"
	noLabel    = "none"
)

// labels lets machine words through and nothing else.
type labels struct {
	mu   sync.RWMutex
	seen map[string]map[string]struct{} // by label
}

// of returns the value if it may be a label's, else "other".
func (l *labels) of(label, value string) string {
	if value == "" {
		return noLabel
	}
	if !machineWord(value) {
		return otherLabel
	}
	l.mu.RLock()
	_, known := l.seen[label][value]
	l.mu.RUnlock()
	if known {
		return value
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil {
		l.seen = make(map[string]map[string]struct{})
	}
	values := l.seen[label]
	if values == nil {
		values = make(map[string]struct{})
		l.seen[label] = values
	}
	if len(values) >= mostLabels {
		if _, known := values[value]; !known {
			return otherLabel
		}
	}
	values[value] = struct{}{}
	return value
}

// machineWord says whether the value is made of lower-case letters, digits and
// underscores and is short.
func machineWord(value string) bool {
	if len(value) > longestLabel {
		return false
	}
	for i := range len(value) {
		if c := value[i]; c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
