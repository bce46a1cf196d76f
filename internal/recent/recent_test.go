package recent_test

import (
	"testing"
	"testing/synctest"
	"time"

	"bedside/internal/recent"
)

func TestTheOneUsedLongestAgoGoesFirst(t *testing.T) {
	cache := recent.New[string, int](2, time.Hour)
	for i, key := range []string{"a", "b"} {
		cache.Change(key, func(value *int) { *value = i + 1 })
	}
	if value, ok := cache.Get("a"); !ok || value != 1 {
		t.Errorf("a is %d, %t", value, ok)
	}
	cache.Change("c", func(value *int) { *value += 3 })
	if _, ok := cache.Get("b"); ok || cache.Len() != 2 {
		t.Errorf("b was used longest ago, and is kept: %t, %d in all", ok, cache.Len())
	}
	cache.Change("c", func(value *int) { *value += 3 })
	if value, _ := cache.Get("c"); value != 6 {
		t.Errorf("c was changed twice by 3 and is %d", value)
	}
	cache.Remove("c")
	if _, ok := cache.Get("c"); ok {
		t.Error("c was removed")
	}
}

func TestIdleValuesGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := recent.New[string, int](8, time.Minute)
		for _, key := range []string{"used", "changed", "idle"} {
			cache.Change(key, func(*int) {})
		}
		for range 3 {
			time.Sleep(40 * time.Second)
			cache.Get("used")
			cache.Change("changed", func(*int) {})
		}
		if _, ok := cache.Get("idle"); ok || cache.Len() != 2 {
			t.Errorf("the idle one is kept: %t, %d in all", ok, cache.Len())
		}
		time.Sleep(time.Minute + 1)
		if cache.Len() != 0 {
			t.Errorf("%d are kept after a minute in which none was used", cache.Len())
		}
	})
}
