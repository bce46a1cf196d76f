package app_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"bedside/internal/chat"
	"bedside/internal/client"
	"bedside/internal/config"
	"bedside/internal/llm/llmtest"
	"bedside/internal/redisdb/redistest"
)

const (
	// underway is how many answers run while a primary is lost.
	underway = 24
	// writingAgain is how soon after a promotion a question has to be accepted.
	writingAgain = 5 * time.Second
	// failoverPatience bounds an answer through a failover on a busy machine.
	failoverPatience = 90 * time.Second
)

// TestSentinelPromotes loses the primary under running answers.
func TestSentinelPromotes(t *testing.T) {
	set := redistest.StartSentinel(t, 2, "--appendonly", "yes", "--appendfsync", "always")
	throughFailover(t, set.URL(), func() time.Time {
		set.Data[0].Kill()
		_, at := set.AwaitPromotion(set.Data[0])
		return at
	})
}

// TestClusterPromotes loses one primary of three under running answers.
func TestClusterPromotes(t *testing.T) {
	cluster := redistest.StartCluster(t, true, "--appendonly", "yes", "--appendfsync", "always")
	throughFailover(t, cluster.URL(""), func() time.Time {
		cluster.Primary[1].Kill()
		return cluster.AwaitPromotion(1)
	})
}

// throughFailover begins answers on two replicas, has a primary lost, and follows
// them to their ends: each patient sees one answer, whole, and the store is written
// again soon after the promotion.
func throughFailover(t *testing.T, store string, promote func() time.Time) {
	model := llmtest.New(t, llmtest.HonestPaced(pace))
	var replicas [2]*process
	for i := range replicas {
		replicas[i] = launch(t, "REDIS_URL="+store, "BEDSIDE_DATA_KEYS="+sharedKeys.Reveal(), "BEDSIDE_DRAIN_ANSWERS=0",
			"OPENAI_BASE_URL="+model.URL+"/v1", "BEDSIDE_MODEL=scripted", "BEDSIDE_RATE_ADDRESS=0")
	}
	begun, results := make(chan struct{}, underway), make(chan error, underway)
	var told sync.Map // those who were told that their log was rewound
	for i := range underway {
		go func() {
			results <- patient(t.Context(), replicas[i%2].url, func() { begun <- struct{}{} }, func() { told.Store(i, true) })
		}()
	}
	for range underway {
		select {
		case <-begun:
		case err := <-results:
			t.Fatalf("before anything was lost: %v", err)
		}
	}
	at := promote()
	var slowest time.Duration
	for i := range 12 { // of a Cluster, in each shard some
		asked := make(chan time.Time, 1)
		fresh := make(chan error, 1)
		go func() {
			fresh <- accepted(t.Context(), replicas[i%2].url, func() { asked <- time.Now() })
		}()
		if err := <-fresh; err != nil {
			t.Fatal(err)
		}
		slowest = max(slowest, (<-asked).Sub(at))
	}
	if slowest > writingAgain {
		t.Errorf("questions were accepted in the store %v after the promotion", slowest)
	}
	for range underway {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	rewound := 0
	told.Range(func(any, any) bool { rewound++; return true })
	t.Logf("%d answers ran, %d patients were told of a rewound log; 12 new questions were all stored %v after the promotion", underway, rewound, slowest)
}

// patient asks one question and sees its answer through: what is shown in the end
// has to be the answer, which ends once. One who is told that the log was rewound
// and does not see the question any more asks again, as a person would.
func patient(ctx context.Context, url string, begins, told func()) error {
	ctx, cancel := context.WithTimeout(ctx, failoverPatience)
	defer cancel()
	c, err := client.Open(ctx, client.Options{Server: url, Key: config.NewSecret(staffKey)})
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Ask(ordinary); err != nil {
		return err
	}
	begins = sync.OnceFunc(begins)
	shown, ended := make(map[chat.ResponseID]string), make(map[chat.ResponseID]int)
	for event := range c.Events() {
		switch e := event.(type) {
		case client.Ready:
			if e.Resumed && !e.Recovered {
				told()
				clear(shown)
				clear(ended)
				if e.Cursor == chat.Origin {
					if _, err := c.Ask(ordinary); err != nil {
						return err
					}
				}
			}
		case client.Expired:
			told()
			clear(shown)
			if _, err := c.Ask(ordinary); err != nil {
				return err
			}
		case client.Sentence:
			text := shown[e.Response]
			if e.Offset > len(text) {
				return fmt.Errorf("%s: a sentence is missing before byte %d of %q", e.Response, e.Offset, text)
			}
			shown[e.Response] = text[:e.Offset] + e.Text
			begins()
		case client.Ended:
			if ended[e.Answer.ID]++; ended[e.Answer.ID] > 1 {
				return fmt.Errorf("%s ends twice", e.Answer.ID)
			}
			if e.Answer.Status != chat.StatusCompleted || e.Answer.Text != shown[e.Answer.ID] {
				return fmt.Errorf("%s is %s: shown %q, the answer is %q", e.Answer.ID, e.Answer.Status, shown[e.Answer.ID], e.Answer.Text)
			}
			return nil
		default:
		}
	}
	return errors.Join(errors.New("no answer came to its end"), ctx.Err(), c.Err())
}

// accepted begins a session in the store and asks in it; done is called when the
// question was accepted.
func accepted(ctx context.Context, url string, done func()) error {
	ctx, cancel := context.WithTimeout(ctx, failoverPatience)
	defer cancel()
	for {
		stored, err := acceptedOnce(ctx, url)
		if stored {
			done()
		}
		if stored || err != nil {
			return err
		}
	}
}

// acceptedOnce says whether the session was the store's.
func acceptedOnce(ctx context.Context, url string) (stored bool, err error) {
	c, err := client.Open(ctx, client.Options{Server: url, Key: config.NewSecret(staffKey)})
	if err != nil {
		return false, err
	}
	defer c.Close()
	if _, err := c.Ask(ordinary); err != nil {
		return false, err
	}
	durable := false
	for event := range c.Events() {
		switch e := event.(type) {
		case client.Ready:
			durable = e.Durable
		case client.Accepted:
			return durable, nil
		default:
		}
	}
	return false, errors.Join(errors.New("no question was accepted"), ctx.Err(), c.Err())
}
