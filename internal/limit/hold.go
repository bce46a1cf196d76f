package limit

import "sync"

// Hold counts what each key holds at the moment, up to a maximum.
type Hold struct {
	most int

	mu   sync.Mutex
	held map[string]int
}

// NewHold returns a Hold that lets each key hold up to most; nil, which lets
// everything through, if most is not above zero.
func NewHold(most int) *Hold {
	if most <= 0 {
		return nil
	}
	return &Hold{most: most, held: make(map[string]int)}
}

// Hold takes a place for the key. If it gets one, release gives it back; it may
// be called more than once.
func (h *Hold) Hold(key string) (release func(), ok bool) {
	if h == nil {
		return func() {}, true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held[key] >= h.most {
		return nil, false
	}
	h.held[key]++
	return sync.OnceFunc(func() { h.release(key) }), true
}

func (h *Hold) release(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held[key]--; h.held[key] <= 0 {
		delete(h.held, key)
	}
}
