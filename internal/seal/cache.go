package seal

import (
	"container/list"
	"sync"
	"time"

	"bedside/internal/chat"
)

// cache keeps session keys in use: a bounded number, the one used longest ago
// going first, and none that was idle for too long. It has no goroutine: the
// idle ones go whenever the cache is used.
type cache struct {
	options Options

	mu       sync.Mutex
	sessions map[chat.SessionID]*list.Element
	order    *list.List // of *cached, the last used in front
}

type cached struct {
	session chat.SessionID
	wrapped string
	key     SessionKey
	used    time.Time
}

func newCache(options Options) *cache {
	return &cache{options: options, sessions: make(map[chat.SessionID]*list.Element), order: list.New()}
}

// get returns the session's key, if it is the one that was wrapped so.
func (c *cache) get(session chat.SessionID, wrapped []byte) (SessionKey, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	c.dropIdle(now)
	element, ok := c.sessions[session]
	if !ok {
		return SessionKey{}, false
	}
	kept := element.Value.(*cached)
	if kept.wrapped != string(wrapped) {
		return SessionKey{}, false
	}
	kept.used = now
	c.order.MoveToFront(element)
	return kept.key, true
}

// put keeps the key in the place of any other of the session.
func (c *cache) put(session chat.SessionID, wrapped string, key SessionKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	c.dropIdle(now)
	if element, ok := c.sessions[session]; ok {
		c.drop(element)
	}
	c.sessions[session] = c.order.PushFront(&cached{session, wrapped, key, now})
	if c.order.Len() > c.options.Sessions {
		c.drop(c.order.Back())
	}
}

func (c *cache) remove(session chat.SessionID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dropIdle(time.Now())
	if element, ok := c.sessions[session]; ok {
		c.drop(element)
	}
}

func (c *cache) dropIdle(now time.Time) {
	for oldest := c.order.Back(); oldest != nil && now.Sub(oldest.Value.(*cached).used) > c.options.Idle; oldest = c.order.Back() {
		c.drop(oldest)
	}
}

func (c *cache) drop(element *list.Element) {
	c.order.Remove(element)
	delete(c.sessions, element.Value.(*cached).session)
}
