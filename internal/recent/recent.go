// Package recent keeps values that were lately used, by key: at most a number of
// them, the one used longest ago going first, and none that was not used for a while.
// Whoever keeps one here says what is lost with it.
//
// It promises that a Cache has no goroutine: what was idle for too long goes when the
// cache is used next. It stores what it is given, in memory.
package recent

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Cache keeps values. Its methods may be called from many goroutines.
type Cache[K comparable, V any] struct {
	idle time.Duration

	mu   sync.Mutex
	kept *simplelru.LRU[K, *entry[V]]
}

type entry[V any] struct {
	value V
	used  time.Time
}

// New returns an empty Cache of at most most values, at least one, none of them unused
// for longer than idle.
func New[K comparable, V any](most int, idle time.Duration) *Cache[K, V] {
	kept, err := simplelru.NewLRU[K, *entry[V]](max(most, 1), nil)
	if err != nil {
		panic("recent: " + err.Error()) // of a size below one only
	}
	return &Cache[K, V]{idle: idle, kept: kept}
}

// Get returns the key's value, which counts as used; false where it is not kept.
func (c *Cache[K, V]) Get(key K) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.dropIdle()
	e, ok := c.kept.Get(key)
	if !ok {
		return value, false
	}
	e.used = now
	return e.value, true
}

// Change lets do change the key's value, or make one of the zero value, while nobody
// else uses the cache.
func (c *Cache[K, V]) Change(key K, do func(value *V)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.dropIdle()
	e, ok := c.kept.Get(key)
	if !ok {
		e = new(entry[V])
		c.kept.Add(key, e)
	}
	e.used = now
	do(&e.value)
}

// Remove drops the key's value.
func (c *Cache[K, V]) Remove(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dropIdle()
	c.kept.Remove(key)
}

// Len returns how many values are kept.
func (c *Cache[K, V]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dropIdle()
	return c.kept.Len()
}

// dropIdle drops what was unused for too long and returns the time. The lock is held.
func (c *Cache[K, V]) dropIdle() time.Time {
	now := time.Now()
	for {
		_, oldest, ok := c.kept.GetOldest()
		if !ok || now.Sub(oldest.used) <= c.idle {
			return now
		}
		c.kept.RemoveOldest()
	}
}
