package turn

import (
	"strings"
	"sync"
	"time"

	"bedside/internal/chat"
	"bedside/internal/triage"
)

// aside is what this process remembers of the fixed replies that it gave somebody
// where no session's log could take them: enough to go on caring, and not to say
// the same twice. It holds no word of a patient's.
type aside struct {
	urgent  int           // replies to emergencies and crises
	last    chat.Category // of the latest of them; empty: the subject has changed since
	helpBar bool          // one of the replies switches it on
	reply   string        // the latest reply
	at      time.Time
}

const (
	// asideLife is how long an aside is remembered, asidesMax how many are.
	asideLife = 30 * time.Minute
	asidesMax = 10_000
)

// asides are the asides by session, or by connection where there is none.
type asides struct {
	mu sync.Mutex
	by map[string]aside
}

// whose is the key of who asks; empty: nobody can be told from others.
func whose(q Question) string {
	if q.Session != "" {
		return string(q.Session)
	}
	return q.Connection
}

func (a *asides) of(key string) aside {
	a.mu.Lock()
	defer a.mu.Unlock()
	known := a.by[key]
	if time.Since(known.at) > asideLife {
		return aside{}
	}
	return known
}

// given notes a fixed reply.
func (a *asides) given(key string, d triage.Decision) {
	if key == "" || len(d.Reply) == 0 {
		return
	}
	known := a.of(key)
	known.at, known.reply, known.helpBar, known.last = time.Now(), strings.Join(d.Reply, ""), known.helpBar || d.HelpBar, ""
	if d.Urgent {
		known.urgent++
		known.last = d.Category
	}
	a.keep(key, known)
}

// refused notes that something was asked that has no fixed reply: the subject has
// changed.
func (a *asides) refused(key string) {
	if known := a.of(key); known.last != "" {
		known.last = ""
		a.keep(key, known)
	}
}

func (a *asides) keep(key string, known aside) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.by == nil {
		a.by = make(map[string]aside)
	}
	a.by[key] = known
	if len(a.by) <= asidesMax {
		return
	}
	for old, one := range a.by {
		if time.Since(one.at) > asideLife {
			delete(a.by, old)
		}
	}
	for other := range a.by {
		if len(a.by) <= asidesMax {
			return
		}
		if other != key {
			delete(a.by, other)
		}
	}
}

func (a *asides) forget(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.by, key)
}
