package breaker

import (
	"context"

	"bedside/internal/llm"
)

// Embedder is a model of vectors that is asked only while it answers.
type Embedder struct {
	circuit  *Breaker
	embedder llm.Embedder
}

var _ llm.Embedder = (*Embedder)(nil)

// NewEmbedder returns a breaker around a model of vectors.
func NewEmbedder(embedder llm.Embedder, options Options) *Embedder {
	return &Embedder{newCircuit(options), embedder}
}

// Embed implements llm.Embedder.
func (e *Embedder) Embed(ctx context.Context, texts []string) (vectors [][]float32, err error) {
	err = e.circuit.ask(func() (bool, error) {
		vectors, err = e.embedder.Embed(ctx, texts)
		return false, err
	})
	return vectors, err
}

// State says whether the model is asked, and of which kind its last failure was.
func (e *Embedder) State() (State, llm.Kind) { return e.circuit.State() }
