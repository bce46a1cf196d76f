package limit

import "testing"

func TestLedger(t *testing.T) {
	l := NewLedger()
	for _, step := range []struct {
		day         string
		amount, sum int
	}{
		{"2026-11-30", 10, 10},
		{"2026-11-30", 5, 15},
		{"2026-12-01", 1, 1},
		{"2026-11-30", -5, 10}, // what began before midnight
		{"2026-12-02", 2, 2},
		{"2026-11-30", 1, 0}, // over: two days are kept
		{"2026-12-01", 0, 1},
	} {
		if got := l.Add(t.Context(), step.day, step.amount); got != step.sum {
			t.Errorf("%+d on %s: %d, want %d", step.amount, step.day, got, step.sum)
		}
	}
	if len(l.spent) > daysKept {
		t.Errorf("%d days are kept", len(l.spent))
	}
}
