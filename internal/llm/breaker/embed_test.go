package breaker_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"bedside/internal/llm"
	"bedside/internal/llm/breaker"
)

type embedding struct {
	err   error
	calls int
}

func (e *embedding) Embed(context.Context, []string) ([][]float32, error) {
	e.calls++
	return [][]float32{{1}}, e.err
}

func TestEmbedderIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		model := &embedding{err: &llm.Error{Kind: llm.Unavailable, Status: 500}}
		guarded := breaker.NewEmbedder(model, breaker.Options{})
		for range 5 {
			_, _ = guarded.Embed(t.Context(), []string{"a"})
		}
		if state, kind := guarded.State(); model.calls != 3 || state != breaker.Opened || kind != llm.Unavailable {
			t.Fatalf("asked %d times, %s, %s; want 3, open", model.calls, state, kind)
		}
		if failure, ok := errors.AsType[*llm.Error](last(guarded.Embed(t.Context(), nil))); !ok || failure.Kind != llm.Open {
			t.Errorf("left alone: %v", failure)
		}
		model.err = nil
		time.Sleep(31 * time.Second)
		if vectors, err := guarded.Embed(t.Context(), nil); err != nil || len(vectors) != 1 {
			t.Errorf("after its rest: %v, %v", vectors, err)
		}
	})
}

func last(_ [][]float32, err error) error { return err }
