package turn

import (
	"strings"
	"time"

	"bedside/internal/chat"
	"bedside/internal/recent"
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
}

const (
	// asideLife is how long an aside is remembered after the last question, asidesMax
	// how many are.
	asideLife = 30 * time.Minute
	asidesMax = 10_000
)

// asides are the asides by session, or by connection where there is none.
type asides struct {
	*recent.Cache[string, aside]
}

func newAsides() asides { return asides{recent.New[string, aside](asidesMax, asideLife)} }

// whose is the key of who asks; empty: nobody can be told from others.
func whose(q Question) string {
	if q.Session != "" {
		return string(q.Session)
	}
	return q.Connection
}

func (a asides) of(key string) aside {
	known, _ := a.Get(key)
	return known
}

// given notes a fixed reply.
func (a asides) given(key string, d triage.Decision) {
	if key == "" || len(d.Reply) == 0 {
		return
	}
	a.Change(key, func(known *aside) {
		known.reply, known.helpBar, known.last = strings.Join(d.Reply, ""), known.helpBar || d.HelpBar, ""
		if d.Urgent {
			known.urgent++
			known.last = d.Category
		}
	})
}

// refused notes that something was asked that has no fixed reply: the subject has
// changed.
func (a asides) refused(key string) {
	if a.of(key).last != "" {
		a.Change(key, func(known *aside) { known.last = "" })
	}
}
