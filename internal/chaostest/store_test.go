package chaostest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"bedside/internal/redisdb/redistest"
)

// crisis is a message that gets help at once, whatever else is broken.
const crisis = "I want to kill myself tonight"

// TestKilledRedis kills Redis again and again under questions.
func TestKilledRedis(t *testing.T) {
	t.Parallel()
	for _, sync := range []string{"always", "everysec"} {
		t.Run(sync, func(t *testing.T) {
			r := fault(t, 2, "kill -9 of Redis with appendfsync "+sync)
			t.Parallel()
			store := redistest.Start(t, "--appendonly", "yes", "--appendfsync", sync, "--maxmemory-policy", "noeviction")
			c := openClinic(t, 2, store.URL(), time.Millisecond)
			patients := arriveAll(t, c.url, 10)
			converse(t, patients, 1, patience) // their sessions are in the store
			kills := sized(4, 50)
			answers := underQuestions(t, patients, func() {
				for range kills {
					<-time.After(time.Duration(200+rand.IntN(600)) * time.Millisecond)
					store.Kill()
					<-time.After(time.Duration(rand.IntN(400)) * time.Millisecond)
					store.Restart()
				}
			})
			sum := reckon(t, c.url, patients...)
			if sync == "always" && (sum.rewinds > 0 || sum.expired > 0) {
				t.Errorf("%d logs and %d sessions were lost", sum.rewinds, sum.expired)
			}
			r.says(t, "%d kills, %d answers: %d logs and %d sessions lost, each said; no other difference", kills, answers, sum.rewinds, sum.expired)
		})
	}
}

// TestPowerLost takes from Redis what it wrote in the last moment, as appendfsync
// everysec allows: what patients were shown is gone, and each of them is told.
func TestPowerLost(t *testing.T) {
	r := fault(t, 2, "Redis loses what it wrote last, as with appendfsync everysec when the power fails")
	t.Parallel()
	store := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction")
	c := openClinic(t, 2, store.URL(), time.Millisecond)
	patients := arriveAll(t, c.url, 10)
	converse(t, patients, 1, patience) // their sessions are in the store
	losses := sized(3, 20)
	answers := underQuestions(t, patients, func() {
		for range losses {
			<-time.After(time.Duration(200+rand.IntN(300)) * time.Millisecond)
			written := store.Written()
			<-time.After(time.Duration(100+rand.IntN(400)) * time.Millisecond)
			store.LosePower(written)
			store.Restart()
		}
	})
	sum := reckon(t, c.url, patients...)
	if sum.rewinds+sum.expired == 0 {
		t.Error("nothing was lost, and so nothing is shown")
	}
	r.says(t, "%d times, %d answers: %d logs and %d sessions lost, each said; what is shown is what is stored", losses, answers, sum.rewinds, sum.expired)
}

// underQuestions lets all patients ask one question after the other while do
// runs, waits until each has its answer, and returns how many were asked.
func underQuestions(t *testing.T, patients []*patient, do func()) int {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var talking sync.WaitGroup
	asked := make([]int, len(patients))
	for i, p := range patients {
		talking.Go(func() {
			for ctx.Err() == nil {
				id := p.ask(question)
				asked[i]++
				if !p.until(t, "an answer, or a session that is gone", patience, func() bool {
					_, waits := p.pending[id]
					a := p.answers[p.accepted[id]]
					return !waits && (a == nil || a.ended > 0)
				}) {
					return
				}
				<-time.After(time.Duration(rand.IntN(100)) * time.Millisecond)
			}
		})
	}
	do()
	stop()
	talking.Wait()
	total, limit := 0, time.Now().Add(patience)
	for i, p := range patients {
		total += asked[i]
		p.until(t, "the end of all answers", time.Until(limit), func() bool { return p.conn != nil && len(p.pending) == 0 && p.unfinished() == 0 })
	}
	return total
}

// TestPausedRedis stops Redis in mid-answer: the answer goes on, help is given,
// and afterwards the log is what was shown.
func TestPausedRedis(t *testing.T) {
	r := fault(t, 3, "Redis paused")
	store := redistest.Start(t, always...)
	c := openClinic(t, 1, store.URL(), 40*time.Millisecond)
	gate := c.replicas[0]
	patients := arriveAll(t, gate.url(), 10)
	ids := make([]string, len(patients))
	for i, p := range patients {
		ids[i] = p.ask(question)
	}
	for i, p := range patients {
		p.until(t, "a sentence", patience, func() bool { return p.accepted[ids[i]] != "" && len(p.answers[p.accepted[ids[i]]].shown) > 0 })
	}
	memory, goroutines := gate.resident(), gate.goroutines()
	store.Pause()
	paused := time.Now()
	length := sized(6*time.Second, 20*time.Second)
	for i, p := range patients {
		p.until(t, "the answer's end while Redis is paused", length, func() bool { return p.answers[p.accepted[ids[i]]].ended > 0 })
	}
	helped := time.Now()
	other := arrive(t, gate.url())
	other.isReady(t)
	other.ask(crisis)
	other.until(t, "help", 5*time.Second, func() bool {
		for _, a := range other.answers {
			if a.ended > 0 && strings.Contains(a.final, "988") {
				return true
			}
		}
		return false
	})
	took := time.Since(helped)
	<-time.After(time.Until(paused.Add(length)))
	grown, more := gate.resident()-memory, gate.goroutines()-goroutines
	store.Resume()
	<-time.After(3 * time.Second) // what was kept is appended
	if grown > 32 || more > 100 {
		t.Errorf("%.0f MiB and %d goroutines more", grown, more)
	}
	sum := reckon(t, gate.url(), patients...)
	if sum.rewinds > 0 || sum.completed != len(patients) {
		t.Errorf("%d rewinds, %d of %d answers completed", sum.rewinds, sum.completed, len(patients))
	}
	r.says(t, "%.0f s: %d running answers ended meanwhile, help after %.2f s, %+.0f MiB; the log is what was shown", length.Seconds(), len(patients), took.Seconds(), grown)
}

// TestSentinelFailover kills the primary under running answers.
func TestSentinelFailover(t *testing.T) {
	r := fault(t, 4, "Sentinel failover under running answers")
	failover(t, r, false, sentinels)
}

// TestSentinelFailoverLosesWrites kills the primary under running answers whose last
// sentences no replica has.
func TestSentinelFailoverLosesWrites(t *testing.T) {
	r := fault(t, 4, "Sentinel failover to a replica that lacks what was written last")
	failover(t, r, true, sentinels)
}

// TestClusterLosesAPrimary kills one of three primaries under running answers.
func TestClusterLosesAPrimary(t *testing.T) {
	r := fault(t, 4, "Cluster that loses a primary under running answers")
	failover(t, r, false, cluster)
}

// TestClusterLosesWrites kills one of three primaries under running answers whose last
// sentences its replica does not have.
func TestClusterLosesWrites(t *testing.T) {
	r := fault(t, 4, "Cluster that loses a primary, and what was written to it last")
	failover(t, r, true, cluster)
}

// replicated is a store with replicas: its address, the primary that will be lost, and
// the wait until that is replaced.
type replicated struct {
	url     string
	primary *redistest.Server
	replace func() time.Time
}

func sentinels(t *testing.T) replicated {
	set := redistest.StartSentinel(t, 2, always...)
	return replicated{set.URL(), set.Data[0], func() time.Time {
		_, at := set.AwaitPromotion(set.Data[0])
		return at
	}}
}

func cluster(t *testing.T) replicated {
	c := redistest.StartCluster(t, true, always...)
	return replicated{c.URL(""), c.Primary[0], func() time.Time { return c.AwaitPromotion(0) }}
}

// failover kills a primary under running answers, and looks at what becomes of them.
// What is lost is what was written in the last moments, where the replicas are cut off
// before.
func failover(t *testing.T, r *row, loses bool, start func(*testing.T) replicated) {
	t.Helper()
	store := start(t)
	c := openClinic(t, 2, store.url, 20*time.Millisecond)
	patients := arriveAll(t, c.url, sized(20, 100))
	ids := make([]string, len(patients))
	for i, p := range patients {
		ids[i] = p.ask(question)
	}
	shows := func(p *patient, id string, sentences int) func() bool {
		return func() bool {
			a := p.answers[p.accepted[id]]
			return a != nil && (a.ended > 0 || len(a.storedShown) >= sentences)
		}
	}
	for i, p := range patients {
		p.until(t, "acceptance", patience, func() bool { return p.accepted[ids[i]] != "" })
	}
	if loses {
		store.primary.CutOff()
		for i, p := range patients {
			p.mu.Lock()
			var stored int
			if a := p.answers[p.accepted[ids[i]]]; a != nil {
				stored = len(a.storedShown)
			}
			p.mu.Unlock()
			p.until(t, "a sentence that no replica has", patience, shows(p, ids[i], stored+1))
		}
	}
	store.primary.Kill()
	promoted := store.replace()
	next := make([]string, len(patients))
	for i, p := range patients {
		next[i] = p.ask(question)
	}
	var slowest time.Duration
	for i, p := range patients {
		p.until(t, "a question accepted by the promoted server", patience, func() bool { return p.accepted[next[i]] != "" || p.expired > 0 })
		slowest = max(slowest, time.Since(promoted))
	}
	if slowest > 5*time.Second {
		t.Errorf("all write again %v after the promotion", slowest)
	}
	for _, p := range patients {
		p.until(t, "the end of all answers, in the log", patience, func() bool {
			return p.conn != nil && len(p.pending) == 0 && len(p.answers) > 0 && p.unfinished() == 0 && p.unstored() == 0
		})
	}
	sum := reckon(t, c.url, patients...)
	if loses && sum.rewinds+sum.expired == 0 {
		t.Error("nothing was lost: the replicas were not behind")
	}
	r.says(t, "%d running answers: writing again %.1f s after the promotion; %d logs and %d sessions lost, each said; 0 wrong or mixed answers",
		len(patients), slowest.Seconds(), sum.rewinds, sum.expired)
}

// TestFullRedis fills Redis up.
func TestFullRedis(t *testing.T) {
	r := fault(t, 5, "Redis out of memory")
	store := redistest.Start(t, always...)
	c := openClinic(t, 1, store.URL(), 0)
	p := arrive(t, c.url)
	p.isReady(t)
	p.hears(t, p.ask(question), patience)
	admin := store.Open()
	for i := range 40 { // more than what is allowed next
		if err := admin.Set(t.Context(), fmt.Sprint("filler:", i), strings.Repeat("x", 64<<10), 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := admin.ConfigSet(t.Context(), "maxmemory", "1mb").Err(); err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	before := len(p.refusals)
	p.mu.Unlock()
	kept := p.ask(question)
	p.until(t, "a refusal", patience, func() bool { return len(p.refusals) > before && p.refusals[len(p.refusals)-1] == "store_unavailable" })
	began := time.Now()
	p.ask(crisis)
	p.until(t, "help", 5*time.Second, func() bool {
		for _, a := range p.answers {
			if a.ended > 0 && strings.Contains(a.final, "988") {
				return true
			}
		}
		return false
	})
	took := time.Since(began)
	c.replicas[0].alive()
	if err := admin.ConfigSet(t.Context(), "maxmemory", "64mb").Err(); err != nil {
		t.Fatal(err)
	}
	p.until(t, "the kept question's answer", patience, func() bool {
		_, waits := p.pending[kept]
		return !waits && p.unfinished() == 0
	})
	if p.rewinds > 0 || p.expired > 0 {
		t.Errorf("%d logs and %d sessions were lost", p.rewinds, p.expired)
	}
	r.says(t, "questions refused and answered once there is room; help after %.2f s", took.Seconds())
}

// TestAbsentRedis starts without the store, and with a wrong password.
func TestAbsentRedis(t *testing.T) {
	r := fault(t, 6, "Redis absent at the start; its password refused")
	store := redistest.Start(t, always...)
	store.Kill()
	gate := startReplica(t, "REDIS_URL="+store.URL())
	p := arrive(t, gate.url())
	p.isReady(t)
	p.hears(t, p.ask(question), patience)
	store.Restart()
	began := time.Now()
	await(t, "the store's return", func() bool {
		_, body := gate.get("/readyz")
		return strings.Contains(body, `"store":"ok"`)
	})
	noticed := time.Since(began)
	if noticed > 3*time.Second {
		t.Errorf("the store's return was noticed after %v", noticed)
	}
	guarded := redistest.Start(t, "--requirepass", "the right one")
	command := exec.Command(program, "serve")
	command.Env = []string{"BEDSIDE_ADDR=127.0.0.1:0", "REDIS_URL=redis://:wrong-password@" + guarded.Address()}
	said, err := command.CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(said)), "\n")
	last := lines[len(lines)-1]
	if command.ProcessState.ExitCode() != 2 || !strings.Contains(last, "password") || strings.Contains(string(said), "wrong-password") {
		t.Errorf("a refused password: %v: %s", err, said)
	}
	r.says(t, "runs, and notices the store after %.1f s; exit 2, one line names the cause", noticed.Seconds())
}
