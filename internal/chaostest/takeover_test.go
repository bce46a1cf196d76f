package chaostest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// lease is the gateways' own.
const lease = 3 * time.Second

// kill is the end of a replica.
type kill struct {
	address string
	at      time.Time
}

// takeover is what a replica has noted of an answer that it went on with.
type takeover struct {
	address, response string
	at                time.Time
}

// takeovers are those that the replica has printed.
func takeovers(t testing.TB, r *replica) (all []takeover) {
	t.Helper()
	for line := range strings.Lines(r.printed.String()) {
		var record struct {
			Time     time.Time `json:"time"`
			Message  string    `json:"msg"`
			Response string    `json:"response"`
		}
		if json.Unmarshal([]byte(line), &record) == nil && record.Message == "question taken over" {
			all = append(all, takeover{r.address, record.Response, record.Time})
		}
	}
	return all
}

// afterKills says for each pause in which a replica was killed how long after the
// kill something came again. Where whoever took the answer over was killed in its
// turn before anything came, the time counts from there; a kill of somebody else
// changes nothing. The story is that of the longest.
func afterKills(pauses []pause, kills []kill, taken []takeover) (waits []time.Duration, story string) {
	for _, p := range pauses {
		var from time.Time
		for _, k := range kills { // in order
			if k.at.Before(p.from) || k.at.After(p.to) {
				continue
			}
			owner := slices.ContainsFunc(taken, func(o takeover) bool {
				return o.address == k.address && o.response == p.response && o.at.After(from) && o.at.Before(k.at)
			})
			if from.IsZero() || owner {
				from = k.at
			}
		}
		if !from.IsZero() {
			waits = append(waits, p.to.Sub(from))
			if p.to.Sub(from) == slices.Max(waits) {
				story = p.story(kills, taken)
			}
		}
	}
	return waits, story
}

// story tells what happened in the pause, in seconds after its beginning.
func (p pause) story(kills []kill, taken []takeover) string {
	var all strings.Builder
	fmt.Fprintf(&all, "%s over after %.1f s", p.response, p.to.Sub(p.from).Seconds())
	for _, k := range kills {
		if k.at.After(p.from) && k.at.Before(p.to) {
			fmt.Fprintf(&all, "; %s killed after %.1f s", k.address, k.at.Sub(p.from).Seconds())
		}
	}
	for _, o := range taken {
		if o.response == p.response {
			fmt.Fprintf(&all, "; taken over by %s after %.1f s", o.address, o.at.Sub(p.from).Seconds())
		}
	}
	return all.String()
}

func TestAfterKills(t *testing.T) {
	at := func(second int) time.Time { return time.Unix(int64(second), 0) }
	one := pause{"r", at(10), at(30)}
	tests := map[string]struct {
		kills []kill
		taken []takeover
		want  []time.Duration
	}{
		"no kill":                    {nil, nil, nil},
		"before the pause":           {[]kill{{"a", at(9)}}, nil, nil},
		"in it":                      {[]kill{{"a", at(12)}}, nil, []time.Duration{18 * time.Second}},
		"a second of somebody else":  {[]kill{{"a", at(12)}, {"b", at(20)}}, []takeover{{"c", "r", at(16)}}, []time.Duration{18 * time.Second}},
		"a second of the new owner":  {[]kill{{"a", at(12)}, {"b", at(20)}}, []takeover{{"b", "r", at(16)}}, []time.Duration{10 * time.Second}},
		"one of another answer's":    {[]kill{{"a", at(12)}, {"b", at(20)}}, []takeover{{"b", "q", at(16)}}, []time.Duration{18 * time.Second}},
		"of one that took it later":  {[]kill{{"a", at(12)}, {"b", at(20)}}, []takeover{{"b", "r", at(22)}}, []time.Duration{18 * time.Second}},
		"of one that had it earlier": {[]kill{{"a", at(12)}, {"b", at(20)}}, []takeover{{"b", "r", at(8)}}, []time.Duration{18 * time.Second}},
	}
	for name, test := range tests {
		if got, _ := afterKills([]pause{one}, test.kills, test.taken); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
