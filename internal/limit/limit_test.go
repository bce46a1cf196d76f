package limit

import (
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rate := newRate(20, maxKeys)
		for i := range 20 {
			if wait := rate.take("a"); wait > 0 {
				t.Fatalf("take %d was refused", i)
			}
		}
		retry := rate.take("a")
		if retry != 3*time.Second {
			t.Fatalf("the 21st has to wait %v, want 3s", retry)
		}
		if wait := rate.take("b"); wait > 0 {
			t.Error("another key was refused")
		}
		time.Sleep(retry - time.Nanosecond)
		if wait := rate.take("a"); wait == 0 {
			t.Error("let through before the wait was over")
		}
		time.Sleep(time.Nanosecond)
		if wait := rate.take("a"); wait > 0 {
			t.Error("refused after the wait was over: a refused take must cost nothing")
		}
		if wait := rate.take("a"); wait == 0 {
			t.Error("one share let two through")
		}
		time.Sleep(time.Hour)
		for i := range 20 {
			if wait := rate.take("a"); wait > 0 {
				t.Fatalf("an hour later take %d was refused", i)
			}
		}
	})
}

func TestNoLimit(t *testing.T) {
	for range 1000 {
		if wait := newRate(0, maxKeys).take("a"); wait > 0 {
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
	rate := newRate(1, 64)
	for i := range 640 {
		if wait := rate.take(fmt.Sprint(i)); wait > 0 {
			t.Fatalf("a new key %d was refused", i)
		}
		if kept := rate.full.Len(); kept > 64 {
			t.Fatalf("%d keys are kept, more than 64", kept)
		}
	}
	if wait := rate.take("639"); wait == 0 {
		t.Error("the key that was used last was forgotten")
	}
}

func TestRateForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rate := newRate(10, maxKeys)
		for i := range 500 {
			rate.take(fmt.Sprint(i))
		}
		time.Sleep(2 * time.Minute)
		rate.take("last")
		if kept := rate.full.Len(); kept != 1 {
			t.Errorf("%d keys are kept after two idle minutes, want 1", kept)
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
	rate := newRate(1<<30, maxKeys)
	for b.Loop() {
		rate.take("192.0.2.1")
	}
}
