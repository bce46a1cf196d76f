package limit

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rate := NewRate(20)
		for i := range 20 {
			if _, ok := rate.Take(t.Context(), "a"); !ok {
				t.Fatalf("take %d was refused", i)
			}
		}
		retry, ok := rate.Take(t.Context(), "a")
		if ok || retry != 3*time.Second {
			t.Fatalf("the 21st: ok %v, retry after %v; want refused, 3s", ok, retry)
		}
		if _, ok := rate.Take(t.Context(), "b"); !ok {
			t.Error("another key was refused")
		}
		time.Sleep(retry - time.Nanosecond)
		if _, ok := rate.Take(t.Context(), "a"); ok {
			t.Error("let through before retryAfter had passed")
		}
		time.Sleep(time.Nanosecond)
		if _, ok := rate.Take(t.Context(), "a"); !ok {
			t.Error("refused after retryAfter had passed: a refused take must cost nothing")
		}
		if _, ok := rate.Take(t.Context(), "a"); ok {
			t.Error("one share let two through")
		}
		time.Sleep(time.Hour)
		for i := range 20 {
			if _, ok := rate.Take(t.Context(), "a"); !ok {
				t.Fatalf("an hour later take %d was refused", i)
			}
		}
	})
}

func TestNoLimit(t *testing.T) {
	for range 1000 {
		if _, ok := NewRate(0).Take(context.Background(), "a"); !ok {
			t.Fatal("a rate of zero refused")
		}
	}
	hold := NewHold(0)
	for range 1000 {
		if _, ok := hold.Hold("a"); !ok {
			t.Fatal("a hold of zero refused")
		}
	}
}

func TestRateIsBounded(t *testing.T) {
	rate := NewRate(1)
	rate.capped = 64
	for i := range 10 * rate.capped {
		if _, ok := rate.Take(t.Context(), fmt.Sprint(i)); !ok {
			t.Fatalf("a new key %d was refused", i)
		}
		if len(rate.free) > rate.capped {
			t.Fatalf("%d keys are kept, more than %d", len(rate.free), rate.capped)
		}
	}
}

func TestRateForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rate := NewRate(10)
		for i := range 500 {
			rate.Take(t.Context(), fmt.Sprint(i))
		}
		time.Sleep(2 * time.Minute)
		rate.Take(t.Context(), "last")
		if len(rate.free) != 1 {
			t.Errorf("%d keys are kept after two idle minutes, want 1", len(rate.free))
		}
	})
}

func TestHold(t *testing.T) {
	hold := NewHold(2)
	first, ok := hold.Hold("a")
	if !ok {
		t.Fatal("the first was refused")
	}
	if _, ok := hold.Hold("a"); !ok {
		t.Fatal("the second was refused")
	}
	if _, ok := hold.Hold("a"); ok {
		t.Fatal("the third was let through")
	}
	if _, ok := hold.Hold("b"); !ok {
		t.Error("another key was refused")
	}
	first()
	first() // releasing twice gives back one place
	if _, ok := hold.Hold("a"); !ok {
		t.Error("refused after a release")
	}
	if _, ok := hold.Hold("a"); ok {
		t.Error("a place was given back twice")
	}
}

func TestHoldForgets(t *testing.T) {
	hold := NewHold(2)
	for i := range 100 {
		release, _ := hold.Hold(fmt.Sprint(i))
		release()
	}
	if len(hold.held) != 0 {
		t.Errorf("%d keys are kept that hold nothing", len(hold.held))
	}
}

func TestKey(t *testing.T) {
	for _, tt := range []struct{ a, b string }{
		{"2001:db8::1", "2001:db8::ffff:1"},
		{"::ffff:192.0.2.1", "192.0.2.1"},
		{"fe80::1%eth0", "fe80::2"},
	} {
		if a, b := Key(netip.MustParseAddr(tt.a)), Key(netip.MustParseAddr(tt.b)); a != b {
			t.Errorf("%s counts as %s and %s as %s; want the same", tt.a, a, tt.b, b)
		}
	}
	for _, tt := range []struct{ a, b string }{
		{"2001:db8::1", "2001:db8:0:1::1"},
		{"192.0.2.1", "192.0.2.2"},
	} {
		if a, b := Key(netip.MustParseAddr(tt.a)), Key(netip.MustParseAddr(tt.b)); a == b {
			t.Errorf("%s and %s both count as %s", tt.a, tt.b, a)
		}
	}
}

func BenchmarkTake(b *testing.B) {
	rate := NewRate(1 << 30)
	for b.Loop() {
		rate.Take(context.Background(), "192.0.2.1")
	}
}
