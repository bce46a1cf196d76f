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
	key     SessionKey
	used    time.Time
}

func newCache(options Options) *cache {
	return &cache{options: options, sessions: make(map[chat.SessionID]*list.Element), order: list.New()}
}

// get returns the session's key and marks it as used.
func (c *cache) get(session chat.SessionID) (SessionKey, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.touch(session)
}

// add keeps the key unless the session has one, and returns the one it has.
func (c *cache) add(session chat.SessionID, key SessionKey) SessionKey {
	c.mu.Lock()
	defer c.mu.Unlock()
	if kept, ok := c.touch(session); ok {
		return kept
	}
	c.insert(session, key)
	return key
}

// put keeps the key in the place of any other.
func (c *cache) put(session chat.SessionID, key SessionKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.touch(session); ok {
		c.drop(c.sessions[session])
	}
	c.insert(session, key)
}

func (c *cache) remove(session chat.SessionID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.sessions[session]; ok {
		c.drop(element)
	}
}

// touch is get for who holds the lock. It drops the idle keys first.
func (c *cache) touch(session chat.SessionID) (SessionKey, bool) {
	now := time.Now()
	for oldest := c.order.Back(); oldest != nil && now.Sub(oldest.Value.(*cached).used) > c.options.Idle; oldest = c.order.Back() {
		c.drop(oldest)
	}
	element, ok := c.sessions[session]
	if !ok {
		return SessionKey{}, false
	}
	entry := element.Value.(*cached)
	entry.used = now
	c.order.MoveToFront(element)
	return entry.key, true
}

func (c *cache) insert(session chat.SessionID, key SessionKey) {
	c.sessions[session] = c.order.PushFront(&cached{session, key, time.Now()})
	if c.order.Len() > c.options.Sessions {
		c.drop(c.order.Back())
	}
}

func (c *cache) drop(element *list.Element) {
	c.order.Remove(element)
	delete(c.sessions, element.Value.(*cached).session)
}
