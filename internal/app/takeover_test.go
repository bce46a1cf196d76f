package app_test

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"bedside/internal/llm/llmtest"
	"bedside/internal/redisdb/redistest"
)

// pace is the model's, a token at a time: an answer takes a few seconds.
const pace = 60 * time.Millisecond

// replicas are processes of the program on one Redis and one model.
func replicas(t *testing.T, count int, environ ...string) []*process {
	t.Helper()
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	model := llmtest.New(t, llmtest.HonestPaced(pace))
	all := make([]*process, count)
	for i := range all {
		all[i] = launch(t, append([]string{
			"REDIS_URL=" + server.URL(), "BEDSIDE_DATA_KEYS=" + sharedKeys.Reveal(),
			"OPENAI_BASE_URL=" + model.URL + "/v1", "BEDSIDE_MODEL=scripted", "BEDSIDE_DRAIN_ANSWERS=0",
		}, environ...)...)
	}
	return all
}

// begun is an answer that has said its first sentence.
type begun struct {
	token, cursor, shown string
	response             string
}

// begins asks a replica and reads as far as the first sentence.
func begins(t *testing.T, p *process) (*conversation, begun) {
	t.Helper()
	patient := dial(t, p.url)
	b := begun{token: patient.begin(t, true)}
	patient.question(t, ordinary)
	for _, f := range patient.until(t, "response.output_text.delta") {
		b.add(f)
	}
	return patient, b
}

func (b *begun) add(f frame) {
	b.shown += f.Delta
	if f.Cursor != "" {
		b.cursor = f.Cursor
	}
	if f.ResponseID != "" {
		b.response = f.ResponseID
	}
}

// goesOnAt comes back at another replica with the last cursor, and checks that what
// is shown in the end is the answer, once.
func (b *begun) goesOnAt(t *testing.T, p *process) (frames []frame) {
	t.Helper()
	back := dial(t, p.url)
	if ready := back.resume(t, b.token, b.cursor, "bedside:session.ready"); !ready.Recovered {
		t.Error("continuity was not recovered")
	}
	for i, kind := range []string{"response.output_text.done", "response.completed"} {
		frames = back.until(t, kind)
		for _, f := range frames {
			if f.Type == "response.created" {
				t.Error("the answer begins again")
			}
			b.add(f)
		}
		if final := frames[len(frames)-1]; i == 0 && final.Text != b.shown {
			t.Errorf("shown %q, the answer is %q", b.shown, final.Text)
		}
	}
	return frames
}

// ends counts the terminal events that the store holds of the session.
func (b *begun) ends(t *testing.T, p *process) (ends int) {
	t.Helper()
	back := dial(t, p.url)
	ready := back.resume(t, b.token, "", "bedside:session.ready")
	for cursor := ""; cursor != ready.Cursor; {
		f := back.next(t)
		cursor = f.Cursor
		switch f.Type {
		case "response.completed", "response.incomplete", "response.failed":
			ends++
		}
	}
	return ends
}

// next reads one frame.
func (c *conversation) next(t *testing.T) (f frame) {
	t.Helper()
	if err := c.socket.SetReadDeadline(time.Now().Add(untilPatience)); err != nil {
		t.Fatal(err)
	}
	if err := c.socket.ReadJSON(&f); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestKilledReplica kills one of three replicas with kill -9 in the middle of an
// answer: another goes on, and it is whole, once.
func TestKilledReplica(t *testing.T) {
	all := replicas(t, 3)
	_, answer := begins(t, all[0])
	if err := all[0].command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	answer.goesOnAt(t, all[1])
	t.Logf("ended %v after the kill, the model's own time included", time.Since(killed).Round(10*time.Millisecond))
	if ends := answer.ends(t, all[2]); ends != 1 {
		t.Errorf("%d terminal events", ends)
	}
}

// TestKilledReplicaWithoutItsPatient kills a replica, and nobody comes back until
// the other has had the time to finish.
func TestKilledReplicaWithoutItsPatient(t *testing.T) {
	all := replicas(t, 2)
	patient, answer := begins(t, all[0])
	if err := all[0].command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = patient.socket.Close()
	for began := time.Now(); ; {
		_, body := ask(t, http.MethodGet, all[1].url+"/v1/responses/"+answer.response, nil, answer.token)
		if strings.Contains(body, `"status":"completed"`) {
			break
		}
		if time.Since(began) > 30*time.Second {
			t.Fatalf("nobody finishes it: %s", body)
		}
		<-time.After(20 * time.Millisecond)
	}
	if ends := answer.ends(t, all[1]); ends != 1 {
		t.Errorf("%d terminal events", ends)
	}
}

// TestSleepingReplica stops a replica in its tracks, past its lease, and lets it go
// on when another has finished the answer: the patient's text does not change.
func TestSleepingReplica(t *testing.T) {
	all := replicas(t, 2)
	_, answer := begins(t, all[0])
	if err := all[0].command.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	answer.goesOnAt(t, all[1])
	_, before := ask(t, http.MethodGet, all[1].url+"/v1/responses/"+answer.response, nil, answer.token)
	if err := all[0].command.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	// It is awake once it answers; what it had to say was refused by then, or is soon.
	if status, _ := get(t, all[0].url+"/healthz"); status != http.StatusOK {
		t.Errorf("awake: %d", status)
	}
	again := dial(t, all[0].url)
	again.resume(t, answer.token, answer.cursor, "bedside:session.ready")
	again.question(t, polite) // ends what it may still be writing of the first
	again.until(t, "response.completed")
	if _, after := ask(t, http.MethodGet, all[0].url+"/v1/responses/"+answer.response, nil, answer.token); after != before {
		t.Errorf("the answer was %s, and is %s", before, after)
	}
	if ends := answer.ends(t, all[0]); ends != 2 {
		t.Errorf("%d terminal events of two answers", ends)
	}
}

// TestRollingRestart stops a replica with SIGTERM in the middle of an answer, with
// no time to finish it: another goes on at once.
func TestRollingRestart(t *testing.T) {
	all := replicas(t, 2)
	patient, answer := begins(t, all[0])
	stopped := time.Now()
	all[0].stop()
	if took := time.Since(stopped); took > 10*time.Second {
		t.Errorf("stopping took %v", took)
	}
	_ = patient.socket.Close()
	answer.goesOnAt(t, all[1])
	t.Logf("ended %v after SIGTERM, the model's own time included", time.Since(stopped).Round(10*time.Millisecond))
	if ends := answer.ends(t, all[1]); ends != 1 {
		t.Errorf("%d terminal events", ends)
	}
}

// TestSecondSignal ends a replica with two signals, in the middle of an answer and
// with a client that does not close its side. The second ends it at once; the answer
// is another's.
func TestSecondSignal(t *testing.T) {
	all := replicas(t, 2, "BEDSIDE_DRAIN_NOTICE=5s", "BEDSIDE_DRAIN_ANSWERS=20s")
	_, answer := begins(t, all[0])
	for range 2 {
		if err := all[0].command.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond) // or they are one
	}
	signalled := time.Now()
	err := <-all[0].ended
	all[0].ended <- err
	if took := time.Since(signalled); err != nil || took > 4*time.Second { // one signal alone takes five
		t.Errorf("it ended %v after the second signal with %v", took, err)
	}
	answer.goesOnAt(t, all[1])
}

// TestStorePausedInMidAnswer pauses Redis in the middle of an answer: the patient
// reads on without cursors, and has them once it is back.
func TestStorePausedInMidAnswer(t *testing.T) {
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	model := llmtest.New(t, llmtest.HonestPaced(pace))
	var all []*process
	for range 2 {
		all = append(all, launch(t, "REDIS_URL="+server.URL(), "BEDSIDE_DATA_KEYS="+sharedKeys.Reveal(),
			"OPENAI_BASE_URL="+model.URL+"/v1", "BEDSIDE_MODEL=scripted"))
	}
	patient, answer := begins(t, all[0])
	server.Pause()
	ahead := answer.shown
	for {
		f := patient.next(t)
		if f.Cursor != "" {
			answer.add(f)
		}
		if f.Cursor == "" && f.ResponseID == answer.response || f.Cursor != "" {
			ahead += f.Delta
		}
		if f.Type == "response.completed" {
			if f.Cursor != "" {
				t.Error("the store is paused, and the end has a cursor")
			}
			break
		}
	}
	server.Resume()
	for {
		f := patient.next(t)
		if f.Cursor == "" {
			continue
		}
		answer.add(f)
		if f.Type == "response.completed" {
			break
		}
	}
	if answer.shown != ahead || ahead == "" {
		t.Errorf("stored %q, shown without the store %q", answer.shown, ahead)
	}
	if ends := answer.ends(t, all[1]); ends != 1 {
		t.Errorf("%d terminal events", ends)
	}
}
