package chaostest

import (
	"math/rand/v2"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bedside/internal/llm/llmtest"
	"bedside/internal/redisdb/redistest"
)

// question is one that the material answers.
const question = "how fast does it work?"

// clinic is some replicas behind a proxy, on one store and one model.
type clinic struct {
	model    *llmtest.Server
	settings []string // of its replicas
	replicas []*replica
	url      string
}

// openClinic starts replicas on the store. Each token of the model takes pace.
func openClinic(t *testing.T, count int, store string, pace time.Duration, environ ...string) *clinic {
	t.Helper()
	c := &clinic{model: llmtest.New(t, llmtest.HonestPaced(pace))}
	c.settings = append(environ, "REDIS_URL="+store, "OPENAI_BASE_URL="+c.model.URL+"/v1", "BEDSIDE_MODEL=scripted")
	for range count {
		c.replicas = append(c.replicas, startReplica(t, c.settings...))
	}
	c.url = startProxy(t, c.replicas...)
	return c
}

// arriveAll connects patients, each with a session.
func arriveAll(t *testing.T, url string, count int) []*patient {
	t.Helper()
	patients := make([]*patient, count)
	for i := range patients {
		patients[i] = arrive(t, url)
	}
	for _, p := range patients {
		p.isReady(t)
	}
	return patients
}

// converse lets each patient ask so many questions, one after the other, and
// waits for the last answer.
func converse(t *testing.T, patients []*patient, questions int, each time.Duration) {
	t.Helper()
	var talking sync.WaitGroup
	for _, p := range patients {
		talking.Go(func() {
			for range questions {
				if !p.hears(t, p.ask(question), each) {
					return
				}
			}
		})
	}
	talking.Wait()
}

// TestKilledReplicas kills one of three replicas behind a proxy, again and again.
func TestKilledReplicas(t *testing.T) {
	r := fault(t, 1, "answers cut off by kill -9 of one of three replicas")
	store := redistest.Start(t, always...)
	c := openClinic(t, 3, store.URL(), 20*time.Millisecond)
	patients := arriveAll(t, c.url, sized(8, 60))
	var kills []kill
	asked := underQuestions(t, patients, func() {
		for range sized(3, 20) {
			<-time.After(time.Duration(4000+rand.IntN(3000)) * time.Millisecond)
			victim := c.replicas[rand.IntN(len(c.replicas))]
			victim.kill()
			kills = append(kills, kill{victim.address, time.Now()})
			<-time.After(time.Second)
			if err := victim.tryStart(); err != nil {
				t.Errorf("start a replica again: %v", err)
			}
		}
	})
	sum := reckon(t, c.url, patients...)
	if sum.answers != asked || sum.completed != asked {
		t.Errorf("%d questions, %d answers, %d of them completed", asked, sum.answers, sum.completed)
	}
	var taken []takeover
	for _, replica := range c.replicas {
		taken = append(taken, takeovers(t, replica)...)
	}
	waits, story := afterKills(sum.pauses, kills, taken)
	t.Log("the longest: " + story)
	if want := sized(1, 200); len(waits) < want {
		t.Errorf("only %d of %d answers were cut off", len(waits), want)
	}
	median, most := quantile(waits, .5), longest(waits)
	if most > 15*time.Second || median > lease+3*time.Second {
		t.Errorf("answers went on %v after the kill (median), %v (longest)", median, most)
	}
	r.says(t, "%d answers, %d kills, %d cut off: %d sentences, none lost or doubled, one end each; another replica went on %.1f s after the kill (median), %.1f s (longest)",
		sum.answers, len(kills), len(waits), sum.sentences, median.Seconds(), most.Seconds())
}

// TestRollingRestart restarts three replicas, one after the other, under answers.
func TestRollingRestart(t *testing.T) {
	r := fault(t, 23, "rolling restart of three replicas under answers")
	store := redistest.Start(t, always...)
	c := openClinic(t, 3, store.URL(), 20*time.Millisecond, "BEDSIDE_DRAIN_NOTICE="+sized("2s", "5s"))
	patients := arriveAll(t, c.url, sized(20, 50))
	var slowest time.Duration
	var restarting sync.WaitGroup
	over := make(chan struct{})
	restarting.Go(func() {
		defer close(over)
		for _, replica := range c.replicas {
			took, err := replica.stop()
			if err != nil {
				t.Errorf("a replica ended with %v", err)
			}
			slowest = max(slowest, took)
			if err := replica.tryStart(); err != nil {
				t.Error(err)
			}
			<-time.After(1500 * time.Millisecond) // the proxy notices
		}
	})
	asked := 0
	for running := true; running; {
		converse(t, patients, 1, patience)
		asked += len(patients)
		select {
		case <-over:
			running = asked < sized(40, 200)
		default:
		}
	}
	restarting.Wait()
	sum := reckon(t, c.url, patients...)
	if sum.completed != asked || sum.rewinds > 0 || sum.expired > 0 {
		t.Errorf("%d questions, %d answers completed, %d rewinds, %d sessions lost", asked, sum.completed, sum.rewinds, sum.expired)
	}
	if slowest > 30*time.Second {
		t.Errorf("a replica took %v to end", slowest)
	}
	r.says(t, "%d answers, none failed; the slowest replica ended after %.1f s", asked, slowest.Seconds())
}

// TestDropAndResume drops patients in mid-answer and resumes them on the other
// of two replicas, again and again.
func TestDropAndResume(t *testing.T) {
	r := fault(t, 18, "drop and resume on the other of two replicas; two tabs")
	store := redistest.Start(t, always...)
	c := openClinic(t, 2, store.URL(), 5*time.Millisecond)
	patients := arriveAll(t, c.replicas[0].url(), 10)
	rounds := sized(5, 50)
	var talking sync.WaitGroup
	for _, p := range patients {
		talking.Go(func() {
			for round := range rounds {
				id := p.ask(question)
				p.until(t, "the answer's beginning", patience, func() bool {
					a := p.answers[p.accepted[id]]
					return a != nil && (len(a.shown) > 0 || a.ended > 0)
				})
				p.elsewhere(c.replicas[(round+1)%2].url())
				p.drop()
				if !p.hears(t, id, patience) {
					return
				}
			}
		})
	}
	talking.Wait()
	sum := reckon(t, c.url, patients...)
	if sum.rewinds > 0 || sum.completed != rounds*len(patients) {
		t.Errorf("%d rewinds, %d answers completed", sum.rewinds, sum.completed)
	}
	one, _ := read(t, c.replicas[0].url(), patients[0].token)
	other, _ := read(t, c.replicas[1].url(), patients[0].token)
	if len(one.frames) != len(other.frames) {
		t.Errorf("one replica shows %d frames, the other %d", len(one.frames), len(other.frames))
	}
	for i := range min(len(one.frames), len(other.frames)) {
		if one.frames[i].Cursor != other.frames[i].Cursor || one.frames[i].Type != other.frames[i].Type {
			t.Errorf("two tabs differ at %s", one.frames[i].Cursor)
		}
	}
	r.says(t, "%d rounds, %d sentences: gapless, ordered, none doubled", rounds*len(patients), sum.sentences)
}

// TestAllComeBack drops all patients at once.
func TestAllComeBack(t *testing.T) {
	r := fault(t, 27, "clients that reconnect at once")
	store := redistest.Start(t, always...)
	c := openClinic(t, 2, store.URL(), 0)
	count := sized(200, 2000)
	patients := arriveAll(t, c.url, count)
	converse(t, patients, 1, patience) // all at once, which must not make the store seem away
	began := time.Now()
	for _, p := range patients {
		p.mu.Lock()
		p.readies = 0
		p.mu.Unlock()
		p.drop()
	}
	for _, p := range patients {
		p.isReady(t)
	}
	took := time.Since(began)
	if took > 30*time.Second {
		t.Errorf("they were back after %v", took)
	}
	for _, p := range patients {
		if p.rewinds > 0 || p.expired > 0 || len(p.faults) > 0 {
			t.Errorf("a patient was not resumed: %d rewinds, %d sessions gone, %d in memory, %v", p.rewinds, p.expired, p.inMemory, p.faults)
		}
	}
	r.says(t, "%d clients, all resumed after %.1f s", count, took.Seconds())
}

// TestSleepingReplica stops a replica in mid-answer past its lease and wakes it.
func TestSleepingReplica(t *testing.T) {
	r := fault(t, 19, "a replica asleep past its lease")
	store := redistest.Start(t, always...)
	c := openClinic(t, 2, store.URL(), 40*time.Millisecond)
	asleep, other := c.replicas[0], c.replicas[1]
	p := arrive(t, asleep.url())
	p.isReady(t)
	id := p.ask(question)
	p.until(t, "a sentence", patience, func() bool { return p.accepted[id] != "" && len(p.answers[p.accepted[id]].shown) > 0 })
	asleep.signal(syscall.SIGSTOP)
	slept := time.Now()
	p.elsewhere(other.url())
	p.drop()
	p.hears(t, id, patience)
	p.mu.Lock()
	took, before := time.Since(slept), strings.Join(p.answers[p.accepted[id]].shown, "")
	p.mu.Unlock()
	<-time.After(time.Until(slept.Add(sized(8*time.Second, 20*time.Second))))
	asleep.signal(syscall.SIGCONT)
	<-time.After(3 * time.Second) // it tries what it was about to
	sum := reckon(t, other.url(), p)
	if after := strings.Join(p.answers[p.accepted[id]].shown, ""); before == "" || after != before {
		t.Errorf("the text was %q and is %q", before, after)
	}
	if sum.completed != 1 {
		t.Errorf("%d answers completed", sum.completed)
	}
	r.says(t, "taken over and ended %.1f s after it fell asleep; its late appends changed nothing", took.Seconds())
}

// TestTheSameMessageTwice sends one question on two sockets of two replicas.
func TestTheSameMessageTwice(t *testing.T) {
	r := fault(t, 17, "the same message on two sockets at once")
	store := redistest.Start(t, always...)
	c := openClinic(t, 2, store.URL(), time.Millisecond)
	first := arrive(t, c.replicas[0].url())
	first.isReady(t)
	first.hears(t, first.ask("thank you"), patience) // begins the record
	rounds := sized(5, 25)
	second := arrive(t, c.replicas[1].url())
	second.isReady(t)
	second.mu.Lock()
	second.token = first.token
	second.readies = 0
	second.mu.Unlock()
	second.drop()
	second.isReady(t)
	for range rounds {
		id := first.ask(question)
		second.mu.Lock()
		if _, known := second.accepted[id]; !known && second.conn != nil {
			second.pending[id] = question
			second.order = append(second.order, id)
			second.send(id)
		}
		second.mu.Unlock()
		first.hears(t, id, patience)
		second.hears(t, id, patience)
		if first.accepted[id] != second.accepted[id] {
			t.Errorf("one question has the answers %s and %s", first.accepted[id], second.accepted[id])
		}
	}
	sum := reckon(t, c.url, first)
	if sum.completed != rounds+1 {
		t.Errorf("%d answers of %d questions", sum.completed, rounds+1)
	}
	r.says(t, "%d questions sent twice: one answer each, at the same cursors", rounds)
}
