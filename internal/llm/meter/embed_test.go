package meter_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"bedside/internal/limit"
	"bedside/internal/llm"
	"bedside/internal/llm/meter"
)

type embedding struct{ err error }

func (e *embedding) Embed(context.Context, []string) ([][]float32, error) {
	return [][]float32{{1}}, e.err
}

func TestVectorsCountTowardsTheBudget(t *testing.T) {
	m := meter.New(nil, meter.Options{Ledger: limit.NewLedger(), Limit: 100})
	model := &embedding{}
	counted := m.Embedder(model)
	text := []string{strings.Repeat("word", 60)} // 60 tokens
	for _, want := range []struct {
		failure error
		kind    llm.Kind
		spent   int
	}{
		{&llm.Error{Kind: llm.Unavailable}, llm.Unavailable, 0},
		{&llm.Error{Kind: llm.Slow}, llm.Slow, 60},
		{nil, "", 120},
		{nil, llm.Spent, 120},
	} {
		model.err = want.failure
		_, err := counted.Embed(t.Context(), text)
		var kind llm.Kind
		if failure, ok := errors.AsType[*llm.Error](err); ok {
			kind = failure.Kind
		}
		if kind != want.kind || m.Spent() != want.spent {
			t.Errorf("%v: %v, %d spent, want %s, %d", want.failure, err, m.Spent(), want.kind, want.spent)
		}
	}
}
